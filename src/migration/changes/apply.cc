#include "migration/changes/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/group.h"
#include "base/log.h"
#include "base/retry.h"
#include "migration/changes/batch_pacer.h"
#include "migration/changes/column_types.h"
#include "migration/changes/lane_rules.h"
#include "migration/changes/queue_reader.h"
#include "migration/changes/table_pairs.h"

namespace voyager::migration {
namespace {

using model::Change;
using model::ChangeKind;
using std::chrono::milliseconds;

constexpr milliseconds kSettle{5};       // between two looks whether the lanes are through
constexpr milliseconds kFull{2};         // when the lanes have too much
constexpr int kLooksForEnd = 100;        // of the last segment
constexpr milliseconds kGather{1};       // between two looks whether the lanes are through with little
constexpr milliseconds kGatherMost{20};  // between two times that something goes to lanes
constexpr milliseconds kTell{1'000};     // between two words of progress
constexpr milliseconds kAdvance{1'000};  // between two looks for lanes that had nothing to do

class Applier {
 public:
  Applier(const ApplyOptions& options, format::MigrationState& db,
          const std::function<std::unique_ptr<connector::ChangeTarget>()>& target,
          const std::function<void(const ApplyReport&)>& progress, const base::Clock& clock, base::Stop& stop)
      : options_(options),
        target_(target),
        tell_(progress),
        clock_(clock),
        stop_(stop),
        db_(db),
        rules_(db, options.importer_role) {}

  ApplyReport run();

 private:
  void open_lanes();
  std::vector<connector::ApplyTable> describe(connector::ChangeTarget& target);
  void begin_exporter(const std::string& exporter);
  bool add_computed(const TablePlan& plan, Router& router, std::int64_t vsn);
  enum class Next : std::uint8_t { kMore, kCutOver, kStopped };
  Next read(QueueReader& queue, Router& router);
  Next take(const Change& change, Router& router, std::int64_t& vsn);
  Next take_row(const Change& change, Router& router, std::int64_t vsn);
  Next take_alone(const Change& change, Router& router, std::int64_t vsn);
  /// How the last change of a table found its lane.
  struct InUse {
    std::uint64_t lanes = 0;
    model::TableName leaf = {};
  };
  /// A form of a table, under its number.
  struct Known {
    const TablePlan* plan = nullptr;
    std::uint64_t lanes = 0;  // a digest of what its changes go to lanes by
    InUse* in_use = nullptr;  // of the table's last change
  };
  Sides sides() const { return sides_of(options_.importer_role, exporter_); }
  const TablePlan& plan_of(const model::ChangeTable& table);
  const LaneRule& rule_of(const TablePlan& plan) const;
  Known& known_of(const Change& change);
  bool keep_order(Known*& known, const Change& change, Router& router, std::int64_t vsn);
  bool leave_earlier_runs(Router& router, std::int64_t vsn);
  bool make_ready(const TablePlan& plan, Router& router, std::int64_t vsn);
  void change_column(const TablePlan& plan, const model::ChangeColumn& column, bool added);
  bool settle(Router& router, std::int64_t vsn);
  void note_segments(QueueReader& queue, Router& router);
  bool wait_until_applied();
  [[nodiscard]] bool all_are_at(std::int64_t vsn);
  ApplyReport report(QueueReader& queue, const Router& router);

  const ApplyOptions& options_;
  const std::function<std::unique_ptr<connector::ChangeTarget>()>& target_;
  const std::function<void(const ApplyReport&)>& tell_;
  const base::Clock& clock_;
  base::Stop& stop_;
  format::MigrationState& db_;
  LaneRules rules_;
  std::vector<connector::ApplyTable> described_ = {};  // when this run began
  std::optional<TablePlans> plans_ = {};
  std::set<std::string> told_ = {};  // computed columns
  std::unordered_map<std::uint32_t, Known> by_number_ = {};
  std::map<std::string, InUse> lanes_in_use_ = {};               // by the source's table
  std::map<const TablePlan*, LaneRule> earlier_ = {};            // what earlier runs went by, whose changes may be in
  std::string exporter_ = {};                                    // of the last block
  std::unique_ptr<connector::ChangeTarget> schema_target_ = {};  // for the tables themselves, when they change
  model::ChangeTables tables_ = {};
  std::vector<std::int64_t> applied_ = {};  // when this run began
  std::int64_t least_applied_ = 0;          // of them
  std::int64_t most_applied_ = 0;
  bool among_earlier_ = true;  // reading what an earlier run may have applied
  std::uint64_t changes_before_ = 0;
  std::optional<LaneProgress> progress_ = {};
  ApplyCounters counters_ = {};
  std::deque<Lane> lanes_ = {};
  std::deque<QueueReader::Finished> finished_ = {};
  std::int64_t committed_at_micros_ = 0;
  bool cut_over_ = false;
  std::int64_t read_vsn_ = 0;  // everything up to it is routed
  base::Clock::Instant next_advance_ = {};
  base::Clock::Instant gather_until_ = {};
};

void Applier::open_lanes() {
  std::unique_ptr<connector::ChangeTarget> first = target_();
  described_ = describe(*first);
  plans_.emplace(described_, options_.partition);
  applied_ = first->begin(options_.lanes);
  least_applied_ = *std::ranges::min_element(applied_);
  most_applied_ = *std::ranges::max_element(applied_);
  db_.forget_imported(options_.importer_role, least_applied_);
  changes_before_ = first->applied_changes();
  progress_.emplace(applied_);
  for (int number = 0; number < options_.lanes; ++number) {
    lanes_.emplace_back(first ? std::move(first) : target_(), options_.tries_max, sides_of(options_.importer_role, {}),
                        *progress_, counters_, clock_, stop_);
  }
}

// Tables that have got other names since are applied to all the same.
std::vector<connector::ApplyTable> Applier::describe(connector::ChangeTarget& target) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& exporter : options_.exporter_roles) {
    for (const auto& [number, pair] : table_pairs(db_, options_.importer_role, exporter))
      numbers.push_back(pair.target);
  }
  std::set<model::TableName> names(options_.tables.begin(), options_.tables.end());
  for (const model::TableName& name : target.names_of(numbers)) names.insert(name);
  return target.describe({names.begin(), names.end()});
}

void Applier::begin_exporter(const std::string& exporter) {
  exporter_ = exporter;
  const auto types = options_.types.find(exporter_);
  plans_->set_types(types == options_.types.end() ? std::map<model::TableName, ColumnTypes>()
                                                  : with_carried_columns(db_, options_.importer_role, types->second));
  plans_->set_pairs(pair_tables(db_, options_.importer_role, exporter_, described_), [this](const TablePairs& pairs) {
    save_table_pairs(db_, options_.importer_role, exporter_, pairs);
  });
}

const TablePlan& Applier::plan_of(const model::ChangeTable& table) {
  const TablePlan& plan = plans_->of(table);
  if (among_earlier_) {
    earlier_[&plan] = rules_.of(table, plan.lanes);
  } else {
    rules_.note({&plan});
  }
  return plan;
}

const LaneRule& Applier::rule_of(const TablePlan& plan) const {
  return among_earlier_ ? earlier_.at(&plan) : plan.lanes;
}

Applier::Known& Applier::known_of(const Change& change) {
  Known& known = by_number_[change.table_number];
  if (known.plan != nullptr) return known;
  known.plan = &plan_of(*change.table);
  const LaneRule& rule = rule_of(*known.plan);
  std::string by = rule.one_lane ? "table" : "key";
  for (const std::uint32_t at : rule.key) {
    const model::ChangeColumn& column = change.table->columns[at];
    by += "\n" + model::quoted(column.name) + " " + column.type;
  }
  // A table's name decides with it.
  known.lanes = fnv(by + "\n" + model::quoted(change.table->name));
  const std::uint64_t number = change.table->number;
  known.in_use = &lanes_in_use_[number == 0 ? model::quoted(change.table->name) : std::to_string(number)];
  return known;
}

// Where forms of a table go to lanes by different columns (what names a row was changed, or partitions differ in it),
// a row's changes may be in another lane than those before: they have to be in then.
bool Applier::keep_order(Known*& known, const Change& change, Router& router, std::int64_t vsn) {
  InUse& in_use = *known->in_use;
  if (in_use.lanes == known->lanes) return true;
  if (in_use.lanes != 0 && options_.lanes > 1) {
    if (!settle(router, vsn - 1)) return false;
    // Partitions that differ in it take turns: not for each turn the lanes are to wait for one another.
    if (in_use.leaf != change.table->leaf && plans_->keep_in_one_lane(change.table->name)) {
      by_number_.clear();
      known = &known_of(change);
    }
  }
  in_use = {.lanes = known->lanes, .leaf = change.table->leaf};
  return true;
}

// The first change that no earlier run can have applied. Where a row's changes go through another lane from here on,
// those before have to be in.
bool Applier::leave_earlier_runs(Router& router, std::int64_t vsn) {
  if (!among_earlier_ || vsn <= most_applied_) return true;
  const auto moves = [](const auto& one) { return one.first->lanes != one.second; };
  if (std::ranges::any_of(earlier_, moves) && !settle(router, vsn - 1)) return false;
  among_earlier_ = false;
  earlier_.clear();
  by_number_.clear();
  rules_.note(plans_->plans());
  return true;
}

// Everything up to `vsn` is applied, and each lane's row says so. False: stopped before.
bool Applier::settle(Router& router, std::int64_t vsn) {
  router.advance(vsn);
  if (!wait_until_applied()) return false;
  const std::vector<std::int64_t> given = router.given();
  while (!options_.whole_transactions) {
    bool all = true;
    for (int lane = 0; lane < options_.lanes; ++lane)
      all = all && progress_->applied(lane) >= given[static_cast<std::size_t>(lane)];
    if (all) break;
    if (!clock_.sleep_for(kSettle, stop_)) return false;
  }
  return true;
}

// Throws, with everything before in, when the change cannot be made.
void Applier::change_column(const TablePlan& plan, const model::ChangeColumn& column, bool added) {
  if (!schema_target_) schema_target_ = target_();
  const connector::ColumnChanged done =
      schema_target_->change_column({.table = plan.target->name, .column = column, .added = added});
  if (!done.statement.empty()) {
    base::log_info("as on the other side: " + done.statement);
    options_.told(
        fmt::format("changed on the {} while changes flow, and here as well: {}", sides().from, done.statement));
  }
  if (done.refused.empty()) return;
  if (added) refuse_changes(plan, "it could not be added here: " + done.refused, sides());
  // Values that fit go on.
  const std::string what =
      fmt::format("column {} of {} is now {} on the {}; here it was left as it is: {}", model::display(column.name),
                  model::display(plan.source.name), column.type, sides().from, done.refused);
  base::log_warn(what);
  options_.told(what);
}

// Where it is not certain what a column of the source is to the target, somebody has to say so.
bool Applier::make_ready(const TablePlan& plan, Router& router, std::int64_t vsn) {
  ColumnTypes* const types = plans_->types_of(plan.source.name);
  if (!settle(router, vsn - 1)) return false;
  if (!plan.certain()) {
    // Somebody may have renamed it here as well by now.
    if (!schema_target_) schema_target_ = target_();
    plans_->renew_all(describe(*schema_target_));
    by_number_.clear();
    return true;
  }
  if (types == nullptr || !plan.only_adds(*types)) refuse_changes(plan, "", sides());
  for (const std::uint32_t at : plan.missing) change_column(plan, plan.source.columns[at], true);
  for (const std::uint32_t at : plan.changed) change_column(plan, plan.source.columns[at], false);
  base::fault_point<"live.columns_changed">();  // a column was added to the target, the lanes go on as before
  ColumnTypes carried;
  for (const std::vector<std::uint32_t>& columns : {plan.missing, plan.changed}) {
    for (const std::uint32_t at : columns) carried[plan.source.columns[at].name] = plan.source.columns[at].type;
  }
  note_carried_columns(db_, options_.importer_role, plan.source.name, carried);
  for (const auto& [column, type] : carried) (*types)[column] = type;
  for (connector::ApplyTable& table : schema_target_->describe({plan.target->name})) plans_->renew(std::move(table));
  by_number_.clear();
  return true;
}

// No value of it is in a change, so whether it can be made here is a matter of what the target looks like alone.
bool Applier::add_computed(const TablePlan& plan, Router& router, std::int64_t vsn) {
  if (!settle(router, vsn - 1)) return false;
  if (!schema_target_) schema_target_ = target_();
  for (const std::uint32_t at : plan.computed) {
    const model::ChangeColumn& column = plan.source.computed[at];
    connector::ColumnChanged done{.refused = "columns are not added to this side"};
    if (plans_->types_of(plan.source.name) != nullptr)
      done = schema_target_->change_column({.table = plan.target->name, .column = column, .added = true});
    const std::string what =
        done.refused.empty()
            ? fmt::format("changed on the {} while changes flow, and here as well: {}", sides().from, done.statement)
            : fmt::format("the {} has a computed column {} in {} now ({}); here it is not: {}", sides().from,
                          model::display(column.name), model::display(plan.source.name), column.add_sql, done.refused);
    base::log_warn(what);
    options_.told(what);
  }
  for (connector::ApplyTable& table : schema_target_->describe({plan.target->name})) plans_->renew(std::move(table));
  by_number_.clear();
  return true;
}

Applier::Next Applier::take_row(const Change& change, Router& router, std::int64_t vsn) {
  if (vsn <= least_applied_) return Next::kMore;
  if (!leave_earlier_runs(router, vsn)) return Next::kStopped;
  Known* known = &known_of(change);
  const auto not_ready = [&] {
    return !known->plan->ready() && router.is_new(*known->plan, rule_of(*known->plan), change, vsn);
  };
  // Once to look again, once to alter what is found then.
  for (int times = 0; not_ready() && times < 2; ++times) {
    if (!make_ready(*known->plan, router, vsn)) return Next::kStopped;
    known = &known_of(change);
    if (!known->plan->certain()) refuse_changes(*known->plan, "", sides());
  }
  // Somebody else may have altered the table meanwhile.
  if (not_ready() && !known->plan->missing.empty()) refuse_changes(*known->plan, "", sides());
  if (!known->plan->computed.empty() && router.is_new(*known->plan, rule_of(*known->plan), change, vsn) &&
      told_.insert(form_of(known->plan->source)).second) {
    if (!add_computed(*known->plan, router, vsn)) return Next::kStopped;
    known = &known_of(change);
  }
  if (!keep_order(known, change, router, vsn)) return Next::kStopped;
  router.route(*known->plan, rule_of(*known->plan), change, vsn);
  return Next::kMore;
}

Applier::Next Applier::take_alone(const Change& change, Router& router, std::int64_t vsn) {
  if (vsn <= least_applied_) return Next::kMore;
  if (!leave_earlier_runs(router, vsn)) return Next::kStopped;
  std::vector<const TablePlan*> plans;
  for (const model::ChangeTable* table : change.tables) {
    const TablePlan& plan = plan_of(*table);
    if (!plan.certain()) {
      if (!settle(router, vsn - 1)) return Next::kStopped;
      refuse_changes(plan, "", sides());
    }
    plans.push_back(&plan);
  }
  // What the keys compare has to be there.
  const auto needs = [&](const TablePlan& plan, const std::vector<std::uint32_t>& columns) {
    const auto lacks = [&](std::uint32_t column) { return plan.target_of[column] == TablePlan::kNowhere; };
    if (std::ranges::none_of(columns, lacks)) return true;
    if (!settle(router, vsn - 1)) return false;
    if (!plan.missing.empty()) refuse_changes(plan, "", sides());
    base::fail(base::ExitCode::kState,
               fmt::format("the target computes a column of {} itself that a foreign key of the source is over",
                           model::display(plan.source.name)),
               "what the key did to rows cannot be told then", {"make it an ordinary column on the target"});
  };
  for (const model::ActingKey& key : change.acting_keys) {
    if (!needs(*plans[key.table], key.columns) || !needs(*plans[key.parent], key.parent_columns)) return Next::kStopped;
  }
  router.alone(std::move(plans), change, vsn);
  return Next::kMore;
}

Applier::Next Applier::take(const Change& change, Router& router, std::int64_t& vsn) {
  switch (change.kind) {
    case ChangeKind::kTable:
      by_number_.erase(change.table_number);
      return Next::kMore;
    case ChangeKind::kBegin:
      committed_at_micros_ = change.committed_at_micros;
      router.begin();
      return Next::kMore;
    case ChangeKind::kCommit:
      router.commit();
      return Next::kMore;
    case ChangeKind::kControl:
      router.commit();  // It stands between transactions.
      ++vsn;
      return change.text == options_.until ? Next::kCutOver : Next::kMore;
    case ChangeKind::kTruncate:
    case ChangeKind::kCascade:
      return take_alone(change, router, vsn++);
    default:
      return take_row(change, router, vsn++);
  }
}

Applier::Next Applier::read(QueueReader& queue, Router& router) {
  format::SegmentBlock block;
  if (!queue.next(block)) {
    if (router.may_gather() && clock_.now() < gather_until_) {
      progress_->wait_for_all(router.sent(), kGather);
      return Next::kMore;
    }
    gather_until_ = clock_.now() + kGatherMost;
    router.flush();
    if (read_vsn_ > 0 && clock_.now() >= next_advance_) {
      next_advance_ = clock_.now() + kAdvance;
      router.advance(read_vsn_);
    }
    note_segments(queue, router);
    queue.wait(stop_);
    return Next::kMore;
  }
  if (block.fresh) by_number_.clear();
  if (queue.exporter() != exporter_) {
    // Its tables get plans of their own, and a batch folds a row's changes by the plan: no batch has both.
    router.flush();
    begin_exporter(queue.exporter());
  }
  model::ChangeReader reader(block.records, tables_);
  Change change;
  std::int64_t vsn = block.first_vsn;
  while (reader.next(change)) {
    const Next next = take(change, router, vsn);
    if (next == Next::kCutOver) read_vsn_ = vsn - 1;
    if (next != Next::kMore) return next;
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
  return Next::kMore;
}

// A segment counts as imported, and may be put away, when every lane says in the target that it is behind its end: a
// later run begins where the lane that is least far has come to.
void Applier::note_segments(QueueReader& queue, Router& router) {
  for (const QueueReader::Finished& one : queue.take_finished()) {
    finished_.push_back(one);
    router.advance(one.last_vsn);
  }
  while (!finished_.empty() && progress_->least() >= finished_.front().last_vsn) {
    db_.note_imported(finished_.front().segment, options_.importer_role);
    finished_.pop_front();
  }
}

bool Applier::wait_until_applied() {
  while (counters_.bytes_waiting > 0) {
    if (!clock_.sleep_for(kSettle, stop_)) return false;
  }
  return true;
}

// Also lanes that had nothing of it.
bool Applier::all_are_at(std::int64_t vsn) {
  for (int lane = 0; lane < options_.lanes; ++lane) {
    if (!progress_->wait_for({.lane = lane, .vsn = vsn}, stop_)) return false;
  }
  return true;
}

ApplyReport Applier::report(QueueReader& queue, const Router& router) {
  return {.cut_over = cut_over_,
          .changes = counters_.changes,
          .changes_total = changes_before_ + counters_.changes,
          .missed = counters_.missed,
          .in_order = counters_.in_order,
          .applied = progress_->least(),
          .remaining = queue.remaining() + counters_.rows_waiting + router.held(),
          .held = options_.whole_transactions ? router.held() : 0,
          .sent = options_.whole_transactions ? counters_.rows_sent.load() : 0,
          .remaining_bytes = queue.remaining_bytes(),
          .committed_at_micros = committed_at_micros_,
          .busy_s = static_cast<double>(counters_.busy_micros) / 1e6,
          .lanes = static_cast<int>(lanes_.size()),
          .by_table = counters_.applied.by_table()};
}

ApplyReport Applier::run() {
  base::retry({.tries_max = options_.tries_max}, clock_, stop_, [this] {
    lanes_.clear();
    open_lanes();
  });
  QueueReader queue(options_.export_dir, options_.exporter_roles, options_.importer_role, progress_->least());
  std::vector<Lane*> lanes;
  for (Lane& lane : lanes_) lanes.push_back(&lane);
  RouterLimits limits = options_.limits;
  limits.whole_transactions = options_.whole_transactions;
  Router router(lanes, applied_, *progress_, limits);
  BatchPacer pacer(static_cast<double>(options_.limits.rows_per_task));
  const base::Clock::Instant begun = clock_.now();
  bool fed = true;  // since the last look
  base::Group group(stop_);
  std::exception_ptr failure;
  try {
    for (int number = 0; number < options_.lanes; ++number) {
      group.spawn(fmt::format("lane-{}", number), [this, number] { lanes_[static_cast<std::size_t>(number)].work(); });
    }
    auto next_word = clock_.now();
    const auto tell_when_due = [&] {
      if (clock_.now() < next_word) return;
      next_word = clock_.now() + kTell;
      tell_(report(queue, router));
      const std::chrono::duration<double> seconds = clock_.now() - begun;
      router.set_task_size(pacer.look(seconds.count(), counters_.changes, std::exchange(fed, true)));
    };
    Next next = Next::kMore;
    while (next == Next::kMore && !stop_.draining()) {
      tell_when_due();
      fed = fed && counters_.bytes_waiting > 0;
      if (counters_.bytes_waiting > options_.bytes_waiting_max) {
        (void)clock_.sleep_for(kFull, stop_);
        continue;
      }
      next = read(queue, router);
    }
    if (next == Next::kCutOver) {
      router.flush();
      router.advance(read_vsn_);
      // The last ones may wait for a lock.
      while (counters_.bytes_waiting > 0 && clock_.sleep_for(kSettle, stop_)) tell_when_due();
      cut_over_ = wait_until_applied() && all_are_at(read_vsn_);
      // The order is the last word of its segment, whose end is written behind it, if its writer lives.
      format::SegmentBlock nothing;
      for (int tries = 0; cut_over_ && tries < kLooksForEnd && !queue.next(nothing); ++tries) {
        note_segments(queue, router);
        if (queue.at_end()) break;
        queue.wait(stop_);
      }
    }
  } catch (...) {  // Lanes wait for more until they are told otherwise.
    failure = std::current_exception();
    stop_.request_drain();
  }
  for (Lane& lane : lanes_) lane.close();
  group.join();
  if (failure) std::rethrow_exception(failure);
  const ApplyReport last = report(queue, router);
  tell_(last);
  return last;
}

}  // namespace

ApplyReport apply_changes(const ApplyOptions& options, format::MigrationState& db,
                          const std::function<std::unique_ptr<connector::ChangeTarget>()>& target,
                          const std::function<void(const ApplyReport&)>& progress, const base::Clock& clock,
                          base::Stop& stop) {
  return Applier(options, db, target, progress, clock, stop).run();
}

}  // namespace voyager::migration
