// Capture's own work for a change: a pgoutput message of the source becomes a record of the queue. One million inserts
// of seven columns, some 165 bytes each, in transactions of 100.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "connectors/postgresql/pgoutput.h"

namespace voyager::postgresql {
namespace {

constexpr int kTransactions = 10'000;
constexpr int kRows = 100;
constexpr std::size_t kBlockBytes = 1024 * 1024;  // What capture hands to the queue at a time.

std::string big_endian(std::uint64_t number, unsigned bytes) {
  std::string out;
  for (unsigned at = bytes; at > 0; --at) out += static_cast<char>((number >> (8 * (at - 1))) & 0xFFU);
  return out;
}

std::vector<std::string> messages() {
  std::vector<std::string> out;
  std::string relation = "R" + big_endian(1, 4) + "public" + '\0' + "orders" + '\0' + "d" + big_endian(7, 2);
  for (const char* name : {"id", "customer", "at", "amount", "state", "note", "extra"})
    relation += std::string(1, '\0') + name + '\0' + big_endian(25, 4) + big_endian(0xFFFF'FFFF, 4);
  out.push_back(relation);
  for (std::uint64_t number = 1; number <= kTransactions; ++number) {
    const std::string commit = big_endian(number * 1000, 8);
    out.push_back("B" + commit + big_endian(0, 8) + big_endian(number, 4));
    for (int row = 0; row < kRows; ++row) {
      const std::string id = std::to_string(number * kRows + static_cast<std::uint64_t>(row));
      std::string insert = "I" + big_endian(1, 4) + "N" + big_endian(7, 2);
      for (const std::string& value :
           {id, "customer " + id, std::string("2026-11-26 10:00:00.123456+00"), std::string("1234.56"),
            std::string("shipped"), "a note of about sixty characters that says nothing at all, " + id})
        insert += "t" + big_endian(value.size(), 4) + value;
      out.push_back(insert + "n");
    }
    out.push_back("C" + std::string(1, '\0') + commit + big_endian(number * 1000 + 1, 8) + big_endian(0, 8));
  }
  return out;
}

void DecodeChanges(benchmark::State& state) {
  static const std::vector<std::string> all = messages();
  std::string records;
  for (auto _ : state) {
    PgoutputDecoder decoder({}, {}, [](const Relation& relation) {
      model::ChangeTable table{.name = relation.name};
      for (const Relation::Column& column : relation.columns)
        table.columns.push_back({model::Identifier(column.name), "text", column.key});
      return table;
    });
    records.clear();
    for (const std::string& message : all) {
      if (const auto fault = decoder.decode(message, records)) return state.SkipWithError(fault->c_str());
      if (records.size() >= kBlockBytes) records.clear();
    }
    if (decoder.changes() != std::uint64_t{kTransactions} * kRows) return state.SkipWithError("changes are missing");
  }
  state.SetItemsProcessed(state.iterations() * kTransactions * kRows);
}
BENCHMARK(DecodeChanges)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace voyager::postgresql
