#include "migration/snapshot/export_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/group.h"
#include "base/log.h"
#include "base/retry.h"
#include "base/text.h"
#include "format/chunk_file.h"
#include "format/queue_ledger.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/column_types.h"
#include "migration/changes/noticed_tables.h"
#include "migration/changes/roles.h"
#include "migration/changes/table_pairs.h"
#include "migration/schema/guardrails.h"
#include "migration/snapshot/chunk_scheduler.h"
#include "migration/snapshot/export_identity.h"
#include "migration/snapshot/export_plan.h"
#include "migration/snapshot/export_views.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

constexpr std::chrono::seconds kViewEvery{1};
constexpr int kViewShare = 50;  // With very many tables writing the view takes no more than this part of a processor.
const std::string kResume = "run the same command again: finished chunks are kept, unfinished ones are read again";

std::set<model::TableName> names_of(const std::vector<model::Table>& tables) {
  std::set<model::TableName> names;
  for (const model::Table& table : tables) names.insert(table.name);
  return names;
}

// Everything that a run carries around; lives as long as the run.
class SnapshotExport {
 public:
  SnapshotExport(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                 const std::optional<std::vector<model::Table>>& target_columns, const ExportDataOptions& options,
                 format::ChunkStore& store, format::MigrationState& db, const model::FlowContext& context)
      : product_(product),
        source_(source),
        target_columns_(target_columns),
        options_(options),
        store_(store),
        db_(db),
        context_(context),
        data_dir_(options.export_dir / "data") {}

  ExportDataReport run();

 private:
  void prepare_directory();
  connector::CaptureStart begin_capture();
  void note_capture(connector::CaptureStart start);
  void plan_without_rows(const std::vector<model::Table>& tables);
  ExportDataReport finish_without_rows();
  bool limited() const { return is_limited(options_.tables); }
  void make_plan();
  void add_all_large_objects(std::vector<model::TableName>& unfinished);
  void resume_plan(const std::string& snapshot_text);
  void read_again_under_new_snapshot(const std::vector<model::TableName>& unfinished, const std::string& snapshot_text);
  void add_board_items(const std::vector<model::PlannedTable>& plan);
  void read_chunks();
  void work(ChunkScheduler& scheduler);
  // What a worker reads with; kept from chunk to chunk.
  struct Hands {
    std::unique_ptr<connector::SnapshotReader> reader = {};
    format::ChunkWriter writer = {};
    model::RowBlock block = {};
  };
  std::unique_ptr<format::ChunkOutput> export_chunk(Hands& hands, ChunkLease& lease);
  void keep_files(std::vector<std::unique_ptr<format::ChunkOutput>> files, const std::vector<ChunkLease>& leases);
  ExportDataReport finish();

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& source_;
  const std::optional<std::vector<model::Table>>& target_columns_;
  const ExportDataOptions& options_;
  format::ChunkStore& store_;
  format::MigrationState& db_;
  const model::FlowContext context_;
  const std::filesystem::path data_dir_;
  std::unique_ptr<connector::CaptureSetup> capture_;  // holds the anchor of the snapshot; null without changes
  std::set<model::TableName> published_ = {};
  bool capture_again_ = false;  // the capture is there since an earlier run
  std::unique_ptr<connector::SnapshotSource> snapshot_;
  std::vector<std::size_t> items_;  // the board's item of each planned table
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

ExportDataReport SnapshotExport::run() {
  prepare_directory();
  connector::CaptureStart start;
  if (options_.with_changes) start = begin_capture();
  if (!options_.snapshot) return finish_without_rows();
  snapshot_ = product_.snapshot_source(source_);
  const std::string snapshot_text = snapshot_->begin(start.anchor, std::max(1, options_.parallel_jobs));
  if (options_.with_changes) {
    if (start.position.bytes.empty()) start.position = snapshot_->position();
    note_capture(std::move(start));
  }
  if (!snapshot_->how().empty()) context_.dialogue.notice(model::NoticeLevel::kInfo, "snapshot: " + snapshot_->how());
  base::fault_point<"export_data.before_plan">();
  if (db_.plan().empty()) {
    make_plan();
    note_snapshot(db_, snapshot_text, snapshot_->raw_bytes());
  } else {
    resume_plan(snapshot_text);
  }
  base::fault_point<"export_data.after_plan">();
  read_chunks();
  return finish();
}

void SnapshotExport::prepare_directory() {
  const bool done = export_data_done(db_);
  if (options_.start_clean) {
    if (done &&
        !context_.dialogue.confirm(
            {.text = "The data of this migration is already exported. Delete it and export again?" +
                     std::string(imports_begun(db_).empty() ? "" : " What is imported has to be imported anew then."),
             .flag = "--yes"})) {
      base::fail(base::ExitCode::kNoAnswer, "nothing was changed");
    }
    store_.clear();
    std::error_code error;
    std::filesystem::remove_all(data_dir_, error);  // With the queue, and what imports have set aside.
    for (const std::string& import : imports_begun(db_)) {
      context_.dialogue.notice(
          model::NoticeLevel::kWarning,
          fmt::format("what is imported is of the export that is deleted now, so the import has to begin "
                      "anew too: {} with --start-clean true --truncate-tables true",
                      import));
    }
    forget_snapshot(db_);
    db_.clear_queue();
    // What an earlier capture changed of the source is still to be put back.
    if (const std::optional<CaptureRecord> record = capture_record(db_, kSourceExporter))
      save_capture_record(db_, kSourceExporter, {.undo = record->undo});
    change_record(db_, [](MigrationRecord& record) {
      record.exported = false;
      record.tables_read_later.clear();
    });
  } else {
    refuse_export(options_, db_);
  }
  std::filesystem::create_directories(data_dir_);
  change_record(db_, [this](MigrationRecord& record) {
    record.export_begun = true;
    record.export_type = !options_.with_changes ? ExportType::kSnapshotOnly
                         : options_.snapshot    ? ExportType::kSnapshotAndChanges
                                                : ExportType::kChangesOnly;
    record.snapshot_way = SnapshotWay::kFiles;
  });
}

// The source keeps every change from the moment on that the snapshot shows, and none is in both.
connector::CaptureStart SnapshotExport::begin_capture() {
  capture_ = product_.capture_setup(source_, migration_uuid(db_));
  std::vector<model::Table> tables;
  for (const model::PlannedTable& table : db_.plan()) tables.push_back(table.table);
  if (tables.empty()) {
    const auto look = product_.snapshot_source(source_);
    look->begin({}, 1);
    const std::vector<model::Table> all = look->tables();
    tables = model::select_tables(all, options_.tables, default_schema_of(source_.schemas));
    std::erase_if(tables, [](const model::Table& table) { return table.kind == model::TableKind::kPartitionRoot; });
    std::vector<model::TableName> left_out;
    const std::set<model::TableName> taken = names_of(tables);
    for (const model::Table& table : all) {
      // Changes of unlogged ones are in no log; check says so.
      if (table.unlogged || !taken.contains(table.name)) left_out.push_back(table.name);
    }
    note_left_out(db_, CapturedSide::kSource, left_out);
  }
  if (options_.run_guardrails) answer_findings(capture_->check(tables), "export data", context_.dialogue);
  const std::optional<CaptureRecord> before = capture_record(db_, kSourceExporter);
  const bool again = before && !db_.plan().empty();
  CaptureRecord record = before.value_or(CaptureRecord());
  if (!again) {
    record = {.undo = record.undo};
    add_undo(record, capture_->undo(tables));
    save_capture_record(db_, kSourceExporter, record);
  }
  // Without a snapshot a capture goes on where an earlier one stands, unless that is not wanted.
  if (!options_.snapshot && options_.start_clean) capture_->end({});
  const connector::CaptureStart start = capture_->begin(tables, !options_.snapshot ? connector::CaptureSnapshot::kNone
                                                                : again            ? connector::CaptureSnapshot::kAgain
                                                                        : connector::CaptureSnapshot::kFirst);
  if (!again) note_numbered_tables(db_, kSourceExporter, start.tables);
  if (options_.snapshot) {
    forget_captured_columns(db_, kSourceExporter);
  } else if (db_.plan().empty()) {
    // The tables as they were before it may lack what was added while it waited for open transactions.
    const auto look = product_.snapshot_source(source_);
    look->begin({}, 1);
    std::vector<model::Table> now = look->tables();
    std::erase_if(now, [taken = names_of(tables)](const model::Table& table) { return !taken.contains(table.name); });
    note_captured_columns(db_, kSourceExporter, now);
  }
  for (const model::Table& table : tables) published_.insert(table.name);
  capture_again_ = again;
  if (!options_.snapshot) {
    if (!again) note_capture(start);
    plan_without_rows(tables);
  }
  return start;
}

// Where changes begin is known once the snapshot is open.
void SnapshotExport::note_capture(connector::CaptureStart start) {
  if (options_.snapshot && start.position.bytes.empty())
    base::fail(base::ExitCode::kState, "the source does not say where its changes begin",
               "its log was written to in a way that no snapshot shows", {"run the same command again"});
  CaptureRecord record = capture_record(db_, kSourceExporter).value_or(CaptureRecord());
  if (capture_again_) {
    // What is exported now holds what the capture has seen since it began; complete tables keep their earlier snapshot.
    std::vector<connector::NumberedTable> later;
    for (const model::TableTotals& table : db_.table_totals()) {
      if (!table.open) continue;
      record.held[table.table] = start.position;
      const auto now = std::ranges::find(start.tables, table.table, &connector::NumberedTable::name);
      if (now != start.tables.end()) later.push_back(*now);
    }
    note_later_snapshot(db_, kSourceExporter, later);
  } else {
    record.start = start.position;
    if (options_.snapshot) db_.clear_snapshot();
  }
  save_capture_record(db_, kSourceExporter, record);
}

// The importer learns from the plan which tables changes may come for.
void SnapshotExport::plan_without_rows(const std::vector<model::Table>& tables) {
  if (!db_.plan().empty()) return;
  std::vector<model::PlannedTable> plan;
  for (const model::Table& table : tables) plan.push_back({.table = table, .handed_out = true});
  db_.in_transaction([&] {
    db_.save_plan(plan);
    change_record(db_, [&](MigrationRecord& record) { record.tables = exported_tables(plan, limited()); });
  });
}

ExportDataReport SnapshotExport::finish_without_rows() {
  base::fault_point<"export_data.before_done">();  // all but the final mark is saved
  change_record(db_, [](MigrationRecord& record) { record.exported = true; });
  return {};
}

void SnapshotExport::make_plan() {
  plan_snapshot({.product = product_,
                 .source = source_,
                 .snapshot = *snapshot_,
                 .target_columns = target_columns_,
                 .options = options_,
                 .published = capture_ ? &published_ : nullptr},
                db_, db_, context_.dialogue);
}

// Their tables speak of the same objects, so they come from one snapshot or are read again together.
void SnapshotExport::add_all_large_objects(std::vector<model::TableName>& unfinished) {
  std::vector<model::TableName> complete;
  bool some = false;
  for (const model::PlannedTable& one : db_.plan()) {
    if (!model::is_large_objects(one.table.kind)) continue;
    const bool open = std::ranges::find(unfinished, one.table.name) != unfinished.end();
    some |= open;
    if (!open) complete.push_back(one.table.name);
  }
  if (some) unfinished.insert(unfinished.end(), complete.begin(), complete.end());
}

void SnapshotExport::resume_plan(const std::string& snapshot_text) {
  std::vector<model::TableName> unfinished;
  const std::vector<model::TableTotals> tables = db_.table_totals();
  for (const model::TableTotals& table : tables) {
    if (table.open) unfinished.push_back(table.table);
  }
  add_all_large_objects(unfinished);
  const bool same = noted_snapshot(db_) == snapshot_text;
  context_.dialogue.notice(model::NoticeLevel::kInfo,
                           fmt::format("resuming: {} of {} tables are exported{}", tables.size() - unfinished.size(),
                                       tables.size(), same ? "; nothing was written on the source since" : ""));
  if (unfinished.empty() || same) return;
  read_again_under_new_snapshot(unfinished, snapshot_text);
}

// Rows may have moved between pages since, so chunks of one table cannot come from two snapshots: a row could be missed
// or read twice. Tables that are complete stay.
void SnapshotExport::read_again_under_new_snapshot(const std::vector<model::TableName>& unfinished,
                                                   const std::string& snapshot_text) {
  std::vector<std::string> names;
  for (const model::TableName& name : unfinished) names.push_back(model::display(name));
  const std::string list = base::join(names, ", ");
  std::set<model::TableName> complete;
  for (const model::PlannedTable& table : db_.plan()) complete.insert(table.table.name);
  for (const model::TableName& name : unfinished) complete.erase(name);
  // With changes behind it, a later snapshot of some tables ends at the same state.
  if (!options_.with_changes &&
      !context_.dialogue.confirm(
          {.danger = model::Question::Danger::kModerate,
           .text =
               fmt::format("The snapshot of the earlier run is lost and the source was written to since. Read {} again "
                           "from the start under a new snapshot? {} tables that are complete are kept as of the "
                           "earlier snapshot, so the tables will show the source at two moments. (For one moment, "
                           "answer no and export with --start-clean true.)",
                           list, complete.size()),
           .flag = "--yes (or export everything again with --start-clean true)"})) {
    base::fail(base::ExitCode::kNoAnswer, "the export was not resumed; nothing was changed");
  }
  std::vector<std::string> files;
  db_.in_transaction([&] {
    std::set<std::string> taken;
    for (const char* importer : {"target_db_importer", "source_replica_db_importer"}) {
      for (const model::ImportedFile& file : db_.imported(importer)) taken.insert(file.file_name);
    }
    for (const std::vector<model::Chunk>& chunks :
         {db_.done_chunks(0, format::ChunkLedger::Frames::kLeaveOut), db_.leased_chunks()}) {
      for (const model::Chunk& chunk : chunks) {
        if (complete.contains(chunk.table)) continue;
        if (taken.contains(chunk.file_name)) {
          throw base::Error({.code = "EXP-002",
                             .exit = base::ExitCode::kState,
                             .title = "rows of " + model::display(chunk.table) +
                                      " are on the target already, so it cannot be read again",
                             .fix = {"yb-voyager export data --start-clean true ...",
                                     "yb-voyager import data --start-clean true --truncate-tables true ..."}});
        }
        files.push_back(chunk.file_name);
      }
    }
    std::vector<model::Table> again;
    for (model::PlannedTable& table : db_.plan()) {
      if (!complete.contains(table.table.name)) again.push_back(std::move(table.table));
    }
    const std::vector<model::RangeSpace> spaces = snapshot_->range_spaces(again);
    for (std::size_t i = 0; i < again.size(); ++i) db_.restart_table(again[i].name, spaces[i]);
    note_snapshot(db_, snapshot_text, snapshot_->raw_bytes());
    change_record(db_, [&](MigrationRecord& record) {
      // Those of an earlier interruption are of another moment than the first ones all the same.
      std::set<std::string> later(names.begin(), names.end());
      later.insert(record.tables_read_later.begin(), record.tables_read_later.end());
      record.tables_read_later.assign(later.begin(), later.end());
    });
  });
  for (const std::string& file : files) store_.remove(file);
}

void SnapshotExport::add_board_items(const std::vector<model::PlannedTable>& plan) {
  const std::vector<model::TableTotals> had = db_.table_totals();  // in the plan's order
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const model::Table& table = plan[i].table;
    items_.push_back(
        context_.board.add_item(model::display_short(table.name), table.estimated_rows, table.bytes, true));
    context_.board.add_before(items_[i], had[i].rows, had[i].raw_bytes);
    if (!had[i].open) context_.board.finish_item(items_[i], "already exported");
  }
}

void SnapshotExport::read_chunks() {
  std::vector<model::PlannedTable> plan = db_.plan();
  add_board_items(plan);
  const int workers = std::max(1, options_.parallel_jobs);
  std::vector<model::Chunk> unfinished = db_.leased_chunks();
  ChunkScheduler scheduler(db_, db_, std::move(plan), std::move(unfinished), workers, options_.compress);
  context_.board.set_stage("rows");
  context_.board.set_workers(workers);

  base::Stop sampler_stop;
  base::Group sampler(sampler_stop);
  sampler.spawn("status-view", [&] {
    const std::unique_ptr<format::MigrationState> own = db_.peer();
    std::chrono::milliseconds pause = kViewEvery;
    do {
      const base::Clock::Instant begun = context_.clock.now();
      write_export_snapshot_status(options_.export_dir, *own, *own);
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(context_.clock.now() - begun);
      pause = std::max<std::chrono::milliseconds>(kViewEvery, took * kViewShare);
    } while (context_.clock.sleep_for(pause, sampler_stop));
  });
  base::Group group(context_.stop);
  for (int i = 0; i < workers; ++i) {
    group.spawn(fmt::format("export-{}", i), [&] { work(scheduler); });
  }
  std::exception_ptr failure;
  try {
    group.join();
  } catch (...) {  // Handed on below, once the other threads have ended.
    failure = std::current_exception();
  }
  sampler_stop.request_drain();
  try {
    sampler.join();
  } catch (const base::Error& error) {
    base::log_warn(std::string("the status view was not written: ") + error.what());
  }
  if (failure) std::rethrow_exception(failure);
  base::throw_if_draining(context_.stop, "export data was stopped", kResume);
}

void SnapshotExport::work(ChunkScheduler& scheduler) {
  Hands hands;
  while (!context_.stop.draining()) {
    std::vector<ChunkLease> leases = scheduler.next();
    if (leases.empty()) return;
    const model::StageWork work_time(context_.board, "rows");
    std::vector<std::unique_ptr<format::ChunkOutput>> files;
    for (ChunkLease& lease : leases) {
      if (!files.empty() && context_.stop.draining()) break;
      context_.board.set_state(items_[lease.table_index], model::WorkState::kRunning);
      base::retry({.tries_max = 5}, context_.clock, context_.stop, [&] {
        try {
          if (!hands.reader) hands.reader = snapshot_->open_reader();
          files.push_back(export_chunk(hands, lease));
        } catch (const base::Error& error) {
          hands.reader.reset();  // Whatever state its connection was in is gone with it.
          throw error.within("export of " + model::display(lease.table.name));
        }
      });
    }
    leases.resize(files.size());  // A stop came: the next run reads the rest.
    keep_files(std::move(files), leases);
    for (const std::size_t table : scheduler.finish(leases))
      context_.board.finish_item(items_[table], "already exported");
    base::fault_point<"export_data.chunk_done">();  // the state knows the chunk
  }
}

namespace {

// A file has room for some 65,000 frames. What cannot be cut (a table of an old server, a long large object) may need
// more of the usual size, so they grow: 2 TB fit.
std::size_t block_bytes(std::uint64_t blocks_before) {
  constexpr std::uint64_t kBlocksOfASize = 8'192;
  return model::kBytesPerBlock << std::min<std::uint64_t>(blocks_before / kBlocksOfASize, 7);
}

}  // namespace

// The file, whole and not kept.
std::unique_ptr<format::ChunkOutput> SnapshotExport::export_chunk(Hands& hands, ChunkLease& lease) {
  model::Chunk& chunk = lease.chunk;
  const std::size_t item = items_[lease.table_index];
  hands.writer.open(store_.create(chunk.file_name), chunk.compressed);
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  try {
    hands.reader->start(lease.table, chunk.range, chunk.rows_format);
    model::RowBlock& block = hands.block;
    while (hands.reader->next(block, block_bytes(blocks++))) {
      hands.writer.add(block);
      rows += block.rows;
      bytes += block.bytes.size();
      context_.board.add_done(item, block.rows, block.bytes.size());
      base::fault_point<"export_data.chunk_half_written">();  // part of a chunk's file is written
      if (context_.stop.cancelled()) base::throw_if_draining(context_.stop, "export data was stopped", kResume);
    }
  } catch (const base::Error&) {
    context_.board.add_done(item, 0 - rows, 0 - bytes);  // Taken back: the chunk is read again from its start.
    throw;
  }
  lease.value_changes = value_changes_patch(chunk.file_name, hands.reader->value_changes());
  format::ChunkWriter::Written written = hands.writer.finish(format::chunk_trailer(chunk));
  chunk.frames = std::move(written.frames);
  chunk.rows = chunk.raw_bytes = chunk.stored_bytes = 0;
  for (const model::Frame& frame : chunk.frames) {
    chunk.rows += frame.rows;
    chunk.raw_bytes += frame.raw_bytes;
    chunk.stored_bytes += frame.stored_bytes;
  }
  if (chunk.rows != rows || chunk.raw_bytes != bytes) {
    base::fail(base::ExitCode::kInternal, "rows read and rows written differ for " + model::display(chunk.table),
               fmt::format("read {} rows, wrote {}", rows, chunk.rows));
  }
  return std::move(written.file);
}

// Files are kept before the state knows of them. Killed in between, the chunks are still leased in the state and are
// read again into the same names.
void SnapshotExport::keep_files(std::vector<std::unique_ptr<format::ChunkOutput>> files,
                                const std::vector<ChunkLease>& leases) {
  std::vector<std::unique_ptr<format::ChunkOutput>> with_rows;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (leases[i].chunk.rows > 0) with_rows.push_back(std::move(files[i]));
  }
  store_.keep(with_rows);
  for (const ChunkLease& lease : leases) {
    if (lease.chunk.rows == 0) store_.remove(lease.chunk.file_name);
  }
  base::fault_point<"export_data.chunk_renamed">();  // the file has its final name, the state does not know it
}

ExportDataReport SnapshotExport::finish() {
  base::fault_point<"export_data.before_sequences">();  // all chunks are done
  ExportDataReport report;
  std::map<model::TableName, ExportedTable> by_root;
  for (const model::TableTotals& one : db_.table_totals()) {
    ExportedTable& table = by_root[one.root];
    table.table = one.root;
    table.rows += one.rows;
    table.bytes += one.raw_bytes;
    report.rows_read += one.rows;
  }
  for (auto& [name, table] : by_root) report.tables.push_back(std::move(table));
  std::ranges::stable_sort(report.tables, std::ranges::greater(), &ExportedTable::rows);
  write_export_snapshot_status(options_.export_dir, db_, db_);
  write_data_file_descriptor(options_.export_dir, db_, db_);
  for (const std::string& line : write_value_changes(options_.export_dir, db_))
    context_.dialogue.notice(model::NoticeLevel::kWarning, "changed by a rule: " + line);
  base::fault_point<"export_data.before_done">();
  change_record(db_, [](MigrationRecord& record) { record.exported = true; });
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  return report;
}

}  // namespace

void refuse_export(const ExportDataOptions& options, format::MigrationState& db) {
  if (options.start_clean) return;
  refuse_copied(db, options.command);
  if (!export_data_done(db)) return;
  throw base::Error({.code = "EXP-001",
                     .exit = base::ExitCode::kState,
                     .title = "the data of this migration is already exported",
                     .where = (options.export_dir / "data").string(),
                     .fix = {"go on with: yb-voyager import data ...",
                             "or export again from the start: yb-voyager export data --start-clean true ..."}});
}

ExportDataReport export_data(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                             const std::optional<std::vector<model::Table>>& target_columns,
                             const ExportDataOptions& options, format::ChunkStore& store, format::MigrationState& db,
                             const model::FlowContext& context) {
  return SnapshotExport(product, source, target_columns, options, store, db, context).run();
}

}  // namespace voyager::migration
