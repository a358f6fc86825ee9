// Reading segments, also one that is being written.
#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "format/segment.h"
#include "format/segment_layout.h"

namespace voyager::format {

using segment::BlockHeader;
using segment::BlockKind;

struct SegmentReader::Impl {
  explicit Impl(const std::filesystem::path& path) : file(base::File::open_read(path)) {
    std::tie(header, at) = segment::read_header(file);
    safe = at;
  }
  void look_for_marks();

  base::File file;
  SegmentHeader header = {};
  std::uint64_t at = 0;    // of the next block
  std::uint64_t safe = 0;  // end of what a mark says is on the disk
  bool ended = false;      // the footer was seen
  std::string payload = {};
};

// Blocks that are not whole yet end the look. What lies behind the last mark is looked at anew each time: a writer that
// begins again may have cut it off and written something else in its place.
void SegmentReader::Impl::look_for_marks() {
  std::uint64_t seen = safe;
  const std::uint64_t size = file.size();
  while (!ended) {
    const std::optional<BlockHeader> one = segment::read_block_header(file, seen);
    if (!one || seen + one->size() > size) return;
    if (one->kind != BlockKind::kChanges) {
      // What the trust in everything before it rests on.
      std::string position;
      if (!segment::read_block(file, seen, *one, position, payload)) return;
      safe = seen + one->size();
      ended = one->kind == BlockKind::kFooter;
    }
    seen += one->size();
  }
}

SegmentReader::SegmentReader(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {}
SegmentReader::~SegmentReader() = default;
SegmentReader::SegmentReader(SegmentReader&&) noexcept = default;

const SegmentHeader& SegmentReader::header() const {
  return impl_->header;
}

void SegmentReader::seek(std::int64_t vsn) {
  Impl& in = *impl_;
  std::uint64_t best = segment::read_header(in.file).second;
  if (const std::optional<segment::Footer> footer = segment::read_footer(in.file)) {
    for (const auto& [offset, first_vsn] : footer->fresh) {
      if (first_vsn <= vsn) best = offset;
    }
    in.at = best;
    return;
  }
  in.look_for_marks();
  for (std::uint64_t at = best; at < in.safe;) {
    const std::optional<BlockHeader> one = segment::read_block_header(in.file, at);
    if (!one || one->first_vsn > vsn) break;
    if (one->kind == BlockKind::kChanges && (one->flags & segment::kFresh) != 0) best = at;
    at += one->size();
  }
  in.at = best;
}

bool SegmentReader::next(SegmentBlock& block) {
  Impl& in = *impl_;
  for (;;) {
    if (in.at >= in.safe) in.look_for_marks();
    if (in.at >= in.safe) return false;
    const std::optional<BlockHeader> one = segment::read_block_header(in.file, in.at);
    if (!one || !segment::read_block(in.file, in.at, *one, block.end.bytes, in.payload))
      segment::damaged(in.file.path(), in.at);
    const std::uint64_t from = in.at;
    in.at += one->size();
    if (one->kind != BlockKind::kChanges) continue;
    if (!segment::unpack(*one, std::move(in.payload), block.records)) segment::damaged(in.file.path(), from);
    block.first_vsn = one->first_vsn;
    block.changes = one->changes;
    block.fresh = (one->flags & segment::kFresh) != 0;
    return true;
  }
}

std::uint64_t SegmentReader::read_bytes() const {
  return impl_->at;
}

bool SegmentReader::finished() const {
  return impl_->ended && impl_->at >= impl_->safe;
}

void SegmentReader::expect(std::uint64_t safe_bytes) {
  Impl& in = *impl_;
  in.look_for_marks();
  if (in.safe < safe_bytes && !in.ended) segment::damaged(in.file.path(), in.safe);
}

std::optional<SegmentTotals> SegmentReader::totals() {
  const std::optional<segment::Footer> footer = segment::read_footer(impl_->file);
  return footer ? std::optional(footer->totals) : std::nullopt;
}

}  // namespace voyager::format
