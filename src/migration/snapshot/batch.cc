#include "migration/snapshot/batch.h"

#include <algorithm>
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

std::uint64_t Batch::bytes() const {
  std::uint64_t sum = 0;
  for (const FrameRows& part : parts) {
    const format::Frame& frame = file->frames[part.frame];
    sum += frame.raw_bytes * part.rows / std::max<std::uint32_t>(1, frame.rows);
  }
  return sum;
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
      const std::int32_t number = file->frames[part.frame].number * format::kRowsPerFrameMax;
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
    const format::Frame& frame = file.frames[i];
    const std::int32_t base = frame.number * format::kRowsPerFrameMax;
    std::uint64_t next = spill;
    for (auto at = covered.lower_bound(base); at != covered.end() && at->first < base + format::kRowsPerFrameMax;
         ++at) {
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

Size size_that_is_in(const ImportFile& file, const Coverage& coverage) {
  Size in;
  for (const format::Frame& frame : file.frames) {
    in.rows += frame.rows;
    in.bytes += frame.raw_bytes;
  }
  for (const FrameRows& part : coverage.missing(file)) {
    const format::Frame& frame = file.frames[part.frame];
    in.rows -= part.rows;
    in.bytes -= frame.raw_bytes * part.rows / std::max<std::uint32_t>(1, frame.rows);
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

std::pair<Batch, Batch> split_batch(const Batch& batch, std::uint64_t rows) {
  std::pair<Batch, Batch> out{Batch{.file = batch.file}, Batch{.file = batch.file}};
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
      : batch_(batch), reader_(batch.file->path, batch.file->compressed), cutter_(batch.file->format.rows) {}

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
    const format::Frame& frame = batch_.file->frames[part.frame];
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

}  // namespace

std::unique_ptr<connector::RowStream> open_rows(const Batch& batch) {
  if (batch.file->user_file) return open_user_rows(batch);
  return std::make_unique<ChunkStream>(batch);
}

}  // namespace voyager::migration
