#include "format/segment_layout.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "base/crc32c.h"
#include "base/error.h"

namespace voyager::format::segment {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::uint32_t kBlockMagic = 0x4B4C4256;  // "VBLK"
constexpr std::size_t kCrcOffset = kBlockHeaderBytes - sizeof(std::uint32_t);

template <typename Number>
void put(std::string& out, Number value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Number>
Number take(std::string_view& bytes) {
  Number value = 0;
  if (bytes.size() < sizeof value) {
    bytes = {};
    return value;
  }
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint16_t>(text.size()));
  out += text;
}

std::string take_text(std::string_view& bytes) {
  const std::size_t size = std::min<std::size_t>(take<std::uint16_t>(bytes), bytes.size());
  std::string text(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return text;
}

std::uint32_t checksum(std::string_view header, std::string_view position, std::string_view payload) {
  return base::crc32c(payload, base::crc32c(position, base::crc32c(header.substr(0, kCrcOffset))));
}

std::string header_of_block(const BlockHeader& header) {
  std::string out;
  out.reserve(kBlockHeaderBytes);
  put(out, kBlockMagic);
  put(out, static_cast<std::uint8_t>(header.kind));
  put(out, header.flags);
  put(out, header.position_bytes);
  put(out, header.stored_bytes);
  put(out, header.raw_bytes);
  put(out, header.changes);
  put(out, header.first_vsn);
  put(out, header.crc32c);
  return out;
}

bool read_exactly(const base::File& file, std::uint64_t offset, std::string& out, std::size_t size) {
  out.resize(size);
  return file.read_at(offset, out.data(), size) == size;
}

}  // namespace

std::string header_bytes(const SegmentHeader& header) {
  std::string rest;
  put(rest, header.number);
  put(rest, static_cast<std::uint64_t>(header.first_vsn));
  put_text(rest, header.migration);
  put_text(rest, header.exporter_role);
  std::string out(kMagic);
  put(out, kSegmentVersion);
  put(out, kSegmentVersionOldestReadable);
  put(out, static_cast<std::uint32_t>(rest.size()));
  out += rest;
  put(out, base::crc32c(out));
  return out;
}

std::pair<SegmentHeader, std::uint64_t> read_header(const base::File& file) {
  constexpr std::size_t kStart = 16;
  std::string start;
  if (!read_exactly(file, 0, start, kStart) || !start.starts_with(kMagic)) damaged(file.path(), 0);
  std::string_view bytes = std::string_view(start).substr(kMagic.size());
  const auto version = take<std::uint16_t>(bytes);
  const auto oldest = take<std::uint16_t>(bytes);
  if (oldest > kSegmentVersion) {
    throw base::Error({.code = "DIR-007",
                       .exit = base::ExitCode::kState,
                       .title = file.path().string() + " was written by a newer version of yb-voyager",
                       .cause = fmt::format("its format is {}, this program reads up to {}", version, kSegmentVersion),
                       .fix = {"use the version that wrote it"}});
  }
  const std::size_t rest_bytes = take<std::uint32_t>(bytes);
  constexpr std::size_t kRestMax = 1 << 18;
  std::string all;
  if (rest_bytes > kRestMax || !read_exactly(file, 0, all, kStart + rest_bytes + sizeof(std::uint32_t)))
    damaged(file.path(), 0);
  std::string_view rest = std::string_view(all).substr(kStart);
  SegmentHeader header;
  header.number = take<std::uint64_t>(rest);
  header.first_vsn = static_cast<std::int64_t>(take<std::uint64_t>(rest));
  header.migration = take_text(rest);
  header.exporter_role = take_text(rest);
  std::string_view crc = std::string_view(all).substr(kStart + rest_bytes);
  if (take<std::uint32_t>(crc) != base::crc32c(std::string_view(all).substr(0, kStart + rest_bytes)))
    damaged(file.path(), 0);
  return {header, all.size()};
}

std::string block_bytes(BlockHeader header, std::string_view position, std::string_view payload) {
  header.position_bytes = static_cast<std::uint16_t>(position.size());
  header.stored_bytes = static_cast<std::uint32_t>(payload.size());
  header.crc32c = checksum(header_of_block(header), position, payload);
  std::string out = header_of_block(header);
  out.reserve(out.size() + position.size() + payload.size());
  out += position;
  out += payload;
  return out;
}

std::optional<BlockHeader> read_block_header(const base::File& file, std::uint64_t offset) {
  std::string text;
  if (!read_exactly(file, offset, text, kBlockHeaderBytes)) return std::nullopt;
  std::string_view bytes = text;
  if (take<std::uint32_t>(bytes) != kBlockMagic) return std::nullopt;
  BlockHeader header;
  const auto kind = take<std::uint8_t>(bytes);
  header.kind = static_cast<BlockKind>(kind);
  header.flags = take<std::uint8_t>(bytes);
  header.position_bytes = take<std::uint16_t>(bytes);
  header.stored_bytes = take<std::uint32_t>(bytes);
  header.raw_bytes = take<std::uint32_t>(bytes);
  header.changes = take<std::uint32_t>(bytes);
  header.first_vsn = take<std::int64_t>(bytes);
  header.crc32c = take<std::uint32_t>(bytes);
  const bool known =
      kind >= static_cast<std::uint8_t>(BlockKind::kChanges) && kind <= static_cast<std::uint8_t>(BlockKind::kFooter);
  if (!known || header.stored_bytes > kBlockBytesMax || header.raw_bytes > kBlockBytesMax) return std::nullopt;
  return header;
}

bool read_block(const base::File& file, std::uint64_t offset, const BlockHeader& header, std::string& position,
                std::string& payload) {
  if (file.size() < offset + header.size()) return false;
  if (!read_exactly(file, offset + kBlockHeaderBytes, position, header.position_bytes) ||
      !read_exactly(file, offset + kBlockHeaderBytes + header.position_bytes, payload, header.stored_bytes))
    return false;
  return checksum(header_of_block(header), position, payload) == header.crc32c;
}

bool unpack(const BlockHeader& header, std::string&& payload, std::string& records) {
  if ((header.flags & kCompressed) == 0) {
    records = std::move(payload);
    return records.size() == header.raw_bytes;
  }
  records.resize(header.raw_bytes);
  return ZSTD_decompress(records.data(), records.size(), payload.data(), payload.size()) == header.raw_bytes;
}

void count(model::ChangeKind kind, SegmentTotals& totals) {
  if (kind < model::ChangeKind::kInsert) return;
  ++totals.changes;
  if (kind == model::ChangeKind::kInsert) ++totals.inserts;
  if (kind == model::ChangeKind::kUpdate) ++totals.updates;
  if (kind == model::ChangeKind::kDelete) ++totals.deletes;
}

void count(std::string_view records, SegmentTotals& totals) {
  while (const std::optional<model::ChangeOutline> one = model::outline(records)) {
    count(one->kind, totals);
    records.remove_prefix(one->size);
  }
}

std::string footer_payload(const SegmentTotals& totals,
                           const std::vector<std::pair<std::uint64_t, std::int64_t>>& fresh) {
  std::string out;
  for (const std::uint64_t number : {totals.changes, totals.inserts, totals.updates, totals.deletes}) put(out, number);
  for (const auto& [offset, first_vsn] : fresh) {
    put(out, offset);
    put(out, first_vsn);
  }
  return out;
}

std::optional<Footer> read_footer(const base::File& file) {
  const std::uint64_t size = file.size();
  std::string end;
  if (size < kEndBytes || !read_exactly(file, size - kEndBytes, end, kEndBytes) || !end.ends_with(kEndMagic))
    return std::nullopt;
  std::string_view bytes = end;
  const auto offset = take<std::uint64_t>(bytes);
  const std::optional<BlockHeader> header = read_block_header(file, offset);
  std::string position, payload;
  if (!header || header->kind != BlockKind::kFooter || offset + header->size() + kEndBytes != size ||
      !read_block(file, offset, *header, position, payload))
    return std::nullopt;
  Footer footer;
  bytes = payload;
  footer.totals.changes = take<std::uint64_t>(bytes);
  footer.totals.inserts = take<std::uint64_t>(bytes);
  footer.totals.updates = take<std::uint64_t>(bytes);
  footer.totals.deletes = take<std::uint64_t>(bytes);
  while (!bytes.empty()) {
    const auto at = take<std::uint64_t>(bytes);
    footer.fresh.emplace_back(at, take<std::int64_t>(bytes));
  }
  return footer;
}

void damaged(const std::filesystem::path& path, std::uint64_t offset) {
  throw base::Error({.code = "DIR-006",
                     .title = "a file of the queue is damaged: " + path.string(),
                     .where = fmt::format("byte {}", offset),
                     .cause = "its bytes do not match their checksum",
                     .fix = {"put the file back from a backup of the export directory",
                             "or begin the migration again: changes that are left out cannot be found out later"},
                     .then = "nothing behind the damaged place was applied"});
}

}  // namespace voyager::format::segment
