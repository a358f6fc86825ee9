#include "migration/snapshot/copy_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/text.h"
#include "migration/snapshot/export_plan.h"
#include "migration/snapshot/export_views.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/planned_import.h"
#include "migration/snapshot/reader_feed.h"
#include "migration/state/import_record.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

// Tables that are to be emptied before a row of theirs is read again; in the status of the import.
const std::string kAnew = "yb-voyager copy data --start-clean true --truncate-tables true ...";

std::string names_of(const std::vector<model::TableName>& names) {
  std::vector<std::string> texts;
  for (const model::TableName& name : names) texts.push_back(model::display(name));
  return base::join(texts, ", ");
}

class SnapshotCopy {
 public:
  SnapshotCopy(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
               const std::optional<std::vector<model::Table>>& target_columns, const CopyDataOptions& options,
               format::MigrationState& db, const model::FlowContext& context)
      : product_(source_product),
        source_(source),
        target_columns_(target_columns),
        options_(options),
        db_(db),
        context_(context) {}

  ImportDataReport run(const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target);

 private:
  bool retries() const { return !options_.to.retried.empty(); }
  void begin();
  void begin_anew();
  void begin_snapshot();
  void plan();
  void settle(ImportRun& run, const std::set<model::TableName>& left);
  void read_again_under_new_snapshot(ImportRun& run, std::set<model::TableName> left);
  void rows_are_in();

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& source_;
  const std::optional<std::vector<model::Table>>& target_columns_;
  const CopyDataOptions& options_;
  format::MigrationState& db_;
  const model::FlowContext context_;
  std::unique_ptr<connector::SnapshotSource> snapshot_;
  std::string snapshot_text_ = {};
  bool same_snapshot_ = true;  // as that of the run that is gone on with
};

ImportDataReport SnapshotCopy::run(const connector::ConnectorEntry& target_product,
                                   const model::ConnectionOptions& target) {
  begin();
  begin_snapshot();
  const RowsFrom from{
      .feed = [&](ImportLedger& ledger) -> std::unique_ptr<PlannedFeed> {
        return std::make_unique<ReaderFeed>(
            *snapshot_,
            ReaderFeed::Options{.readers = std::max(1, options_.from.parallel_jobs), .command = options_.from.command},
            db_, ledger, context_);
      },
      .settle = [&](ImportRun& run, const std::set<model::TableName>& left) { settle(run, left); },
      .rows_are_in = [&] { rows_are_in(); },
  };
  return import_planned(target_product, target, options_.to, from, db_, context_);
}

void SnapshotCopy::begin() {
  refuse_copy(options_, db_);
  if (options_.to.start_clean) begin_anew();
  std::filesystem::create_directories(options_.from.export_dir / "data");
  change_record(db_, [](MigrationRecord& record) {
    record.export_begun = true;
    record.export_type = ExportType::kSnapshotOnly;
    record.snapshot_way = SnapshotWay::kWithoutFiles;
  });
}

void SnapshotCopy::begin_anew() {
  if (export_data_done(db_) &&
      !context_.dialogue.confirm({.text = copied_without_files(db_)
                                              ? "The data of this migration is copied already. Copy it again?"
                                              : "The data of this migration is exported to files. Delete them and copy "
                                                "without files?",
                                  .flag = "--yes"})) {
    base::fail(base::ExitCode::kNoAnswer, "nothing was changed");
  }
  forget_snapshot(db_);
  change_record(db_, [](MigrationRecord& record) {
    record.exported = false;
    record.tables_read_later.clear();
  });
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(options_.from.export_dir / "data", error)) {
    // What was set aside goes when the import begins anew.
    if (entry.path().filename() != "errors") std::filesystem::remove_all(entry.path(), error);
  }
}

void SnapshotCopy::begin_snapshot() {
  snapshot_ = product_.snapshot_source(source_);
  snapshot_text_ = snapshot_->begin({}, std::max(1, options_.from.parallel_jobs));
  // Rows are known by their places, and a rule may leave rows out.
  for (const std::string& rule : source_.value_rules) snapshot_text_ += "\n" + rule;
  if (!snapshot_->how().empty()) context_.dialogue.notice(model::NoticeLevel::kInfo, "snapshot: " + snapshot_->how());
  base::fault_point<"export_data.before_plan">();  // the snapshot is open, no chunk is planned
  const std::vector<model::TableTotals> tables = db_.table_totals();
  const bool begun = std::ranges::any_of(tables, [](const auto& table) { return table.begun; });
  if (!begun) {
    // Of an earlier run's plan nothing was read: the tables may have changed since.
    db_.clear_snapshot();
    plan();
  } else {
    same_snapshot_ = noted_snapshot(db_) == snapshot_text_;
    const auto open = std::ranges::count_if(tables, [](const auto& table) { return table.open; });
    context_.dialogue.notice(
        model::NoticeLevel::kInfo,
        fmt::format("resuming: {} of {} tables were read{}", std::ssize(tables) - open, tables.size(),
                    same_snapshot_ ? "; nothing was written on the source since" : ""));
  }
  base::fault_point<"export_data.after_plan">();  // the tables and their ranges are saved
}

void SnapshotCopy::plan() {
  plan_snapshot({.product = product_,
                 .source = source_,
                 .snapshot = *snapshot_,
                 .target_columns = target_columns_,
                 .options = options_.from},
                db_, db_, context_.dialogue);
  note_snapshot(db_, snapshot_text_, snapshot_->raw_bytes());
}

void SnapshotCopy::settle(ImportRun& run, const std::set<model::TableName>& left) {
  if (options_.to.start_clean) return;
  run.refuse_half_emptied();
  run.check_emptying({});
  if (!same_snapshot_ && !left.empty()) {
    if (retries()) {
      throw base::Error({.code = "REJ-001",
                         .exit = base::ExitCode::kState,
                         .title = "the set-aside rows cannot be loaded again from here",
                         .cause =
                             "they were copied without files, and the source was written to since: they would have "
                             "to be looked for there",
                         .fix = {"mend them by hand: " + (options_.from.export_dir / "data" / "errors").string()},
                         .then = "nothing was changed"});
    }
    read_again_under_new_snapshot(run, left);
  }
}

// Rows of one table cannot come from two snapshots: their places have changed, so a row could be missed or be there
// twice. Tables that are complete stay.
void SnapshotCopy::read_again_under_new_snapshot(ImportRun& run, std::set<model::TableName> left) {
  std::vector<model::PlannedTable> plan = db_.plan();
  // Large objects' tables speak of the same objects, so they are read again together.
  const std::vector<model::TableName> names = db_.open_tables();
  const std::set<model::TableName> open(names.begin(), names.end());
  const auto is_left_object = [&](const model::PlannedTable& one) {
    return model::is_large_objects(one.table.kind) && (left.contains(one.table.root) || open.contains(one.table.name));
  };
  if (std::ranges::any_of(plan, is_left_object)) {
    for (const model::PlannedTable& one : plan) {
      if (model::is_large_objects(one.table.kind)) left.insert(one.table.root);
    }
  }
  std::set<model::TableName> begun;
  for (const model::TableTotals& table : db_.table_totals()) {
    if (table.begun && left.contains(table.root)) begun.insert(table.root);
  }
  const std::vector<model::TableName> emptied(begun.begin(), begun.end());
  std::size_t complete = 0;
  for (const model::PlannedTable& one : plan) complete += left.contains(one.table.root) ? 0 : 1;
  if (const std::vector<model::TableName> others = run.with_rows_of_others(emptied); !others.empty()) {
    throw base::Error(
        {.code = "COP-005",
         .exit = base::ExitCode::kState,
         .title = "the snapshot of the earlier run is lost, and tables that it was loading hold other rows",
         .cause = "they cannot be emptied to read them again: " + names_of(others),
         .fix = {"remove what was copied from them by hand, then: yb-voyager copy data --start-clean "
                 "true ..."},
         .then = "nothing was changed"});
  }
  run.check_emptying(emptied);
  if (!context_.dialogue.confirm(
          {.danger = model::Question::Danger::kModerate,
           .text = fmt::format("The snapshot of the earlier run is lost and the source was written to since. Read {} "
                               "again from the start under a new snapshot{}? {} tables that are complete are kept as "
                               "of the earlier snapshot, so the tables will show the source at two moments. (For one "
                               "moment, answer no and copy with --start-clean true --truncate-tables true.)",
                               names_of({left.begin(), left.end()}),
                               emptied.empty() ? "" : ", and empty on the target what was begun of them", complete),
           .flag = "--yes (or copy everything again with --start-clean true --truncate-tables true)"})) {
    base::fail(base::ExitCode::kNoAnswer, "the copy was not resumed; nothing was changed");
  }
  std::vector<std::string> later;
  std::vector<model::Table> again;
  for (const model::PlannedTable& table : plan) {
    if (!left.contains(table.table.root)) continue;
    later.push_back(model::display(table.table.name));
    again.push_back(table.table);
  }
  const std::vector<model::RangeSpace> spaces = snapshot_->range_spaces(again);
  db_.in_transaction([&] {
    for (std::size_t i = 0; i < again.size(); ++i) db_.restart_table(again[i].name, spaces[i]);
    change_import_record(db_, kTargetImporter, [&](ImportRecord& record) {
      for (const model::TableName& name : emptied) record.to_empty.insert(model::quoted(name));
    });
    note_snapshot(db_, snapshot_text_, snapshot_->raw_bytes());
    change_record(db_, [&](MigrationRecord& record) { record.tables_read_later = later; });
  });
  same_snapshot_ = true;
  base::fault_point<"copy_data.restart_noted">();  // tables are to be emptied and read again, none is emptied
}

void SnapshotCopy::rows_are_in() {
  // The source need not keep what it has deleted since while indexes and foreign keys are built.
  snapshot_.reset();
  write_export_snapshot_status(options_.from.export_dir, db_, db_);
  for (const std::string& line : write_value_changes(options_.from.export_dir, db_))
    context_.dialogue.notice(model::NoticeLevel::kWarning, "changed by a rule: " + line);
  base::fault_point<"copy_data.before_done">();  // all rows are in, the state does not know it
  change_record(db_, [](MigrationRecord& record) { record.exported = true; });
}

}  // namespace

void refuse_copy(const CopyDataOptions& options, format::MigrationState& db) {
  if (const auto type = migration_record(db).export_type; type && *type != ExportType::kSnapshotOnly) {
    throw base::Error({.code = "COP-003",
                       .exit = base::ExitCode::kState,
                       .title = "this migration is live: copy data is for migrations without changes",
                       .cause = fmt::format("the export was begun with --export-type {}", word_of(*type)),
                       .fix = {"go on with: yb-voyager export data ...", "and beside it: yb-voyager import data ..."},
                       .then = "nothing was changed"});
  }
  if (options.to.start_clean) return;
  if (!db.plan().empty() && !copied_without_files(db)) {
    throw base::Error({.code = "COP-002",
                       .exit = base::ExitCode::kState,
                       .title = "the data of this migration is exported to files already",
                       .where = (options.from.export_dir / "data").string(),
                       .fix = {"go on with: yb-voyager import data ...", "or copy from the start: " + kAnew},
                       .then = "nothing was changed"});
  }
  if (copied_without_files(db) && export_data_done(db) && import_data_done(db) && options.to.retried.empty()) {
    throw base::Error({.code = "COP-004",
                       .exit = base::ExitCode::kState,
                       .title = "the data of this migration is copied already",
                       .fix = {"go on with: yb-voyager finalize-schema-post-data-import ...",
                               "or copy again from the start: " + kAnew},
                       .then = "nothing was changed"});
  }
}

ImportDataReport copy_data(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
                           const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target,
                           const std::optional<std::vector<model::Table>>& target_columns,
                           const CopyDataOptions& options, format::MigrationState& db,
                           const model::FlowContext& context) {
  return SnapshotCopy(source_product, source, target_columns, options, db, context).run(target_product, target);
}

}  // namespace voyager::migration
