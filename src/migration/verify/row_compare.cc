#include "migration/verify/row_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/group.h"
#include "base/mutex.h"
#include "migration/verify/moving_rows.h"
#include "migration/verify/row_tally.h"

namespace voyager::migration {
namespace {

using connector::RowHash;
using connector::Slice;

constexpr std::uint64_t kRowsPerBucket = 50'000;
constexpr std::uint32_t kBucketsMax = 4096;
// A drain waits for the slices in hand: about a second each on one core.
constexpr std::uint64_t kBytesPerSlice = 128ULL << 20;
constexpr std::uint32_t kSlicesMax = 4096;
// Rows of one side held in memory while keys are named (about 100 bytes each).
constexpr std::uint64_t kRowsNamedAtOnce = 400'000;

enum SideIndex : std::size_t { kSource = 0, kTarget = 1 };

std::uint64_t rows_guess(const model::Table& table) {
  return table.estimated_rows > 0 ? table.estimated_rows : table.bytes / 100;
}

std::uint32_t slices_of(const model::Table& table) {
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(table.bytes / kBytesPerSlice + 1, 1, kSlicesMax));
}

// A fault of one table leaves the others comparable; anything else ends the run.
bool concerns_table_only(const base::ErrorInfo& info) {
  return !info.connection_lost && info.exit != base::ExitCode::kInterrupted &&
         info.exit != base::ExitCode::kTerminated && info.exit != base::ExitCode::kInternal;
}

std::string text_of(const base::ErrorInfo& info) {
  return info.cause.empty() ? info.title : info.title + ": " + info.cause;
}

// One table while its slices come in.
struct Work {
  std::array<SideTally, 2> tally = {};
  std::array<std::uint32_t, 2> slices_left = {};
  std::string error = {};
  bool started = false;
  std::size_t item = 0;  // On the board.
};

using BothRows = std::array<std::vector<RowHash>, 2>;

// A slice of one table, or several whole small ones.
struct Task {
  std::vector<std::size_t> pairs = {};
  Slice slice = {};
};

// Tables below this size are asked for together. A statement stays short enough to be planned at once.
constexpr std::uint64_t kSmallBytesMax = 1ULL << 20;
constexpr std::size_t kTablesTogetherMax = 64;
constexpr std::size_t kColumnsTogetherMax = 1'000;

class RowComparison {
 public:
  RowComparison(const std::vector<ComparedTable>& pairs, Readers& source, Readers& target, model::ProgressBoard& board,
                base::Stop& stop)
      : pairs_(pairs), readers_{&source, &target}, board_(board), stop_(stop), works_(pairs.size()) {}

  void hash_all();
  std::vector<TableVerdict> verdicts() const;
  void name_keys(TableVerdict& verdict, const ComparedTable& pair, std::size_t keys_max);

 private:
  void plan();
  void add_slices(std::size_t pair) VOY_REQUIRES(mutex_);
  void run_side(SideIndex side, connector::RowHashes& reader);
  bool hash_together(SideIndex side, const std::vector<std::size_t>& pairs, connector::RowHashes& reader);
  void hash_slice(SideIndex side, std::size_t pair, const Slice& slice, connector::RowHashes& reader);
  std::optional<BothRows> read_rows(TableVerdict& verdict, const ComparedTable& pair,
                                    const std::vector<std::uint32_t>& buckets);
  bool begin(std::size_t pair);
  void finish(SideIndex side, std::size_t pair, const Slice& slice, const std::vector<connector::BucketHash>& part);
  void note_error(SideIndex side, std::size_t pair, const base::ErrorInfo& info);
  void settle(const Work& work) VOY_REQUIRES(mutex_);

  const std::vector<ComparedTable>& pairs_;
  const std::array<Readers*, 2> readers_;
  model::ProgressBoard& board_;
  base::Stop& stop_;
  std::array<std::vector<Task>, 2> tasks_ = {};  // constant while threads run
  std::array<std::atomic<std::size_t>, 2> next_ = {};
  mutable base::Mutex mutex_;
  std::vector<Work> works_ VOY_GUARDED_BY(mutex_);
};

void RowComparison::plan() {
  const base::MutexLock lock(mutex_);
  std::vector<std::size_t> order(pairs_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto weight = [this](std::size_t i) { return std::max(pairs_[i].source.bytes, pairs_[i].target.bytes); };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
  Task together;
  std::size_t columns = 0;
  const auto flush = [&] {
    if (together.pairs.empty()) return;
    for (const SideIndex side : {kSource, kTarget}) tasks_.at(side).push_back(together);
    together.pairs.clear();
    columns = 0;
  };
  for (const std::size_t i : order) {
    const ComparedTable& pair = pairs_[i];
    works_[i].item = board_.add_item(model::display_short(pair.source.name), rows_guess(pair.source),
                                     pair.source.bytes + pair.target.bytes, true);
    if (weight(i) > kSmallBytesMax) {
      add_slices(i);
      continue;
    }
    works_[i].slices_left = {1, 1};
    columns += pair.request.columns.size();
    together.pairs.push_back(i);
    if (together.pairs.size() >= kTablesTogetherMax || columns >= kColumnsTogetherMax) flush();
  }
  flush();
}

void RowComparison::add_slices(std::size_t pair) {
  for (const SideIndex side : {kSource, kTarget}) {
    const std::uint32_t slices = slices_of(side == kSource ? pairs_[pair].source : pairs_[pair].target);
    works_[pair].slices_left.at(side) = slices;
    for (std::uint32_t n = 0; n < slices; ++n) tasks_.at(side).push_back({{pair}, {n, slices}});
  }
}

void RowComparison::hash_all() {
  plan();
  base::Group group(stop_);
  for (const SideIndex side : {kSource, kTarget}) {
    for (auto& reader : *readers_.at(side)) {
      group.spawn(side == kSource ? "verify source" : "verify target",
                  [this, side, &reader] { run_side(side, *reader); });
    }
  }
  group.join();
}

void RowComparison::run_side(SideIndex side, connector::RowHashes& reader) {
  while (!stop_.draining()) {
    const std::size_t at = next_.at(side)++;
    if (at >= tasks_.at(side).size()) return;
    const Task& task = tasks_.at(side)[at];
    const model::StageWork work_time(board_, "rows");
    std::vector<std::size_t> begun;
    std::ranges::copy_if(task.pairs, std::back_inserter(begun), [this](std::size_t pair) { return begin(pair); });
    if (begun.size() > 1 && hash_together(side, begun, reader)) continue;
    for (const std::size_t pair : begun) hash_slice(side, pair, task.slice, reader);
  }
}

// False when the server refuses: asked one by one, it says which table it is about.
bool RowComparison::hash_together(SideIndex side, const std::vector<std::size_t>& pairs, connector::RowHashes& reader) {
  std::vector<const connector::HashRequest*> requests;
  for (const std::size_t pair : pairs) requests.push_back(&pairs_[pair].request);
  try {
    const std::vector<std::vector<connector::BucketHash>> answers = reader.hash_tables(requests);
    for (std::size_t i = 0; i < pairs.size(); ++i) finish(side, pairs[i], {}, answers[i]);
    return true;
  } catch (const base::Error& error) {
    if (!concerns_table_only(error.info())) throw;
    return false;
  }
}

void RowComparison::hash_slice(SideIndex side, std::size_t pair, const Slice& slice, connector::RowHashes& reader) {
  try {
    finish(side, pair, slice, reader.hash_buckets(pairs_[pair].request, slice));
  } catch (const base::Error& error) {
    if (!concerns_table_only(error.info())) throw;
    note_error(side, pair, error.info());
  }
}

// False when the table has failed already: its other slices are not worth the servers' time.
bool RowComparison::begin(std::size_t pair) {
  const base::MutexLock lock(mutex_);
  Work& work = works_[pair];
  if (!work.error.empty()) return false;
  if (!work.started) board_.set_state(work.item, model::WorkState::kRunning);
  work.started = true;
  return true;
}

void RowComparison::finish(SideIndex side, std::size_t pair, const Slice& slice,
                           const std::vector<connector::BucketHash>& part) {
  std::uint64_t rows = 0;
  for (const connector::BucketHash& bucket : part) rows += bucket.rows;
  const model::Table& table = side == kSource ? pairs_[pair].source : pairs_[pair].target;
  const base::MutexLock lock(mutex_);
  Work& work = works_[pair];
  work.tally.at(side).add(part);
  --work.slices_left.at(side);
  // Rows count once, on the source; bytes are those of both sides.
  board_.add_done(work.item, side == kSource ? rows : 0, table.bytes / slice.of);
  if (work.slices_left == std::array<std::uint32_t, 2>{}) settle(work);
}

void RowComparison::note_error(SideIndex side, std::size_t pair, const base::ErrorInfo& info) {
  const base::MutexLock lock(mutex_);
  Work& work = works_[pair];
  if (!work.error.empty()) return;
  work.error = std::string(side == kSource ? "source: " : "target: ") + text_of(info);
  board_.set_state(work.item, model::WorkState::kFailed, work.error);
}

void RowComparison::settle(const Work& work) {
  if (!work.error.empty()) return;
  const auto differing = SideTally::differing(work.tally[kSource], work.tally[kTarget]).size();
  const std::uint64_t rows = work.tally[kSource].rows();
  const ComparedTable& pair = pairs_[static_cast<std::size_t>(&work - works_.data())];
  board_.set_totals(work.item, rows, pair.source.bytes + pair.target.bytes, false);
  board_.set_state(work.item, model::WorkState::kDone,
                   differing == 0 ? "" : fmt::format("{} of {} chunks differ", differing, pair.request.buckets));
}

std::vector<TableVerdict> RowComparison::verdicts() const {
  const base::MutexLock lock(mutex_);
  std::vector<TableVerdict> out;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const Work& work = works_[i];
    TableVerdict verdict{.table = pairs_[i].source.name, .chunks = pairs_[i].request.buckets, .error = work.error};
    if (work.error.empty()) {
      verdict.source_rows = work.tally[kSource].rows();
      verdict.target_rows = work.tally[kTarget].rows();
      verdict.chunks_differing = SideTally::differing(work.tally[kSource], work.tally[kTarget]);
      if (!pairs_[i].columns_on_one_side.empty()) verdict.error = pairs_[i].columns_on_one_side;
    }
    out.push_back(std::move(verdict));
  }
  return out;
}

// Both sides at once. Nothing when a server cannot do it: the verdict then says why.
std::optional<BothRows> RowComparison::read_rows(TableVerdict& verdict, const ComparedTable& pair,
                                                 const std::vector<std::uint32_t>& buckets) {
  BothRows rows;
  std::array<std::string, 2> errors;
  base::Group group(stop_);
  for (const SideIndex side : {kSource, kTarget}) {
    group.spawn("verify keys", [&, side] {
      try {
        rows.at(side) = readers_.at(side)->front()->hash_rows(pair.request, buckets);
      } catch (const base::Error& error) {
        if (!concerns_table_only(error.info())) throw;
        errors.at(side) = text_of(error.info());
      }
    });
  }
  group.join();
  if (errors[kSource].empty() && errors[kTarget].empty()) return rows;
  verdict.keys_cut = true;
  verdict.error =
      "the differing keys could not be read: " + (errors[kSource].empty() ? errors[kTarget] : errors[kSource]);
  return std::nullopt;
}

// Reads differing buckets row by row, a few at a time so that memory stays bounded, until enough keys are named.
void RowComparison::name_keys(TableVerdict& verdict, const ComparedTable& pair, std::size_t keys_max) {
  const std::uint64_t rows_a_bucket = std::max(verdict.source_rows, verdict.target_rows) / pair.request.buckets + 1;
  const std::size_t at_once = std::max<std::size_t>(1, kRowsNamedAtOnce / rows_a_bucket);
  for (std::size_t from = 0; from < verdict.chunks_differing.size() && !stop_.draining(); from += at_once) {
    if (verdict.keys.size() >= keys_max) {
      verdict.keys_cut = true;
      return;
    }
    const auto begin = verdict.chunks_differing.begin() + static_cast<std::ptrdiff_t>(from);
    const std::size_t left = verdict.chunks_differing.size() - from;
    const std::vector<std::uint32_t> buckets(begin, begin + static_cast<std::ptrdiff_t>(std::min(at_once, left)));
    const std::optional<BothRows> rows = read_rows(verdict, pair, buckets);
    if (!rows) return;
    for (KeyDifference& key : differing_keys((*rows)[kSource], (*rows)[kTarget])) {
      if (verdict.keys.size() >= keys_max) {
        verdict.keys_cut = true;
        return;
      }
      verdict.keys.push_back(std::move(key));
    }
  }
}

}  // namespace

ComparedTable table_to_compare(const model::Table& source, const model::Table& target) {
  ComparedTable pair{.source = source, .target = target};
  std::map<model::Identifier, const model::Column*> on_target;
  for (const model::Column& column : target.columns) on_target[column.name] = &column;
  std::set<model::Identifier> shared;
  for (const model::Column& column : source.columns) {
    const auto other = on_target.find(column.name);
    if (other == on_target.end()) {
      pair.columns_on_one_side += fmt::format("column {} is missing on the target; ", model::display(column.name));
      continue;
    }
    shared.insert(column.name);
    pair.request.columns.push_back(column);
    if (column.wire_type != other->second->wire_type) pair.request.columns.back().wire_type.clear();
  }
  for (const model::Column& column : target.columns) {
    if (shared.contains(column.name)) continue;
    pair.columns_on_one_side += fmt::format("column {} is only on the target; ", model::display(column.name));
  }
  if (!pair.columns_on_one_side.empty()) pair.columns_on_one_side += "the other columns were compared";
  const bool key_on_both =
      std::ranges::all_of(source.primary_key, [&](const auto& name) { return shared.contains(name); });
  if (key_on_both) pair.request.key = source.primary_key;
  pair.request.table = source.name;
  const std::uint64_t rows = std::max(rows_guess(source), rows_guess(target));
  pair.request.buckets = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rows / kRowsPerBucket, 1, kBucketsMax));
  return pair;
}

std::vector<TableVerdict> compare_rows(const std::vector<ComparedTable>& pairs, Readers& source, Readers& target,
                                       std::size_t keys_named_max, model::ProgressBoard& board, base::Stop& stop) {
  RowComparison comparison(pairs, source, target, board, stop);
  board.set_stage("rows");
  board.set_workers(static_cast<int>(source.size() + target.size()));
  comparison.hash_all();
  std::vector<TableVerdict> verdicts = comparison.verdicts();
  if (stop.draining()) return verdicts;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].chunks_differing.empty()) continue;
    board.set_stage("differing rows");
    const model::StageWork work_time(board, "differing rows");
    comparison.name_keys(verdicts[i], pairs[i], keys_named_max);
  }
  return verdicts;
}

namespace {

// Over all tables. What is beyond waits for a later look: memory stays bounded, and a look ends.
constexpr std::size_t kRowsHeldMax = 200'000;
constexpr std::uint64_t kRowsReadMax = 10'000'000;  // of each side, a look
constexpr std::size_t kPartsMax = 16;               // of a table, each of which reads the whole table

// What a look may still cost.
struct Budget {
  std::size_t rows_held = 0;
  std::uint64_t rows_read = 0;
  bool allows(std::uint64_t rows) const {
    return rows_read == 0 || (rows_held < kRowsHeldMax && rows_read + rows <= kRowsReadMax);
  }
};

// Buckets of a table that are looked at together.
struct MovingPart {
  std::vector<std::uint32_t> buckets = {};
  MovingRows rows = {};
};

// The differing buckets of one table, until each is known to be equal or different.
class MovingTable {
 public:
  MovingTable(const ComparedTable& pair, TableVerdict& verdict, const AtRest& at_rest, std::size_t keys_max)
      : pair_(pair), verdict_(verdict), keys_max_(keys_max) {
    if (!without_key()) {
      open_ = verdict.chunks_differing;
    } else if (verdict_.error.empty()) {
      unproven_ = !at_rest.contains(pair_.target.name);
      if (!unproven_) different_ = unnamed_ = verdict.chunks_differing;
    }
  }

  bool settled() const { return parts_.empty() && (open_.empty() || named_all()) && !unproven_ && unnamed_.empty(); }
  std::size_t rows_held() const;
  void look(const Look& look, Budget& budget, base::Stop& stop);
  // What the looks have told, in place of what the first comparison had found.
  void finish();

 private:
  // More differences would not be named.
  bool without_key() const { return pair_.request.key.empty(); }
  void look_at_rest(const TwoReaders& readers, Budget& budget, base::Stop& stop);
  bool named_all() const { return !verdict_.keys.empty() && verdict_.keys.size() >= keys_max_; }
  std::uint64_t rows_in(std::size_t buckets) const {
    return (std::max(verdict_.source_rows, verdict_.target_rows) / pair_.request.buckets + 1) * buckets;
  }
  bool on_both(const TwoReaders& readers, base::Stop& stop,
               const std::function<void(SideIndex, connector::RowHashes&)>& ask);
  std::optional<std::vector<std::uint32_t>> differing_buckets(const TwoReaders& readers, base::Stop& stop);
  void drop_equal_buckets(const TwoReaders& readers, base::Stop& stop);
  void read(MovingPart& part, const TwoReaders& readers, base::Stop& stop);
  void add_parts(const TwoReaders& readers, Budget& budget, base::Stop& stop);
  void settle_parts();
  void name(std::vector<KeyDifference> keys);

  const ComparedTable& pair_;
  TableVerdict& verdict_;
  const std::size_t keys_max_;
  std::vector<std::uint32_t> open_ = {};  // their rows were not read yet
  std::vector<MovingPart> parts_ = {};
  std::vector<std::uint32_t> different_ = {};
  // Of a table without a key.
  bool unproven_ = false;                    // no look has found it at rest
  std::vector<std::uint32_t> unnamed_ = {};  // different, as a look at rest has told that read no rows
};

std::size_t MovingTable::rows_held() const {
  std::size_t held = 0;
  for (const MovingPart& part : parts_) held += part.rows.held();
  return held;
}

// False when a server cannot do it, or on a drain: the verdict then says why, and the table is done with.
bool MovingTable::on_both(const TwoReaders& readers, base::Stop& stop,
                          const std::function<void(SideIndex, connector::RowHashes&)>& ask) {
  std::array<std::string, 2> errors;
  base::Group group(stop);
  for (const SideIndex side : {kSource, kTarget}) {
    group.spawn(side == kSource ? "verify source" : "verify target", [&, side] {
      try {
        ask(side, side == kSource ? *readers.first : *readers.second);
      } catch (const base::Error& error) {
        if (!concerns_table_only(error.info())) throw;
        errors.at(side) = (side == kSource ? "source: " : "target: ") + text_of(error.info());
      }
    });
  }
  group.join();
  const std::string& error = errors[kSource].empty() ? errors[kTarget] : errors[kSource];
  if (error.empty()) return !stop.draining();
  verdict_.error = error;
  open_.clear();
  parts_.clear();
  unnamed_.clear();
  unproven_ = false;
  return false;
}

std::optional<std::vector<std::uint32_t>> MovingTable::differing_buckets(const TwoReaders& readers, base::Stop& stop) {
  std::array<SideTally, 2> tally;
  const bool told = on_both(readers, stop, [&](SideIndex side, connector::RowHashes& reader) {
    const std::uint32_t slices = slices_of(side == kSource ? pair_.source : pair_.target);
    for (std::uint32_t n = 0; n < slices && !stop.draining(); ++n)
      tally.at(side).add(reader.hash_buckets(pair_.request, {n, slices}));
  });
  if (!told) return std::nullopt;
  verdict_.source_rows = tally[kSource].rows();
  verdict_.target_rows = tally[kTarget].rows();
  return SideTally::differing(tally[kSource], tally[kTarget]);
}

void MovingTable::drop_equal_buckets(const TwoReaders& readers, base::Stop& stop) {
  const auto differing = differing_buckets(readers, stop);
  if (!differing) return;
  const auto equal_now = [&](std::uint32_t bucket) { return !std::ranges::binary_search(*differing, bucket); };
  std::erase_if(open_, equal_now);
  for (MovingPart& part : parts_) std::erase_if(part.buckets, equal_now);
  std::erase_if(parts_, [](const MovingPart& part) { return part.buckets.empty(); });
}

void MovingTable::read(MovingPart& part, const TwoReaders& readers, base::Stop& stop) {
  BothRows rows;
  const bool told = on_both(readers, stop, [&](SideIndex side, connector::RowHashes& reader) {
    rows.at(side) = reader.hash_rows(pair_.request, part.buckets);
  });
  if (told) part.rows.look(std::move(rows[kSource]), std::move(rows[kTarget]));
}

void MovingTable::add_parts(const TwoReaders& readers, Budget& budget, base::Stop& stop) {
  const std::size_t at_once = std::max<std::size_t>(1, kRowsNamedAtOnce / rows_in(1));
  while (!open_.empty() && parts_.size() < kPartsMax && !named_all() && !stop.draining()) {
    const auto end = open_.begin() + static_cast<std::ptrdiff_t>(std::min(at_once, open_.size()));
    MovingPart part{.buckets = std::vector<std::uint32_t>(open_.begin(), end)};
    const std::uint64_t rows = rows_in(part.buckets.size());
    if (!budget.allows(rows)) return;
    read(part, readers, stop);
    if (!verdict_.error.empty() || stop.draining()) return;
    budget.rows_read += rows;
    budget.rows_held += part.rows.held();
    open_.erase(open_.begin(), end);
    parts_.push_back(std::move(part));
  }
}

void MovingTable::name(std::vector<KeyDifference> keys) {
  for (KeyDifference& key : keys) {
    if (verdict_.keys.size() >= keys_max_) {
      verdict_.keys_cut = true;
      return;
    }
    verdict_.keys.push_back(std::move(key));
  }
}

void MovingTable::settle_parts() {
  for (const MovingPart& part : parts_) {
    if (!part.rows.settled() || part.rows.equal()) continue;
    name(part.rows.differences());
    std::ranges::copy(part.buckets, std::back_inserter(different_));
  }
  std::erase_if(parts_, [](const MovingPart& part) { return part.rows.settled(); });
}

void MovingTable::look(const Look& look, Budget& budget, base::Stop& stop) {
  const TwoReaders& readers = look.readers;
  if (without_key()) {
    if (look.at_rest.contains(pair_.target.name)) look_at_rest(readers, budget, stop);
    return;
  }
  verdict_.error.clear();
  drop_equal_buckets(readers, stop);
  for (std::size_t i = 0; i < parts_.size() && !stop.draining(); ++i) {
    budget.rows_read += rows_in(parts_[i].buckets.size());
    read(parts_[i], readers, stop);
  }
  if (!stop.draining()) add_parts(readers, budget, stop);
  if (!stop.draining()) settle_parts();
  if (verdict_.error.empty()) verdict_.error = pair_.columns_on_one_side;
}

// Both sides show the same moment: what differs is different, and what is equal is equal, but only all at once. A row
// that the target lacks lies in another bucket after the next change of it.
void MovingTable::look_at_rest(const TwoReaders& readers, Budget& budget, base::Stop& stop) {
  const auto differing = differing_buckets(readers, stop);
  if (!differing) return;
  unproven_ = false;
  unnamed_.clear();
  different_ = *differing;
  const std::size_t at_once = std::max<std::size_t>(1, kRowsNamedAtOnce / rows_in(1));
  for (std::size_t from = 0; from < different_.size(); from += at_once) {
    const auto begin = different_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(at_once, different_.size() - from));
    const std::vector<std::uint32_t> buckets(begin, end);
    const std::uint64_t rows = rows_in(buckets.size());
    if (named_all() || !budget.allows(rows)) {
      verdict_.keys_cut = true;
      return;
    }
    BothRows both;
    const bool told = on_both(readers, stop, [&](SideIndex side, connector::RowHashes& reader) {
      both.at(side) = reader.hash_rows(pair_.request, buckets);
    });
    if (!told) return;
    budget.rows_read += rows;
    name(differing_keys(std::move(both[kSource]), std::move(both[kTarget])));
  }
}

void MovingTable::finish() {
  if (unproven_ || !unnamed_.empty()) verdict_.keys_cut = true;
  if (unproven_) ++verdict_.moving;
  for (const MovingPart& part : parts_) {
    verdict_.moving += part.rows.moving();
    name(part.rows.differences());
    std::ranges::copy(part.buckets, std::back_inserter(different_));
  }
  if (!open_.empty()) {
    verdict_.keys_cut = true;
    if (!named_all()) verdict_.moving += open_.size();
  }
  std::ranges::copy(open_, std::back_inserter(different_));
  std::ranges::sort(different_);
  verdict_.chunks_differing = std::move(different_);
}

}  // namespace

std::vector<TableVerdict> compare_moving_rows(const std::vector<ComparedTable>& pairs, Readers& source, Readers& target,
                                              const AtRest& at_rest, const std::function<Look()>& look_again,
                                              int looks_max, std::size_t keys_named_max, model::ProgressBoard& board,
                                              base::Stop& stop) {
  std::vector<TableVerdict> verdicts = compare_rows(pairs, source, target, 0, board, stop);
  if (stop.draining()) return verdicts;
  std::vector<MovingTable> tables;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    verdicts[i].keys_cut = false;  // Nothing was to be named yet.
    tables.emplace_back(pairs[i], verdicts[i], at_rest, keys_named_max);
  }
  for (int looks = 0; looks < looks_max && !std::ranges::all_of(tables, &MovingTable::settled) && !stop.draining();
       ++looks) {
    board.set_stage("rows on their way");
    const Look look = look_again();
    const model::StageWork work_time(board, "rows on their way");
    Budget budget;
    for (const MovingTable& table : tables) budget.rows_held += table.rows_held();
    for (MovingTable& table : tables) {
      if (!table.settled() && !stop.draining()) table.look(look, budget, stop);
    }
  }
  for (MovingTable& table : tables) table.finish();
  return verdicts;
}

std::vector<KeyDifference> differing_keys(std::vector<RowHash> source, std::vector<RowHash> target) {
  const auto by_both = [](const RowHash& a, const RowHash& b) {
    return std::tie(a.key, a.hash) < std::tie(b.key, b.hash);
  };
  std::ranges::sort(source, by_both);
  std::ranges::sort(target, by_both);
  std::vector<RowHash> source_left;
  std::vector<RowHash> target_left;
  std::ranges::set_difference(source, target, std::back_inserter(source_left), by_both);
  std::ranges::set_difference(target, source, std::back_inserter(target_left), by_both);
  std::vector<KeyDifference> out;
  auto s = source_left.begin();
  auto t = target_left.begin();
  while (s != source_left.end() || t != target_left.end()) {
    if (t == target_left.end() || (s != source_left.end() && s->key < t->key)) {
      out.push_back({KeyDifference::Kind::kMissingOnTarget, (s++)->key});
    } else if (s == source_left.end() || t->key < s->key) {
      out.push_back({KeyDifference::Kind::kOnlyOnTarget, (t++)->key});
    } else {
      out.push_back({KeyDifference::Kind::kDifferent, s->key});
      ++s;
      ++t;
    }
  }
  return out;
}

}  // namespace voyager::migration
