// A snapshot on its way: the plan of its tables, the chunks that were read, and what of them has arrived.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/identifier.h"
#include "model/rows.h"
#include "model/table.h"

namespace voyager::model {

/// A frame never has more rows than this, so that `frame × kRowsPerFrameMax + row` names a row of a file in 31 bits.
inline constexpr std::int32_t kRowsPerFrameMax = 32'768;
inline constexpr std::int32_t kFramesPerFileMax = 65'535;

/// A table in the snapshot's plan.
struct PlannedTable {
  Table table = {};
  RowFormat rows = RowFormat::kText;
  RangeSpace space = {};
  std::uint64_t next = 0;   ///< Where the next chunk starts; == space.all.end when all is handed out.
  bool handed_out = false;  ///< All chunks of the table have been leased.
  int generation = 0;       ///< Grows when the table is read again under a new snapshot.
};

enum class ChunkState : std::uint8_t { kLeased, kDone };

struct Frame {
  std::int32_t number = 0;
  std::uint64_t offset = 0;  ///< In the file.
  std::uint64_t stored_bytes = 0;
  std::uint64_t raw_bytes = 0;  ///< After decompression.
  std::uint32_t rows = 0;
  std::uint32_t crc32c = 0;  ///< Of the stored bytes.
};

struct Chunk {
  std::int64_t id = 0;
  TableName table = {};  ///< The table that was read (a leaf partition, not its root).
  Range range = {};
  ChunkState state = ChunkState::kLeased;
  std::string file_name = {};  ///< Below data/.
  RowFormat rows_format = RowFormat::kText;
  bool compressed = false;
  std::uint64_t rows = 0, raw_bytes = 0, stored_bytes = 0;
  std::int64_t done_order = 0;     ///< Counts up as chunks are finished; 0 while leased.
  std::vector<Frame> frames = {};  ///< Filled by done_chunks when asked.
};

/// What of a planned table is finished.
struct TableTotals {
  TableName table = {};
  TableName root = {};
  std::uint64_t rows = 0, raw_bytes = 0;
  std::string first_file = {};  ///< Empty when no chunk with rows is finished.
  bool begun = false;           ///< A chunk was ever leased.
  bool open = true;             ///< Not all is handed out, or a chunk is still leased.
};

/// How much of a file has been imported, as the importer last knew. The target's own bookkeeping is the truth.
struct ImportedFile {
  std::string file_name = {};
  TableName table = {};  ///< As on the target.
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  ///< Raw bytes (file imports).
  std::uint64_t rows_set_aside = 0;
  std::uint64_t bytes_set_aside = 0;
};

struct SetAsideRow {
  std::string file_name = {};
  TableName table = {};
  std::int32_t number = 0;  ///< As BatchKey::number: frame × kRowsPerFrameMax + row.
  std::string reason = {};
  std::string sqlstate = {};
  std::uint64_t line = 0;  ///< Of a user's file, on which the row begins; 0 for rows of our own files.
};

}  // namespace voyager::model
