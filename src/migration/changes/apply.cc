#include "migration/changes/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/group.h"
#include "migration/changes/queue_reader.h"

namespace voyager::migration {
namespace {

using model::Change;
using model::ChangeKind;
using std::chrono::milliseconds;

constexpr milliseconds kIdle{5};  // when the queue has nothing, twice as long each time
constexpr milliseconds kLongestIdle{20};
constexpr milliseconds kFull{2};         // when the lanes have too much
constexpr milliseconds kTell{1'000};     // between two words of progress
constexpr milliseconds kAdvance{5'000};  // between two looks for lanes that had nothing to do

class Applier {
 public:
  Applier(const ApplyOptions& options, const std::function<std::unique_ptr<connector::ChangeTarget>()>& target,
          const std::function<void(const ApplyReport&)>& progress, const base::Clock& clock, base::Stop& stop)
      : options_(options), target_(target), tell_(progress), clock_(clock), stop_(stop), ledger_(options.export_dir) {}

  ApplyReport run();

 private:
  void open_lanes();
  bool read(QueueReader& queue, Router& router);
  bool take(const Change& change, Router& router, std::int64_t& vsn);
  void note_segments(QueueReader& queue, const Router& router);
  bool wait_until_applied();
  ApplyReport report(QueueReader& queue);

  const ApplyOptions& options_;
  const std::function<std::unique_ptr<connector::ChangeTarget>()>& target_;
  const std::function<void(const ApplyReport&)>& tell_;
  const base::Clock& clock_;
  base::Stop& stop_;
  format::QueueLedger ledger_;
  std::optional<TablePlans> plans_ = {};
  std::unordered_map<std::uint32_t, const TablePlan*> by_number_ = {};
  model::ChangeTables tables_ = {};
  std::vector<std::int64_t> applied_ = {};  // when this run began
  std::uint64_t changes_before_ = 0;
  std::optional<LaneProgress> progress_ = {};
  ApplyCounters counters_ = {};
  std::deque<Lane> lanes_ = {};
  struct Finished {
    std::uint64_t segment = 0;
    std::vector<std::int64_t> given = {};  // to each lane, up to its end
  };
  std::deque<Finished> finished_ = {};
  std::int64_t committed_at_micros_ = 0;
  bool cut_over_ = false;
  std::int64_t read_vsn_ = 0;  // everything up to it is routed
  base::Clock::Instant next_advance_ = {};
  milliseconds idle_ = kIdle;
};

void Applier::open_lanes() {
  std::unique_ptr<connector::ChangeTarget> first = target_();
  plans_.emplace(first->describe(options_.tables));
  applied_ = first->begin(options_.lanes);
  changes_before_ = first->applied_changes();
  progress_.emplace(applied_);
  for (int number = 0; number < options_.lanes; ++number) {
    lanes_.emplace_back(number, first ? std::move(first) : target_(), applied_[static_cast<std::size_t>(number)],
                        options_.tries_max, *progress_, counters_, clock_, stop_);
  }
}

// False: the control text came.
bool Applier::take(const Change& change, Router& router, std::int64_t& vsn) {
  switch (change.kind) {
    case ChangeKind::kTable:
      by_number_[change.table_number] = &plans_->of(*change.table);
      return true;
    case ChangeKind::kBegin:
      committed_at_micros_ = change.committed_at_micros;
      return true;
    case ChangeKind::kCommit:
      return true;
    case ChangeKind::kControl:
      ++vsn;
      return change.text != options_.until;
    case ChangeKind::kTruncate: {
      std::vector<const TablePlan*> plans;
      for (const model::ChangeTable* table : change.tables) plans.push_back(&plans_->of(*table));
      router.truncate(std::move(plans), change, vsn++);
      return true;
    }
    default:
      router.route(*by_number_[change.table_number], change, vsn++);
      return true;
  }
}

bool Applier::read(QueueReader& queue, Router& router) {
  format::SegmentBlock block;
  if (!queue.next(block)) {
    router.flush();
    if (read_vsn_ > 0 && clock_.now() >= next_advance_) {
      next_advance_ = clock_.now() + kAdvance;
      router.advance(read_vsn_);
    }
    note_segments(queue, router);
    (void)clock_.sleep_for(idle_, stop_);
    idle_ = std::min(2 * idle_, kLongestIdle);
    return true;
  }
  idle_ = kIdle;
  if (block.fresh) by_number_.clear();
  model::ChangeReader reader(block.records, tables_);
  Change change;
  std::int64_t vsn = block.first_vsn;
  while (reader.next(change)) {
    if (!take(change, router, vsn)) return false;
  }
  if (reader.fault()) {
    throw base::Error({.code = "DIR-006",
                       .title = fmt::format("segment {} of the queue holds what is no change", queue.segment()),
                       .cause = reader.fault()->what});
  }
  read_vsn_ = vsn - 1;
  if (clock_.now() >= next_advance_) {
    next_advance_ = clock_.now() + kAdvance;
    router.advance(read_vsn_);
  }
  note_segments(queue, router);
  return true;
}

// A segment counts as imported when every lane has applied what it was given up to the segment's end.
void Applier::note_segments(QueueReader& queue, const Router& router) {
  for (const std::uint64_t segment : queue.take_finished()) finished_.push_back({segment, router.given()});
  while (!finished_.empty()) {
    for (int lane = 0; lane < options_.lanes; ++lane) {
      if (progress_->applied(lane) < finished_.front().given[static_cast<std::size_t>(lane)]) return;
    }
    ledger_.note_imported(finished_.front().segment, options_.importer_role);
    finished_.pop_front();
  }
}

bool Applier::wait_until_applied() {
  while (counters_.bytes_waiting > 0) {
    if (!clock_.sleep_for(kIdle, stop_)) return false;
  }
  return true;
}

ApplyReport Applier::report(QueueReader& queue) {
  return {.cut_over = cut_over_,
          .changes = counters_.changes,
          .changes_total = changes_before_ + counters_.changes,
          .missed = counters_.missed,
          .in_order = counters_.in_order,
          .applied = progress_->least(),
          .remaining = queue.remaining() + counters_.rows_waiting,
          .remaining_bytes = queue.remaining_bytes(),
          .committed_at_micros = committed_at_micros_};
}

ApplyReport Applier::run() {
  open_lanes();
  QueueReader queue(options_.export_dir, options_.exporter_roles, options_.importer_role, progress_->least());
  std::vector<Lane*> lanes;
  for (Lane& lane : lanes_) lanes.push_back(&lane);
  Router router(lanes, applied_, *progress_, options_.limits);
  base::Group group(stop_);
  for (int number = 0; number < options_.lanes; ++number) {
    group.spawn(fmt::format("lane-{}", number), [this, number] { lanes_[static_cast<std::size_t>(number)].work(); });
  }
  std::exception_ptr failure;
  try {
    auto next_word = clock_.now();
    bool going = true;
    while (going && !stop_.draining()) {
      if (clock_.now() >= next_word) {
        next_word = clock_.now() + kTell;
        tell_(report(queue));
      }
      if (counters_.bytes_waiting > options_.bytes_waiting_max) {
        (void)clock_.sleep_for(kFull, stop_);
        continue;
      }
      going = read(queue, router);
    }
    if (!going) {
      router.flush();
      cut_over_ = wait_until_applied();
      // The order is the last word of its segment.
      format::SegmentBlock nothing;
      if (cut_over_ && !queue.next(nothing)) note_segments(queue, router);
    }
  } catch (const base::Error&) {
    failure = std::current_exception();
    stop_.request_drain();
  }
  for (Lane& lane : lanes_) lane.close();
  group.join();
  if (failure) std::rethrow_exception(failure);
  const ApplyReport last = report(queue);
  tell_(last);
  return last;
}

}  // namespace

ApplyReport apply_changes(const ApplyOptions& options,
                          const std::function<std::unique_ptr<connector::ChangeTarget>()>& target,
                          const std::function<void(const ApplyReport&)>& progress, const base::Clock& clock,
                          base::Stop& stop) {
  return Applier(options, target, progress, clock, stop).run();
}

}  // namespace voyager::migration
