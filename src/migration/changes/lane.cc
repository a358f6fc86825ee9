#include "migration/changes/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "base/retry.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

// A wait that nobody wakes ends after this: the stop is looked at then.
constexpr std::chrono::milliseconds kLook{100};

// For people.
std::string place_of(const LaneTask& task) {
  std::vector<std::string> out;
  for (const LanePart& part : task.parts)
    out.push_back(fmt::format("lane {}, changes after {} up to {}", part.lane, part.before_vsn, part.last_vsn));
  return base::join(out, "; ");
}

// A key that is another one on the source now lets rows in that the target's key refuses.
std::vector<std::string> other_keys(const LaneTask& task, const Sides& sides) {
  const auto list = [](const auto& columns) {
    std::vector<std::string> names;
    for (const model::Identifier& column : columns) names.push_back(model::quoted(column));
    return base::join(names, ", ");
  };
  std::set<std::string> out;
  std::set<const TablePlan*> plans;
  for (const LanePart& part : task.parts) plans.insert(part.plans.begin(), part.plans.end());
  for (const TablePlan* plan : plans) {
    if (plan->target == nullptr || plan->target->primary_key.empty()) continue;
    std::vector<model::Identifier> there;
    for (const std::uint32_t at : plan->key_target) there.push_back(plan->target->columns[at].name);
    if (std::ranges::is_permutation(there, plan->target->primary_key)) continue;
    out.insert(
        fmt::format("what names a row of {} is {} on the {} now, and the primary key on the {} is ({}): "
                    "give the {} the key of the {}",
                    model::display(plan->source.name), there.empty() ? "all of its values" : "(" + list(there) + ")",
                    sides.from, sides.to, list(plan->target->primary_key), sides.to, sides.from));
  }
  return {out.begin(), out.end()};
}

}  // namespace

std::size_t LaneTask::rows() const {
  std::size_t out = 0;
  for (const LanePart& part : parts) out += part.plans.size();
  return out;
}

std::size_t LaneTask::bytes() const {
  std::size_t out = 0;
  for (const LanePart& part : parts) out += part.records.size();
  return out;
}

std::int64_t LaneProgress::applied(int lane) const {
  const base::MutexLock lock(mutex_);
  return applied_[static_cast<std::size_t>(lane)];
}

std::int64_t LaneProgress::least() const {
  const base::MutexLock lock(mutex_);
  return *std::ranges::min_element(applied_);
}

void LaneProgress::note(const std::vector<LanePart>& parts) {
  {
    const base::MutexLock lock(mutex_);
    for (const LanePart& part : parts) applied_[static_cast<std::size_t>(part.lane)] = part.last_vsn;
  }
  changed_.notify_all();
}

void LaneProgress::wake() {
  changed_.notify_all();
}

bool LaneProgress::wait_for(const LaneWait& wait, const base::Stop& stop) {
  base::MutexLock lock(mutex_);
  while (applied_[static_cast<std::size_t>(wait.lane)] < wait.vsn) {
    if (stop.draining()) return false;
    lock.wait_for(changed_, kLook);
  }
  return true;
}

void LaneProgress::wait_for_all(const std::vector<std::int64_t>& given, std::chrono::milliseconds longest) {
  base::MutexLock lock(mutex_);
  if (!std::ranges::equal(applied_, given, std::greater_equal())) lock.wait_for(changed_, longest);
}

void Lane::add(LaneTask task) {
  counters_.rows_waiting += task.rows();
  counters_.bytes_waiting += task.bytes();
  {
    const base::MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void AppliedChanges::add(const std::vector<connector::LaneCounts>& counts) {
  const base::MutexLock lock(mutex_);
  for (const connector::LaneCounts& one : counts) {
    connector::LaneCounts& sum = counts_[one.table];
    sum.table = one.table;
    sum.inserts += one.inserts;
    sum.updates += one.updates;
    sum.deletes += one.deletes;
  }
}

std::vector<connector::LaneCounts> AppliedChanges::by_table() const {
  const base::MutexLock lock(mutex_);
  std::vector<connector::LaneCounts> out;
  out.reserve(counts_.size());
  for (const auto& [table, one] : counts_) out.push_back(one);
  return out;
}

void Lane::close() {
  {
    const base::MutexLock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::size_t Lane::waiting() const {
  const base::MutexLock lock(mutex_);
  return tasks_.size();
}

bool Lane::take(LaneTask& task) {
  base::MutexLock lock(mutex_);
  while (tasks_.empty()) {
    if (closed_ || stop_.draining()) return false;
    lock.wait_for(changed_, kLook);
  }
  if (stop_.draining()) return false;
  task = std::move(tasks_.front());
  tasks_.pop_front();
  return true;
}

void Lane::work() {
  LaneTask task;
  while (take(task)) {
    for (const LaneWait& wait : task.waits) {
      if (!progress_.wait_for(wait, stop_)) return;
    }
    // Which may be going along in another lane.
    for (const LanePart& part : task.parts) {
      if (!progress_.wait_for({.lane = part.lane, .vsn = part.before_vsn}, stop_)) return;
    }
    const base::Clock::Instant begun = clock_.now();
    apply(task);
    counters_.busy_micros += std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - begun).count();
    progress_.note(task.parts);
    counters_.rows_waiting -= task.rows();
    counters_.bytes_waiting -= task.bytes();  // Last: nothing waits means that all is noted.
  }
}

void Lane::fold_part(const LanePart& part, model::ChangeTables& tables) {
  model::ChangeReader reader(part.records, tables);
  model::Change change;
  std::size_t row = 0;
  while (reader.next(change)) {
    if (change.kind == model::ChangeKind::kTruncate || change.kind == model::ChangeKind::kCascade) {
      const auto first = part.plans.begin() + static_cast<std::ptrdiff_t>(row);
      const std::vector<const TablePlan*> plans{first, first + static_cast<std::ptrdiff_t>(change.tables.size())};
      change.kind == model::ChangeKind::kTruncate ? fold_.truncate(plans, change) : fold_.cascade(plans, change);
      row += change.tables.size();
    } else if (change.numbered()) {
      fold_.add(*part.plans[row++], change);
    }
  }
  VOY_ASSERT(!reader.fault());
}

connector::ApplyOutcome Lane::send(const LaneTask& task, bool in_order) {
  fold_.begin(in_order ? Fold::Mode::kInOrder : Fold::Mode::kFolded);
  connector::LaneBatch batch;
  std::deque<model::ChangeTables> tables;  // Folding keeps views of values, which lie in the task's records.
  for (const LanePart& part : task.parts) {
    batch.lanes.push_back({.lane = part.lane, .before_vsn = part.before_vsn, .last_vsn = part.last_vsn});
    fold_part(part, tables.emplace_back());
  }
  batch.steps = fold_.steps();
  batch.counts = fold_.counts();
  std::uint64_t sent = 0;
  batch.sent = [&](std::uint64_t rows) {
    sent += rows;
    counters_.rows_sent += rows;
  };
  const auto end = [&] { counters_.rows_sent -= sent; };
  connector::ApplyOutcome outcome;
  try {
    outcome = target_->apply(batch);
  } catch (...) {  // Undone, or in doubt: sent again, or asked for.
    end();
    throw;
  }
  end();
  base::fault_point<"live.changes_committed">();  // the target has committed changes, the lane does not know it
  return outcome;
}

// A commit whose answer was lost is settled by what the row of a lane of its says: all of them change in it.
connector::ApplyOutcome Lane::try_again(const LaneTask& task, bool in_order) {
  bool in_doubt = false;
  const base::RetryPolicy policy{.tries_max = tries_max_};
  return base::retry(policy, clock_, stop_, [&]() -> connector::ApplyOutcome {
    const LanePart& part = task.parts.front();
    if (in_doubt && target_->applied(part.lane) == part.last_vsn) return {};
    in_doubt = false;
    try {
      return send(task, in_order);
    } catch (const base::Error& error) {
      in_doubt = error.info().retry == base::Retry::kInDoubt || error.info().connection_lost;
      throw;
    }
  });
}

void Lane::apply(const LaneTask& task) {
  connector::ApplyOutcome outcome = try_again(task, false);
  if (!outcome.refused.empty() && outcome.order_may_help) {
    ++counters_.in_order;
    outcome = try_again(task, true);
  }
  if (!outcome.refused.empty()) refuse(task, outcome);
  for (const connector::MissedRows& missed : outcome.missed) {
    counters_.missed += missed.rows;
    base::log_warn(fmt::format("{} {} of {} found no row ({})", missed.rows,
                               missed.kind == connector::ApplyStep::Kind::kUpdate ? "updates" : "deletes",
                               model::display(missed.table), place_of(task)));
  }
  counters_.changes += task.rows();
  counters_.applied.add(fold_.counts());  // Of the task: it was sent last, and once at least.
}

void Lane::refuse(const LaneTask& task, const connector::ApplyOutcome& outcome) const {
  std::vector<std::string> fix = other_keys(task, sides_);
  fix.push_back(fmt::format("make the {} able to take it (its columns, checks and keys are to be those of the {})",
                            sides_.to, sides_.from));
  throw base::Error(
      {.code = "CDC-005",
       .title = fmt::format("the {} refuses a change of the {}", sides_.to, sides_.from),
       .where = place_of(task),
       .cause = outcome.refused,
       .fix = std::move(fix),
       .then = fmt::format("nothing of these changes is on the {}; run the same command again: it goes on there",
                           sides_.to),
       .sqlstate = outcome.sqlstate});
}

}  // namespace voyager::migration
