#include "migration/snapshot/user_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"

namespace voyager::migration {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::size_t kScanBytes = 4 * 1024 * 1024;
constexpr std::uint32_t kFrameRows = 20'000;
constexpr std::uint64_t kFrameBytes = 4ULL * 1024 * 1024;

[[noreturn]] void fail_shorter(const std::filesystem::path& path) {
  base::fail(base::ExitCode::kFailure, "the file " + path.string() + " became shorter while it was read", {},
             {"import it again from the start: --start-clean true"});
}

// Where rows [first, first + rows) of a frame stand, found by scanning the frame row by row.
std::vector<format::ByteRange> ranges_of_rows(const base::File& file, const ImportFile& about, const FrameRows& part) {
  const format::Frame& frame = about.frames[part.frame];
  format::RowLimits limits{.rows_max = 1, .bytes_max = frame.stored_bytes + 1, .row_bytes_max = frame.stored_bytes + 1};
  limits.skip_empty_lines = about.columns.size() != 1;
  format::RowScanner scanner(about.format, {.offset = frame.offset, .line_end = about.line_end}, limits);
  std::vector<format::RowBatch> rows;
  std::string piece;
  for (std::uint64_t at = 0; at < frame.stored_bytes; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(kScanBytes, frame.stored_bytes - at));
    if (file.read_at(frame.offset + at, piece.data(), piece.size()) != piece.size()) fail_shorter(file.path());
    scanner.scan(piece, rows);
  }
  scanner.finish(rows);
  VOY_ASSERT(rows.size() == frame.rows);
  std::vector<format::ByteRange> ranges;
  for (std::size_t i = part.first; i < part.first + part.rows; ++i) ranges.push_back(rows[i].bytes);
  return ranges;
}

class UserRowStream : public connector::RowStream {
 public:
  explicit UserRowStream(const Batch& batch) : batch_(batch), file_(base::File::open_read(batch.file->path)) {}

  std::string_view next_piece() override {
    while (range_ == ranges_.size()) {
      if (part_ == batch_.parts.size()) return {};
      find_ranges(batch_.parts[part_++]);
    }
    format::ByteRange& range = ranges_[range_];
    piece_.resize(std::min<std::uint64_t>(kPieceBytes, range.end - range.begin));
    if (file_.read_at(range.begin, piece_.data(), piece_.size()) != piece_.size()) fail_shorter(file_.path());
    range.begin += piece_.size();
    if (range.begin == range.end) ++range_;
    return piece_;
  }

 private:
  void find_ranges(const FrameRows& part) {
    const format::Frame& frame = batch_.file->frames[part.frame];
    range_ = 0;
    ranges_.clear();
    if (part.first == 0 && part.rows == frame.rows) {
      std::uint64_t at = frame.offset;
      for (const format::ByteRange& gap : batch_.file->gaps[part.frame]) {
        if (gap.begin > at) ranges_.push_back({at, gap.begin});
        at = gap.end;
      }
      if (at < frame.offset + frame.stored_bytes) ranges_.push_back({at, frame.offset + frame.stored_bytes});
    } else {
      ranges_ = ranges_of_rows(file_, *batch_.file, part);
    }
    std::erase_if(ranges_, [](const format::ByteRange& range) { return range.begin == range.end; });
  }

  const Batch batch_;
  const base::File file_;
  std::size_t part_ = 0;
  std::size_t range_ = 0;
  std::vector<format::ByteRange> ranges_ = {};
  std::string piece_ = {};
};

}  // namespace

std::unique_ptr<connector::RowStream> open_user_rows(const Batch& batch) {
  return std::make_unique<UserRowStream>(batch);
}

struct UserFileScan::Impl {
  base::File file;
  ImportFile about;
  format::RowScanner scanner;
  std::uint64_t at = 0;
  std::int32_t next_number = 0;
  bool ended = false;
  std::string piece = {};
  std::vector<format::RowBatch> found = {};

  format::Frame frame_of(const format::RowBatch& batch) {
    if (next_number >= format::kFramesPerFileMax) {
      base::fail(base::ExitCode::kUsage, "the file " + file.path().string() + " is too large for one file",
                 fmt::format("it has more than {} batches", format::kFramesPerFileMax),
                 {"split it into several files"});
    }
    const std::uint64_t size = batch.bytes.end - batch.bytes.begin;
    return {.number = next_number++,
            .offset = batch.bytes.begin,
            .stored_bytes = size,
            .raw_bytes = size,
            .rows = batch.rows};
  }
};

namespace {
format::RowLimits scan_limits(const FileImportOptions& options, std::size_t columns) {
  return {.rows_max = kFrameRows,
          .bytes_max = kFrameBytes,
          .row_bytes_max = options.row_bytes_max,
          .skip_empty_lines = columns != 1,
          .go_on_after_problem = options.common.error_policy == ErrorPolicy::kStashAndContinue};
}
}  // namespace

UserFileScan::UserFileScan(const UserFile& file, const FileImportOptions& options, std::vector<model::Column> columns,
                           std::size_t table_index, bool triggers_on)
    : impl_(new Impl{
          .file = base::File::open_read(file.path),
          .about = {},
          .scanner = format::RowScanner(options.format, options.has_header, scan_limits(options, columns.size()))}) {
  impl_->about = {.name = file.path.string(),
                  .path = file.path,
                  .user_file = true,
                  .format = options.format,
                  .table = file.table,
                  .columns = std::move(columns),
                  .triggers_on = triggers_on,
                  .table_index = table_index};
}

UserFileScan::~UserFileScan() = default;

std::shared_ptr<const ImportFile> UserFileScan::next(std::vector<BadRow>& bad) {
  Impl& self = *impl_;
  while (!self.ended) {
    self.found.clear();
    self.piece.resize(kScanBytes);
    self.piece.resize(self.file.read_at(self.at, self.piece.data(), self.piece.size()));
    self.at += self.piece.size();
    if (!self.piece.empty()) self.scanner.scan(self.piece, self.found);
    if (self.piece.empty()) self.scanner.finish(self.found);
    self.ended = self.piece.empty() || self.scanner.ended();

    auto file = std::make_shared<ImportFile>(self.about);
    file->line_end = self.scanner.place().line_end;
    for (const format::RowBatch& batch : self.found) {
      if (batch.problem != format::RowProblem::kNone) {
        auto one = std::make_shared<ImportFile>(self.about);
        one->frames.push_back(self.frame_of(batch));
        one->gaps.emplace_back();
        bad.push_back({.row = {.file = one, .parts = {{0, 0, 1}}},
                       .reason = fmt::format("line {}: {}", batch.line, format::explain(batch.problem))});
        continue;
      }
      file->frames.push_back(self.frame_of(batch));
      file->gaps.push_back(batch.gaps);
    }
    if (!file->frames.empty() || !bad.empty()) return file;
  }
  return nullptr;
}

}  // namespace voyager::migration
