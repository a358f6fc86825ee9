#include "migration/snapshot/import_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/clock.h"
#include "base/error.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/changes/capture_record.h"
#include "migration/snapshot/chunk_feed.h"
#include "migration/snapshot/export_identity.h"
#include "migration/snapshot/export_plan.h"
#include "migration/snapshot/import_run.h"
#include "migration/snapshot/planned_import.h"
#include "migration/snapshot/table_match.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

// Below this a primary key is as quickly kept up during the load as built afterwards (bench/README.md).
constexpr std::uint64_t kKeyRebuildBytes = 32ULL * 1024 * 1024;

class SnapshotImport {
 public:
  SnapshotImport(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                 const ImportDataOptions& options, const format::ChunkStore* store, const RowsFrom* from,
                 format::MigrationState& db, const model::FlowContext& context)
      : product_(product),
        target_(target),
        options_(options),
        store_(store),
        from_(from),
        role_(options.to_replica ? kReplicaImporter : kTargetImporter),
        db_(db),
        context_(context) {}

  ImportDataReport run();

 private:
  void wait_for_plan();
  void choose_tables();
  void choose_retried();
  /// Not all of the export is to be loaded.
  bool limited() const {
    return !options_.tables.include.empty() || !options_.tables.exclude.empty() || !options_.retried.empty();
  }
  void check_encoding();
  void describe_target(ImportRun& run);
  void remove_large_objects(ImportRun& run);
  void add_large_objects(ImportRun& run);
  void load(ImportRun& run, PlannedFeed& feed);
  std::vector<model::TableName> tables_with_rows_left(ImportRun& run, const std::vector<model::TableName>& wanted);
  void check_columns(const std::map<model::TableName, const model::Table*>& found);
  /// Indexes, keys and what was switched off come after the rows.
  bool builds_afterwards(ImportRun& run) const { return !run.traits().indexes_before_rows && !options_.to_replica; }
  void put_keys_off(ImportRun& run);
  bool went_with_its_column(const model::Sequence& sequence) const;
  void set_sequences(ImportRun& run);
  KeyPlan::Missing missing_rows();
  ImportDataReport finish(ImportRun& run, const PlannedFeed& feed);

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& target_;
  const ImportDataOptions& options_;
  const format::ChunkStore* const store_;  // of the export's files; null: from_
  const RowsFrom* const from_;             // rows that lie in no files; null: store_
  const std::string_view role_;
  format::MigrationState& db_;
  const model::FlowContext context_;
  std::uint64_t export_number_ = 0;                        // of the plan
  std::vector<model::PlannedTable> plan_ = {};             // in scope
  std::set<model::TableName> planned_names_ = {};          // all of the export, roots included
  std::vector<ImportTable> tables_ = {};                   // roots, as on the target
  std::map<model::TableName, std::size_t> table_of_ = {};  // source table, leaf or root -> tables_
  bool raw_bytes_ = false;                                 // the rows' texts are bytes of no known encoding
  std::set<model::TableName> left_ = {};                   // roots that are not complete on the target yet
  std::set<model::TableName> gone_ = {};                   // roots that were complete, and are not there any more
  std::vector<connector::LoadHook> hooks_ = {};            // to switch off while rows are loaded
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

ImportDataReport SnapshotImport::run() {
  wait_for_plan();
  warn_of_unfinished_schema(db_, context_.dialogue);
  choose_tables();
  check_encoding();
  ImportRun run(product_, target_, options_, role_, db_, context_);
  describe_target(run);
  run.keys().switch_off(hooks_);
  if (builds_afterwards(run)) {
    put_keys_off(run);
    run.keys().hand_out(tables_, table_of_, planned_names_);
  }
  run.plan_loading(tables_);

  const std::unique_ptr<PlannedFeed> feed =
      from_ != nullptr ? from_->feed(run.ledger())
                       : std::make_unique<ChunkFeed>(*store_, export_number_, options_.command, options_.exporter, db_,
                                                     run.ledger(), context_);
  for (std::size_t i = 0; i < tables_.size(); ++i) feed->add_table(i, tables_[i].board_item);
  for (const model::PlannedTable& one : plan_) {
    const std::size_t table = table_of_.at(one.table.root);
    const bool fits = left_.contains(one.table.root) || columns_fit(one, tables_[table].target);
    feed->add_route(one.table.name, {.table = table,
                                     .target = tables_[table].target.name,
                                     .columns = fits ? columns_on_target(one.table, tables_[table].target)
                                                     : std::vector<model::Column>(),
                                     .columns_changed = !fits,
                                     .kind = one.table.kind,
                                     .format = {.encoding = options_.encoding, .raw_bytes = raw_bytes_},
                                     .triggers_on = tables_[table].triggers_on,
                                     .turn = tables_[table].turn});
  }
  if (!options_.to_replica) change_record(db_, [](MigrationRecord& record) { record.import_begun = true; });
  context_.board.set_stage("rows");
  load(run, *feed);
  if (from_ != nullptr) from_->rows_are_in();
  run.keys().run_rest(missing_rows());
  set_sequences(run);
  return finish(run, *feed);
}

void SnapshotImport::wait_for_plan() {
  if (from_ != nullptr) {
    plan_ = db_.plan();
    return;
  }
  refuse_copied(db_, options_.command);
  ExportWait waiting(options_.exporter);
  bool said = false;
  while (true) {
    const bool hopeless = waiting.over();  // Asked first: an export may end well between the two looks.
    do {
      export_number_ = export_number(db_);
      plan_ = db_.plan();
    } while (export_number(db_) != export_number_);
    if (!plan_.empty() || export_data_done(db_)) return;
    if (hopeless) waiting.give_up(db_);
    if (!said) context_.dialogue.notice(model::NoticeLevel::kInfo, "Waiting for export data to begin...");
    said = true;
    context_.board.set_reason("waiting for export data to begin");
    (void)context_.clock.sleep_for(std::chrono::milliseconds(300), context_.stop);
    base::throw_if_draining(context_.stop, options_.command + " was stopped", kImportResume);
  }
}

void SnapshotImport::choose_tables() {
  if (!options_.retried.empty()) {
    choose_retried();
    return;
  }
  std::vector<model::Table> all;
  for (const model::PlannedTable& one : plan_) {
    if (model::is_large_objects(one.table.kind)) continue;
    if (one.table.root != one.table.name && planned_names_.insert(one.table.root).second) {
      all.push_back({.name = one.table.root, .kind = model::TableKind::kPartitionRoot, .root = one.table.root});
    }
    planned_names_.insert(one.table.name);
    all.push_back(one.table);
  }
  std::vector<model::Identifier> schemas;
  for (const model::TableName& name : planned_names_) {
    if (std::ranges::find(schemas, name.schema) == schemas.end()) schemas.push_back(name.schema);
  }
  std::set<model::TableName> chosen;
  for (const model::Table& table : model::select_tables(all, options_.tables, default_schema_of(schemas))) {
    chosen.insert(table.name);
  }
  const bool large_objects = options_.tables.include.empty();
  std::erase_if(plan_, [&](const model::PlannedTable& one) {
    return model::is_large_objects(one.table.kind) ? !large_objects : !chosen.contains(one.table.name);
  });
}

// A retry loads the tables of its rows, whatever its lists of tables say.
void SnapshotImport::choose_retried() {
  std::set<model::TableName> retried;
  for (const auto& [file, table] : options_.retried) retried.insert(table);
  std::set<model::TableName> planned;
  for (const model::PlannedTable& one : plan_) planned.insert(one.table.root);
  std::vector<std::string> unknown;
  for (const model::TableName& table : retried) {
    if (!planned.contains(table)) unknown.push_back(model::display(table));
  }
  if (!unknown.empty()) {
    throw base::Error({.code = "REJ-001",
                       .exit = base::ExitCode::kState,
                       .title = "the set-aside rows cannot be loaded again from here",
                       .cause = "these tables are not in the export any more: " + base::join(unknown, ", "),
                       .fix = {"yb-voyager rejects discard ..."},
                       .then = "nothing was changed"});
  }
  std::erase_if(plan_, [&](const model::PlannedTable& one) { return !retried.contains(one.table.root); });
}

void SnapshotImport::check_encoding() {
  raw_bytes_ = exported_raw_bytes(db_);
  if (options_.encoding.empty() || raw_bytes_) return;
  base::fail(base::ExitCode::kUsage, "--encoding is only for rows of a source that knows no encoding",
             "these rows were exported in UTF-8", {"leave --encoding out"});
}

// Tables are emptied, and so those of an earlier import of this migration go. They go after the bookkeeping: killed in
// between, the next run finds their numbers taken, and never rows noted of objects that are gone.
void SnapshotImport::remove_large_objects(ImportRun& run) {
  if (!options_.start_clean || !options_.truncate_tables || !run.traits().large_objects) return;
  const auto is_one = [](const model::PlannedTable& one) { return model::is_large_objects(one.table.kind); };
  if (std::ranges::any_of(plan_, is_one)) run.remove_large_objects();
}

// They are no tables of the target, which makes them from rows; the first holds as many rows as there are objects.
void SnapshotImport::add_large_objects(ImportRun& run) {
  std::string left_out;
  for (const model::PlannedTable& one : plan_) {
    if (!model::is_large_objects(one.table.kind)) continue;
    if (!run.traits().large_objects) {
      if (one.table.kind == model::TableKind::kLargeObjects) left_out = std::to_string(one.table.estimated_rows);
      continue;
    }
    const std::size_t item =
        context_.board.add_item(model::display(one.table.name), one.table.estimated_rows, one.table.bytes, true);
    table_of_[one.table.name] = tables_.size();
    tables_.push_back({.target = one.table,
                       .board_item = item,
                       .turn = static_cast<int>(one.table.kind) - static_cast<int>(model::TableKind::kLargeObjects)});
  }
  if (left_out.empty()) return;
  std::erase_if(plan_, [](const model::PlannedTable& one) { return model::is_large_objects(one.table.kind); });
  context_.dialogue.notice(model::NoticeLevel::kWarning,
                           left_out + " large objects stay behind: " + run.traits().version_text +
                               " has none. Columns that hold their numbers are loaded as they are");
}

// Whichever way it ends, people are told what the target did otherwise than the source, also in earlier runs of this
// import: the last one may have been killed before it could say so.
void SnapshotImport::load(ImportRun& run, PlannedFeed& feed) {
  std::exception_ptr failure;
  try {
    run.load(tables_, feed);
  } catch (...) {  // Handed on below.
    failure = std::current_exception();
  }
  try {
    for (const std::string& note : run.ledger().notes()) context_.dialogue.notice(model::NoticeLevel::kWarning, note);
  } catch (const base::Error& error) {
    if (!failure) throw;
    base::log_warn(std::string("what the target did otherwise cannot be read: ") + error.what());
  }
  if (!failure) return;
  // Files that are gone are told by what has taken them away.
  if (context_.stop.signal_number() == 0) refuse_earlier_export(db_, role_, options_.command);
  std::rethrow_exception(failure);
}

void SnapshotImport::describe_target(ImportRun& run) {
  std::vector<model::TableName> wanted;
  std::map<model::TableName, std::pair<std::uint64_t, std::uint64_t>> size;
  for (const model::PlannedTable& one : plan_) {
    if (model::is_large_objects(one.table.kind)) continue;
    if (!size.contains(one.table.root)) wanted.push_back(one.table.root);
    size[one.table.root].first += one.table.estimated_rows;
    size[one.table.root].second += one.table.bytes;
  }
  std::vector<model::Table> found = run.admin().describe(wanted);
  run.check_rights(found);
  run.open_bookkeeping();
  const std::vector<model::TableName> left = tables_with_rows_left(run, wanted);
  left_ = {left.begin(), left.end()};
  std::map<model::TableName, const model::Table*> there;
  for (const model::Table& table : found) there[table.name] = &table;
  std::vector<std::string> missing;
  std::vector<std::string> gone;
  for (const model::TableName& name : wanted) {
    if (there.contains(name)) continue;
    gone_.insert(name);
    (left_.contains(name) ? missing : gone).push_back(model::display(name));
  }
  if (!missing.empty()) {
    throw base::Error({.code = "IMP-002",
                       .exit = base::ExitCode::kState,
                       .title = "tables of the export do not exist on the target",
                       .cause = base::join(missing, ", "),
                       .fix = options_.to_replica
                                  ? std::vector<std::string>{"create them there as they are on the source"}
                                  : std::vector<std::string>{"yb-voyager import schema ...",
                                                             "or leave them out: --exclude-table-list"}});
  }
  if (!gone.empty()) {
    context_.dialogue.notice(model::NoticeLevel::kWarning,
                             "tables that were complete are not on the target any more, and are left as they are: " +
                                 base::join(gone, ", "));
  }
  std::erase_if(plan_, [&](const model::PlannedTable& one) { return gone_.contains(one.table.root); });
  check_columns(there);
  if (from_ != nullptr) from_->settle(run, left_);
  hooks_ = run.answer_hooks(left, builds_afterwards(run));
  run.prepare_target(found, !left_.empty());
  remove_large_objects(run);
  for (model::Table& table : found) {
    const auto [rows, bytes] = size[table.name];
    const std::size_t item = context_.board.add_item(model::display_short(table.name), rows, bytes, true);
    table_of_[table.name] = tables_.size();
    tables_.push_back({.target = std::move(table), .board_item = item});
  }
  add_large_objects(run);
  for (const model::PlannedTable& one : plan_) table_of_[one.table.name] = table_of_.at(one.table.root);
}

// Tables that are complete on the target may look as they like by now, or be gone.
std::vector<model::TableName> SnapshotImport::tables_with_rows_left(ImportRun& run,
                                                                    const std::vector<model::TableName>& wanted) {
  std::set<model::TableName> left;
  if (options_.start_clean || db_.imported(role_).empty()) return wanted;
  std::map<model::TableName, model::TableName> root_of;
  for (const model::PlannedTable& one : plan_) root_of[one.table.name] = one.table.root;
  for (const model::TableName& open : db_.open_tables()) {
    if (root_of.contains(open)) left.insert(root_of.at(open));
  }
  for (const auto& [file, table] : options_.retried) left.insert(table);
  const Coverage coverage = run.coverage_of_target();
  for (const model::Chunk& chunk : db_.done_chunks(0)) {
    if (!root_of.contains(chunk.table) || left.contains(root_of.at(chunk.table))) continue;
    if (!coverage.complete({.name = chunk.file_name, .frames = chunk.frames})) left.insert(root_of.at(chunk.table));
  }
  return {left.begin(), left.end()};
}

// The form of the rows was chosen when they were exported; what matters is what the columns are now.
void SnapshotImport::check_columns(const std::map<model::TableName, const model::Table*>& found) {
  ColumnDoubts doubts;
  for (const model::PlannedTable& one : plan_) {
    if (!left_.contains(one.table.root)) continue;
    const auto there = found.find(one.table.root);
    if (there != found.end()) compare_columns(one, *there->second, doubts);
  }
  if (!doubts.refused.empty()) {
    throw base::Error(
        {.code = "IMP-004",
         .exit = base::ExitCode::kState,
         .title = "columns of the target cannot take what was exported",
         .cause = base::join(doubts.refused, "\n"),
         .fix = {"give these columns the source's types for the import and alter them afterwards",
                 from_ != nullptr
                     ? "or copy the rows as text: yb-voyager copy data --start-clean true --truncate-tables true "
                       "--data-format text ..."
                     : "or export the rows as text: yb-voyager export data --start-clean true --data-format text ..."},
         .then = "nothing was loaded"});
  }
  if (doubts.doubtful.empty()) return;
  context_.dialogue.notice(
      model::NoticeLevel::kWarning,
      "columns of the target have other types than on the source; values that do not fit are rounded, cut "
      "or read in the target's time zone by the server: " +
          base::join(doubts.doubtful, ", "));
}

// A big empty table loads faster without its primary key, unless single rows may be refused because of it.
void SnapshotImport::put_keys_off(ImportRun& run) {
  if (options_.error_policy != ErrorPolicy::kAbort || options_.key_conflict == KeyConflict::kIgnore) return;
  std::map<model::TableName, std::uint64_t> bytes;
  for (const model::PlannedTable& one : plan_) bytes[one.table.root] += one.table.bytes;
  std::vector<model::TableName> big;
  for (const ImportTable& table : tables_) {
    if (bytes[table.target.name] >= kKeyRebuildBytes && run.untouched(table.target.name))
      big.push_back(table.target.name);
  }
  if (!big.empty()) run.keys().put_keys_off(big);
}

// A table that was complete may have lost the column, or be gone, and its sequence with it.
bool SnapshotImport::went_with_its_column(const model::Sequence& sequence) const {
  if (gone_.contains(sequence.owner_table)) return true;
  const auto table = table_of_.find(sequence.owner_table);
  if (table == table_of_.end() || left_.contains(sequence.owner_table)) return false;
  const std::vector<model::Column>& columns = tables_[table->second].target.columns;
  return std::ranges::find(columns, sequence.owner_column, &model::Column::name) == columns.end();
}

void SnapshotImport::set_sequences(ImportRun& run) {
  base::fault_point<"import_data.before_sequences">();
  context_.board.set_stage("sequences");
  // Where rows came later than the others, the target's sequences may have given numbers since.
  std::vector<model::TableName> retried;
  for (const ImportTable& table : tables_) {
    if (!model::is_large_objects(table.target.kind) && run.retried().contains(table.target.name))
      retried.push_back(table.target.name);
  }
  if (!retried.empty()) run.admin().advance_sequences(retried);
  std::vector<model::Sequence> wanted;
  for (model::Sequence& sequence : sequences_in_scope(db_.sequences(), plan_, limited())) {
    const auto owner = table_of_.find(sequence.owner_table);
    if (owner != table_of_.end() && run.retried().contains(tables_[owner->second].target.name)) continue;
    if (went_with_its_column(sequence)) continue;
    wanted.push_back(std::move(sequence));
  }
  base::throw_if_draining(context_.stop, options_.command + " was stopped", kImportResume);
  const model::StageWork work_time(context_.board, "sequences");
  run.admin().set_sequences(wanted);
}

KeyPlan::Missing SnapshotImport::missing_rows() {
  KeyPlan::Missing out;
  for (const model::SetAsideRow& row : db_.set_aside(role_)) ++out.set_aside[row.table];
  if (!with_changes(db_)) return out;
  const std::vector<std::string> read_later = migration_record(db_).tables_read_later;
  const std::set<std::string> names(read_later.begin(), read_later.end());
  for (const model::PlannedTable& one : plan_) {
    if (names.contains(model::display(one.table.name))) out.read_later.insert({one.table.name, one.table.root});
  }
  return out;
}

ImportDataReport SnapshotImport::finish(ImportRun& run, const PlannedFeed& feed) {
  if (from_ == nullptr) refuse_export_begun_anew(db_, export_number_, options_.command);
  ImportLedger::Closing closing{.all_files = !limited() && gone_.empty(),
                                .no_longer_aside = run.set_aside_but_in(feed)};
  const std::set<model::BatchKey> in(closing.no_longer_aside.begin(), closing.no_longer_aside.end());
  std::map<std::string, std::uint64_t> aside;
  for (const model::BatchKey& key : run.ledger().handled()) aside[key.file_name] += in.contains(key) ? 0 : 1;
  std::map<model::TableName, ImportedTable> by_table;
  for (const ImportTable& table : tables_) by_table[table.target.name].table = table.target.name;
  for (const auto& file : feed.files()) {
    model::ImportedFile one{.file_name = file->name, .table = file->table, .rows_set_aside = aside[file->name]};
    for (const model::Frame& frame : file->frames) {
      one.rows += frame.rows;
      one.bytes += frame.raw_bytes;
    }
    one.rows -= one.rows_set_aside;
    ImportedTable& table = by_table[file->table];
    table.rows += one.rows;
    table.rows_set_aside += one.rows_set_aside;
    table.bytes += one.bytes;
    closing.files.push_back(std::move(one));
  }
  base::fault_point<"import_data.before_done">();
  run.ledger().close(closing);
  ImportDataReport report{.rows_set_aside_now = context_.board.snapshot().rows_set_aside,
                          .indexes_built = run.keys().indexes_built(),
                          .left_out = run.keys().left_out()};
  for (auto& [name, table] : by_table) report.tables.push_back(std::move(table));
  std::ranges::stable_sort(report.tables, std::ranges::greater(), &ImportedTable::rows);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  return report;
}

}  // namespace

ImportDataReport import_data(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                             const ImportDataOptions& options, const format::ChunkStore& store,
                             format::MigrationState& db, const model::FlowContext& context) {
  return SnapshotImport(product, target, options, &store, nullptr, db, context).run();
}

ImportDataReport import_planned(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                const ImportDataOptions& options, const RowsFrom& from, format::MigrationState& db,
                                const model::FlowContext& context) {
  return SnapshotImport(product, target, options, nullptr, &from, db, context).run();
}

}  // namespace voyager::migration
