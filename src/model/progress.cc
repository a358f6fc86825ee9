#include "model/progress.h"

#include <algorithm>
#include <chrono>

namespace voyager::model {

const char* to_string(WorkState state) {
  switch (state) {
    case WorkState::kQueued:
      return "queued";
    case WorkState::kRunning:
      return "running";
    case WorkState::kWaiting:
      return "waiting";
    case WorkState::kPaced:
      return "paced";
    case WorkState::kDone:
      return "done";
    case WorkState::kFailed:
      return "failed";
    case WorkState::kSkipped:
      return "skipped";
    case WorkState::kStopped:
      return "stopped";
  }
  return "queued";
}

std::size_t ProgressBoard::add_item(std::string name, std::uint64_t rows_total, std::uint64_t bytes_total,
                                    bool total_is_estimate) {
  const base::MutexLock lock(mutex_);
  items_.push_back({.name = std::move(name),
                    .rows_total = rows_total,
                    .bytes_total = bytes_total,
                    .total_is_estimate = total_is_estimate});
  batches_.emplace_back();
  return items_.size() - 1;
}

namespace {

// What is larger than all limits is in the sum only.
template <std::size_t size>
void note_size(const std::array<std::uint64_t, size>& limits, std::array<std::uint64_t, size>& counts,
               std::uint64_t value) {
  const auto* at = std::ranges::lower_bound(limits, value);
  if (at != limits.end()) ++counts[static_cast<std::size_t>(at - limits.begin())];
}

}  // namespace

void ProgressBoard::add_done(std::size_t item, std::uint64_t rows, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  items_[item].rows_done += rows;
  items_[item].bytes_done += bytes;
}

void ProgressBoard::add_batch(std::size_t item, std::uint64_t rows, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  items_[item].rows_done += rows;
  items_[item].bytes_done += bytes;
  BatchFigures& figures = batches_[item];
  ++figures.ingested;
  figures.rows += rows;
  figures.bytes += bytes;
  note_size(BatchFigures::kRowLimits, figures.by_rows, rows);
  note_size(BatchFigures::kByteLimits, figures.by_bytes, bytes);
}

void ProgressBoard::add_created_batches(std::size_t item, std::uint64_t batches) {
  const base::MutexLock lock(mutex_);
  batches_[item].created += batches;
}

void ProgressBoard::add_submitted_batch(std::size_t item) {
  const base::MutexLock lock(mutex_);
  ++batches_[item].submitted;
}

void ProgressBoard::add_before(std::size_t item, std::uint64_t rows, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  ItemProgress& changed = items_[item];
  changed.rows_done += rows;
  changed.rows_before += rows;
  changed.bytes_done += bytes;
  changed.bytes_before += bytes;
}

void ProgressBoard::finish_item(std::size_t item, std::string note) {
  const base::MutexLock lock(mutex_);
  ItemProgress& changed = items_[item];
  const bool all_before = changed.rows_before > 0 && changed.rows_moved() == 0;
  changed.state = all_before ? WorkState::kSkipped : WorkState::kDone;
  changed.note = all_before ? std::move(note) : std::string();
}

void ProgressBoard::add_set_aside(std::size_t item, AsideKind kind, std::uint64_t rows, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  items_[item].rows_set_aside += rows;
  BatchFigures& figures = batches_[item];
  const bool refused = kind == AsideKind::kRefused;
  (refused ? figures.refused_rows : figures.unreadable_rows) += rows;
  (refused ? figures.refused_bytes : figures.unreadable_bytes) += bytes;
}

void ProgressBoard::set_node_cpu(std::map<std::string, double> percent) {
  const base::MutexLock lock(mutex_);
  node_cpu_ = std::move(percent);
}

std::vector<BatchFigures> ProgressBoard::batches() const {
  const base::MutexLock lock(mutex_);
  return batches_;
}

std::map<std::string, double> ProgressBoard::node_cpu() const {
  const base::MutexLock lock(mutex_);
  return node_cpu_;
}

void ProgressBoard::set_state(std::size_t item, WorkState state, std::string note) {
  const base::MutexLock lock(mutex_);
  items_[item].state = state;
  items_[item].note = std::move(note);
}

void ProgressBoard::set_totals(std::size_t item, std::uint64_t rows_total, std::uint64_t bytes_total,
                               bool total_is_estimate) {
  const base::MutexLock lock(mutex_);
  ItemProgress& changed = items_[item];
  changed.rows_total = rows_total;
  changed.bytes_total = bytes_total;
  changed.total_is_estimate = total_is_estimate;
}

void ProgressBoard::set_stage(std::string stage) {
  const base::MutexLock lock(mutex_);
  stage_ = std::move(stage);
}

void ProgressBoard::set_reason(std::string reason) {
  const base::MutexLock lock(mutex_);
  reason_ = std::move(reason);
}

void ProgressBoard::set_workers(int workers) {
  workers_ = workers;
}

namespace {

double seconds_between(base::Clock::Instant from, base::Clock::Instant to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

StageWork::StageWork(ProgressBoard& board, std::string_view stage) : board_(board), begun_(board.clock_.now()) {
  stage_ = board_.begin_work(stage, begun_);
}

StageWork::~StageWork() {
  board_.end_work(stage_, begun_);
}

void ProgressBoard::Busy::begin(base::Clock::Instant now) {
  if (workers++ == 0) since = now;
}

void ProgressBoard::Busy::end(base::Clock::Instant now) {
  if (--workers == 0) seconds += seconds_between(since, now);
}

std::size_t ProgressBoard::begin_work(std::string_view stage, base::Clock::Instant now) {
  const base::MutexLock lock(mutex_);
  auto found = std::ranges::find(stages_, stage, [](const Stage& one) -> std::string_view { return one.time.name; });
  if (found == stages_.end()) found = stages_.insert(found, {.time = {.name = std::string(stage)}});
  found->busy.begin(now);
  busy_.begin(now);
  working_max_ = std::max(working_max_, busy_.workers);
  return static_cast<std::size_t>(found - stages_.begin());
}

void ProgressBoard::end_work(std::size_t stage, base::Clock::Instant begun) {
  const base::Clock::Instant now = clock_.now();
  const base::MutexLock lock(mutex_);
  Stage& ended = stages_[stage];
  ended.busy.end(now);
  busy_.end(now);
  ended.time.sum_s += seconds_between(begun, now);
  ++ended.time.items;
}

ProgressSnapshot ProgressBoard::snapshot() const {
  ProgressSnapshot out{.phase = phase_, .workers = workers_, .total_is_estimate = false};
  const base::MutexLock lock(mutex_);
  out.stage = stage_;
  out.reason = reason_;
  out.items = items_;
  for (const Stage& stage : stages_) {
    out.stages.push_back(stage.time);
    out.stages.back().wall_s = stage.busy.seconds;
  }
  out.busy_s = busy_.seconds;
  out.working_max = working_max_;
  for (const ItemProgress& one : out.items) {
    out.rows_done += one.rows_done;
    out.rows_total += one.rows_total;
    out.bytes_done += one.bytes_done;
    out.rows_before += one.rows_before;
    out.bytes_before += one.bytes_before;
    out.bytes_total += one.bytes_total;
    out.rows_set_aside += one.rows_set_aside;
    out.total_is_estimate |= one.total_is_estimate;
    switch (one.state) {
      case WorkState::kDone:
      case WorkState::kSkipped:
        ++out.done;
        break;
      case WorkState::kQueued:
      case WorkState::kStopped:
        ++out.queued;
        break;  // What a stop interrupted waits for the next run.
      case WorkState::kFailed:
        ++out.failed;
        break;
      default:
        ++out.running;
    }
  }
  return out;
}

}  // namespace voyager::model
