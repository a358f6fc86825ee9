// Capture's own work for changes of MySQL: events of the binary log become records of the queue, values in the target's
// text form, checksums looked at. One million inserts of seven columns, some 130 bytes each, in transactions of 100 of
// 25 rows an event.
#include <benchmark/benchmark.h>
#include <isa-l/crc.h>

#include <bit>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "connectors/mysql/binlog_changes.h"
#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/captured_table.h"
#include "connectors/mysql/column_codes.h"

namespace voyager::mysql {
namespace {

constexpr unsigned kTransactions = 10'000;
constexpr unsigned kEvents = 4;
constexpr unsigned kRows = 25;
constexpr std::size_t kBlockBytes = 1024UL * 1024;  // What capture hands to the queue at a time.

class Log {
 public:
  void add(EventType type, const std::string& body) {
    std::string event;
    append_number(event, 1'700'000'000, 4);
    event += static_cast<char>(type);
    append_number(event, 1, 4);
    const std::size_t size = 19 + body.size() + 4;
    position_ += size;
    append_number(event, size, 4);
    append_number(event, position_ & 0xFFFF'FFFFU, 4);
    append_number(event, 0, 2);
    event += body;
    append_number(event, crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(event.data()), event.size()), 4);
    events_.push_back(std::move(event));
  }
  std::vector<std::string> events() { return std::move(events_); }

 private:
  std::uint64_t position_ = 4;
  std::vector<std::string> events_ = {};
};

// id bigint, customer varchar(60), at datetime(6), amount decimal(12,2), state enum, note text, extra double
std::string table_map() {
  std::string out;
  append_number(out, 7, 6);
  append_number(out, 0, 2);
  (out += '\4') += std::string("shop\0\6orders\0\7", 14);
  for (const std::uint8_t type : {code::kLongLong, code::kVarchar, code::kDateTime2, code::kNewDecimal, code::kString,
                                  code::kBlob, code::kDouble})
    out += static_cast<char>(type);
  const std::string meta("\xf0\0\6\x0c\2\xf7\1\2\x8", 9);
  out += static_cast<char>(meta.size());
  return out + meta + '\x7e';
}

void append_row(std::string& out, std::uint64_t id) {
  out += '\0';
  append_number(out, id, 8);
  const std::string customer = "customer " + std::to_string(id);
  (out += static_cast<char>(customer.size())) += customer;
  constexpr std::uint64_t kMonths = 2026 * 13 + 11;
  const std::uint64_t packed = (((kMonths << 5U) | 26) << 17U) | (10U << 12U) | (id % 60 << 6U) | 30U | (1ULL << 39U);
  for (unsigned i = 5; i-- > 0;) out += static_cast<char>((packed >> (8 * i)) & 0xFFU);
  out += std::string("\x01\xe2\x40", 3);
  out += std::string("\x80\0\x04\xd2\x38\0", 6);
  out += '\1';
  const std::string note = "a note of about sixty characters that says nothing, " + std::to_string(id);
  append_number(out, note.size(), 2);
  out += note;
  append_number(out, std::bit_cast<std::uint64_t>(static_cast<double>(id) / 8), 8);
}

std::vector<std::string> log() {
  Log out;
  std::uint64_t id = 0;
  for (unsigned number = 0; number < kTransactions; ++number) {
    std::string gtid;
    append_number(gtid, number, 8);
    append_number(gtid, 0, 4);
    out.add(EventType::kMariaGtid, gtid + '\4' + std::string(6, '\0'));
    for (unsigned event = 0; event < kEvents; ++event) {
      out.add(EventType::kTableMap, table_map());
      std::string rows;
      append_number(rows, 7, 6);
      append_number(rows, 1, 2);
      rows += "\7\x7f";
      for (unsigned row = 0; row < kRows; ++row) append_row(rows, ++id);
      out.add(EventType::kWriteRowsV1, rows);
    }
    out.add(EventType::kXid, std::string(8, '\1'));
  }
  return out.events();
}

void DecodeBinlog(benchmark::State& state) {
  static const std::vector<std::string> all = log();
  Catalog catalog;
  TableRow& table = catalog.tables.emplace_back(TableRow{.name = "orders", .engine = "InnoDB"});
  for (const auto& [name, type] : std::vector<std::pair<std::string, std::string>>{{"id", "bigint(20)"},
                                                                                   {"customer", "varchar(60)"},
                                                                                   {"at", "datetime(6)"},
                                                                                   {"amount", "decimal(12,2)"},
                                                                                   {"state", "enum('new','sent')"},
                                                                                   {"note", "text"},
                                                                                   {"extra", "double"}})
    table.columns.push_back({.name = name, .type = type, .nullable = name != "id", .charset = "utf8mb4"});
  table.indexes.push_back({.name = "PRIMARY", .unique = true, .parts = {{.column = "id"}}});
  const Conversion conversion = convert(catalog, model::Identifier("public"));
  std::string records;
  std::size_t bytes = 0;
  for (const std::string& event : all) bytes += event.size();
  for (auto _ : state) {
    ValueSettler settler("server");
    const BinlogPlace begin = BinlogPlace::of_file("bin.000001", 4);
    PreparedTransactions prepared(std::filesystem::temp_directory_path() / "voy-bench-prepared", begin);
    BinlogDecoder decoder("shop", begin, {}, true, settler, prepared,
                          {.describe =
                               [&](const std::string&, const TableMap* map) {
                                 const CaptureMatch match =
                                     capture_table(conversion.tables[0], catalog.tables[0], map, {}, {}, {});
                                 if (!match.table) std::abort();
                                 return match.table;
                               },
                           .captured = [](const std::string&) { return true; },
                           .altered = [](const auto&...) { return std::nullopt; },
                           .stop = [](const CaptureStop&) { std::abort(); }});
    records.clear();
    for (const std::string& event : all) {
      if (const auto fault = decoder.decode(event, records)) return state.SkipWithError(fault->c_str());
      if (records.size() >= kBlockBytes) records.clear();
    }
    if (decoder.changes() != kTransactions * kEvents * kRows) return state.SkipWithError("not all rows came");
  }
  state.SetItemsProcessed(state.iterations() * kTransactions * kEvents * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(DecodeBinlog)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace voyager::mysql
