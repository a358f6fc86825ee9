// The snapshot's own work for a MySQL: rows as the text protocol has them become rows of COPY. Ten columns, some 130
// bytes, every value looked at.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "connectors/mysql/row_reading.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kColumns = 10;
constexpr std::size_t kRows = 100'000;
constexpr std::array<const char*, kColumns> kTypes = {
    "bigint(20)",   "int(11)",  "decimal(12,2)", "varchar(60)",      "varchar(80)",
    "varchar(200)", "datetime", "timestamp(6)",  "int(10) unsigned", "double"};

ConvertedTable table() {
  ConvertedTable out{.source_name = "t"};
  for (const char* type : kTypes) {
    ConvertedColumn column{.source_name = type, .source_type = parse_type(type).value()};
    out.columns.push_back(std::move(column));
  }
  return out;
}

struct Row {
  std::array<std::string, kColumns> texts = {};
  std::array<const char*, kColumns> values = {};
  std::array<unsigned long, kColumns> lengths = {};
};

std::vector<Row> rows() {
  std::vector<Row> out(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    const std::string number = std::to_string(i + 1'000'000);
    out[i].texts = {number,
                    std::to_string(i % 50'000),
                    number + ".37",
                    "customer " + number,
                    "c" + number + "@example.org",
                    "a note\twith a tab",
                    "2021-03-04 05:06:07",
                    "2021-03-04 05:06:07.000000",
                    number,
                    "142857.14285714287"};
    for (std::size_t at = 0; at < kColumns; ++at) {
      out[i].values[at] = out[i].texts[at].c_str();
      out[i].lengths[at] = out[i].texts[at].size();
    }
  }
  return out;
}

void rows_to_copy(benchmark::State& state) {
  const ConvertedTable converted = table();
  const std::vector<Row> source = rows();
  std::vector<std::size_t> columns;
  for (std::size_t at = 0; at < kColumns; ++at) columns.push_back(at);
  std::string out;
  for (auto _ : state) {
    RowValues values(converted, columns, {}, "bench");
    out.clear();
    for (const Row& row : source) {
      const std::vector<Cell>* const cells = values.read({.values = row.values.data(), .lengths = row.lengths.data()});
      for (const Cell& cell : *cells) {
        append_copy_text(*cell.text, out);
        out += '\t';
      }
      out.back() = '\n';
    }
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kRows));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
}
BENCHMARK(rows_to_copy)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace voyager::mysql
