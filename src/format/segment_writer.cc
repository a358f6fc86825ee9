// Writing segments.
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "format/segment.h"
#include "format/segment_layout.h"

namespace voyager::format {
namespace {

using model::ChangeKind;
using segment::BlockHeader;
using segment::BlockKind;

constexpr std::size_t kBlockBytes = 256UL * 1024;
constexpr std::uint64_t kFreshEvery = 8ULL * 1024 * 1024;  // raw bytes
constexpr std::size_t kCompressFrom = 1024;
constexpr int kLevel = 1;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& export_dir, std::uint64_t number) {
  return export_dir / "data" / "queue" / fmt::format("segment.{}", number);
}

struct SegmentWriter::Impl {
  // What a table's number means, and whether the file has said so since the last fresh block.
  struct Description {
    std::string record = {};
    bool said = false;
  };

  base::File file = {};
  SegmentHeader header = {};
  SegmentTotals totals = {};
  SegmentEnd end = {};
  std::uint64_t bytes = 0;                   // of the file
  std::optional<std::uint64_t> footer = {};  // where it begins, once there is one
  std::int64_t block_vsn = 1;                // of the first change of the block in hand
  std::string block = {};                    // records of the block in hand
  std::uint32_t block_changes = 0;
  bool block_fresh = true;
  std::uint64_t since_fresh = 0;  // raw bytes
  std::uint64_t since_mark = 0;   // bytes of the file
  model::Position position = {};  // behind the last record of the block in hand
  std::map<std::uint32_t, Description> tables = {};
  std::vector<std::pair<std::uint64_t, std::int64_t>> fresh = {};
  std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
  std::string packed = {};

  void add(std::string_view record, const model::ChangeOutline& outline);
  void say(Description& table);
  void write_block();
  void write(const BlockHeader& block_header, std::string_view payload, std::string_view at = {});
  void take_over(const base::File& from, std::uint64_t safe_bytes);
  void sync();
  void finish();
};

void SegmentWriter::Impl::say(Description& table) {
  if (table.said) return;
  table.said = true;
  block += table.record;
}

void SegmentWriter::Impl::add(std::string_view record, const model::ChangeOutline& outline) {
  if (outline.kind == ChangeKind::kTable) {
    Description& table = tables[outline.table];
    table = {.record = std::string(record)};
    return say(table);
  }
  if (outline.kind >= ChangeKind::kInsert && outline.kind <= ChangeKind::kDelete) {
    const auto table = tables.find(outline.table);
    VOY_ASSERT(table != tables.end());
    say(table->second);
  } else if (outline.kind == ChangeKind::kTruncate || outline.kind == ChangeKind::kCascade) {
    // Rare, and its tables stand inside of it: all that are known are said.
    for (auto& [number, table] : tables) say(table);
  }
  block += record;
  const std::uint64_t before = totals.changes;
  segment::count(outline.kind, totals);
  block_changes += static_cast<std::uint32_t>(totals.changes - before);
}

void SegmentWriter::Impl::write(const BlockHeader& block_header, std::string_view payload, std::string_view at) {
  const std::string all = segment::block_bytes(block_header, at, payload);
  file.write(all);
  bytes += all.size();
  since_mark += all.size();
}

void SegmentWriter::Impl::write_block() {
  if (block.empty()) return;
  BlockHeader out{.kind = BlockKind::kChanges,
                  .flags = block_fresh ? segment::kFresh : std::uint8_t{0},
                  .raw_bytes = static_cast<std::uint32_t>(block.size()),
                  .changes = block_changes,
                  .first_vsn = block_vsn};
  if (block_fresh) fresh.emplace_back(bytes, block_vsn);
  std::string_view payload = block;
  if (block.size() >= kCompressFrom) {
    packed.resize(ZSTD_compressBound(block.size()));
    const std::size_t size =
        ZSTD_compressCCtx(context.get(), packed.data(), packed.size(), block.data(), block.size(), kLevel);
    if (ZSTD_isError(size) == 0 && size < block.size()) {
      out.flags |= segment::kCompressed;
      payload = std::string_view(packed).substr(0, size);
    }
  }
  write(out, payload, position.bytes);
  since_fresh += block.size();
  block_vsn += block_changes;
  block_changes = 0;
  // One value of a gigabyte is no reason to keep its memory.
  if (block.capacity() > 16 * kBlockBytes) block = {};
  if (packed.capacity() > 16 * kBlockBytes) packed = {};
  block.clear();
  block_fresh = since_fresh >= kFreshEvery;
  if (!block_fresh) return;
  since_fresh = 0;
  for (auto& [number, table] : tables) table.said = false;
}

SegmentWriter::SegmentWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SegmentWriter::~SegmentWriter() = default;
SegmentWriter::SegmentWriter(SegmentWriter&&) noexcept = default;
SegmentWriter& SegmentWriter::operator=(SegmentWriter&&) noexcept = default;

SegmentWriter SegmentWriter::create(const std::filesystem::path& path, const SegmentHeader& header,
                                    SegmentWriter* previous) {
  VOY_ASSERT(!std::filesystem::exists(path));
  auto impl = std::make_unique<Impl>();
  if (previous != nullptr) {
    impl->tables = std::move(previous->impl_->tables);
    for (auto& [number, table] : impl->tables) table.said = false;
  }
  impl->header = header;
  impl->block_vsn = header.first_vsn;
  const std::string bytes = segment::header_bytes(header);
  // Under its own name only when it is whole: nobody has to understand half a header.
  base::write_file_atomically(path, bytes);
  impl->file = base::File::open_append(path);
  impl->bytes = bytes.size();
  impl->end = {.bytes = bytes.size(), .next_vsn = header.first_vsn};
  return SegmentWriter(std::move(impl));
}

void SegmentWriter::append(std::string_view records, const model::Position& end) {
  VOY_ASSERT(!end.bytes.empty());
  Impl& to = *impl_;
  while (!records.empty()) {
    const std::optional<model::ChangeOutline> one = model::outline(records);
    VOY_ASSERT(one.has_value());
    to.add(records.substr(0, one->size), *one);
    records.remove_prefix(one->size);
    // The position inside of what was appended is not known: such a block has none.
    to.position = {};
    if (to.block.size() >= kBlockBytes && !records.empty()) to.write_block();
  }
  to.position = end;
  if (to.block.size() >= kBlockBytes) to.write_block();
}

void SegmentWriter::Impl::sync() {
  write_block();
  if (since_mark == 0) return;
  file.sync();
  write({.kind = BlockKind::kMark, .first_vsn = block_vsn}, {}, position.bytes);
  since_mark = 0;
  end = {.bytes = bytes, .next_vsn = block_vsn, .position = position};
}

const SegmentEnd& SegmentWriter::sync() {
  impl_->sync();
  return impl_->end;
}

// What stands behind the footer, which is written.
void SegmentWriter::Impl::finish() {
  std::string tail(reinterpret_cast<const char*>(&*footer), sizeof *footer);
  tail += segment::kEndMagic;
  file.write(tail);
  bytes += tail.size();
  file.sync();
  file.close();
  end = {.bytes = bytes, .next_vsn = block_vsn, .position = position};
}

void SegmentWriter::close() {
  Impl& to = *impl_;
  sync();
  to.footer = to.bytes;
  const std::string payload = segment::footer_payload(to.totals, to.fresh);
  to.write(
      {.kind = BlockKind::kFooter, .raw_bytes = static_cast<std::uint32_t>(payload.size()), .first_vsn = to.block_vsn},
      payload);
  to.finish();
}

SegmentWriter SegmentWriter::resume(const std::filesystem::path& path, std::uint64_t safe_bytes) {
  auto impl = std::make_unique<Impl>();
  {
    const base::File file = base::File::open_read(path);
    impl->take_over(file, safe_bytes);
  }
  std::error_code fault;
  std::filesystem::resize_file(path, impl->bytes, fault);
  if (fault) base::fail(base::ExitCode::kFailure, "cannot cut " + path.string(), fault.message());
  impl->file = base::File::open_append(path);
  if (impl->footer) {
    impl->finish();
  } else {
    impl->since_mark = 1;  // What was found behind the last mark becomes safe.
    impl->sync();
  }
  return SegmentWriter(std::move(impl));
}

// Finds where what an earlier writer left stops being whole, and what it holds up to there.
void SegmentWriter::Impl::take_over(const base::File& from, std::uint64_t safe_bytes) {
  std::uint64_t at = 0;
  std::tie(header, at) = segment::read_header(from);
  bytes = at;
  block_vsn = header.first_vsn;
  SegmentTotals counted;
  std::string place, payload, records;
  for (;;) {
    const std::optional<BlockHeader> one = segment::read_block_header(from, at);
    if (!one || !segment::read_block(from, at, *one, place, payload)) break;
    if (one->kind == BlockKind::kFooter) {
      // A reader may have seen it, and looks for what follows in the next file.
      footer = at;
      bytes = at + one->size();
      break;
    }
    if (one->kind == BlockKind::kChanges) {
      if ((one->flags & segment::kFresh) != 0) fresh.emplace_back(at, one->first_vsn);
      if (!segment::unpack(*one, std::move(payload), records)) break;
      segment::count(records, counted);
    }
    at += one->size();
    // The position inside of an append is not known, so an append of which only a part is there is cut off too.
    // A mark stands behind whole appends only; before the first one it has no position.
    if (place.empty() && one->kind == BlockKind::kChanges) continue;
    bytes = at;
    block_vsn = one->first_vsn + one->changes;
    if (!place.empty()) position.bytes = place;
    totals = counted;
  }
  if (bytes < safe_bytes) segment::damaged(from.path(), at);
  std::erase_if(fresh, [&](const auto& block_start) { return block_start.first >= bytes; });
}

const SegmentHeader& SegmentWriter::header() const {
  return impl_->header;
}
SegmentTotals SegmentWriter::totals() const {
  return impl_->totals;
}
std::uint64_t SegmentWriter::bytes() const {
  return impl_->bytes + impl_->block.size();
}
std::int64_t SegmentWriter::next_vsn() const {
  return impl_->block_vsn + impl_->block_changes;
}
bool SegmentWriter::closed() const {
  return impl_->footer.has_value();
}
const SegmentEnd& SegmentWriter::end() const {
  return impl_->end;
}

}  // namespace voyager::format
