// The rules of COPY written a second time, plainly and slowly, over a whole text: what RowScanner is compared with in
// tests and under the fuzzer. It follows the order of the server's own line reader, with look-ahead instead of states.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "format/row_scan.h"

namespace voyager::format {

class RowReference {
 public:
  RowReference(std::string_view text, const model::CopyFormat& format, bool has_header, const RowLimits& limits)
      : text_(text), format_(format), limits_(limits), csv_(format.rows == model::RowFormat::kCsv) {
    if (has_header) read_header();
    while (!ended_ && at_ < text_.size()) {
      const std::optional<Row> row = read_row();
      if (row) group(*row);
    }
    flush();
  }

  const std::vector<RowBatch>& batches() const { return batches_; }
  std::optional<std::uint64_t> end_marker() const { return end_marker_; }
  ByteRange header() const { return header_; }

 private:
  struct Row {
    ByteRange bytes = {};
    std::uint64_t line_end_size = 0;
    std::uint64_t line = 0;
    RowProblem problem = RowProblem::kNone;
  };

  char peek(std::uint64_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  bool at_end(std::uint64_t at) const { return at >= text_.size(); }

  // The size of the `\.` line at `at`, or 0.
  std::uint64_t marker_size(std::uint64_t at) const {
    if (peek(at) != '\\' || peek(at + 1) != '.') return 0;
    if (at_end(at + 2)) return 2;
    const char next = peek(at + 2);
    switch (line_end_) {
      case LineEnd::kUnknown:
        return next == '\r' || next == '\n' ? 3 : 0;
      case LineEnd::kLf:
        return next == '\n' ? 3 : 0;
      case LineEnd::kCr:
        return next == '\r' ? 3 : 0;
      case LineEnd::kCrLf:
        return next == '\r' && (peek(at + 3) == '\n' || at_end(at + 3)) ? 4 : 0;
    }
    return 0;
  }

  // The size of a line end at `at` (outside quotes), 0 for none, nothing for a stray one. Decides the style.
  std::optional<std::uint64_t> line_end_size(std::uint64_t at) {
    const char c = peek(at);
    if (c != '\r' && c != '\n') return 0;
    const bool pair = c == '\r' && peek(at + 1) == '\n' && !at_end(at + 1);
    if (line_end_ == LineEnd::kUnknown) line_end_ = c == '\n' ? LineEnd::kLf : pair ? LineEnd::kCrLf : LineEnd::kCr;
    switch (line_end_) {
      case LineEnd::kLf:
        return c == '\n' ? std::optional<std::uint64_t>(1) : std::nullopt;
      case LineEnd::kCr:
        return c == '\r' ? std::optional<std::uint64_t>(1) : std::nullopt;
      default:
        return pair ? std::optional<std::uint64_t>(2) : std::nullopt;
    }
  }

  void set_problem(Row& row, RowProblem problem, std::uint64_t end) {
    if (row.problem != RowProblem::kNone) return;
    row.problem = problem;
    row.bytes.end = end;
    if (!limits_.go_on_after_problem) ended_ = true;
  }

  // Nothing at the end marker.
  std::optional<Row> read_row() {
    Row row{.bytes = {at_, at_}, .line = line_number(at_)};
    if (marker_size(at_) > 0) {
      end_marker_ = at_;
      ended_ = true;
      return std::nullopt;
    }
    bool in_quote = false;
    bool last_was_escape = false;
    std::uint64_t at = at_;
    while (!at_end(at)) {
      const char c = text_[at];
      const bool quoted = csv_ && in_quote;
      const std::optional<std::uint64_t> size = quoted ? 0 : line_end_size(at);
      const std::uint64_t taken = size.value_or(0) > 0 ? *size : 1;
      // A problem is found at the first byte that shows it; a length always at the byte that is too much.
      if (at + 1 - at_ > limits_.row_bytes_max) set_problem(row, RowProblem::kTooLong, at + 1);
      if (!ended_ && at + taken - at_ > limits_.row_bytes_max) set_problem(row, RowProblem::kTooLong, at + taken);
      if (!ended_ && !size) {
        // Whether a CR is a line end is seen with the byte behind it.
        const bool late = c == '\r' && line_end_ == LineEnd::kCrLf;
        if (late && !at_end(at + 1) && at + 2 - at_ > limits_.row_bytes_max)
          set_problem(row, RowProblem::kTooLong, at + 2);
        set_problem(row, RowProblem::kStrayLineEnd, std::min<std::uint64_t>(at + (late ? 2 : 1), text_.size()));
      }
      if (ended_) break;
      if (taken > 0 && size.value_or(0) > 0) {
        row.line_end_size = *size;
        at += *size;
        break;
      }
      if (csv_) {
        if (format_.escape != format_.quote && in_quote && c == format_.escape) last_was_escape = !last_was_escape;
        if (c == format_.quote && !last_was_escape) in_quote = !in_quote;
        if (format_.escape == format_.quote || c != format_.escape) last_was_escape = false;
      } else if (c == '\\') {
        ++at;  // The byte behind is data, whatever it is...
        if (!at_end(at) && at + 1 - at_ > limits_.row_bytes_max) set_problem(row, RowProblem::kTooLong, at + 1);
        if (!ended_ && peek(at) == '.') {
          // ...but for the marker, which was not alone: known here in the middle of a line, else one or two bytes on.
          std::uint64_t end = at + 1;
          if (at - 1 == at_) end = at + 2 + (peek(at + 1) == '\r' && line_end_ == LineEnd::kCrLf ? 1 : 0);
          end = std::min<std::uint64_t>(end, text_.size());
          if (end - at_ > limits_.row_bytes_max)
            set_problem(row, RowProblem::kTooLong, at_ + limits_.row_bytes_max + 1);
          set_problem(row, RowProblem::kStrayEndMarker, end);
        }
        if (ended_) break;
      }
      ++at;
    }
    at = std::min<std::uint64_t>(at, text_.size());
    if (in_quote && at_end(at) && !ended_) set_problem(row, RowProblem::kUnclosedQuote, at);
    if (!ended_) row.bytes.end = at;
    at_ = at;
    return row;
  }

  std::uint64_t line_number(std::uint64_t at) const {
    const char end = line_end_ == LineEnd::kCr ? '\r' : '\n';
    std::uint64_t line = 1;
    for (std::uint64_t i = 0; i < at; ++i) line += text_[i] == end ? 1 : 0;
    return line;
  }

  void read_header() {
    if (text_.empty()) return;
    const std::optional<Row> row = read_row();
    if (!row) return;
    if (ended_) {
      batches_.push_back({.bytes = row->bytes, .rows = 1, .line = row->line, .problem = row->problem});
    } else {
      header_ = {row->bytes.begin, row->bytes.end - row->line_end_size};
    }
  }

  void group(const Row& row) {
    if (row.problem != RowProblem::kNone) {
      flush();
      batches_.push_back({.bytes = row.bytes, .rows = 1, .line = row.line, .problem = row.problem});
      return;
    }
    if (limits_.skip_empty_lines && row.bytes.end - row.bytes.begin == row.line_end_size) return;
    if (batch_.rows > 0 && row.bytes.end - batch_.bytes.begin > limits_.bytes_max) flush();
    if (batch_.rows == 0) {
      batch_ = {.bytes = row.bytes, .rows = 1, .line = row.line};
    } else {
      if (batch_.bytes.end != row.bytes.begin) batch_.gaps.push_back({batch_.bytes.end, row.bytes.begin});
      batch_.bytes.end = row.bytes.end;
      ++batch_.rows;
    }
    if (batch_.rows == limits_.rows_max || batch_.bytes.end - batch_.bytes.begin >= limits_.bytes_max) flush();
  }

  void flush() {
    if (batch_.rows > 0) batches_.push_back(std::exchange(batch_, {}));
  }

  const std::string_view text_;
  const model::CopyFormat format_;
  const RowLimits limits_;
  const bool csv_;
  std::uint64_t at_ = 0;
  LineEnd line_end_ = LineEnd::kUnknown;
  bool ended_ = false;
  std::optional<std::uint64_t> end_marker_ = {};
  ByteRange header_ = {};
  RowBatch batch_ = {};
  std::vector<RowBatch> batches_ = {};
};

}  // namespace voyager::format
