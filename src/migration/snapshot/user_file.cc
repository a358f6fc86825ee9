#include "migration/snapshot/user_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

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
             {"import it again from the start: yb-voyager --start-clean true --truncate-tables true ..."});
}

// The rows of a frame, found by scanning it row by row.
std::vector<format::RowBatch> rows_of_frame(const base::File& file, const ImportFile& about, std::size_t number) {
  const model::Frame& frame = about.frames[number];
  format::RowLimits limits{.rows_max = 1, .bytes_max = frame.stored_bytes + 1, .row_bytes_max = frame.stored_bytes + 1};
  limits.skip_empty_lines = about.columns.size() != 1;
  format::RowScanner scanner(about.format,
                             {.offset = frame.offset, .line = about.lines[number], .line_end = about.line_end}, limits);
  std::vector<format::RowBatch> rows;
  std::string piece;
  for (std::uint64_t at = 0; at < frame.stored_bytes; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(kScanBytes, frame.stored_bytes - at));
    if (file.read_at(frame.offset + at, piece.data(), piece.size()) != piece.size()) fail_shorter(file.path());
    scanner.scan(piece, rows);
  }
  scanner.finish(rows);
  VOY_ASSERT(rows.size() == frame.rows);
  return rows;
}

std::vector<format::ByteRange> ranges_of_rows(const base::File& file, const ImportFile& about, const FrameRows& part) {
  const std::vector<format::RowBatch> rows = rows_of_frame(file, about, part.frame);
  std::vector<format::ByteRange> ranges;
  for (std::size_t i = part.first; i < part.first + part.rows; ++i) ranges.push_back(rows[i].bytes);
  return ranges;
}

// Where the rows of a part stand in the file.
std::vector<format::ByteRange> ranges_of_part(const base::File& file, const ImportFile& about, const FrameRows& part) {
  const model::Frame& frame = about.frames[part.frame];
  std::vector<format::ByteRange> ranges;
  if (part.first == 0 && part.rows == frame.rows) {
    std::uint64_t at = frame.offset;
    for (const format::ByteRange& gap : about.gaps[part.frame]) {
      if (gap.begin > at) ranges.push_back({at, gap.begin});
      at = gap.end;
    }
    if (at < frame.offset + frame.stored_bytes) ranges.push_back({at, frame.offset + frame.stored_bytes});
  } else {
    ranges = ranges_of_rows(file, about, part);
  }
  std::erase_if(ranges, [](const format::ByteRange& range) { return range.begin == range.end; });
  return ranges;
}

/// Calls `see` with the offset of each `wanted` in the range until it says false.
template <typename See>
bool each_byte(const base::File& file, format::ByteRange range, char wanted, See&& see) {
  std::string piece;
  while (range.begin < range.end) {
    piece.resize(std::min<std::uint64_t>(kScanBytes, range.end - range.begin));
    if (file.read_at(range.begin, piece.data(), piece.size()) != piece.size()) fail_shorter(file.path());
    for (std::size_t at = piece.find(wanted); at != std::string::npos; at = piece.find(wanted, at + 1)) {
      if (!see(range.begin + at)) return false;
    }
    range.begin += piece.size();
  }
  return true;
}

class UserRowStream : public connector::RowStream {
 public:
  explicit UserRowStream(const Batch& batch) : batch_(batch), file_(base::File::open_read(batch.file->path)) {}

  std::string_view next_piece() override {
    while (range_ == ranges_.size()) {
      if (part_ == batch_.parts.size()) return {};
      range_ = 0;
      ranges_ = ranges_of_part(file_, *batch_.file, batch_.parts[part_++]);
    }
    format::ByteRange& range = ranges_[range_];
    piece_.resize(std::min<std::uint64_t>(kPieceBytes, range.end - range.begin));
    if (file_.read_at(range.begin, piece_.data(), piece_.size()) != piece_.size()) fail_shorter(file_.path());
    range.begin += piece_.size();
    if (range.begin == range.end) ++range_;
    return piece_;
  }

 private:
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

namespace {

constexpr std::string_view kPartMark = " (part ";

struct Magic {
  std::string_view bytes;
  const char* what;
  const char* fix;
};
constexpr Magic kForeignFiles[] = {
    {"\x1f\x8b", "it is compressed with gzip", "gunzip -k "},
    {"\x28\xb5\x2f\xfd", "it is compressed with zstd", "unzstd "},
    {"BZh", "it is compressed with bzip2", "bunzip2 -k "},
    {std::string_view("\xfd"
                      "7zXZ\0",
                      6),
     "it is compressed with xz", "unxz -k "},
    {std::string_view("PK\x03\x04", 4), "it is a zip archive", "unzip "},
    {"\xff\xfe", "it is in UTF-16", "iconv -f UTF-16 -t UTF-8 -o utf8.csv "},
    {"\xfe\xff", "it is in UTF-16", "iconv -f UTF-16 -t UTF-8 -o utf8.csv "},
};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::uint64_t length_of_mark(const base::File& file) {
  std::string start(kByteOrderMark.size(), '\0');
  start.resize(file.read_at(0, start.data(), start.size()));
  return start == kByteOrderMark ? start.size() : 0;
}

}  // namespace

void check_user_file(const UserFile& file, const FileImportOptions&) {
  std::string start(512, '\0');
  start.resize(base::File::open_read(file.path).read_at(0, start.data(), start.size()));
  for (const Magic& one : kForeignFiles) {
    if (!start.starts_with(one.bytes)) continue;
    base::fail(base::ExitCode::kUsage, "the file " + file.path.string() + " cannot be read as it is", one.what,
               {one.fix + file.path.string()});
  }
  // A single one is a bad row, which the target will refuse.
  if (std::ranges::count(start, '\0') * 4 < std::ssize(start) || start.empty()) return;
  base::fail(base::ExitCode::kUsage, "the file " + file.path.string() + " cannot be read as it is",
             "many of its bytes are zero: it is in UTF-16 or UTF-32, or no text at all",
             {"convert it to UTF-8, for instance: iconv -f UTF-16LE -t UTF-8 -o utf8.csv " + file.path.string()});
}

std::string user_file_of(const std::string& bookkeeping_name) {
  const std::size_t mark = bookkeeping_name.rfind(kPartMark);
  return mark != std::string::npos && bookkeeping_name.ends_with(')') ? bookkeeping_name.substr(0, mark)
                                                                      : bookkeeping_name;
}

namespace {

std::uint64_t line_ends_in_first_row(const base::File& file, const Batch& batch, char counted) {
  std::uint64_t found = 0;
  FrameRows first = batch.parts.at(0);
  first.rows = 1;
  for (const format::ByteRange& range : ranges_of_part(file, *batch.file, first)) {
    each_byte(file, range, counted, [&](std::uint64_t) {
      ++found;
      return true;
    });
  }
  return std::max<std::uint64_t>(1, found);
}

}  // namespace

std::uint64_t file_line_of(const Batch& batch, std::uint64_t stream_line) {
  const base::File file = base::File::open_read(batch.file->path);
  const char new_line = batch.file->line_end == format::LineEnd::kCr ? '\r' : '\n';
  // The server counts what ends its lines, but not inside the first row's quotes: it does not know it yet.
  const char counted = batch.file->line_end == format::LineEnd::kLf ? '\n' : '\r';
  if (stream_line > 1) stream_line += line_ends_in_first_row(file, batch, counted) - 1;
  std::vector<format::ByteRange> ranges;
  for (const FrameRows& part : batch.parts) {
    for (const format::ByteRange& range : ranges_of_part(file, *batch.file, part)) ranges.push_back(range);
  }
  std::optional<std::uint64_t> start;  // of the line
  std::uint64_t lines = 1;
  for (std::size_t i = 0; i < ranges.size() && !start; ++i) {
    if (lines >= stream_line) start = ranges[i].begin;
    if (start) break;
    each_byte(file, ranges[i], counted, [&](std::uint64_t at) {
      if (++lines == stream_line && at + 1 < ranges[i].end) start = at + 1;
      return lines < stream_line;
    });
  }
  // From the frame that holds it: what the scan has counted is not counted again.
  const std::uint64_t offset = start.value_or(ranges.empty() ? 0 : ranges.back().begin);
  std::size_t frame = batch.parts.back().frame;
  while (frame > 0 && batch.file->frames[frame].offset > offset) --frame;
  std::uint64_t line = batch.file->lines[frame];
  each_byte(file, {batch.file->frames[frame].offset, offset}, new_line, [&](std::uint64_t) {
    ++line;
    return true;
  });
  return line;
}

std::uint64_t first_line_of(const Batch& batch) {
  const FrameRows& first = batch.parts.at(0);
  if (first.first == 0) return batch.file->lines[first.frame];
  return rows_of_frame(base::File::open_read(batch.file->path), *batch.file, first.frame)[first.first].line;
}

struct UserFileScan::Impl {
  base::File file;
  ImportFile about;
  format::RowLimits limits;
  std::optional<format::RowScanner> scanner;
  std::uint64_t at = 0;
  std::int32_t frames_per_name = model::kFramesPerFileMax;
  int part = 1;
  std::int32_t next_number = 0;
  bool ended = false;
  std::string piece = {};
  std::vector<format::RowBatch> found = {};
  std::size_t taken = 0;  // of `found`

  void read_more();
  void look_behind_end_marker();

  /// The next frame begins another name when this one has no numbers left.
  bool part_is_full() const { return next_number >= frames_per_name; }
  void begin_part() {
    ++part;
    next_number = 0;
    about.name = fmt::format("{}{}{})", about.path.string(), kPartMark, part);
  }

  model::Frame frame_of(const format::RowBatch& batch) {
    VOY_ASSERT(!part_is_full());
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
    : impl_(new Impl{.file = base::File::open_read(file.path),
                     .about = {},
                     .limits = scan_limits(options, columns.size()),
                     .scanner = {},
                     .frames_per_name = options.frames_per_name}) {
  // Inside a header the mark does no harm; before the first value it would become a part of it.
  if (options.has_header) {
    impl_->scanner.emplace(options.format, true, impl_->limits);
  } else {
    impl_->at = length_of_mark(impl_->file);
    impl_->scanner.emplace(options.format, format::ScanPlace{.offset = impl_->at}, impl_->limits);
  }
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
  while (true) {
    if (self.taken == self.found.size()) {
      if (self.ended) return nullptr;
      self.read_more();
    }
    if (self.part_is_full()) self.begin_part();
    auto file = std::make_shared<ImportFile>(self.about);
    file->line_end = self.scanner->place().line_end;
    for (; self.taken < self.found.size() && !self.part_is_full(); ++self.taken) {
      const format::RowBatch& batch = self.found[self.taken];
      if (batch.problem != format::RowProblem::kNone) {
        auto one = std::make_shared<ImportFile>(self.about);
        one->frames.push_back(self.frame_of(batch));
        one->gaps.emplace_back();
        one->lines.push_back(batch.line);
        bad.push_back({.row = {.file = one, .parts = {{0, 0, 1}}},
                       .reason = fmt::format("line {}: {}", batch.line, format::explain(batch.problem))});
        continue;
      }
      file->frames.push_back(self.frame_of(batch));
      file->gaps.push_back(batch.gaps);
      file->lines.push_back(batch.line);
    }
    if (!file->frames.empty() || !bad.empty()) return file;
  }
}

void UserFileScan::Impl::read_more() {
  found.clear();
  taken = 0;
  piece.resize(kScanBytes);
  piece.resize(file.read_at(at, piece.data(), piece.size()));
  at += piece.size();
  if (!piece.empty()) scanner->scan(piece, found);
  if (piece.empty()) scanner->finish(found);
  ended = piece.empty() || scanner->ended();
  if (scanner->end_marker()) look_behind_end_marker();
}

// A line `\.` ends the data for COPY. Where rows follow, it is no end but a row that must not be sent: dropping them in
// silence would be a loss.
void UserFileScan::Impl::look_behind_end_marker() {
  const std::uint64_t marker = *scanner->end_marker();
  const format::LineEnd end = scanner->place().line_end;
  const char new_line = end == format::LineEnd::kCr ? '\r' : '\n';
  std::uint64_t line = scanner->place().line;
  std::uint64_t marker_line = line;
  std::uint64_t behind = 0;  // where the next line begins, once found
  std::string bytes(kScanBytes, '\0');
  for (std::uint64_t from = scanner->place().offset;; from += bytes.size()) {
    bytes.resize(file.read_at(from, bytes.data(), bytes.size()));
    if (bytes.empty()) return;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const bool line_end = bytes[i] == '\n' || bytes[i] == '\r';
      const std::uint64_t offset = from + i;
      if (offset >= marker && behind > 0 && !line_end) {
        found.push_back({.bytes = {marker, behind},
                         .rows = 1,
                         .line = marker_line,
                         .problem = format::RowProblem::kEndMarkerBeforeRows});
        ended = !limits.go_on_after_problem;
        if (ended) return;
        scanner.emplace(about.format, format::ScanPlace{.offset = behind, .line = line, .line_end = end}, limits);
        at = behind;
        return;
      }
      if (offset == marker) marker_line = line;
      if (offset >= marker && line_end) behind = offset + 1;
      if (bytes[i] == new_line) ++line;
    }
  }
}

}  // namespace voyager::migration
