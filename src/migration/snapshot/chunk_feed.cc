#include "migration/snapshot/chunk_feed.h"

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "migration/schema/status.h"

namespace voyager::migration {
namespace {

constexpr std::chrono::milliseconds kPoll{100};

}  // namespace

void ChunkFeed::feed(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) {
  if (files_.empty()) {
    follow_export(work, coverage, limits);
    return;
  }
  // A later pass: everything is known already.
  for (const auto& file : files_) {
    if (!work.add_batches(file->table_index, plan_batches(file, coverage, limits), stop_)) return;
  }
}

bool ChunkFeed::all_covered(const Coverage& coverage) {
  return std::ranges::all_of(files_, [&](const auto& file) { return coverage.complete(*file); });
}

void ChunkFeed::follow_export(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) {
  std::int64_t last = 0;
  while (!stop_.draining()) {
    // The order of reading matters: what is not open now has all its chunks among those read after.
    const bool done = export_data_done(db_);
    const std::set<std::size_t> open = open_tables();
    const std::vector<format::Chunk> chunks = db_.done_chunks(last);
    for (const format::Chunk& chunk : chunks) {
      last = chunk.done_order;
      if (!hand_over(chunk, work, coverage, limits)) return;
    }
    close_tables(work, done ? std::set<std::size_t>() : open);
    if (done) return;
    board_.set_reason(chunks.empty() ? "waiting for export data" : "");
    if (!base::system_clock().sleep_for(kPoll, stop_)) return;
  }
}

std::set<std::size_t> ChunkFeed::open_tables() {
  std::set<std::size_t> open;
  for (const model::TableName& table : db_.open_tables()) {
    const auto route = routes_.find(table);
    if (route != routes_.end()) open.insert(route->second.table);
  }
  return open;
}

bool ChunkFeed::hand_over(const format::Chunk& chunk, WorkBoard& work, const Coverage& coverage,
                          const BatchLimits& limits) {
  const auto route = routes_.find(chunk.table);
  if (route == routes_.end() || chunk.rows == 0) return true;
  if (!ledger_.claim(chunk, route->second.target)) return true;
  auto file = std::make_shared<ImportFile>();
  file->name = chunk.file_name;
  file->path = export_dir_ / "data" / chunk.file_name;
  file->compressed = chunk.compressed;
  file->format = {.rows = chunk.rows_format};
  file->table = route->second.target;
  file->columns = route->second.columns;
  file->triggers_on = route->second.triggers_on;
  file->frames = chunk.frames;
  file->table_index = route->second.table;
  files_.push_back(file);
  raw_bytes_[file->table_index] += chunk.raw_bytes;
  note_what_is_in(*file, coverage);
  return work.add_batches(file->table_index, plan_batches(file, coverage, limits), stop_);
}

// Progress starts from what earlier runs have done.
void ChunkFeed::note_what_is_in(const ImportFile& file, const Coverage& coverage) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  for (const format::Frame& frame : file.frames) {
    rows += frame.rows;
    bytes += frame.raw_bytes;
  }
  for (const FrameRows& part : coverage.missing(file)) {
    const format::Frame& frame = file.frames[part.frame];
    rows -= part.rows;
    bytes -= frame.raw_bytes * part.rows / std::max<std::uint32_t>(1, frame.rows);
  }
  board_.add_done(items_[file.table_index], rows, bytes);
}

void ChunkFeed::close_tables(WorkBoard& work, const std::set<std::size_t>& open) {
  for (const auto& [table, item] : items_) {
    if (open.contains(table) || !closed_.insert(table).second) continue;
    std::uint64_t rows = 0;
    for (const auto& file : files_) {
      if (file->table_index != table) continue;
      for (const format::Frame& frame : file->frames) rows += frame.rows;
    }
    board_.set_totals(item, rows, raw_bytes_[table], false);
    work.close_table(table);
  }
}

}  // namespace voyager::migration
