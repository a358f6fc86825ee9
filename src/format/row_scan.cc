#include "format/row_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/error.h"

namespace voyager::format {
namespace {

constexpr std::size_t kBlocksAtOnce = 64;

ByteTargets targets_of(const model::CopyFormat& format) {
  if (format.rows == model::RowFormat::kCsv) return {.toggle = format.quote, .escape = format.escape, .marker = '\\'};
  return {.toggle = '\\', .escape = '\\', .marker = '.'};
}

// The end marker's line, which is no row, must not be taken for one that is too long.
RowLimits with_room_for_end_marker(RowLimits limits) {
  constexpr std::uint64_t kEndMarkerBytes = 4;
  limits.row_bytes_max = std::max(limits.row_bytes_max, kEndMarkerBytes);
  return limits;
}

std::uint64_t size_of(LineEnd line_end) {
  return line_end == LineEnd::kCrLf ? 2 : 1;
}

}  // namespace

const char* explain(RowProblem problem) {
  switch (problem) {
    case RowProblem::kNone:
      return "";
    case RowProblem::kTooLong:
      return "the row is longer than the largest allowed row; is a quote not closed?";
    case RowProblem::kUnclosedQuote:
      return "the file ends inside a quoted value: a quote is not closed";
    case RowProblem::kStrayLineEnd:
      return "the row holds a bare carriage return or newline outside quotes, unlike the line end of the first line";
    case RowProblem::kStrayEndMarker:
      return "\\. (the end-of-data marker) is not alone on its line";
    case RowProblem::kEndMarkerBeforeRows:
      return "\\. (the end-of-data marker) stands there, and rows follow, which COPY would leave out";
  }
  return "";
}

RowScanner::RowScanner(const model::CopyFormat& format, bool has_header, const RowLimits& limits,
                       Instructions instructions)
    : format_(format),
      limits_(with_room_for_end_marker(limits)),
      csv_(format.rows == model::RowFormat::kCsv),
      own_escape_(csv_ && format.escape != format.quote),
      classifier_(targets_of(format), instructions),
      in_header_(has_header) {
  VOY_ASSERT(format.rows != model::RowFormat::kBinary);
  VOY_ASSERT(limits.rows_max >= 1 && limits.rows_max <= static_cast<std::uint32_t>(model::kRowsPerFrameMax));
  start_batch(0, 1);
}

RowScanner::RowScanner(const model::CopyFormat& format, const ScanPlace& place, const RowLimits& limits)
    : RowScanner(format, false, limits, Instructions::kBest) {
  at_ = row_begin_ = place.offset;
  line_ = row_line_ = place.line;
  line_end_ = place.line_end;
  place_ = place;
  start_batch(place.offset, place.line);
}

void RowScanner::scan(std::string_view piece, std::vector<RowBatch>& out) {
  std::array<ByteMasks, kBlocksAtOnce> masks;
  while (!piece.empty() && !ended_) {
    const std::size_t blocks = std::min(piece.size() / kBlockBytes, kBlocksAtOnce);
    if (blocks == 0 || !takes_blocks()) {
      step(piece.front(), out);
      piece.remove_prefix(1);
      continue;
    }
    classifier_.classify(piece.data(), blocks, masks.data());
    for (std::size_t i = 0; i < blocks && !ended_; ++i) {
      const std::string_view block = piece.substr(i * kBlockBytes, kBlockBytes);
      if (takes_blocks() && take_block(block.data(), masks[i])) continue;
      for (const char c : block) {
        if (!ended_) step(c, out);
      }
    }
    piece.remove_prefix(blocks * kBlockBytes);
  }
}

void RowScanner::finish(std::vector<RowBatch>& out) {
  if (ended_) return;
  if (marker_ == Marker::kDot || marker_ == Marker::kDotCr) {
    end_data(out);
    return;
  }
  if (std::exchange(pending_cr_, false)) {
    if (line_end_ == LineEnd::kUnknown) {
      end_first_row_with_cr(out);
    } else {
      note_problem(RowProblem::kStrayLineEnd, at_, out);
    }
  }
  if (in_quote_) note_problem(RowProblem::kUnclosedQuote, at_, out);
  if (ended_) return;
  if (at_ > row_begin_) end_row(at_, false, out);
  flush(out);
  ended_ = true;
}

// --- one byte at a time -------------------------------------------------------------------------------------------

void RowScanner::step(char c, std::vector<RowBatch>& out) {
  if (pending_cr_ && line_end_ == LineEnd::kUnknown && c != '\n') {
    // The first line ended with a CR alone; `c` is already the next row's.
    pending_cr_ = false;
    end_first_row_with_cr(out);
  }
  if (problem_ == RowProblem::kNone && at_ + 1 - row_begin_ > limits_.row_bytes_max) {
    note_problem(RowProblem::kTooLong, at_ + 1, out);
  }
  if (!ended_ && !step_marker(c, out) && !step_line_end(c, out)) step_data(c, out);
  ++at_;
}

// Follows `\.` at the start of a row, beside the ordinary rules (in csv it may turn out to be data). True: the data
// end.
bool RowScanner::step_marker(char c, std::vector<RowBatch>& out) {
  const Marker before = std::exchange(marker_, Marker::kNone);
  bool complete = false;
  switch (before) {
    case Marker::kNone:
      if (csv_ && c == '\\' && at_ == row_begin_) marker_ = Marker::kBackslash;
      return false;
    case Marker::kBackslash:
      if (c == '.') marker_ = Marker::kDot;
      return false;
    case Marker::kDot:
      if (c == '\r' && line_end_ == LineEnd::kCrLf) {
        marker_ = Marker::kDotCr;
        return false;
      }
      complete = (c == '\n' && (line_end_ == LineEnd::kLf || line_end_ == LineEnd::kUnknown)) ||
                 (c == '\r' && (line_end_ == LineEnd::kCr || line_end_ == LineEnd::kUnknown));
      break;
    case Marker::kDotCr:
      complete = c == '\n';
      break;
  }
  if (complete) {
    end_data(out);
  } else if (!csv_) {
    note_problem(RowProblem::kStrayEndMarker, at_ + 1, out);
  }
  return ended_;
}

// True when `c` is a line end, a part of one, or a stray one.
bool RowScanner::step_line_end(char c, std::vector<RowBatch>& out) {
  if (std::exchange(pending_cr_, false)) {
    if (c == '\n') {
      line_end_ = LineEnd::kCrLf;
      ++line_;
      end_row(at_ + 1, true, out);
      return true;
    }
    note_problem(RowProblem::kStrayLineEnd, at_ + 1, out);
    if (ended_) return true;
  }
  const bool hidden = csv_ ? in_quote_ : escaped_;
  if (hidden || (c != '\n' && c != '\r')) return false;
  if (c == '\r' && (line_end_ == LineEnd::kCrLf || line_end_ == LineEnd::kUnknown)) {
    pending_cr_ = true;
    return true;
  }
  if (line_end_ == LineEnd::kUnknown) line_end_ = LineEnd::kLf;
  if (c == (line_end_ == LineEnd::kCr ? '\r' : '\n')) ++line_;
  if ((c == '\n' && line_end_ == LineEnd::kLf) || (c == '\r' && line_end_ == LineEnd::kCr)) {
    end_row(at_ + 1, true, out);
  } else {
    note_problem(RowProblem::kStrayLineEnd, at_ + 1, out);
  }
  return true;
}

void RowScanner::step_data(char c, std::vector<RowBatch>& out) {
  // Hidden from the row's end, not from an editor.
  if (c == (line_end_ == LineEnd::kCr ? '\r' : '\n')) ++line_;
  if (c == '\r' && line_end_ == LineEnd::kUnknown) ++first_row_crs_;
  if (csv_) {
    if (own_escape_ && in_quote_ && c == format_.escape) escaped_ = !escaped_;
    if (c == format_.quote && !escaped_) in_quote_ = !in_quote_;
    if (!own_escape_ || c != format_.escape) escaped_ = false;
    return;
  }
  if (!std::exchange(escaped_, false)) {
    escaped_ = c == '\\';
  } else if (c == '.') {
    if (at_ == row_begin_ + 1) {
      marker_ = Marker::kDot;
    } else {
      note_problem(RowProblem::kStrayEndMarker, at_ + 1, out);
    }
  }
}

void RowScanner::end_first_row_with_cr(std::vector<RowBatch>& out) {
  line_end_ = LineEnd::kCr;
  line_ = row_line_ + first_row_crs_ + 1;  // Until now newlines were taken for line ends.
  end_row(at_, true, out);
}

// --- 64 bytes at a time --------------------------------------------------------------------------------------------

bool RowScanner::takes_blocks() const {
  return line_end_ != LineEnd::kUnknown && !in_header_ && problem_ == RowProblem::kNone && marker_ == Marker::kNone;
}

bool RowScanner::take_block(const char* block, const ByteMasks& masks) {
  const Hidden hidden = !csv_         ? hidden_in_text(masks, escaped_)
                        : own_escape_ ? hidden_in_csv_with_escape(masks, in_quote_, escaped_)
                                      : hidden_in_csv(masks, in_quote_);
  const std::uint64_t lf = masks.lf & ~hidden.bytes;
  const std::uint64_t cr = masks.cr & ~hidden.bytes;
  std::uint64_t ends = lf;
  std::uint64_t stray = cr;
  if (line_end_ == LineEnd::kCrLf) {
    const std::uint64_t behind_cr = (cr << 1) | (pending_cr_ ? 1U : 0U);
    ends = lf & behind_cr;
    stray = lf ^ behind_cr;
  } else if (line_end_ == LineEnd::kCr) {
    std::swap(ends, stray);
  }
  if (stray != 0 || may_hold_end_marker(block, masks, ends, hidden.bytes) || !stays_within_limits(ends)) return false;

  in_quote_ = hidden.in_quote;
  escaped_ = hidden.escaped;
  pending_cr_ = line_end_ == LineEnd::kCrLf && (cr >> 63) != 0;
  const std::uint64_t lines = line_end_ == LineEnd::kCr ? masks.cr : masks.lf;
  if (ends != 0) note_rows(ends, lines);
  line_ += static_cast<std::uint64_t>(std::popcount(lines));
  at_ += kBlockBytes;
  return true;
}

bool RowScanner::may_hold_end_marker(const char* block, const ByteMasks& masks, std::uint64_t ends,
                                     std::uint64_t hidden) const {
  if (!csv_) return (hidden & masks.marker) != 0;
  const std::uint64_t starts = (ends << 1) | (at_ == row_begin_ ? 1U : 0U);
  for (std::uint64_t left = starts & masks.marker; left != 0; left &= left - 1) {
    const int at = std::countr_zero(left);
    if (at == 63 || block[at + 1] == '.') return true;
  }
  return false;
}

bool RowScanner::may_hold_empty_line(std::uint64_t ends) const {
  const std::uint64_t size = size_of(line_end_);
  std::uint64_t empty = ends & (ends << size);
  // A row that started before or at the block's first byte can be empty too.
  const std::uint64_t first_end = row_begin_ + size - 1;
  if (first_end >= at_ && first_end < at_ + kBlockBytes) empty |= ends & (1ULL << (first_end - at_));
  return empty != 0;
}

bool RowScanner::stays_within_limits(std::uint64_t ends) const {
  const std::uint64_t behind = at_ + kBlockBytes;
  if (behind - row_begin_ > limits_.row_bytes_max) return false;
  if (ends == 0) return true;
  return batch_.rows + static_cast<std::uint32_t>(std::popcount(ends)) < limits_.rows_max &&
         behind - batch_.bytes.begin < limits_.bytes_max && !(limits_.skip_empty_lines && may_hold_empty_line(ends));
}

void RowScanner::note_rows(std::uint64_t ends, std::uint64_t lines) {
  const auto last = static_cast<unsigned>(63 - std::countl_zero(ends));
  row_begin_ = at_ + last + 1;
  row_line_ = line_ + static_cast<std::uint64_t>(std::popcount(lines & (~0ULL >> (63 - last))));
  if (!later_gaps_.empty()) {
    batch_.gaps.insert(batch_.gaps.end(), later_gaps_.begin(), later_gaps_.end());
    later_gaps_.clear();
  }
  batch_.rows += static_cast<std::uint32_t>(std::popcount(ends));
  batch_.bytes.end = row_begin_;
  batch_end_line_ = row_line_;
}

// --- rows and batches -----------------------------------------------------------------------------------------------

void RowScanner::note_problem(RowProblem problem, std::uint64_t end, std::vector<RowBatch>& out) {
  if (problem_ != RowProblem::kNone) return;
  problem_ = problem;
  if (limits_.go_on_after_problem) return;
  flush(out);
  out.push_back({.bytes = {row_begin_, end}, .rows = 1, .line = row_line_, .problem = problem});
  ended_ = true;
}

void RowScanner::end_row(std::uint64_t end, bool has_line_end, std::vector<RowBatch>& out) {
  const ByteRange bytes = {row_begin_, end};
  const std::uint64_t line = row_line_;
  const std::uint64_t line_end_size = has_line_end ? size_of(line_end_) : 0;
  const RowProblem problem = std::exchange(problem_, RowProblem::kNone);
  row_begin_ = end;
  row_line_ = line_;
  if (std::exchange(in_header_, false)) {
    header_ = {bytes.begin, end - line_end_size};
    start_batch(end, line_);
  } else if (problem != RowProblem::kNone) {
    flush(out);
    out.push_back({.bytes = bytes, .rows = 1, .line = line, .problem = problem});
    place_ = {.offset = end, .line = line_, .line_end = line_end_};
    start_batch(end, line_);
  } else if (limits_.skip_empty_lines && end - bytes.begin == line_end_size) {
    skip_empty_line(bytes);
  } else {
    add_row(bytes, line, out);
  }
}

void RowScanner::skip_empty_line(ByteRange bytes) {
  if (batch_.rows == 0) {
    start_batch(bytes.end, line_);
  } else if (!later_gaps_.empty()) {
    later_gaps_.back().end = bytes.end;  // Nothing but empty lines came since.
  } else {
    later_gaps_.push_back(bytes);
  }
}

void RowScanner::add_row(ByteRange bytes, std::uint64_t line, std::vector<RowBatch>& out) {
  if (batch_.rows > 0 && bytes.end - batch_.bytes.begin > limits_.bytes_max) {
    flush(out);
    start_batch(bytes.begin, line);
  }
  batch_.gaps.insert(batch_.gaps.end(), later_gaps_.begin(), later_gaps_.end());
  later_gaps_.clear();
  ++batch_.rows;
  batch_.bytes.end = bytes.end;
  batch_end_line_ = line_;
  if (batch_.rows == limits_.rows_max || bytes.end - batch_.bytes.begin >= limits_.bytes_max) {
    flush(out);
    start_batch(bytes.end, line_);
  }
}

void RowScanner::end_data(std::vector<RowBatch>& out) {
  end_marker_ = row_begin_;
  flush(out);
  ended_ = true;
}

void RowScanner::flush(std::vector<RowBatch>& out) {
  if (batch_.rows == 0) return;
  place_ = {.offset = batch_.bytes.end, .line = batch_end_line_, .line_end = line_end_};
  out.push_back(std::exchange(batch_, {}));
}

void RowScanner::start_batch(std::uint64_t offset, std::uint64_t line) {
  batch_ = {.bytes = {offset, offset}, .line = line};
  later_gaps_.clear();
}

}  // namespace voyager::format
