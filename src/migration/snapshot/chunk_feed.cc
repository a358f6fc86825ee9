#include "migration/snapshot/chunk_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "migration/snapshot/export_identity.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

constexpr std::chrono::milliseconds kPoll{100};
constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kHandedOverAtOnce = 64;  // are claimed by one write

}  // namespace

bool ExportWait::over() {
  if (!exporter_.runs || exporter_.runs()) {
    idle_since_.reset();
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!idle_since_) idle_since_ = now;
  return now - *idle_since_ >= kPatience;
}

void ExportWait::give_up(format::MigrationState& db) const {
  const bool begun = migration_record(db).export_begun;
  const std::size_t open = db.open_tables().size();
  throw base::Error({.code = "DIR-008",
                     .exit = base::ExitCode::kState,
                     .title = begun ? "the export of the data has not finished, and nobody goes on with it"
                                    : "there is nothing to import: export data was never begun",
                     .cause = open == 0 ? "" : fmt::format("{} tables are not exported to their end", open),
                     .fix = {exporter_.command},
                     .then = "what is exported until now is imported as far as possible; run the same command again "
                             "while the export runs, or after it"});
}

void ChunkFeed::feed(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) {
  if (files_.empty()) {
    follow_export(work, coverage, limits);
    return;
  }
  // A later pass: everything is known already.
  for (const auto& file : files_) {
    if (!add_missing(file, work, coverage, limits)) return;
  }
}

bool ChunkFeed::add_missing(const std::shared_ptr<const ImportFile>& file, WorkBoard& work, const Coverage& coverage,
                            const BatchLimits& limits) {
  std::vector<Batch> batches = plan_batches(file, coverage, limits);
  if (!batches.empty() && changed_.contains(file->table_index)) {
    base::fail(base::ExitCode::kState,
               fmt::format("rows of {} have to be loaded again, and its columns have changed since they were in",
                           model::display(file->table)),
               "the target lost what it had confirmed (a crash with synchronous_commit off)",
               {"give the table the columns of the source again, then run the same command"});
  }
  context_.board.add_created_batches(items_[file->table_index], batches.size());
  return work.add_batches(file->table_index, std::move(batches), context_.stop);
}

bool PlannedFeed::all_covered(const Coverage& coverage) {
  return std::ranges::all_of(files_, [&](const auto& file) { return coverage.complete(*file); });
}

std::shared_ptr<ImportFile> PlannedFeed::file_of(const model::Chunk& chunk, const Route& route) {
  auto file = std::make_shared<ImportFile>();
  file->name = chunk.file_name;
  file->compressed = chunk.compressed;
  file->format = route.format;
  file->format.rows = chunk.rows_format;
  file->table = route.target;
  file->kind = route.kind;
  file->columns = route.columns;
  file->triggers_on = route.triggers_on;
  file->frames = chunk.frames;
  file->table_index = route.table;
  return file;
}

void ChunkFeed::follow_export(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) {
  std::int64_t last = 0;
  ExportWait waiting(exporter_);
  while (!context_.stop.draining()) {
    // The order of reading matters: who does not export now has left all its chunks among those read after, and so has
    // a table that is not open now.
    const bool idle = work.idle();
    if (!idle) waiting.reset();
    const bool hopeless = idle && waiting.over();
    const bool done = export_data_done(*db_);
    const std::set<std::size_t> open = open_tables();
    const std::vector<model::Chunk> chunks = db_->done_chunks(last);
    refuse_export_begun_anew(*db_, export_number_, command_);
    for (std::size_t at = 0; at < chunks.size(); at += kHandedOverAtOnce) {
      const std::span some = std::span(chunks).subspan(at, std::min(kHandedOverAtOnce, chunks.size() - at));
      if (!hand_over(some, work, coverage, limits)) return;
      last = some.back().done_order;
    }
    close_tables(work, done ? std::set<std::size_t>() : open);
    if (done || closed_.size() == items_.size()) return;
    if (hopeless && chunks.empty()) waiting.give_up(*db_);
    context_.board.set_reason(chunks.empty() ? "waiting for export data" : "");
    if (!context_.clock.sleep_for(kPoll, context_.stop)) return;
  }
}

std::set<std::size_t> ChunkFeed::open_tables() {
  std::set<std::size_t> open;
  for (const model::TableName& table : db_->open_tables()) {
    const auto route = routes_.find(table);
    if (route != routes_.end()) open.insert(route->second.table);
  }
  return open;
}

bool ChunkFeed::hand_over(std::span<const model::Chunk> chunks, WorkBoard& work, const Coverage& coverage,
                          const BatchLimits& limits) {
  std::vector<std::pair<const Route*, std::shared_ptr<ImportFile>>> files;
  std::vector<ImportLedger::Claim> claims;
  for (const model::Chunk& chunk : chunks) {
    const auto route = routes_.find(chunk.table);
    if (route == routes_.end() || chunk.rows == 0) continue;
    const std::shared_ptr<ImportFile> file = file_of(chunk, route->second);
    file->store = &store_;
    const Size in = size_that_is_in(*file, coverage);
    files.emplace_back(&route->second, file);
    claims.push_back({.chunk = &chunk, .target = file->table, .rows = in.rows, .bytes = in.bytes});
  }
  const std::vector<bool> there = ledger_.claim(claims);
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!there[i]) continue;
    const auto& [route, file] = files[i];
    context_.board.add_before(items_[file->table_index], claims[i].rows, claims[i].bytes);
    files_.push_back(file);
    sizes_[file->table_index].rows += claims[i].chunk->rows;
    sizes_[file->table_index].bytes += claims[i].chunk->raw_bytes;
    if (route->columns_changed) changed_.insert(file->table_index);
    if (!add_missing(file, work, coverage, limits)) return false;
  }
  return true;
}

void ChunkFeed::close_tables(WorkBoard& work, const std::set<std::size_t>& open) {
  for (const auto& [table, item] : items_) {
    if (open.contains(table) || !closed_.insert(table).second) continue;
    context_.board.set_totals(item, sizes_[table].rows, sizes_[table].bytes, false);
    work.close_table(table);
  }
}

}  // namespace voyager::migration
