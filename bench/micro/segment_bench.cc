// The queue between capture and appliers: one million changes of seven columns, some 165 bytes each, in transactions of
// 100.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "format/segment.h"
#include "model/changes.h"

namespace {

using namespace voyager;

constexpr int kTransactions = 10'000;
constexpr int kRows = 100;

std::string transaction(int number) {
  std::string bytes;
  model::ChangeWriter out(bytes);
  if (number == 0) {
    model::ChangeTable table{.name = {model::Identifier("public"), model::Identifier("orders")}};
    for (const char* name : {"id", "customer", "at", "amount", "state", "note", "extra"})
      table.columns.push_back({model::Identifier(name), "text", false});
    out.table(1, table);
  }
  out.begin(std::to_string(number), 0);
  for (int row = 0; row < kRows; ++row) {
    out.begin_row(model::ChangeKind::kInsert, 1, model::BeforeKind::kNone);
    out.begin_tuple(7);
    const std::string id = std::to_string(number * kRows + row);
    out.text(id);
    out.text("customer " + id);
    out.text("2026-11-26 10:00:00.123456+00");
    out.text("1234.56");
    out.text("shipped");
    out.text("a note of about sixty characters that says nothing at all, " + id);
    out.null();
    out.end_row();
  }
  out.commit();
  return bytes;
}

const std::filesystem::path kPath =
    std::filesystem::temp_directory_path() / ("segment-bench-" + std::to_string(::getpid()));

void write(const std::vector<std::string>& transactions) {
  std::filesystem::remove(kPath);
  format::SegmentWriter writer = format::SegmentWriter::create(kPath, {});
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    writer.append(transactions[i], {std::to_string(1'000'000 + i)});
    if (i % 100 == 99) writer.sync();
  }
  writer.close();
}

std::vector<std::string> all_transactions() {
  std::vector<std::string> out;
  for (int i = 0; i < kTransactions; ++i) out.push_back(transaction(i));
  return out;
}

void WriteSegment(benchmark::State& state) {
  const std::vector<std::string> transactions = all_transactions();
  for (auto _ : state) write(transactions);
  state.SetItemsProcessed(state.iterations() * kTransactions * kRows);
}
BENCHMARK(WriteSegment)->Unit(benchmark::kMillisecond)->MinTime(2);

void ReadSegment(benchmark::State& state) {
  write(all_transactions());
  for (auto _ : state) {
    format::SegmentReader reader(kPath);
    format::SegmentBlock block;
    model::ChangeTables tables;
    model::Change change;
    std::size_t bytes = 0;
    while (reader.next(block)) {
      model::ChangeReader changes(block.records, tables);
      while (changes.next(change)) {
        for (const model::ChangeValue& value : change.after) bytes += value.text.size();
      }
    }
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * kTransactions * kRows);
  std::filesystem::remove(kPath);
}
BENCHMARK(ReadSegment)->Unit(benchmark::kMillisecond)->MinTime(2);

}  // namespace
