#include "format/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace voyager::format {
namespace {

constexpr std::size_t kBlockBytes = 64UL * 1024;
// Far above any statement; a quote that is never closed would else read the whole file into memory.
constexpr std::size_t kRecordBytesMax = 64UL * 1024 * 1024;
constexpr int kEnd = -1;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& file) : file_(base::File::open_read(file)), block_(kBlockBytes) {
  if (refill() && std::string_view(block_.data(), filled_).starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  if (!read_record()) fail("the file is empty: not even a header is there");
  make_values();
  for (const CsvValue& value : values_) header_.emplace_back(value.text);
}

std::optional<std::size_t> CsvReader::column(std::string_view name) const {
  const auto same = [&](const std::string& one) { return base::equals_ignoring_case(base::trim(one), name); };
  const auto found = std::ranges::find_if(header_, same);
  return found == header_.end() ? std::nullopt : std::optional<std::size_t>(found - header_.begin());
}

bool CsvReader::next() {
  if (!read_record()) return false;
  make_values();
  if (values_.size() != header_.size())
    fail(fmt::format("the record has {} values, the header names {}", values_.size(), header_.size()));
  return true;
}

void CsvReader::fail(std::string cause) const {
  throw base::Error({.code = "ASM-011",
                     .title = "a file of the gathered metadata is damaged",
                     .where = fmt::format("{}:{}", file_.path().string(), line_),
                     .cause = std::move(cause),
                     .fix = {"gather the metadata again, or copy the file again as it was written (no editor, no "
                             "spreadsheet)"},
                     .then = "an earlier assessment was left as it is"});
}

bool CsvReader::refill() {
  filled_ = file_.read_at(offset_, block_.data(), block_.size());
  offset_ += filled_;
  at_ = 0;
  return filled_ > 0;
}

int CsvReader::peek() {
  if (at_ == filled_ && !refill()) return kEnd;
  return static_cast<unsigned char>(block_[at_]);
}

int CsvReader::take() {
  const int c = peek();
  if (c == kEnd) return kEnd;
  ++at_;
  if (c == '\n') ++next_line_;
  return c;
}

// Everything up to the quote that closes the value; the opening one was taken.
void CsvReader::read_quoted() {
  for (;;) {
    const int c = take();
    if (c == kEnd || record_.size() > kRecordBytesMax) fail("a quote is opened in this record and never closed");
    if (c != '"') {
      record_.push_back(static_cast<char>(c));
    } else if (peek() == '"') {
      record_.push_back(static_cast<char>(take()));
    } else {
      return;
    }
  }
}

// False at the end of the file.
bool CsvReader::read_record() {
  while (peek() == '\n' || peek() == '\r') take();
  line_ = next_line_;
  record_.clear();
  pieces_.assign(1, {});
  if (peek() == kEnd) return false;
  for (;;) {
    Piece& piece = pieces_.back();
    const int c = take();
    const bool line_end = c == kEnd || c == '\n' || (c == '\r' && (peek() == '\n' || peek() == kEnd));
    if (line_end) {
      if (c == '\r') take();
      return true;
    }
    if (c == ',') {
      pieces_.push_back({.begin = record_.size()});
    } else if (piece.quoted) {
      fail("a comma or the end of the line must follow a closing quote");
    } else if (c != '"') {
      record_.push_back(static_cast<char>(c));
      if (record_.size() > kRecordBytesMax) fail("the record is longer than 64 MiB");
    } else if (piece.begin == record_.size()) {
      piece.quoted = true;
      read_quoted();
    } else {
      fail("there is a quote in a value that does not begin with one");
    }
  }
}

void CsvReader::make_values() {
  values_.clear();
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::size_t end = i + 1 < pieces_.size() ? pieces_[i + 1].begin : record_.size();
    const std::size_t begin = pieces_[i].begin;
    const std::string_view text = std::string_view(record_).substr(begin, end - begin);
    if (const auto bad = base::first_bad_byte(text)) fail(base::explain_bad_byte(text[*bad]));
    values_.push_back({.text = text, .quoted = pieces_[i].quoted});
  }
}

}  // namespace voyager::format
