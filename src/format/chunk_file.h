// Writing and reading data/ files: rows in COPY form, cut into frames. Format: docs/formats/chunk-file.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "format/chunk_store.h"
#include "model/rows.h"
#include "model/snapshot.h"

namespace voyager::format {

/// Writes chunk files, one after the other: each block of whole rows becomes one frame, so the size of blocks is the
/// size of frames. A compressed file is a row of zstd frames (RFC 8878), so `zstdcat` prints its rows; an uncompressed
/// one holds the rows and nothing else. Memory: about the size of a block, at most 5 MiB, kept from file to file. One
/// thread.
class ChunkWriter {
 public:
  ChunkWriter();
  ~ChunkWriter();
  /// A file that was not finished is given up.
  void open(std::unique_ptr<ChunkOutput> file, bool compressed);
  void add(const model::RowBlock& block);
  /// A file that is whole, and not kept.
  struct Written {
    std::unique_ptr<ChunkOutput> file = {};
    std::vector<model::Frame> frames = {};
  };
  /// Writes `trailer` behind the last frame and hands the file over.
  Written finish(std::string_view trailer = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads frames of one chunk file, piece by piece. Checks the stored bytes' CRC-32C against the frame before it hands
/// out the frame's last piece, and lengths on the way: damage throws Error (code DIR-006) naming file and frame. One
/// thread.
class ChunkReader {
 public:
  ChunkReader(std::unique_ptr<ChunkInput> file, bool compressed);
  ~ChunkReader();
  /// Starts a frame.
  void start(const model::Frame& frame);
  /// The next raw bytes (up to 256 KiB), valid until the next call; empty at the frame's end.
  std::string_view next_piece();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Instead of a chunk's number: the file holds the whole table.
constexpr std::int64_t kWholeTable = 0;

/// "schema.table_data.<chunk>.sql[.zst]" (".bin" for binary rows), without <chunk> for kWholeTable, schema left out
/// when it is `public`, names quoted where needed, '/' and other bytes that a file name cannot hold written as %XX, cut
/// with a hash when above 200 bytes.
std::string chunk_file_name(const model::TableName& table, int generation, std::int64_t number, model::RowFormat rows,
                            bool compressed);

/// What stands behind the rows: pg_dump's end of data in a plain text file that holds a whole table, else nothing. It
/// is in no frame.
std::string_view chunk_trailer(const model::Chunk& chunk);

/// Finds row ends in COPY rows that arrive in pieces, so that a part of a frame can be sent alone.
class RowCutter {
 public:
  explicit RowCutter(model::RowFormat rows) : rows_(rows) {}
  /// Counts rows in `piece` and returns the length of its start that holds at most `rows_wanted` row ends (all of it
  /// when there are fewer); `rows_found` is increased by the row ends in that part. Call again with the rest.
  std::size_t take(std::string_view piece, std::uint64_t rows_wanted, std::uint64_t& rows_found);

 private:
  model::RowFormat rows_;
  // kBinary: where we are inside the current row.
  int header_have_ = 0;
  std::uint32_t header_ = 0;
  int fields_left_ = -1;    // -1: between rows
  std::uint64_t skip_ = 0;  // bytes of the current value still to come
};

}  // namespace voyager::format
