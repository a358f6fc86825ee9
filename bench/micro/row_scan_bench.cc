// How fast rows are found in user files: bytes a second on one core, for the kinds of files that differ for the
// scanner.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "format/row_scan.h"

namespace voyager::format {
namespace {

constexpr std::size_t kFileBytes = 64 * 1024 * 1024;
constexpr std::size_t kPieceBytes = 1024 * 1024;

template <typename Row>
std::string file_of(const Row& row) {
  std::string text;
  text.reserve(kFileBytes + 4096);
  for (int i = 0; text.size() < kFileBytes; ++i) text += row(i);
  return text;
}

// What a table with numbers, time stamps and short text looks like.
std::string plain_csv(int i) {
  return fmt::format("{},2024-05-{:02}T10:11:12.{:06}Z,{}.{:02},customer number {},open,true\n", i, i % 28 + 1,
                     i % 1000000, i % 9999, i % 100, i * 31);
}

std::string quoted_csv(int i) {
  return fmt::format("\"{}\",\"2024-05-{:02}\",\"first line\nsecond \"\"line\"\" of {}\",\"x\"\n", i, i % 28 + 1, i);
}

std::string backslash_csv(int i) {
  return fmt::format("\"{}\",\"a \\\"quoted\\\" word and a path C:\\\\temp\\\\{}\",\"x\"\n", i, i);
}

std::string crlf_csv(int i) {
  return fmt::format("{},some text,\"quoted, {}\",more text to fill the row\r\n", i, i);
}

std::string short_csv(int i) {
  return fmt::format("{},{}\n", i % 100, i % 10);
}

std::string copy_text(int i) {
  return fmt::format("{}\tsome text with a \\t tab\t\\N\t\\N\t2024-05-{:02} 10:11:12+00\t{{a,b}}\n", i, i % 28 + 1);
}

void run(benchmark::State& state, const std::string& text, const model::CopyFormat& format, Instructions instructions) {
  const RowLimits limits{.rows_max = 20'000, .bytes_max = 4 * 1024 * 1024, .skip_empty_lines = true};
  std::vector<RowBatch> batches;
  for (auto _ : state) {
    batches.clear();
    RowScanner scanner(format, false, limits, instructions);
    for (std::size_t at = 0; at < text.size(); at += kPieceBytes) {
      scanner.scan(std::string_view(text).substr(at, kPieceBytes), batches);
    }
    scanner.finish(batches);
    benchmark::DoNotOptimize(batches.data());
  }
  if (batches.empty() || batches.back().bytes.end != text.size()) state.SkipWithError("the scan did not reach the end");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

model::CopyFormat csv(char escape = '"') {
  return {.rows = model::RowFormat::kCsv, .delimiter = ',', .escape = escape, .null_string = ""};
}

#define VOY_SCAN_BENCH(name, row, format)                                \
  void name(benchmark::State& state) {                                   \
    static const std::string text = file_of(row);                        \
    run(state, text, format, static_cast<Instructions>(state.range(0))); \
  }                                                                      \
  BENCHMARK(name)->ArgName("portable_sse2_avx2")->DenseRange(1, 3)->Unit(benchmark::kMillisecond)

VOY_SCAN_BENCH(PlainCsv, plain_csv, csv());
VOY_SCAN_BENCH(QuotedCsv, quoted_csv, csv());
VOY_SCAN_BENCH(CsvWithBackslashEscapes, backslash_csv, csv('\\'));
VOY_SCAN_BENCH(CrLfCsv, crlf_csv, csv());
VOY_SCAN_BENCH(CsvOfShortRows, short_csv, csv());
VOY_SCAN_BENCH(CopyText, copy_text, model::CopyFormat{});

}  // namespace
}  // namespace voyager::format
