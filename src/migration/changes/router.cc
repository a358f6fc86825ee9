#include "migration/changes/router.h"

#include <algorithm>
#include <utility>

namespace voyager::migration {
namespace {

using model::Change;
using model::ChangeKind;
using model::ChangeValue;
using model::ValueKind;

constexpr std::size_t kAlone = 0;                     // the lane of what is done alone
constexpr std::size_t kTogetherBytes = 256UL << 10U;  // of several lanes

}  // namespace

Router::Router(std::vector<Lane*> lanes, std::vector<std::int64_t> applied, LaneProgress& progress,
               const RouterLimits& limits)
    : lanes_(std::move(lanes)),
      applied_(std::move(applied)),
      progress_(progress),
      limits_(limits),
      open_(lanes_.size()) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) open_[lane].sent = applied_[lane];
  // Where a run begins to read, the begin of a transaction may lie in the block before.
  in_transaction_ = true;
}

int Router::lane_of(const TablePlan& plan, const LaneRule& rule, std::span<const ChangeValue> tuple) const {
  std::uint64_t hash = plan.hash;
  if (!rule.one_lane) {
    std::string key;
    append_values(key, tuple, rule.key);
    hash = fnv(key, plan.hash);
  }
  return static_cast<int>((hash ^ (hash >> 32U)) % lanes_.size());
}

bool Router::is_new(const TablePlan& plan, const LaneRule& rule, const Change& change, std::int64_t vsn) const {
  const int lane = lane_of(plan, rule, change.before.empty() ? change.after : change.before);
  return vsn > applied_[static_cast<std::size_t>(lane)];
}

void Router::commit() {
  in_transaction_ = false;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (full(open_[lane].part)) send(static_cast<int>(lane));
  }
}

bool Router::full(const LanePart& part) const {
  return static_cast<double>(part.plans.size()) >= static_cast<double>(limits_.rows_per_task) * task_size_ ||
         part.records.size() >= limits_.bytes_per_task;
}

bool Router::idle() const {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (progress_.applied(static_cast<int>(lane)) < open_[lane].sent) return false;
  }
  return true;
}

bool Router::little() const {
  std::size_t rows = 0, bytes = 0;
  for (const Open& open : open_) {
    rows += open.part.plans.size();
    bytes += open.part.records.size();
  }
  return limits_.rows_together > 1 && rows <= limits_.rows_together && bytes <= kTogetherBytes;
}

bool Router::may_gather() const {
  return lanes_.size() > 1 && little() && !idle();
}

void Router::wait_for_lane(int lane, std::int64_t vsn, std::vector<LaneWait>& waits) const {
  if (vsn == 0 || progress_.applied(lane) >= vsn) return;
  for (LaneWait& wait : waits) {
    if (wait.lane != lane) continue;
    wait.vsn = std::max(wait.vsn, vsn);
    return;
  }
  waits.push_back({.lane = lane, .vsn = vsn});
}

// `slot` was last had or taken by somebody; from now on by this change.
void Router::touch(std::uint64_t slot, int lane, std::int64_t vsn, std::vector<LaneWait>& waits) {
  Holder& holder = holders_[slot];
  if (holder.vsn != 0 && holder.lane != lane) wait_for_lane(holder.lane, holder.vsn, waits);
  holder = {.lane = lane, .vsn = vsn};
}

void Router::wait_for_slots(const TablePlan& plan, const Change& change, int lane, std::int64_t vsn,
                            std::vector<LaneWait>& waits) {
  std::uint32_t number = 0;
  for (const TablePlan::Slot& slot : plan.slots) {
    ++number;
    std::string values;
    for (const auto& tuple : {change.before, change.after}) {
      if (tuple.empty()) continue;
      const bool null = std::ranges::any_of(
          slot.source, [&](std::uint32_t column) { return tuple[column].kind == ValueKind::kNull; });
      if (null && !slot.nulls_equal) continue;
      values.assign(reinterpret_cast<const char*>(&number), sizeof number);
      append_values(values, tuple, slot.source);
      touch(fnv(values, plan.hash), lane, vsn, waits);
    }
  }
}

void Router::route(const TablePlan& plan, const LaneRule& rule, const Change& change, std::int64_t vsn) {
  const std::span<const ChangeValue> before = change.before.empty() ? change.after : change.before;
  const int lane = lane_of(plan, rule, before);
  std::vector<LaneWait> waits;
  if (!rule.one_lane) {
    if (!plan.slots.empty()) wait_for_slots(plan, change, lane, vsn, waits);
    const bool may_move = change.kind == ChangeKind::kUpdate && !change.before.empty();
    if (may_move || !holders_.empty()) wait_for_key(plan, rule, change, lane, vsn, waits);
  }
  put(lane, plan, change, vsn, std::move(waits));
  if (holders_.size() >= forget_at_) forget_what_is_applied();
}

void Router::wait_for_key(const TablePlan& plan, const LaneRule& rule, const Change& change, int lane, std::int64_t vsn,
                          std::vector<LaneWait>& waits) {
  const std::span<const ChangeValue> before = change.before.empty() ? change.after : change.before;
  std::string key;
  append_values(key, before, plan.key_source);
  std::string after = key;
  int other = lane;
  if (change.kind == ChangeKind::kUpdate && !change.before.empty()) {
    std::vector<ChangeValue> tuple(change.after.begin(), change.after.end());
    for (const std::uint32_t column : plan.key_source) {
      if (tuple[column].kind == ValueKind::kUnchanged) tuple[column] = before[column];
    }
    after.clear();
    append_values(after, tuple, plan.key_source);
    if (after != key) other = lane_of(plan, rule, tuple);
  }
  const std::uint64_t table = fnv("key", plan.hash);
  if (after != key) {
    // The row that had the new key was dealt with in that key's lane, and those that will have it come later.
    if (other != lane) wait_for_lane(other, open_[static_cast<std::size_t>(other)].given, waits);
    touch(fnv(after, table), lane, vsn, waits);
    touch(fnv(key, table), lane, vsn, waits);
  } else if (!holders_.empty()) {
    const auto moved = holders_.find(fnv(key, table));
    if (moved != holders_.end() && moved->second.lane != lane)
      wait_for_lane(moved->second.lane, moved->second.vsn, waits);
  }
}

void Router::alone(std::vector<const TablePlan*> plans, const Change& change, std::int64_t vsn) {
  // Before it everything, behind it nothing: the first lane does it, the others wait for it. Cascades are collected
  // there until something comes that has to stay behind them: runs of rows that lead to others by foreign keys are few
  // statements then.
  const bool cascade = change.kind == ChangeKind::kCascade;
  if (!must_wait() && !cascade) flush();
  Open& open = open_[kAlone];
  if (vsn > applied_[kAlone]) {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      if (lane != kAlone) wait_for_lane(static_cast<int>(lane), open_[lane].given, open.waits);
    }
    model::ChangeWriter writer(open.part.records);
    std::vector<std::uint32_t> numbers;
    // As the source names them: partitions share a plan.
    const bool described = std::ranges::equal(change.tables, open.alone, {}, [](const auto* table) { return *table; });
    if (!described) open.alone.clear();
    for (const model::ChangeTable* table : change.tables) {
      numbers.push_back(static_cast<std::uint32_t>(numbers.size()));
      if (described) continue;
      writer.table(numbers.back(), *table);
      open.alone.push_back(*table);
      open.described.erase(numbers.back());  // A table that has this number is described again.
    }
    if (cascade) {
      writer.cascade(numbers, change.acting_keys, change.before, change.after);
    } else {
      writer.truncate(numbers, change.cascade, change.restart_identity);
    }
    open.part.plans.insert(open.part.plans.end(), plans.begin(), plans.end());
    open.part.last_vsn = vsn;
    open.given = vsn;
    if (cascade) {
      cascaded_.add(plans, change);
      last_cascade_ = vsn;
    }
    if (!must_wait() && (full(open.part) || !cascade)) send(static_cast<int>(kAlone));
  }
  if (cascade) return;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (lane != kAlone) wait_for_lane(static_cast<int>(kAlone), vsn, open_[lane].waits);
  }
}

// From here on nothing comes before them in any lane.
void Router::wait_for_cascades() {
  if (lanes_.size() > 1 && progress_.applied(static_cast<int>(kAlone)) < last_cascade_) {
    flush();
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      if (lane != kAlone) wait_for_lane(static_cast<int>(kAlone), last_cascade_, open_[lane].waits);
    }
  }
  cascaded_.clear();
}

void Router::put(int lane, const TablePlan& plan, const Change& change, std::int64_t vsn, std::vector<LaneWait> waits) {
  Open& open = open_[static_cast<std::size_t>(lane)];
  if (vsn <= applied_[static_cast<std::size_t>(lane)]) return;
  if (!cascaded_.empty() && cascaded_.meets(plan, change)) wait_for_cascades();
  if (!waits.empty()) {
    // What is waited for may wait for what stands before this change.
    send(lane);
    for (const LaneWait& wait : waits) send(wait.lane);
    for (const LaneWait& wait : waits) wait_for_lane(wait.lane, wait.vsn, open.waits);
  }
  const TablePlan*& described = open.described[change.table_number];
  if (std::exchange(described, &plan) != &plan) {
    model::ChangeWriter(open.part.records).table(change.table_number, plan.source);
    if (change.table_number < open.alone.size()) open.alone.clear();
  }
  open.part.records += change.bytes;
  open.part.plans.push_back(&plan);
  open.part.last_vsn = vsn;
  open.given = vsn;
  if (!must_wait() && full(open.part)) send(lane);
}

LanePart Router::take_part(int lane) {
  Open& open = open_[static_cast<std::size_t>(lane)];
  LanePart part = std::exchange(open.part, {});
  part.lane = lane;
  part.before_vsn = std::exchange(open.sent, part.last_vsn);
  open.described.clear();
  open.alone.clear();
  return part;
}

void Router::send(int lane) {
  Open& open = open_[static_cast<std::size_t>(lane)];
  if (open.part.last_vsn == 0) return;
  // What cascades wait for is on its way before them.
  if (lane == static_cast<int>(kAlone)) {
    for (const LaneWait& wait : open.waits) send(wait.lane);
  }
  LaneTask task{.waits = std::exchange(open.waits, {})};
  task.parts.push_back(take_part(lane));
  lanes_[static_cast<std::size_t>(lane)]->add(std::move(task));
}

void Router::flush() {
  if (must_wait()) return;
  const auto waits = [this](const Open& open) {
    return std::ranges::any_of(open.waits,
                               [this](const LaneWait& wait) { return progress_.applied(wait.lane) < wait.vsn; });
  };
  if (!little() || !idle() || std::ranges::any_of(open_, waits)) {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) send(static_cast<int>(lane));
    return;
  }
  LaneTask task;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (open_[lane].part.last_vsn == 0) continue;
    open_[lane].waits.clear();
    task.parts.push_back(take_part(static_cast<int>(lane)));
  }
  if (task.parts.empty()) return;
  const auto lane = static_cast<std::size_t>(task.parts.front().lane);
  lanes_[lane]->add(std::move(task));
}

void Router::advance(std::int64_t vsn) {
  if (must_wait()) return;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    Open& open = open_[lane];
    if (std::max(open.given, applied_[lane]) >= vsn) continue;
    open.part.last_vsn = vsn;
    open.given = vsn;
  }
  flush();
}

std::vector<std::int64_t> Router::given() const {
  std::vector<std::int64_t> out;
  for (const Open& one : open_) out.push_back(one.given);
  return out;
}

std::vector<std::int64_t> Router::sent() const {
  std::vector<std::int64_t> out;
  for (const Open& one : open_) out.push_back(one.sent);
  return out;
}

std::uint64_t Router::held() const {
  std::uint64_t rows = 0;
  for (const Open& one : open_) rows += one.part.plans.size();
  return rows;
}

void Router::forget_what_is_applied() {
  std::erase_if(holders_, [this](const auto& one) { return progress_.applied(one.second.lane) >= one.second.vsn; });
  forget_at_ = std::max<std::size_t>(1'024, 2 * holders_.size());
}

}  // namespace voyager::migration
