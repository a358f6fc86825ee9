// Rows on their way: always in PostgreSQL's COPY form, never parsed on the way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/identifier.h"

namespace voyager::model {

/// PostgreSQL documentation, "COPY", section File Formats.
enum class RowFormat : std::uint8_t {
  kText,    ///< One row a line: TAB between values, \N for null, backslash escapes, LF at the end.
  kBinary,  ///< int16 field count, then per field int32 length (-1 = null) and bytes. Without COPY's file header and
            ///< trailer.
  kCsv,     ///< Only in files that users bring (`import data file`).
};

/// How COPY is told to read. The defaults are those of kText and kBinary; the rest concerns user files.
struct CopyFormat {
  RowFormat rows = RowFormat::kText;
  char delimiter = '\t';
  char quote = '"';   ///< kCsv only.
  char escape = '"';  ///< kCsv only.
  std::string null_string = "\\N";
  /// How bytes are to be read as characters: a name of the target's; empty = UTF-8.
  std::string encoding = {};
  /// The bytes come from a database that knows no encoding: with `encoding` empty they are taken as they are where the
  /// target's database knows none either.
  bool raw_bytes = false;
};

/// A block becomes one frame of a chunk file, and a frame is the least that an import loads at once: at most this many
/// rows, however small they are, and about so many bytes (more falls out of the processor's cache: bench/README.md).
inline constexpr std::uint32_t kRowsPerBlockMax = 20'000;
inline constexpr std::size_t kBytesPerBlock = 1024UL * 1024;

/// Whole rows, back to back.
struct RowBlock {
  std::string bytes = {};
  std::uint32_t rows = 0;
  void clear() {
    bytes.clear();
    rows = 0;
  }
};

/// A slice of a table: [begin, end) in units that the source defines (heap pages for PostgreSQL).
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  auto operator<=>(const Range&) const = default;
};

/// How far a table can be cut. `begin == end` means: one read of the whole table (it cannot be cut).
struct RangeSpace {
  Range all = {};
  double bytes_per_unit = 0;  ///< Estimate, TOAST included.
};

/// Names one batch on the target: a row of ybvoyager_import_data_batches_metainfo_v3. `number` is
/// frame × kRowsPerFrameMax + first row within the frame (model/snapshot.h), and `rows` rows from there on are in, also
/// those of the frames behind it. So any run can tell from that table exactly which rows of which file are in, whatever
/// its batch size.
struct BatchKey {
  std::string file_name = {};
  std::int32_t number = 0;
  std::uint64_t rows = 0;
  auto operator<=>(const BatchKey&) const = default;
};

}  // namespace voyager::model
