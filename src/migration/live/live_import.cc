#include "migration/live/live_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/text.h"
#include "connector/begin_anew.h"
#include "format/lane_ledger.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/column_types.h"
#include "migration/changes/queue_reader.h"
#include "migration/changes/roles.h"
#include "migration/changes/table_pairs.h"
#include "migration/live/cutover_record.h"
#include "migration/live/iterations.h"
#include "migration/live/noted_sequences.h"
#include "migration/live/patience.h"
#include "migration/snapshot/export_identity.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/state/import_record.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{200};
constexpr milliseconds kLookAtHooks{2'000};
constexpr const char* kResume = "run the same command again: it goes on where it was";

std::map<model::TableName, ColumnTypes> planned_types(format::PlanLedger& db) {
  std::vector<model::Table> tables;
  for (const model::PlannedTable& one : db.plan()) tables.push_back(one.table);
  return types_of(tables);
}

// A capture of a source begins with the snapshot's plan, unless it says something of its own.
std::map<std::string, std::map<model::TableName, ColumnTypes>> types_at_start(
    LiveRole role, const LiveContext& context, const std::vector<std::string>& exporters) {
  std::map<std::string, std::map<model::TableName, ColumnTypes>> out;
  if (role == LiveRole::kToSource) return out;  // The source is altered by its owner alone.
  for (const std::string& exporter : exporters) {
    if (auto noted = captured_columns(context.db, exporter)) {
      out[exporter] = std::move(*noted);
    } else if (exporter == kSourceExporter && iteration_of(context.export_dir) == 0) {
      out[exporter] = planned_types(context.db);
    }
  }
  return out;
}

// What was given, else what was noted before. Lanes number the rows of the importer's own database.
format::LaneRecord lane_record(const std::optional<format::LaneRecord>& before, const LiveImportOptions& options) {
  const LaneOptions& given = options.order;
  format::LaneRecord record = before.value_or(format::LaneRecord{});
  if (before && given.keep_transactions && *given.keep_transactions != before->keep_transactions) {
    throw base::Error(
        {.code = "CDC-003",
         .exit = base::ExitCode::kState,
         .title = fmt::format("changes were applied with --keep-transactions {} before", before->keep_transactions),
         .cause = "it decides which changes are in, so it stays for the whole migration",
         .fix = {"leave --keep-transactions out"}});
  }
  record.keep_transactions = given.keep_transactions.value_or(record.keep_transactions);
  record.partition_key = given.partition_key.value_or(record.partition_key);
  record.overrides = given.overrides.value_or(record.overrides);
  if (!before) record.lanes = record.keep_transactions ? 1 : options.lanes;
  return record;
}

[[noreturn]] void refuse_override(const std::string& what, const std::string& cause) {
  base::fail(base::ExitCode::kUsage, "--cdc-partition-key-overrides: " + what, cause,
             {"give --cdc-partition-key-overrides again, as it is to be (names are folded as in SQL; the root of a "
              "partitioned table stands for its partitions)"});
}

[[noreturn]] void refuse_column(const model::TableName& table, const model::Identifier& column,
                                const std::string& cause) {
  refuse_override(
      fmt::format("column {} is not part of what names a row of {}", model::display(column), model::display(table)),
      cause);
}

void check_overrides(const PartitionKeys& keys, format::PlanLedger& db) {
  const std::map<model::TableName, ColumnTypes> tables = planned_types(db);
  std::map<model::TableName, std::set<model::Identifier>> nullable;  // which name no row
  for (const model::PlannedTable& one : db.plan()) {
    for (const model::Column& column : one.table.columns)
      if (!column.not_null) nullable[one.table.root].insert(column.name);
  }
  for (const auto& [table, key] : keys.tables) {
    const auto known = tables.find(table);
    if (known == tables.end())
      refuse_override(fmt::format("there is no table {}", model::display(table)),
                      "no changes of such a table are captured");
    for (const model::Identifier& column : key.columns) {
      if (!known->second.contains(column))
        refuse_override(fmt::format("{} has no column {}", model::display(table), model::display(column)), "");
      if (nullable[table].contains(column))
        refuse_column(table, column, "it may be null, and only the columns of the key are known of every change");
    }
  }
}

// What names a row at the source is known when a change says so; before, what names one in this database, which has
// the source's keys. A table that is not there under its name is told with its first change.
void check_override_columns(const PartitionKeys& keys, connector::ChangeTarget& target) {
  std::vector<model::TableName> names;
  for (const auto& [table, key] : keys.tables) {
    if (!key.columns.empty()) names.push_back(table);
  }
  if (names.empty()) return;
  for (const connector::ApplyTable& table : target.describe(names)) {
    const std::vector<model::Identifier>& columns = keys.of(table.name).columns;
    std::vector<std::vector<model::Identifier>> there = {table.primary_key};
    for (const connector::UniqueRule& rule : table.unique) there.push_back(rule.columns);
    const auto outside = [&](const std::vector<model::Identifier>& key) {
      return std::ranges::find_if(columns, [&](const auto& one) { return std::ranges::find(key, one) == key.end(); });
    };
    if (std::ranges::any_of(there, [&](const auto& key) { return outside(key) == columns.end(); })) continue;
    // Its partitions may have keys of their own: told with their first change.
    if (table.partitioned && table.primary_key.empty()) continue;
    const bool keyless = table.primary_key.empty() && table.unique.empty();
    refuse_column(table.name, *outside(table.primary_key),
                  keyless ? "the table has no key: all values of a row name it, and its changes go through one lane"
                          : "only the columns of the key are known of every change");
  }
}

// Without a snapshot there are no rows to bring again.
std::vector<std::string> begin_changes_anew() {
  return {
      "or begin anew on both sides: make the target's rows those of the source, then: "
      "yb-voyager export data --export-type changes-only --start-clean true ...",
      "and then: yb-voyager import data --start-clean true ..."};
}

const char* side_of(LiveRole role) {
  if (role == LiveRole::kToTarget) return "target";
  return role == LiveRole::kToReplica ? "source-replica" : "source";
}

class Importer {
 public:
  Importer(LiveRole role, const LiveContext& context, const LiveImportOptions& options,
           const std::function<void(const ApplyReport&)>& tell)
      : role_(role),
        context_(context),
        options_(options),
        tell_(tell),
        name_(role_name(role, WayBack::kNone)),
        direction_(role == LiveRole::kToTarget   ? Direction::kToTarget
                   : role == LiveRole::kToSource ? Direction::kToSource
                                                 : Direction::kToSourceReplica) {}

  LiveImportEnd run();

 private:
  void prepare();
  void settle_run();
  void wait_until_nothing_acts();
  void apply();
  void wait_for_exporter();
  void set_sequences();
  [[noreturn]] void stopped() const;
  base::RetryPolicy patience() const { return {.tries_max = options_.tries_max}; }

  const LiveRole role_;
  const LiveContext& context_;
  const LiveImportOptions& options_;
  const std::function<void(const ApplyReport&)>& tell_;
  const std::string name_;
  const Direction direction_;
  ApplyReport report_ = {};
};

LiveImportEnd Importer::run() {
  for (bool settled = false;;) {
    const LiveNext next = next_step(cutover_record(context_.db), role_);
    const bool acts = next.step == LiveStep::kApply || next.step == LiveStep::kWaitForExporter ||
                      next.step == LiveStep::kSetSequences;
    if (acts && !std::exchange(settled, true)) patiently(context_, patience(), [this] { settle_run(); });
    switch (next.step) {
      case LiveStep::kRefuse:
        refuse(role_, next.refusal);
      case LiveStep::kPrepare:
        patiently(context_, patience(), [this] { prepare(); });
        break;
      case LiveStep::kApply:
        apply();
        break;
      case LiveStep::kWaitForExporter:
        wait_for_exporter();
        break;
      case LiveStep::kSetSequences:
        patiently(context_, patience(), [this] { set_sequences(); });
        break;
      default:
        return {.report = report_, .next = next};
    }
  }
}

void Importer::prepare() {
  if (role_ == LiveRole::kToTarget) check_turn_of_iteration(context_.export_dir, role_);
  const auto database = context_.product.target(context_.database);
  database->admin(context_.migration)->create_bookkeeping();
  base::fault_point<"live.source_prepared">();  // the source can take changes, the state does not know it
  role_ == LiveRole::kToTarget ? note_target_importer_started(context_.db) : note_source_importer_started(context_.db);
}

void Importer::stopped() const {
  base::throw_if_draining(context_.flow.stop, std::string(command_of(role_)) + " was stopped", kResume);
  base::fail(base::ExitCode::kInternal, std::string(command_of(role_)) + " ended before its time");
}

// For the owner of the tables, whose name nobody knows here: OWNER stands for it.
std::string run_file_command(const model::ConnectionOptions& database, const std::filesystem::path& file) {
  const auto word = [](const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
  };
  std::string out = "psql";
  if (!database.host.empty()) out += " -h " + word(database.host);
  if (database.port != 0) out += fmt::format(" -p {}", database.port);
  return out + fmt::format(" -U OWNER -d {} -f {}", word(database.database), word(file.string()));
}

// The other side has done already what triggers and cascades would do again.
void Importer::wait_until_nothing_acts() {
  bool said = false;
  while (true) {
    const std::vector<connector::ApplyHook> hooks = patiently(context_, patience(), [this] {
      return write_hook_files(role_, context_.product, context_.database, context_.migration, context_.export_dir,
                              live_tables(context_.db));
    });
    if (hooks.empty()) return;
    if (!said) {
      const HookFiles files = hook_files(context_.export_dir, role_);
      context_.flow.dialogue.notice(
          model::NoticeLevel::kWarning,
          fmt::format(
              "Changes would be acted on here by {}, {}. No change is applied until that is off; have the owner "
              "of the tables (OWNER) run: {}. Changes are kept meanwhile, and applied as soon as it is done.",
              connector::names_of(hooks), connector::why_acting(hooks),
              run_file_command(context_.database, files.off)));
      said = true;
    }
    if (!context_.flow.clock.sleep_for(kLookAtHooks, context_.flow.stop)) stopped();
  }
}

// What is noted of changes holds for this directory's queue.
void Importer::settle_run() {
  const auto database = context_.product.target(context_.database);
  const auto admin = database->admin(context_.migration);
  if (changes_were_applied(context_.db, name_) && lost_its_runs(context_.db, *admin, name_)) {
    std::vector<std::string> otherwise = {begin_import_anew(command_of(role_))};
    if (role_ == LiveRole::kToSource) otherwise = connector::end_without_way_back();
    if (changes_only(context_.db)) otherwise = begin_changes_anew();
    refuse_lost_runs("they are changes of the queue", std::move(otherwise));
  }
  refuse_other_copy(context_.db, *admin, name_, command_of(role_));
  refuse_older_queue(context_.product, context_.database, context_.migration, role_, context_.export_dir);
  (void)lane_record(context_.db.lanes(name_), options_);  // Or refuses what was given.
  take_import_over(context_.db, *admin, name_, command_of(role_));
}

void Importer::apply() {
  wait_until_nothing_acts();
  std::vector<std::string> exporters = {kSourceExporter};
  if (role_ == LiveRole::kToSource) exporters = {kTargetExporterBack};
  if (role_ == LiveRole::kToReplica) exporters.push_back(kTargetExporterForward);
  const std::optional<format::LaneRecord> settled = context_.db.lanes(name_);
  const format::LaneRecord lanes = lane_record(settled, options_);
  const PartitionKeys keys = parse_partition_keys(lanes.partition_key, lanes.overrides);
  check_overrides(keys, context_.db);
  const auto target = [this] { return context_.product.change_target(context_.database, context_.migration); };
  if (options_.order.overrides) patiently(context_, patience(), [&] { check_override_columns(keys, *target()); });
  context_.db.save_lanes(name_, lanes);
  const ApplyOptions changes = {
      .export_dir = context_.export_dir,
      .importer_role = name_,
      .exporter_roles = exporters,
      .until = cutover_word(direction_),
      .tables = live_tables(context_.db),
      .types = types_at_start(role_, context_, exporters),
      .partition = keys,
      .lanes = lanes.lanes,
      .tries_max = options_.tries_max,
      .whole_transactions = lanes.keep_transactions,
      .limits = {.rows_together = options_.rows_together},
      .told = [this](const std::string& what) { context_.flow.dialogue.notice(model::NoticeLevel::kWarning, what); }};
  try {
    report_ = apply_changes(changes, context_.db, target, tell_, context_.flow.clock, context_.flow.stop);
  } catch (const base::Error& error) {
    // What names a row of a table is known with its first change: a key that is refused then was never settled.
    if (error.info().exit == base::ExitCode::kUsage) {
      const format::LaneRecord before = settled.value_or(format::LaneRecord{});
      format::LaneRecord kept = lanes;
      kept.partition_key = before.partition_key;
      kept.overrides = before.overrides;
      context_.db.save_lanes(name_, kept);
    }
    throw;
  }
  if (!report_.cut_over) stopped();
  base::fault_point<"live.cutover_applied">();  // the last change is on the other side, the sequences are not
  note_cutover(context_.db, direction_, CutoverMark::kApplied);
}

// The exporter notes the sequences after its last change.
void Importer::wait_for_exporter() {
  if (!context_.flow.clock.sleep_for(kLook, context_.flow.stop)) stopped();
}

void Importer::set_sequences() {
  const auto database = context_.product.target(context_.database);
  const auto admin = database->admin(context_.migration);
  const NotedSequences sequences = split_sequences(context_.db.sequences(), *admin);
  admin->set_sequences(sequences.there);
  for (const model::TableName& name : sequences.left_out) {
    context_.flow.dialogue.notice(
        model::NoticeLevel::kWarning,
        fmt::format("the sequence {} is not there on the {} and is left out: create it there, and "
                    "set it, if the application needs it",
                    model::display(name), side_of(role_)));
  }
  // The sequences are set, the state does not know that the importer is done.
  base::fault_point<"live.cutover_sequences">();
  note_cutover(context_.db, direction_, CutoverMark::kImporterDone);
}

// Statements, one a line; those that are there stay.
void add_lines(const std::filesystem::path& path, const std::string& comment, const std::vector<std::string>& lines,
               bool keep) {
  std::string text = keep && std::filesystem::exists(path) ? base::read_file(path) : comment;
  for (const std::string& line : lines) {
    if (("\n" + text).find("\n" + line + "\n") == std::string::npos) text += line + "\n";
  }
  base::write_file_atomically(path, text);
}

}  // namespace

void pair_with_source(const connector::ConnectorEntry& product, const model::ConnectionOptions& database,
                      const std::string& migration, LiveRole role, format::MigrationState& db) {
  if (!product.change_target || numbered_tables(db, kSourceExporter).empty()) return;
  (void)pair_tables(db, role_name(role, WayBack::kNone), kSourceExporter,
                    product.change_target(database, migration)->describe(live_tables(db)));
}

// New changes would get numbers that the lanes call applied. Looked at before the run's mark: the directory that is the
// right one knows of no such mark.
void refuse_older_queue(const connector::ConnectorEntry& product, const model::ConnectionOptions& database,
                        const std::string& migration, LiveRole role, const std::filesystem::path& export_dir) {
  // A database that knows of no run was made anew.
  if (product.target(database)->admin(migration)->noted_run(role_name(role, WayBack::kNone)).empty()) return;
  const std::vector<std::int64_t> applied = product.change_target(database, migration)->begin(0);
  if (applied.empty() || *std::ranges::max_element(applied) <= last_in_queue(export_dir)) return;
  std::vector<std::string> fix = {"go on in the export directory that was used last; where that is gone:"};
  std::vector<std::string> rest =
      role == LiveRole::kToSource ? connector::end_without_way_back() : connector::begin_both_anew();
  if (role == LiveRole::kToReplica)
    rest.push_back(
        fmt::format("and the replica: yb-voyager {} --start-clean true --truncate-tables true ...", command_of(role)));
  fix.insert(fix.end(), rest.begin(), rest.end());
  throw base::Error(
      {.code = "IMP-007",
       .exit = base::ExitCode::kState,
       .title =
           fmt::format("the {} has changes of this migration that this export directory does not have", side_of(role)),
       .cause = "the directory was restored from an older copy: what was captured since is not in it, and is not sent "
                "again",
       .fix = std::move(fix),
       .then = "nothing was changed"});
}

void prepare_for_changes(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                         const std::string& migration, bool start_clean, format::MigrationState& db, int tries_max,
                         const model::FlowContext& context) {
  if (!start_clean) refuse_earlier_export(db, kTargetImporter, command_of(LiveRole::kToTarget));
  if (start_clean && changes_were_applied(db, kTargetImporter) &&
      !import_record(db, kTargetImporter).of_earlier_export) {
    std::vector<std::string> fix = begin_changes_anew();
    fix.insert(fix.begin(), "leave --start-clean out: the command goes on where it was");
    throw base::Error({.code = "IMP-006",
                       .exit = base::ExitCode::kState,
                       .title = "changes were applied already, and the rows that they are of stay",
                       .cause = "without a snapshot there is nothing to begin anew with: they would be applied twice",
                       .fix = std::move(fix),
                       .then = "nothing was changed"});
  }
  if (!export_data_done(db)) {
    throw base::Error({.code = "DIR-008",
                       .exit = base::ExitCode::kState,
                       .title = "export data has not begun to capture changes yet",
                       .fix = {"start it first: yb-voyager export data --export-type changes-only ..."}});
  }
  const std::filesystem::path nowhere;
  patiently({product, target, nowhere, migration, db, context}, {.tries_max = tries_max}, [&] {
    const auto admin = product.target(target)->admin(migration);
    admin->create_bookkeeping();
    if (!start_clean) refuse_other_copy(db, *admin, kTargetImporter, command_of(LiveRole::kToTarget));
    if (start_clean) {
      const connector::Fence fence =
          take_import_over_anew(db, *admin, kTargetImporter, command_of(LiveRole::kToTarget));
      admin->clear_bookkeeping(fence);
      forget_import(db, kTargetImporter);
    }
    pair_with_source(product, target, migration, LiveRole::kToTarget, db);
  });
  note_target_importer_started(db);
}

LiveImportEnd import_changes(LiveRole role, const LiveContext& context, const LiveImportOptions& options,
                             const std::function<void(const ApplyReport&)>& tell) {
  return Importer(role, context, options, tell).run();
}

HookFiles hook_files(const std::filesystem::path& export_dir, LiveRole role) {
  const std::string side = side_of(role);
  // What an earlier iteration has found may still be off.
  const std::filesystem::path folder =
      main_dir(export_dir) / "schema" / (role == LiveRole::kToTarget ? "way-forward" : "way-back");
  return {.off = folder / (side + "-triggers-and-foreign-keys-off.sql"),
          .on = folder / (side + "-triggers-and-foreign-keys-on.sql")};
}

std::vector<connector::ApplyHook> write_hook_files(LiveRole role, const connector::ConnectorEntry& product,
                                                   const model::ConnectionOptions& database,
                                                   const std::string& migration,
                                                   const std::filesystem::path& export_dir,
                                                   const std::vector<model::TableName>& tables) {
  const std::vector<connector::ApplyHook> hooks = product.change_target(database, migration)->hooks(tables);
  if (hooks.empty()) return hooks;
  const HookFiles files = hook_files(export_dir, role);
  std::filesystem::create_directories(files.on.parent_path());
  std::vector<std::string> off, on;
  for (const connector::ApplyHook& hook : hooks) {
    off.push_back(hook.off_sql + ";");
    on.push_back(hook.on_sql + ";");
  }
  const std::string where = product.product.empty() ? "" : fmt::format(" ({})", base::one_line(database.database));
  // What switches on again is on disk before anybody can switch off.
  add_lines(files.on,
            fmt::format("-- Run it on the {} after the cutover, before the application writes there.\n", side_of(role)),
            on, true);
  add_lines(files.off, fmt::format("-- Run it as the owner of the tables before changes are applied{}.\n", where), off,
            false);
  return hooks;
}

}  // namespace voyager::migration
