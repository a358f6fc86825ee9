// Any bytes, any settings, any pieces: RowScanner must agree with the plain reference, batch for batch, and
//  - batches ascend and do not overlap, gaps lie inside their batch,
//  - no batch is above its limits unless it is a single row,
//  - the end marker, when seen, lies at or behind the last batch.
// The first six bytes of the input choose the settings, the rest is the file.
#include <cstdlib>
#include <string_view>

#include "format/row_scan.h"
#include "format/row_scan_reference.h"

namespace {

using namespace voyager;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_batches(const std::vector<format::RowBatch>& batches, const format::RowLimits& limits, std::uint64_t size) {
  std::uint64_t at = 0;
  for (const format::RowBatch& batch : batches) {
    check(batch.bytes.begin >= at && batch.bytes.end <= size && batch.bytes.begin <= batch.bytes.end);
    check(batch.rows >= 1 && batch.rows <= limits.rows_max);
    check(batch.rows == 1 || batch.bytes.end - batch.bytes.begin <= limits.bytes_max);
    at = batch.bytes.begin;
    for (const format::ByteRange& gap : batch.gaps) {
      check(gap.begin > at && gap.end > gap.begin && gap.end < batch.bytes.end);
      at = gap.end;
    }
    at = batch.bytes.end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 6, size - 6);
  model::CopyFormat copy;
  if ((data[0] & 1) != 0) copy = {.rows = model::RowFormat::kCsv, .delimiter = ',', .null_string = ""};
  if ((data[0] & 2) != 0) copy.escape = '\\';
  if ((data[0] & 4) != 0) copy.quote = '\'';
  const bool has_header = (data[0] & 8) != 0;
  const format::RowLimits limits{.rows_max = 1U + data[1],
                                 .bytes_max = 1U + data[2] * 8U,
                                 .row_bytes_max = 4U + data[3] * 16U,
                                 .skip_empty_lines = (data[0] & 16) != 0,
                                 .go_on_after_problem = (data[0] & 32) != 0};
  const std::size_t piece = 1U + data[4] * 4U;

  const format::RowReference expected(text, copy, has_header, limits);
  check_batches(expected.batches(), limits, text.size());
  for (const auto instructions : {format::Instructions::kPortable, format::Instructions::kBest}) {
    format::RowScanner scanner(copy, has_header, limits, instructions);
    std::vector<format::RowBatch> batches;
    for (std::size_t at = 0; at < text.size(); at += piece) scanner.scan(text.substr(at, piece), batches);
    scanner.finish(batches);
    check(batches == expected.batches());
    check(scanner.end_marker() == expected.end_marker());
    check(scanner.header() == expected.header());
  }
  return 0;
}
