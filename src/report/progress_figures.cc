#include "report/progress_figures.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace voyager::report {

namespace {

using model::ItemProgress;
using model::WorkState;

constexpr double kWindow = 30;  ///< Seconds that a rate is averaged over.
constexpr double kSampleEvery = 1;
constexpr double kEtaAfter = 10;  ///< Seconds; with 1 % the least that an estimate can stand on.
constexpr double kEtaMax = 99 * 3600.0;
constexpr double kStalledAfter = 30;

bool has_ended(WorkState state) {
  return state == WorkState::kDone || state == WorkState::kSkipped || state == WorkState::kFailed ||
         state == WorkState::kStopped;
}

bool is_complete(WorkState state) {
  return state == WorkState::kDone || state == WorkState::kSkipped;
}

/// Floored, 99 at most: only the word of the server that it is done makes it 100. Doubles, so that exabytes do not
/// overflow.
std::optional<int> floored_percent(std::uint64_t done, std::uint64_t total) {
  if (total == 0) return std::nullopt;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  return std::clamp(static_cast<int>(std::floor(share * 100)), 0, 99);
}

std::optional<int> percent_of(const ItemProgress& item) {
  if (is_complete(item.state)) return 100;
  const auto by_bytes = floored_percent(item.bytes_done, item.bytes_total);
  return by_bytes ? by_bytes : floored_percent(item.rows_done, item.rows_total);
}

std::optional<double> sensible_eta(double seconds) {
  if (!std::isfinite(seconds) || seconds > kEtaMax) return std::nullopt;
  return seconds;
}

/// Time for what remains, by bytes where their total is known, else by rows.
std::optional<double> time_left(const ItemProgress& sums, const Pace& pace) {
  if (pace.percent.value_or(0) < 1) return std::nullopt;
  const bool by_bytes = sums.bytes_total > 0;
  const double rate = by_bytes ? pace.bytes_per_s : pace.rows_per_s;
  const std::uint64_t total = by_bytes ? sums.bytes_total : sums.rows_total;
  const std::uint64_t done = by_bytes ? sums.bytes_done : sums.rows_done;
  if (rate <= 0 || total < done) return std::nullopt;
  return sensible_eta(static_cast<double>(total - done) / rate);
}

/// An item that is complete has the size it turned out to have; a running one never less than is done.
void correct_totals(model::ProgressSnapshot& now) {
  now.rows_total = now.bytes_total = 0;
  now.total_is_estimate = false;
  for (ItemProgress& item : now.items) {
    if (is_complete(item.state)) {
      item.rows_total = item.rows_done;
      item.bytes_total = item.bytes_done;
      item.total_is_estimate = false;
    }
    if (item.rows_total > 0) item.rows_total = std::max(item.rows_total, item.rows_done);
    if (item.bytes_total > 0) item.bytes_total = std::max(item.bytes_total, item.bytes_done);
    now.rows_total += item.rows_total;
    now.bytes_total += item.bytes_total;
    now.total_is_estimate |= item.total_is_estimate && item.rows_total + item.bytes_total > 0;
  }
}

std::uint64_t grown(std::uint64_t from, std::uint64_t to) {
  return to > from ? to - from : 0;
}

}  // namespace

void ProgressHistory::add(double seconds, model::ProgressSnapshot snapshot) {
  if (!started_) {
    started_ = true;
    first_s_ = moved_s_ = seconds;
  }
  count_moves(seconds, snapshot);
  now_ = std::move(snapshot);
  now_s_ = seconds;
  correct_totals(now_);
  remember(seconds);
}

void ProgressHistory::count_moves(double seconds, const model::ProgressSnapshot& next) {
  for (std::size_t i = 0; i < next.items.size(); ++i) {
    const ItemProgress& item = next.items[i];
    if (i >= items_.size()) {
      items_.push_back({.started_s = seconds});
      moved_s_ = seconds;
    }
    const ItemProgress before = i < now_.items.size() ? now_.items[i] : ItemProgress{};
    if (item.state != before.state) moved_s_ = seconds;
    if (before.state == WorkState::kQueued && item.state != WorkState::kQueued)
      items_[i].started_s = i < now_.items.size() ? now_s_ : seconds;
    const Counters delta{grown(before.rows_moved(), item.rows_moved()),
                         grown(before.bytes_moved(), item.bytes_moved())};
    if (delta.rows + delta.bytes > 0) moved_s_ = seconds;
    items_[i].moved.rows += delta.rows;
    items_[i].moved.bytes += delta.bytes;
    moved_.rows += delta.rows;
    moved_.bytes += delta.bytes;
  }
}

void ProgressHistory::remember(double seconds) {
  if (!samples_.empty() && seconds - samples_.back().seconds < kSampleEvery) return;
  Sample sample{.seconds = seconds, .total = moved_};
  sample.items.reserve(items_.size());
  for (const Item& item : items_) sample.items.push_back(item.moved);
  samples_.push_back(std::move(sample));
  // The first sample is the newest one that is at least a window old.
  while (samples_.size() > 1 && samples_[1].seconds <= seconds - kWindow) samples_.pop_front();
}

Pace ProgressHistory::pace_of_item(std::size_t index) const {
  const ItemProgress& progress = now_.items[index];
  Pace pace{.percent = percent_of(progress)};
  if (progress.state == WorkState::kQueued) return pace;
  const Item& item = items_[index];
  pace.active_s = now_s_ - item.started_s;
  // Measured from the item's start when that lies within the window: an item just begun is not slow.
  const Sample* base = &samples_.front();
  for (const Sample& sample : samples_) {
    if (sample.seconds <= item.started_s) base = &sample;
  }
  const double span = now_s_ - std::max(base->seconds, item.started_s);
  if (span < kSampleEvery) return pace;
  const Counters before = index < base->items.size() ? base->items[index] : Counters{};
  pace.rows_per_s = static_cast<double>(item.moved.rows - before.rows) / span;
  pace.bytes_per_s = static_cast<double>(item.moved.bytes - before.bytes) / span;
  if (progress.state == WorkState::kRunning && pace.active_s >= kEtaAfter) pace.eta_s = time_left(progress, pace);
  return pace;
}

Pace ProgressHistory::pace_of_total() const {
  Pace pace{.active_s = now_s_ - first_s_};
  const bool all_complete =
      std::all_of(now_.items.begin(), now_.items.end(), [](const ItemProgress& one) { return is_complete(one.state); });
  if (ended_ && !failed_ && all_complete) {
    pace.percent = 100;
  } else if (const auto by_bytes = floored_percent(now_.bytes_done, now_.bytes_total)) {
    pace.percent = by_bytes;
  } else if (const auto by_rows = floored_percent(now_.rows_done, now_.rows_total)) {
    pace.percent = by_rows;
  } else {
    pace.percent = floored_percent(static_cast<std::uint64_t>(now_.done), now_.items.size());
  }
  // At the end the average over the whole run says more than that of its last seconds.
  const Counters before = ended_ ? Counters{} : samples_.front().total;
  const double span = now_s_ - (ended_ ? first_s_ : samples_.front().seconds);
  if (span < kSampleEvery) return pace;
  pace.rows_per_s = static_cast<double>(moved_.rows - before.rows) / span;
  pace.bytes_per_s = static_cast<double>(moved_.bytes - before.bytes) / span;
  return pace;
}

ProgressFigures ProgressHistory::figures() const {
  ProgressFigures out{.now = now_, .ended = ended_, .failed = failed_, .reason = now_.reason};
  if (!started_) return out;
  out.elapsed_s = now_s_ - first_s_;
  out.total = pace_of_total();
  int estimated = 0;
  bool unmeasured = false;
  double longest = -1;
  for (std::size_t i = 0; i < now_.items.size(); ++i) {
    out.items.push_back(pace_of_item(i));
    const ItemProgress& item = now_.items[i];
    unmeasured |= !has_ended(item.state) && item.state != WorkState::kQueued && !out.items[i].percent;
    if (!out.items[i].eta_s) continue;
    ++estimated;
    if (*out.items[i].eta_s > longest) {
      longest = *out.items[i].eta_s;
      out.slowest = i;
    }
  }
  if (estimated < 2) out.slowest.reset();
  const double still = now_s_ - moved_s_;
  if (out.reason.empty() && !ended_ && !unmeasured && now_.running > 0 && still >= kStalledAfter) {
    out.reason = "nothing moved for " + base::format_duration(still);
  }
  if (ended_ || !out.reason.empty() || out.elapsed_s < kEtaAfter) return out;
  const ItemProgress sums{.rows_done = now_.rows_done,
                          .rows_total = now_.rows_total,
                          .bytes_done = now_.bytes_done,
                          .bytes_total = now_.bytes_total};
  out.total.eta_s = time_left(sums, out.total);
  // One slow item decides the end however fast the others are.
  if (out.total.eta_s && longest > *out.total.eta_s) out.total.eta_s = longest;
  return out;
}

}  // namespace voyager::report
