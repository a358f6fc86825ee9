#include "format/chunk_file.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "base/error.h"

namespace voyager::format {
namespace {

// Fast levels: the servers are the bottleneck, our processor time is theirs on a small machine. See bench/README.md.
constexpr int kZstdLevel = -3;
constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::size_t kOutBytesMax = 5UL * 1024 * 1024;
constexpr std::size_t kFileNameBytesMax = 200;

[[noreturn]] void fail_zstd(std::size_t code, const ChunkOutput& file) {
  base::fail(base::ExitCode::kFailure, "cannot compress " + file.place(), ZSTD_getErrorName(code));
}

}  // namespace

// --- writing --------------------------------------------------------------------------------------------------------

struct ChunkWriter::Impl {
  std::unique_ptr<ChunkOutput> file = {};
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  bool compressed = false;
  std::string out = {};  // room for compressed bytes
  std::vector<model::Frame> frames = {};
  std::uint64_t offset = 0;

  ~Impl() { ZSTD_freeCCtx(zstd); }

  void store(std::string_view bytes, model::Frame& frame) {
    frame.crc32c = base::crc32c(bytes, frame.crc32c);
    frame.stored_bytes += bytes.size();
    offset += bytes.size();
    file->write(bytes);
  }

  // Where `out` can hold the whole result zstd works straight from the block's bytes, without a copy of its own.
  void compress(std::string_view bytes, model::Frame& frame) {
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    std::size_t left = 1;
    while (left != 0) {
      ZSTD_outBuffer room = {out.data(), out.size(), 0};
      left = ZSTD_compressStream2(zstd, &room, &in, ZSTD_e_end);
      if (ZSTD_isError(left) != 0) fail_zstd(left, *file);
      store({out.data(), room.pos}, frame);
    }
  }
};

ChunkWriter::ChunkWriter() : impl_(std::make_unique<Impl>()) {
  ZSTD_CCtx_setParameter(impl_->zstd, ZSTD_c_compressionLevel, kZstdLevel);
}

ChunkWriter::~ChunkWriter() = default;

void ChunkWriter::open(std::unique_ptr<ChunkOutput> file, bool compressed) {
  impl_->file = std::move(file);
  impl_->compressed = compressed;
  impl_->frames.clear();
  impl_->offset = 0;
  ZSTD_CCtx_reset(impl_->zstd, ZSTD_reset_session_only);
}

void ChunkWriter::add(const model::RowBlock& block) {
  Impl& self = *impl_;
  if (block.rows == 0) return;
  VOY_ASSERT(block.rows <= static_cast<std::uint32_t>(model::kRowsPerFrameMax));
  VOY_ASSERT(self.frames.size() < static_cast<std::size_t>(model::kFramesPerFileMax));
  model::Frame frame{.number = static_cast<std::int32_t>(self.frames.size()),
                     .offset = self.offset,
                     .raw_bytes = block.bytes.size(),
                     .rows = block.rows};
  if (self.compressed) {
    const std::size_t wanted = std::min(ZSTD_compressBound(block.bytes.size()), kOutBytesMax);
    if (self.out.size() < wanted) self.out.resize(wanted);
    self.compress(block.bytes, frame);
  } else {
    self.store(block.bytes, frame);
  }
  self.frames.push_back(frame);
}

ChunkWriter::Written ChunkWriter::finish(std::string_view trailer) {
  impl_->file->write(trailer);
  return {.file = std::move(impl_->file), .frames = std::exchange(impl_->frames, {})};
}

// --- reading --------------------------------------------------------------------------------------------------------

struct ChunkReader::Impl {
  std::unique_ptr<ChunkInput> file = {};
  ZSTD_DCtx* zstd = nullptr;
  std::string in = {};
  std::string out = {};
  ZSTD_inBuffer pending = {nullptr, 0, 0};
  model::Frame frame = {};
  std::uint64_t stored_read = 0;
  std::uint64_t raw_given = 0;
  std::uint32_t crc = 0;

  ~Impl() { ZSTD_freeDCtx(zstd); }

  [[noreturn]] void damaged(const std::string& how) const {
    throw base::Error(
        {.code = "DIR-006",
         .title = "the data file " + file->place() + " is damaged",
         .cause = fmt::format("frame {} at byte {}: {}", frame.number, frame.offset, how),
         .fix = {"restore the file from a backup of the export directory",
                 "or export again: yb-voyager export data --start-clean true ...",
                 "then import again: yb-voyager import data --start-clean true --truncate-tables true ..."}});
  }

  // Fills `in` with the next stored bytes of the frame; false at its end, where the checksum must fit.
  bool read_more() {
    const std::uint64_t left = frame.stored_bytes - stored_read;
    if (left == 0) return false;
    const std::size_t wanted = std::min<std::uint64_t>(left, kPieceBytes);
    in.resize(wanted);
    if (file->read_at(frame.offset + stored_read, in.data(), wanted) != wanted) damaged("the file ends too early");
    stored_read += wanted;
    crc = base::crc32c(in, crc);
    if (stored_read == frame.stored_bytes && crc != frame.crc32c) damaged("its checksum does not fit");
    return true;
  }

  std::string_view next_raw() {
    if (zstd == nullptr) return read_more() ? std::string_view(in) : std::string_view();
    while (true) {
      ZSTD_outBuffer room = {out.data(), out.size(), 0};
      if (pending.pos < pending.size || raw_given < frame.raw_bytes) {
        const std::size_t before = pending.pos;
        const std::size_t code = ZSTD_decompressStream(zstd, &room, &pending);
        if (ZSTD_isError(code) != 0) damaged(ZSTD_getErrorName(code));
        if (room.pos > 0) return {out.data(), room.pos};
        if (pending.pos != before && pending.pos < pending.size) continue;
      }
      if (!read_more()) return {};
      pending = {in.data(), in.size(), 0};
    }
  }
};

ChunkReader::ChunkReader(std::unique_ptr<ChunkInput> file, bool compressed) : impl_(std::make_unique<Impl>()) {
  impl_->file = std::move(file);
  if (compressed) {
    impl_->zstd = ZSTD_createDCtx();
    impl_->out.resize(kPieceBytes);
  }
}

ChunkReader::~ChunkReader() = default;

void ChunkReader::start(const model::Frame& frame) {
  Impl& self = *impl_;
  self.frame = frame;
  self.stored_read = 0;
  self.raw_given = 0;
  self.crc = 0;
  self.pending = {nullptr, 0, 0};
  if (self.zstd != nullptr) ZSTD_DCtx_reset(self.zstd, ZSTD_reset_session_only);
}

std::string_view ChunkReader::next_piece() {
  const std::string_view piece = impl_->next_raw();
  impl_->raw_given += piece.size();
  if (impl_->raw_given > impl_->frame.raw_bytes) impl_->damaged("it holds more than was written");
  if (piece.empty() && impl_->raw_given != impl_->frame.raw_bytes) impl_->damaged("it holds less than was written");
  return piece;
}

// --- names ----------------------------------------------------------------------------------------------------------

std::string chunk_file_name(const model::TableName& table, int generation, std::int64_t number, model::RowFormat rows,
                            bool compressed) {
  std::string stem;
  for (const char c : model::display_short(table)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/' || c == '%' || byte < 0x20 || byte == 0x7F || (c == '.' && stem.empty())) {
      stem += fmt::format("%{:02X}", byte);
    } else {
      stem += c;
    }
  }
  if (stem.size() > kFileNameBytesMax) {
    const std::uint32_t hash = base::crc32c(model::quoted(table));
    std::size_t cut = kFileNameBytesMax - 9;
    while ((static_cast<unsigned char>(stem[cut]) & 0xC0) == 0x80) --cut;  // not inside a UTF-8 character
    stem = fmt::format("{}~{:08x}", stem.substr(0, cut), hash);
  }
  std::string part = number == kWholeTable ? "" : fmt::format("{:06}", number);
  if (generation > 0) part = fmt::format("g{}{}{}", generation, part.empty() ? "" : "-", part);
  return fmt::format("{}_data{}{}.{}{}", stem, part.empty() ? "" : ".", part,
                     rows == model::RowFormat::kBinary ? "bin" : "sql", compressed ? ".zst" : "");
}

std::string_view chunk_trailer(const model::Chunk& chunk) {
  const bool whole = chunk.file_name == chunk_file_name(chunk.table, 0, kWholeTable, model::RowFormat::kText, false);
  return whole && chunk.rows_format == model::RowFormat::kText && !chunk.compressed ? "\\.\n\n\n" : "";
}

// --- row ends -------------------------------------------------------------------------------------------------------

std::size_t RowCutter::take(std::string_view piece, std::uint64_t rows_wanted, std::uint64_t& rows_found) {
  std::uint64_t found = 0;
  std::size_t at = 0;
  if (rows_ != model::RowFormat::kBinary) {
    // In COPY text a line feed inside a value is written as \n, so every byte 0x0A ends a row.
    while (found < rows_wanted && at < piece.size()) {
      const void* end = std::memchr(piece.data() + at, '\n', piece.size() - at);
      if (end == nullptr) {
        at = piece.size();
        break;
      }
      at = static_cast<std::size_t>(static_cast<const char*>(end) - piece.data()) + 1;
      ++found;
    }
    rows_found += found;
    return at;
  }
  while (found < rows_wanted && at < piece.size()) {
    if (skip_ > 0) {
      const std::uint64_t step = std::min<std::uint64_t>(skip_, piece.size() - at);
      at += step;
      skip_ -= step;
    } else {
      header_ = (header_ << 8) | static_cast<unsigned char>(piece[at++]);
      ++header_have_;
      if (fields_left_ < 0 && header_have_ == 2) {
        fields_left_ = static_cast<int>(header_ & 0xFFFFU);
        header_have_ = 0;
        header_ = 0;
      } else if (fields_left_ >= 0 && header_have_ == 4) {
        const auto length = static_cast<std::int32_t>(header_);
        skip_ = length < 0 ? 0 : static_cast<std::uint64_t>(length);
        --fields_left_;
        header_have_ = 0;
        header_ = 0;
      }
    }
    if (fields_left_ == 0 && skip_ == 0) {
      fields_left_ = -1;
      ++found;
    }
  }
  rows_found += found;
  return at;
}

}  // namespace voyager::format
