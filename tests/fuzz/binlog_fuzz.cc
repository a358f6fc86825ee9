// Any bytes as the events of a binary log:
//  - the decoder takes them or says why not, and never reads beyond them,
//  - what it wrote until then are whole records that can be read,
//  - a stream that begins again at its place gives no change that was there before.
// The first byte chooses what becomes of values that the target cannot hold; each event has its kind in one byte, its
// length in two, and its body.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/binlog_changes.h"
#include "connectors/mysql/column_codes.h"

namespace {

using namespace voyager;
using namespace voyager::mysql;

void check(bool holds) {
  if (!holds) std::abort();
}

struct Stopped : std::exception {};

SourceType type_of(const LogColumn& column, std::size_t place) {
  SourceType type{.form = Form::kText, .name = "varchar", .length = 100};
  switch (column.type) {
    case code::kTiny:
    case code::kShort:
    case code::kInt24:
    case code::kLong:
    case code::kLongLong:
      return {.form = Form::kInteger, .name = "int", .is_unsigned = place % 2 == 0};
    case code::kNewDecimal:
      return {.form = Form::kDecimal, .name = "decimal", .length = 10};
    case code::kFloat:
      return {.form = Form::kFloat, .name = "float"};
    case code::kDouble:
      return {.form = Form::kDouble, .name = "double"};
    case code::kBit:
      return {.form = Form::kBits, .name = "bit", .length = 9};
    case code::kDate:
      return {.form = Form::kDate, .name = "date"};
    case code::kDateTime2:
      return {.form = Form::kDateTime, .name = "datetime"};
    case code::kTimestamp2:
      return {.form = Form::kTimestamp, .name = "timestamp"};
    case code::kTime2:
      return {.form = Form::kTime, .name = "time"};
    case code::kYear:
      return {.form = Form::kYear, .name = "year"};
    case code::kEnum:
    case code::kSet:
      type.form = column.type == code::kEnum ? Form::kEnum : Form::kSet;
      type.labels = {"a", "b"};
      return type;
    case code::kGeometry:
      return {.form = Form::kGeometry, .name = "geometry"};
    case code::kJson:
      return {.form = Form::kJson, .name = "json"};
    case code::kString: {
      constexpr std::array kNames = {"char", "uuid", "inet6", "inet4"};
      type.name = kNames.at(place % kNames.size());
      return type;
    }
    case code::kBlob:
      return {.form = Form::kBytes, .name = "blob"};
    default:
      return type;
  }
}

struct Tables {
  ConvertedTable converted = {};
  ValueRule rule = {};
  std::shared_ptr<const CapturedTable> of(const std::string& name, const TableMap* map) {
    auto out = std::make_shared<CapturedTable>();
    out->converted = &converted;
    out->table.name = out->table.leaf = {model::Identifier("public"), model::Identifier(name)};
    out->keyed = true;
    for (std::size_t i = 0; map != nullptr && i < map->columns.size(); ++i) {
      out->columns.push_back({.place = static_cast<int>(i), .type = type_of(map->columns[i], i)});
      out->columns.back().rule = &rule;
      out->columns.back().null_when_missing = out->columns.back().known_when_missing = true;
      out->table.columns.push_back({.name = model::Identifier("c"), .type = "text", .key = i == 0});
    }
    if (converted.columns.empty()) converted.columns.resize(1);
    return out;
  }
};

std::string event_of(std::uint8_t kind, std::string_view body, std::uint32_t position) {
  std::string out;
  append_number(out, 1, 4);
  out += static_cast<char>(kind);
  append_number(out, 1, 4);
  append_number(out, 19 + body.size(), 4);
  append_number(out, position, 4);
  append_number(out, 0, 2);
  out += body;
  return out;
}

std::uint64_t numbered(const std::string& records) {
  model::ChangeTables tables;
  model::ChangeReader reader(records, tables);
  model::Change change;
  std::uint64_t out = 0;
  while (reader.next(change)) out += change.numbered() ? 1 : 0;
  check(!reader.fault());
  return out;
}

// Lives as long as one input.
const std::filesystem::path& prepared_file() {
  static const std::filesystem::path kFile =
      std::filesystem::temp_directory_path() / ("voy-fuzz-prepared-" + std::to_string(::getpid()));
  return kFile;
}

class Stream {
 public:
  Stream(Tables& tables, const BinlogPlace& from)
      : prepared_(prepared_file(), from),
        decoder_("cases", from, {}, false, settler_, prepared_,
                 {.describe = [&tables](const std::string& name, const TableMap* map) { return tables.of(name, map); },
                  .captured = [](const std::string& name) { return name.size() < 3; },
                  .altered = [](const std::string&, const LogStatement&, const BinlogPlace&,
                                bool) -> std::optional<CaptureStop> { return std::nullopt; },
                  .stop = [](const CaptureStop&) { throw Stopped(); }}) {}
  // False at the end of the stream.
  bool decode(const std::string& event, std::string& records) {
    const std::size_t before = records.size();
    try {
      return !decoder_.decode(event, records);
    } catch (const Stopped&) {
      records.resize(before);
      return false;
    }
  }
  BinlogDecoder& decoder() { return decoder_; }

 private:
  ValueSettler settler_{"server"};
  PreparedTransactions prepared_;
  BinlogDecoder decoder_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  std::filesystem::remove(prepared_file());
  Tables tables;
  tables.rule.action = (data[0] & 1) != 0 ? RuleAction::kReject : RuleAction::kNull;
  std::vector<std::string> events;
  std::uint32_t position = 4;
  for (std::size_t at = 1; at + 3 <= size;) {
    const std::size_t length = std::min<std::size_t>(data[at + 1] | (data[at + 2] << 8), size - at - 3);
    position += static_cast<std::uint32_t>(19 + length);
    events.push_back(event_of(data[at], {reinterpret_cast<const char*>(data) + at + 3, length}, position));
    at += 3 + length;
  }
  const BinlogPlace start = BinlogPlace::of_file("bin.000001", 4);
  Stream whole(tables, start);
  std::string records;
  std::size_t good = 0;
  while (good < events.size() && whole.decode(events[good], records)) ++good;
  const std::uint64_t changes = numbered(records);
  check(good < events.size() || changes == whole.decoder().changes());
  // A server sends again from the place on: of a transaction that is not complete, from its beginning.
  const BinlogPlace place = whole.decoder().place();
  Stream again(tables, place);
  std::string second;
  std::size_t begins = 4;
  for (std::size_t i = 0; i < good; begins += events[i].size(), ++i) {
    if (begins < (place.complete() ? place.end : place.begin)) continue;
    // What changes the file makes places of another log.
    if (events[i][4] == 4) return 0;
    if (!again.decode(events[i], second)) return 0;
  }
  check(numbered(second) == 0);
  return 0;
}
