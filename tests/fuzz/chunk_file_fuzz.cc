// Any bytes as a chunk file, and any rows through a writer and a reader:
//  - the reader hands out exactly the frame's bytes, in pieces of a bounded size, or throws base::Error,
//  - a damaged byte of a stored frame never comes out as rows,
//  - what the writer stored comes back as it was.
// The first eight bytes choose the way and the sizes, the rest is the file or the rows.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/crc32c.h"
#include "base/error.h"
#include "format/chunk_file.h"
#include "format/memory_chunks_testing.h"

namespace {

using namespace voyager;

constexpr std::size_t kPieceMax = 256UL * 1024;

void check(bool holds) {
  if (!holds) std::abort();
}

// All of a frame; nothing when the reader says that it is damaged.
std::string read(format::ChunkReader& reader, const model::Frame& frame, bool& damaged) {
  std::string out;
  damaged = false;
  try {
    reader.start(frame);
    for (std::string_view piece = reader.next_piece(); !piece.empty(); piece = reader.next_piece()) {
      check(piece.size() <= kPieceMax);
      out += piece;
      check(out.size() <= frame.raw_bytes);
    }
    check(out.size() == frame.raw_bytes);
  } catch (const base::Error&) {
    damaged = true;
  }
  return out;
}

void read_any(const std::uint8_t* data, std::string_view bytes, bool compressed) {
  format::MemoryChunks chunks;
  chunks.put("chunk", std::string(bytes));
  model::Frame frame{};
  frame.stored_bytes = (data[1] & 1) != 0 ? bytes.size() : data[2] * 16U;
  frame.raw_bytes = (data[1] & 2) != 0 ? bytes.size() : data[3] * 64U;
  frame.rows = 1;
  frame.crc32c = (data[1] & 4) != 0 ? 0 : base::crc32c(bytes.substr(0, frame.stored_bytes));
  format::ChunkReader reader(chunks.open("chunk"), compressed);
  bool damaged = false;
  read(reader, frame, damaged);
}

void round_trip(const std::uint8_t* data, std::string_view bytes, bool compressed) {
  format::MemoryChunks chunks;
  format::ChunkWriter writer;
  writer.open(chunks.create("chunk"), compressed);
  const std::size_t block_bytes = 1U + data[2];
  std::vector<std::string> blocks;
  for (std::size_t at = 0; at < bytes.size(); at += block_bytes) {
    blocks.emplace_back(bytes.substr(at, block_bytes));
    model::RowBlock block{};
    block.bytes = blocks.back();
    block.rows = 1;
    writer.add(block);
  }
  format::ChunkWriter::Written written = writer.finish();
  const std::vector<model::Frame>& frames = written.frames;
  chunks.keep({&written.file, 1});
  check(frames.size() == blocks.size());
  format::ChunkReader reader(chunks.open("chunk"), compressed);
  bool damaged = false;
  for (std::size_t i = 0; i < frames.size(); ++i) check(read(reader, frames[i], damaged) == blocks[i] && !damaged);
  if (frames.empty()) return;
  // One byte of the file is another now: the frame that holds it is refused.
  std::string stored = chunks.kept().at("chunk");
  const std::size_t at = (data[4] * 256U + data[5]) % stored.size();
  stored[at] = static_cast<char>(stored[at] ^ (1 + data[6] % 255));
  chunks.put("chunk", stored);
  format::ChunkReader again(chunks.open("chunk"), compressed);
  for (const model::Frame& frame : frames) {
    const bool holds_it = at >= frame.offset && at < frame.offset + frame.stored_bytes;
    if (!holds_it) continue;
    read(again, frame, damaged);
    check(damaged);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 8, size - 8);
  const bool compressed = (data[0] & 1) != 0;
  ((data[0] & 2) != 0 ? read_any : round_trip)(data, bytes, compressed);
  return 0;
}
