// Finds rows in files that users bring (csv and text), without copying or converting a byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "format/byte_masks.h"
#include "model/rows.h"
#include "model/snapshot.h"

namespace voyager::format {

/// How the rows of a file end. As in COPY, its first line decides for the whole file.
enum class LineEnd : std::uint8_t { kUnknown, kLf, kCrLf, kCr };

/// Why a row cannot be sent: the server would refuse it or, within a batch, misread its neighbours.
enum class RowProblem : std::uint8_t {
  kNone,
  kTooLong,              ///< Above RowLimits::row_bytes_max; often an unclosed quote far above.
  kUnclosedQuote,        ///< csv: the file ends inside quotes.
  kStrayLineEnd,         ///< A bare CR or LF outside quotes in a file whose rows end otherwise.
  kStrayEndMarker,       ///< text: `\.` that is not alone on its line.
  kEndMarkerBeforeRows,  ///< `\.` alone on a line, and rows behind it; who reads the file finds it, RowScanner ends
                         ///< there.
};
/// One line for people, without a final dot.
const char* explain(RowProblem problem);

/// Bytes [begin, end) of the file.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

/// A run of whole rows: `bytes` without the parts in `gaps` can be given to COPY as it is.
struct RowBatch {
  ByteRange bytes = {};
  std::vector<ByteRange> gaps = {};  ///< Empty lines inside that are not rows; ascending, not overlapping.
  std::uint32_t rows = 0;
  std::uint64_t line = 0;                  ///< Of the first byte, from 1; line ends inside quotes count.
  RowProblem problem = RowProblem::kNone;  ///< Else this is one row that must not be sent.
  bool operator==(const RowBatch&) const = default;
};

struct RowLimits {
  std::uint32_t rows_max = model::kRowsPerFrameMax;  ///< 1 … kRowsPerFrameMax
  std::uint64_t bytes_max = 4ULL * 1024 * 1024;      ///< A batch ends before the row that would exceed it; one row may.
  std::uint64_t row_bytes_max = 32ULL * 1024 * 1024;  ///< Line end included; 4 when less.
  /// True where an empty line cannot be a row: the table has more than one column.
  bool skip_empty_lines = false;
  /// After a row with a problem: false ends the scan, true goes on behind that row (which is read to its end first).
  bool go_on_after_problem = false;
};

/// A row boundary where a later scan of the same file can begin.
struct ScanPlace {
  std::uint64_t offset = 0;
  std::uint64_t line = 1;
  LineEnd line_end = LineEnd::kUnknown;
};

/// Cuts a file into batches of whole rows by the rules of PostgreSQL's COPY (15): csv with `quote` and `escape` (equal
/// or not), line ends inside quotes, LF, CR LF or CR; text with backslash escapes, where a line end behind a backslash
/// is data. A line that is `\.` and nothing else ends the data; it belongs to no batch. At the end of the file, without
/// a line end, `\.` counts as that line too (as for psql). The encoding must be ASCII-compatible (UTF-8 is).
///
/// The same bytes give the same batches, however they are cut into pieces. One thread.
class RowScanner {
 public:
  /// `instructions` is for tests and benchmarks.
  RowScanner(const model::CopyFormat& format, bool has_header, const RowLimits& limits,
             Instructions instructions = Instructions::kBest);
  /// Goes on at `place` of an earlier scan.
  RowScanner(const model::CopyFormat& format, const ScanPlace& place, const RowLimits& limits);

  /// Takes the file's next bytes and appends the batches that are complete to `out`.
  void scan(std::string_view piece, std::vector<RowBatch>& out);
  /// The file ends here: appends the last batch, also when its last row has no line end.
  void finish(std::vector<RowBatch>& out);

  /// True after `\.` or after a problem that ended the scan; what follows is ignored.
  bool ended() const { return ended_; }
  /// Where the line `\.` starts, once seen: bytes behind it are not rows.
  std::optional<std::uint64_t> end_marker() const { return end_marker_; }
  /// The header line without its line end, once read; empty range when there is none.
  ByteRange header() const { return header_; }
  /// The end of the last batch given out.
  const ScanPlace& place() const { return place_; }

 private:
  enum class Marker : std::uint8_t { kNone, kBackslash, kDot, kDotCr };

  // One byte at a time: all rules, used where something rare happens.
  void step(char c, std::vector<RowBatch>& out);
  bool step_marker(char c, std::vector<RowBatch>& out);
  bool step_line_end(char c, std::vector<RowBatch>& out);
  void step_data(char c, std::vector<RowBatch>& out);
  void end_first_row_with_cr(std::vector<RowBatch>& out);
  // 64 bytes at a time: false, with nothing changed, when a byte in them needs the rare rules.
  bool takes_blocks() const;
  bool take_block(const char* block, const ByteMasks& masks);
  bool may_hold_end_marker(const char* block, const ByteMasks& masks, std::uint64_t ends, std::uint64_t hidden) const;
  bool may_hold_empty_line(std::uint64_t ends) const;
  bool stays_within_limits(std::uint64_t ends) const;
  void note_rows(std::uint64_t ends, std::uint64_t lines);

  void note_problem(RowProblem problem, std::uint64_t end, std::vector<RowBatch>& out);
  void end_row(std::uint64_t end, bool has_line_end, std::vector<RowBatch>& out);
  void skip_empty_line(ByteRange bytes);
  void add_row(ByteRange bytes, std::uint64_t line, std::vector<RowBatch>& out);
  void end_data(std::vector<RowBatch>& out);
  void flush(std::vector<RowBatch>& out);
  void start_batch(std::uint64_t offset, std::uint64_t line);

  // constant after construction
  const model::CopyFormat format_;
  const RowLimits limits_;
  const bool csv_;
  const bool own_escape_;  // csv: the escape character differs from the quote
  const ByteClassifier classifier_;

  // where we are
  std::uint64_t at_ = 0;  // offset of the next byte
  std::uint64_t line_ = 1;
  LineEnd line_end_ = LineEnd::kUnknown;
  std::uint64_t first_row_crs_ = 0;  // inside quotes, while line_end_ is not known
  bool in_header_ = false;
  bool in_quote_ = false;
  bool escaped_ = false;     // text: the next byte is data; csv: an escape stands before the next byte, inside quotes
  bool pending_cr_ = false;  // the byte before is a CR that may be, or start, a line end
  Marker marker_ = Marker::kNone;
  bool ended_ = false;
  std::optional<std::uint64_t> end_marker_ = {};
  ByteRange header_ = {};

  // the row in hand
  std::uint64_t row_begin_ = 0;
  std::uint64_t row_line_ = 1;
  RowProblem problem_ = RowProblem::kNone;

  RowBatch batch_ = {};
  std::vector<ByteRange> later_gaps_ = {};  // empty lines behind the batch's last row
  std::uint64_t batch_end_line_ = 1;
  ScanPlace place_ = {};
};

}  // namespace voyager::format
