#include "migration/snapshot/reader_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/fault_point.h"
#include "base/group.h"
#include "base/retry.h"
#include "format/chunk_file.h"
#include "migration/snapshot/export_views.h"

namespace voyager::migration {
namespace {

// Read rows that are not on the target yet, of all threads together.
constexpr std::size_t kRoomBytes = 96UL * 1024 * 1024;
// A batch is small enough that every reader and every loader can have one in hand.
constexpr std::size_t kBatchBytes = 4UL * 1024 * 1024;
// The target's bookkeeping counts the rows of a chunk in 31 bits.
constexpr std::uint64_t kChunkRowsMax = std::numeric_limits<std::int32_t>::max();
constexpr std::chrono::milliseconds kLook{20};

// Rows [first, first + rows) of a chunk, over a connection of their own.
class RowsRead final : public connector::RowStream {
 public:
  RowsRead(std::unique_ptr<connector::SnapshotReader> reader, const ChunkLease& lease, std::uint64_t first,
           std::uint64_t rows)
      : reader_(std::move(reader)), cutter_(lease.chunk.rows_format), skip_(first), left_(rows) {
    reader_->start(lease.table, lease.chunk.range, lease.chunk.rows_format);
  }

  std::string_view next_piece() override {
    while (left_ > 0) {
      if (rest_.empty()) {
        if (!reader_->next(block_, model::kBytesPerBlock))
          base::fail(base::ExitCode::kInternal, "a chunk that is read again has fewer rows than before");
        rest_ = block_.bytes;
        if (block_.rows <= skip_) {
          skip_ -= block_.rows;
          rest_ = {};
        }
        continue;
      }
      std::uint64_t found = 0;
      const bool before = skip_ > 0;
      const std::string_view piece = rest_.substr(0, cutter_.take(rest_, before ? skip_ : left_, found));
      rest_.remove_prefix(piece.size());
      (before ? skip_ : left_) -= found;
      if (!before) return piece;
    }
    return {};
  }

 private:
  const std::unique_ptr<connector::SnapshotReader> reader_;
  format::RowCutter cutter_;
  model::RowBlock block_ = {};
  std::string_view rest_ = {};
  std::uint64_t skip_ = 0;
  std::uint64_t left_ = 0;
};

class ChunkAgain final : public RowsAgain {
 public:
  ChunkAgain(connector::SnapshotSource& snapshot, ChunkLease lease) : snapshot_(snapshot), lease_(std::move(lease)) {}
  std::unique_ptr<connector::RowStream> open(std::uint64_t first, std::uint64_t rows) override {
    return std::make_unique<RowsRead>(snapshot_.open_reader(), lease_, first, rows);
  }

 private:
  connector::SnapshotSource& snapshot_;
  const ChunkLease lease_;
};

}  // namespace

// One chunk on its way, over as many tries as it takes.
class ReaderFeed::ChunkPass {
 public:
  ChunkPass(ReaderFeed& feed, Pass& pass, ChunkLease& lease)
      : feed_(feed), pass_(pass), lease_(lease), route_(feed.routes_.at(lease.chunk.table)) {
    std::shared_ptr<ImportFile> all = file_of(lease.chunk, route_);
    all->frames = {{.rows = static_cast<std::uint32_t>(kChunkRowsMax)}};
    missing_ = pass.coverage.missing(*all);
    again_ = std::make_shared<ChunkAgain>(feed.snapshot_, lease);
    item_ = feed.items_.at(route_.table);
  }

  /// From the chunk's start; what was handed over by an earlier try is not handed over again. False when stopped.
  bool read(Hands& hands) {
    rows_ = bytes_ = 0;
    begin_batch();
    hands.reader->start(lease_.table, lease_.chunk.range, lease_.chunk.rows_format);
    model::RowBlock& block = hands.block;
    while (hands.reader->next(block, model::kBytesPerBlock)) {
      if (rows_ + block.rows > kChunkRowsMax) {
        base::fail(base::ExitCode::kFailure,
                   model::display(lease_.table.name) + " cannot be read in pieces, and has too many rows for one",
                   fmt::format("more than {} rows", kChunkRowsMax), {"take it by way of files: export data"});
      }
      if (!add(block)) return false;
      base::fault_point<"copy_data.chunk_half_read">();  // part of a chunk's rows is with the loaders
      if (feed_.context_.stop.draining()) return false;
    }
    return hand_over();
  }

  /// After all was read: what is noted of the chunk.
  std::shared_ptr<const ImportFile> complete() {
    model::Chunk& chunk = lease_.chunk;
    chunk.rows = rows_;
    chunk.raw_bytes = bytes_;
    chunk.frames.clear();
    if (rows_ > 0) chunk.frames.push_back({.raw_bytes = bytes_, .rows = static_cast<std::uint32_t>(rows_)});
    return rows_ > 0 ? file_of(chunk, route_) : nullptr;
  }

 private:
  void begin_batch() { held_ = std::make_shared<HeldRows>(feed_.room_); }

  bool add(model::RowBlock& block) {
    const std::size_t size = block.bytes.size();
    const bool full = held_->bytes + size > kBatchBytes || held_->rows + block.rows > pass_.limits.rows_max;
    if (held_->rows > 0 && full && !hand_over()) return false;
    // Whoever waits for room must not keep some that others wait for.
    if (!feed_.room_->try_take(size)) {
      if (held_->rows > 0 && !hand_over()) return false;
      if (!feed_.room_->take(size, feed_.context_.stop)) return false;
    }
    if (held_->rows == 0) held_->first = rows_;
    held_->rows += block.rows;
    held_->bytes += size;
    // Copied to its size: the block's memory is larger, and is used again.
    held_->blocks.push_back(block.bytes);
    rows_ += block.rows;
    bytes_ += size;
    return true;
  }

  bool hand_over() {
    const std::uint64_t end = held_->first + held_->rows;
    if (held_->rows == 0 || end <= handed_) {
      begin_batch();
      return true;
    }
    std::shared_ptr<ImportFile> file = file_of(lease_.chunk, route_);
    file->frames = {{.raw_bytes = bytes_, .rows = static_cast<std::uint32_t>(rows_)}};
    file->again = again_;
    const std::uint64_t begin = std::max(held_->first, handed_);
    std::vector<FrameRows> missing;
    std::uint64_t rows = 0;
    for (const FrameRows& part : missing_) {
      const std::uint64_t from = std::max<std::uint64_t>(part.first, begin);
      const std::uint64_t to = std::min<std::uint64_t>(std::uint64_t{part.first} + part.rows, end);
      if (from >= to) continue;
      missing.push_back({0, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from)});
      rows += to - from;
    }
    const std::uint64_t in = end - begin - rows;
    if (in > 0 && feed_.first_pass_) feed_.context_.board.add_before(item_, in, held_->bytes * in / held_->rows);
    std::vector<Batch> batches = plan_batches(file, held_, missing, pass_.limits.rows_max);
    begin_batch();
    feed_.context_.board.add_created_batches(item_, batches.size());
    if (!pass_.work.add_batches(route_.table, std::move(batches), feed_.context_.stop)) return false;
    handed_ = end;
    return true;
  }

  ReaderFeed& feed_;
  Pass& pass_;
  ChunkLease& lease_;
  const Route& route_;
  std::size_t item_ = 0;
  std::shared_ptr<RowsAgain> again_ = {};
  std::vector<FrameRows> missing_ = {};  // of the chunk, in order
  std::shared_ptr<HeldRows> held_ = {};
  std::uint64_t rows_ = 0, bytes_ = 0;  // read by this try
  std::uint64_t handed_ = 0;            // rows that need no more handing over
};

ReaderFeed::ReaderFeed(connector::SnapshotSource& snapshot, Options options, format::MigrationState& db,
                       ImportLedger& ledger, const model::FlowContext& context)
    : snapshot_(snapshot),
      options_(std::move(options)),
      db_(db.peer()),
      ledger_(ledger),
      context_(context),
      room_(std::make_shared<HoldingRoom>(kRoomBytes)) {}

void ReaderFeed::feed(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) {
  take_what_is_read(coverage);
  std::map<int, std::vector<model::PlannedTable>> turns;
  for (model::PlannedTable& table : db_->plan()) {
    const auto route = routes_.find(table.table.name);
    if (route != routes_.end()) turns[route->second.turn].push_back(std::move(table));
  }
  const std::vector<model::TableName> names = db_->open_tables();
  const std::set<model::TableName> open(names.begin(), names.end());
  for (const auto& [turn, tables] : turns) {
    for (const model::PlannedTable& table : tables) {
      if (open.contains(table.table.name)) ++open_[routes_.at(table.table.name).table];
    }
  }
  for (const auto& [table, item] : items_) {
    if (!open_.contains(table)) close_table(work, table);
  }
  bool first = true;
  for (auto& [turn, tables] : turns) {
    // What was handed over is tried before rows are read that need it.
    while (!std::exchange(first, false) && !work.rows_were_tried()) {
      if (!context_.clock.sleep_for(kLook, context_.stop)) return;
    }
    std::set<model::TableName> mine;
    for (const model::PlannedTable& table : tables) mine.insert(table.table.name);
    std::vector<model::Chunk> unfinished = db_->leased_chunks();
    std::erase_if(unfinished, [&](const model::Chunk& chunk) { return !mine.contains(chunk.table); });
    ChunkScheduler scheduler(*db_, *db_, std::move(tables), std::move(unfinished), options_.readers, false);
    Pass pass{work, coverage, limits, scheduler};
    base::Group group(context_.stop);
    for (int i = 0; i < options_.readers; ++i) group.spawn(fmt::format("read-{}", i), [&] { read(pass); });
    group.join();
    if (context_.stop.draining()) return;
  }
  first_pass_ = false;
}

// Chunks that were read to their end, by this run or an earlier one. Those with rows that the target lacks are read
// again.
void ReaderFeed::take_what_is_read(const Coverage& coverage) {
  files_.clear();
  open_.clear();
  sizes_.clear();
  const std::vector<model::Chunk> chunks = db_->done_chunks(0);
  std::vector<ImportLedger::Claim> claims;
  for (const model::Chunk& chunk : chunks) {
    const auto route = routes_.find(chunk.table);
    if (route == routes_.end()) continue;
    const std::size_t table = route->second.table;
    const std::shared_ptr<ImportFile> file = file_of(chunk, route->second);
    if (!coverage.complete(*file)) {
      db_->reopen_chunk(chunk);
      continue;
    }
    sizes_[table].rows += chunk.rows;
    sizes_[table].bytes += chunk.raw_bytes;
    if (chunk.rows == 0) continue;
    files_.push_back(file);
    if (!first_pass_) continue;
    claims.push_back({.chunk = &chunk, .target = file->table, .rows = chunk.rows, .bytes = chunk.raw_bytes});
    context_.board.add_before(items_.at(table), chunk.rows, chunk.raw_bytes);
  }
  (void)ledger_.claim(claims);
}

void ReaderFeed::read(Pass& pass) {
  Hands hands;
  while (!context_.stop.draining()) {
    std::vector<ChunkLease> leases = pass.scheduler.next();
    if (leases.empty()) return;
    claim(leases, pass.coverage);
    std::vector<std::shared_ptr<const ImportFile>> files;
    for (ChunkLease& lease : leases) {
      if (context_.stop.draining() || !read_chunk(pass, hands, lease, files)) break;
    }
    leases.resize(files.size());
    finish(pass, leases, std::move(files));
    base::fault_point<"copy_data.chunk_noted">();  // the state knows, the target may lack some
  }
}

void ReaderFeed::claim(const std::vector<ChunkLease>& leases, const Coverage& coverage) {
  std::vector<ImportLedger::Claim> claims;
  for (const ChunkLease& lease : leases) {
    claims.push_back({.chunk = &lease.chunk,
                      .target = routes_.at(lease.chunk.table).target,
                      .rows = coverage.rows_of(lease.chunk.file_name)});
  }
  if (std::ranges::all_of(ledger_.claim(claims), std::identity())) return;
  base::fail(base::ExitCode::kState, "a chunk is gone from the state while it is read",
             "another command has begun the copy anew", {"run the same command again"});
}

// False when a stop came: the chunk stays leased, and what of it is in is known by its place.
bool ReaderFeed::read_chunk(Pass& pass, Hands& hands, ChunkLease& lease,
                            std::vector<std::shared_ptr<const ImportFile>>& files) {
  ChunkPass chunk(*this, pass, lease);
  bool whole = false;
  base::retry({.tries_max = 5}, context_.clock, context_.stop, [&] {
    try {
      if (!hands.reader) hands.reader = snapshot_.open_reader();
      whole = chunk.read(hands);
    } catch (const base::Error& error) {
      hands.reader.reset();  // Whatever state its connection was in is gone with it.
      throw error.within(options_.command + " of " + model::display(lease.table.name));
    }
  });
  if (!whole) return false;
  lease.value_changes = value_changes_patch(lease.chunk.file_name, hands.reader->value_changes());
  base::fault_point<"copy_data.chunk_read">();  // all of them are read, the state does not know it
  files.push_back(chunk.complete());
  return true;
}

// `files`: one a lease, null where there is nothing to load.
void ReaderFeed::finish(Pass& pass, const std::vector<ChunkLease>& leases,
                        std::vector<std::shared_ptr<const ImportFile>> files) {
  const std::vector<std::size_t> complete = pass.scheduler.finish(leases);
  std::vector<std::size_t> closed;
  {
    const base::MutexLock lock(mutex_);
    for (std::size_t i = 0; i < leases.size(); ++i) {
      Size& size = sizes_[routes_.at(leases[i].chunk.table).table];
      size.rows += leases[i].chunk.rows;
      size.bytes += leases[i].chunk.raw_bytes;
      if (files[i]) files_.push_back(std::move(files[i]));
    }
    for (const std::size_t planned : complete) {
      const auto last = std::ranges::find(leases, planned, &ChunkLease::table_index);
      const std::size_t table = routes_.at(last->table.name).table;
      if (--open_[table] == 0) closed.push_back(table);
    }
  }
  for (const std::size_t table : closed) close_table(pass.work, table);
}

void ReaderFeed::close_table(WorkBoard& work, std::size_t table) {
  {
    const base::MutexLock lock(mutex_);
    context_.board.set_totals(items_.at(table), sizes_[table].rows, sizes_[table].bytes, false);
  }
  work.close_table(table);
}

}  // namespace voyager::migration
