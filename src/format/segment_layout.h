// The fixed parts of a segment's bytes, shared by its writer and its reader. docs/formats/segment.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "format/segment.h"

namespace voyager::format::segment {

inline constexpr std::string_view kMagic = "VOYSEG\r\n";
inline constexpr std::string_view kEndMagic = "VOYEND\r\n";
inline constexpr std::size_t kEndBytes = 16;
inline constexpr std::size_t kBlockHeaderBytes = 32;
inline constexpr std::uint8_t kCompressed = 1;
inline constexpr std::uint8_t kFresh = 2;
/// A block is not larger than one record that is larger than a block: a value of 1 GB, and room around it.
inline constexpr std::uint32_t kBlockBytesMax = 0xC000'0000U;

enum class BlockKind : std::uint8_t { kChanges = 1, kMark = 2, kFooter = 3 };

struct BlockHeader {
  BlockKind kind = BlockKind::kChanges;
  std::uint8_t flags = 0;
  std::uint16_t position_bytes = 0;
  std::uint32_t stored_bytes = 0;
  std::uint32_t raw_bytes = 0;
  std::uint32_t changes = 0;
  std::int64_t first_vsn = 0;
  std::uint32_t crc32c = 0;

  std::uint64_t size() const { return kBlockHeaderBytes + position_bytes + stored_bytes; }
};

std::string header_bytes(const SegmentHeader& header);
/// The file's header, and how many bytes it takes. Throws Error: DIR-006, DIR-007.
std::pair<SegmentHeader, std::uint64_t> read_header(const base::File& file);

/// Header, position and payload with the checksum filled in.
std::string block_bytes(BlockHeader header, std::string_view position, std::string_view payload);
/// Nothing when 32 bytes are not there, or are not the beginning of a block.
std::optional<BlockHeader> read_block_header(const base::File& file, std::uint64_t offset);
/// Position and stored payload. False when they are not all there or do not match the checksum.
bool read_block(const base::File& file, std::uint64_t offset, const BlockHeader& header, std::string& position,
                std::string& payload);
/// The records of a changes block. False when they do not unpack to what the header says.
bool unpack(const BlockHeader& header, std::string&& payload, std::string& records);

/// Counts one record, or a run of them that was written by us.
void count(model::ChangeKind kind, SegmentTotals& totals);
void count(std::string_view records, SegmentTotals& totals);

std::string footer_payload(const SegmentTotals& totals,
                           const std::vector<std::pair<std::uint64_t, std::int64_t>>& fresh);
struct Footer {
  SegmentTotals totals = {};
  std::vector<std::pair<std::uint64_t, std::int64_t>> fresh = {};  ///< Offset and first change.
};
/// Nothing when the file does not end in one.
std::optional<Footer> read_footer(const base::File& file);

[[noreturn]] void damaged(const std::filesystem::path& path, std::uint64_t offset);

}  // namespace voyager::format::segment
