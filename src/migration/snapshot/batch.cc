#include "migration/snapshot/batch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "format/chunk_file.h"
#include "migration/snapshot/user_file.h"

namespace voyager::migration {

std::uint64_t Batch::rows() const {
  std::uint64_t sum = 0;
  for (const FrameRows& part : parts) sum += part.rows;
  return sum;
}

namespace {

constexpr std::chrono::milliseconds kLook{100};

// What `part` of `all` rows has of their bytes; the product of a large chunk's numbers does not fit into 64 bits.
std::uint64_t share(std::uint64_t bytes, std::uint64_t part, std::uint64_t all) {
  if (part == all || all == 0) return bytes;
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * static_cast<double>(part) / static_cast<double>(all));
}

}  // namespace

std::uint64_t Batch::bytes() const {
  if (held) return share(held->bytes, rows(), held->rows);
  std::uint64_t sum = 0;
  for (const FrameRows& part : parts) {
    const model::Frame& frame = file->frames[part.frame];
    sum += share(frame.raw_bytes, part.rows, frame.rows);
  }
  return sum;
}

bool HoldingRoom::try_take(std::size_t bytes) {
  const base::MutexLock lock(mutex_);
  if (bytes_ > 0 && bytes_ + bytes > bytes_max_) return false;
  bytes_ += bytes;
  return true;
}

bool HoldingRoom::take(std::size_t bytes, const base::Stop& stop) {
  while (!try_take(bytes)) {
    if (stop.draining()) return false;
    base::MutexLock lock(mutex_);
    lock.wait_for(changed_, kLook);
  }
  return true;
}

void HoldingRoom::give_back(std::size_t bytes) {
  const base::MutexLock lock(mutex_);
  bytes_ -= bytes;
  changed_.notify_all();
}

// Parts of a chunk that follow each other without a gap are one key: it names its first row, and its rows go on into
// later frames. Frames of a user's file come in several ImportFiles, so there each has a key of its own.
std::vector<model::BatchKey> Batch::keys() const {
  std::vector<model::BatchKey> keys;
  const FrameRows* before = nullptr;
  for (const FrameRows& part : parts) {
    const bool follows = !file->user_file && before != nullptr && part.first == 0 && part.frame == before->frame + 1 &&
                         before->first + before->rows == file->frames[before->frame].rows;
    if (follows) {
      keys.back().rows += part.rows;
    } else {
      const std::int32_t number = file->frames[part.frame].number * model::kRowsPerFrameMax;
      keys.push_back({file->name, number + static_cast<std::int32_t>(part.first), part.rows});
    }
    before = &part;
  }
  return keys;
}

void Coverage::add(const model::BatchKey& key) {
  std::uint64_t& rows = covered_[key.file_name][key.number];
  rows = std::max(rows, key.rows);
}

std::vector<FrameRows> Coverage::missing(const ImportFile& file) const {
  static const std::map<std::int32_t, std::uint64_t> kNothing;
  const auto found = covered_.find(file.name);
  const auto& covered = found == covered_.end() ? kNothing : found->second;
  std::vector<FrameRows> out;
  std::uint64_t spill = 0;  // rows at the start of the next frame that a key of an earlier one covers
  for (std::uint32_t i = 0; i < file.frames.size(); ++i) {
    const model::Frame& frame = file.frames[i];
    const std::int32_t base = frame.number * model::kRowsPerFrameMax;
    std::uint64_t next = spill;
    const std::int64_t end = base + std::max<std::int64_t>(model::kRowsPerFrameMax, frame.rows);
    for (auto at = covered.lower_bound(base); at != covered.end() && at->first < end; ++at) {
      const auto first = static_cast<std::uint64_t>(at->first - base);
      if (first > next && next < frame.rows) {
        out.push_back({i, static_cast<std::uint32_t>(next),
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(first, frame.rows) - next)});
      }
      next = std::max(next, first + at->second);
    }
    if (next < frame.rows) {
      out.push_back({i, static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(frame.rows - next)});
    }
    spill = next > frame.rows ? next - frame.rows : 0;
  }
  return out;
}

std::uint64_t Coverage::rows_of(const std::string& file_name) const {
  std::uint64_t sum = 0;
  const auto found = covered_.find(file_name);
  if (found == covered_.end()) return sum;
  for (const auto& [number, rows] : found->second) sum += rows;
  return sum;
}

Size size_that_is_in(const ImportFile& file, const Coverage& coverage) {
  Size in;
  for (const model::Frame& frame : file.frames) {
    in.rows += frame.rows;
    in.bytes += frame.raw_bytes;
  }
  for (const FrameRows& part : coverage.missing(file)) {
    const model::Frame& frame = file.frames[part.frame];
    in.rows -= part.rows;
    in.bytes -= share(frame.raw_bytes, part.rows, frame.rows);
  }
  return in;
}

std::vector<Batch> plan_batches(const std::shared_ptr<const ImportFile>& file, const Coverage& coverage,
                                const BatchLimits& limits) {
  std::vector<Batch> out;
  Batch current{.file = file};
  const std::uint64_t rows_max = file->kind == model::TableKind::kLargeObjectRights
                                     ? std::min(limits.rows_max, kLargeObjectRightsMax)
                                     : limits.rows_max;
  const auto flush = [&] {
    if (!current.parts.empty()) out.push_back(std::exchange(current, Batch{.file = file}));
  };
  for (const FrameRows& part : coverage.missing(*file)) {
    for (std::uint32_t done = 0; done < part.rows;) {
      const auto rows = static_cast<std::uint32_t>(std::min<std::uint64_t>(part.rows - done, rows_max));
      const Batch one{.file = file, .parts = {{part.frame, part.first + done, rows}}};
      if (!current.parts.empty() &&
          (current.rows() + rows > rows_max || current.bytes() + one.bytes() > limits.bytes_max)) {
        flush();
      }
      current.parts.push_back(one.parts[0]);
      done += rows;
    }
  }
  flush();
  return out;
}

std::vector<Batch> plan_batches(const std::shared_ptr<const ImportFile>& file, std::shared_ptr<const HeldRows> held,
                                const std::vector<FrameRows>& missing, std::uint64_t rows_max) {
  if (file->kind == model::TableKind::kLargeObjectRights) rows_max = std::min(rows_max, kLargeObjectRightsMax);
  std::vector<Batch> out;
  std::uint64_t left = 0;  // of the last batch
  for (const FrameRows& part : missing) {
    const std::uint64_t end = std::min(held->first + held->rows, std::uint64_t{part.first} + part.rows);
    for (std::uint64_t at = std::max<std::uint64_t>(held->first, part.first); at < end;) {
      if (left == 0) {
        out.push_back({.file = file, .held = held});
        left = rows_max;
      }
      const std::uint64_t rows = std::min(left, end - at);
      out.back().parts.push_back({0, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(rows)});
      at += rows;
      left -= rows;
    }
  }
  return out;
}

void put_down(Batch& batch, const std::shared_ptr<HoldingRoom>& room) {
  constexpr std::size_t kKeptBytes = 256UL * 1024;
  if (!batch.held) return;
  const std::size_t about = batch.bytes();
  // Rows in several places would need what lies between them.
  if (batch.parts.size() > 1 || about > kKeptBytes || !room->try_take(about)) {
    batch.held.reset();
    return;
  }
  const auto kept = std::make_shared<HeldRows>(room);
  kept->bytes = about;
  kept->first = batch.parts.at(0).first;
  kept->rows = batch.parts.at(0).rows;
  std::string& bytes = kept->blocks.emplace_back();
  const std::unique_ptr<connector::RowStream> stream = open_rows(batch);
  for (std::string_view piece = stream->next_piece(); !piece.empty(); piece = stream->next_piece()) bytes += piece;
  batch.held = kept;
}

std::pair<Batch, Batch> split_batch(const Batch& batch, std::uint64_t rows) {
  std::pair<Batch, Batch> out{Batch{.file = batch.file, .held = batch.held},
                              Batch{.file = batch.file, .held = batch.held}};
  for (FrameRows part : batch.parts) {
    const auto here = static_cast<std::uint32_t>(std::min<std::uint64_t>(part.rows, rows));
    if (here > 0) out.first.parts.push_back({part.frame, part.first, here});
    if (here < part.rows) out.second.parts.push_back({part.frame, part.first + here, part.rows - here});
    rows -= here;
  }
  return out;
}

namespace {

// Rows of a chunk file, part by part.
class ChunkStream : public connector::RowStream {
 public:
  explicit ChunkStream(const Batch& batch)
      : batch_(batch),
        reader_(batch.file->store->open(batch.file->name), batch.file->compressed),
        cutter_(batch.file->format.rows) {}

  std::string_view next_piece() override {
    while (open_ || start_part()) {
      if (rest_.empty()) rest_ = reader_.next_piece();
      if (rest_.empty()) {
        VOY_ASSERT(whole_ || left_ == 0);
        open_ = false;
        continue;
      }
      if (whole_) return std::exchange(rest_, {});
      const std::string_view piece = take_part();
      if (!piece.empty()) return piece;
    }
    return {};
  }

 private:
  bool start_part() {
    if (part_ == batch_.parts.size()) return false;
    const FrameRows& part = batch_.parts[part_++];
    const model::Frame& frame = batch_.file->frames[part.frame];
    reader_.start(frame);
    cutter_ = format::RowCutter(batch_.file->format.rows);
    whole_ = part.first == 0 && part.rows == frame.rows;
    skip_ = part.first;
    left_ = part.rows;
    open_ = true;
    return true;
  }

  // Rows before ours are passed over; rows after ours are read only because the frame's checksum needs them.
  std::string_view take_part() {
    std::uint64_t found = 0;
    if (skip_ > 0) {
      rest_.remove_prefix(cutter_.take(rest_, skip_, found));
      skip_ -= found;
      return {};
    }
    const std::size_t size = left_ == 0 ? 0 : cutter_.take(rest_, left_, found);
    left_ -= found;
    const std::string_view piece = rest_.substr(0, size);
    if (left_ == 0) {
      rest_ = {};
    } else {
      rest_.remove_prefix(size);
    }
    return piece;
  }

  const Batch batch_;
  format::ChunkReader reader_;
  format::RowCutter cutter_;
  std::size_t part_ = 0;
  bool open_ = false;
  bool whole_ = false;
  std::uint64_t skip_ = 0;
  std::uint64_t left_ = 0;
  std::string_view rest_ = {};
};

// Rows in memory, part by part.
class HeldStream : public connector::RowStream {
 public:
  explicit HeldStream(const Batch& batch)
      : held_(batch.held), parts_(batch.parts), rows_(batch.file->format.rows), cutter_(rows_), row_(held_->first) {}

  std::string_view next_piece() override {
    while (part_ < parts_.size()) {
      if (rest_.empty()) {
        VOY_ASSERT(block_ < held_->blocks.size());
        rest_ = held_->blocks[block_++];
        // Mostly all of it is wanted: then nobody needs to know where its rows end.
        if (parts_.size() == 1 && parts_[0].first == held_->first && parts_[0].rows == held_->rows) {
          if (block_ == held_->blocks.size()) part_ = parts_.size();
          return std::exchange(rest_, {});
        }
        continue;
      }
      const FrameRows& part = parts_[part_];
      const bool before = row_ < part.first;
      const std::uint64_t wanted = before ? part.first - row_ : std::uint64_t{part.first} + part.rows - row_;
      std::uint64_t found = 0;
      const std::string_view piece = rest_.substr(0, cutter_.take(rest_, wanted, found));
      rest_.remove_prefix(piece.size());
      row_ += found;
      if (row_ == std::uint64_t{part.first} + part.rows) ++part_;
      if (!before) return piece;
    }
    return {};
  }

 private:
  const std::shared_ptr<const HeldRows> held_;
  const std::vector<FrameRows> parts_;
  const model::RowFormat rows_;
  format::RowCutter cutter_;
  std::uint64_t row_ = 0;  // the one that begins next
  std::size_t part_ = 0;
  std::size_t block_ = 0;
  std::string_view rest_ = {};
};

// Rows read again, part by part.
class AgainStream : public connector::RowStream {
 public:
  explicit AgainStream(const Batch& batch) : batch_(batch) {}

  std::string_view next_piece() override {
    while (true) {
      if (!stream_) {
        if (part_ == batch_.parts.size()) return {};
        const FrameRows& part = batch_.parts[part_++];
        stream_ = batch_.file->again->open(part.first, part.rows);
      }
      const std::string_view piece = stream_->next_piece();
      if (!piece.empty()) return piece;
      stream_.reset();
    }
  }

 private:
  const Batch batch_;
  std::size_t part_ = 0;
  std::unique_ptr<connector::RowStream> stream_ = {};
};

}  // namespace

std::unique_ptr<connector::RowStream> open_rows(const Batch& batch) {
  if (batch.held) return std::make_unique<HeldStream>(batch);
  if (batch.file->again) return std::make_unique<AgainStream>(batch);
  if (batch.file->user_file) return open_user_rows(batch);
  return std::make_unique<ChunkStream>(batch);
}

}  // namespace voyager::migration
