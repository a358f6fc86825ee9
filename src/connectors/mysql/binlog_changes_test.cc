#include "connectors/mysql/binlog_changes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/mysql/binary_json.h"
#include "connectors/mysql/binlog_stream.h"
#include "connectors/mysql/captured_table.h"
#include "connectors/mysql/column_history.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/gtid_set.h"
#include "connectors/mysql/server_log.h"

namespace voyager::mysql {
namespace {

using model::Change;
using model::ChangeKind;
using testing::HasSubstr;
using testing::IsEmpty;

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

// What tools/binlog_cases has written of a server: its catalogue, and the events of its log.
struct Case {
  std::string file = {};
  Catalog catalog = {};
  std::vector<std::string> events = {};
  std::string expected = {};
};

Case read_case(const std::filesystem::path& path) {
  std::ifstream in(path);
  Case out;
  std::string line;
  bool head = true, expected = false;
  while (std::getline(in, line)) {
    if (expected) out.expected += line + "\n";
    if (line == "--- source ---") head = false;
    if (line == "--- expected ---") expected = true;
    if (head || expected) continue;
    const std::vector<std::string> part = base::split(line, '|');
    const auto table = [&]() -> TableRow& {
      for (TableRow& one : out.catalog.tables) {
        if (one.name == part[1]) return one;
      }
      out.catalog.tables.push_back({.name = part[1], .engine = "InnoDB"});
      return out.catalog.tables.back();
    };
    if (part[0] == "version") {
      out.catalog.flavor = part[1].find("MariaDB") != std::string::npos ? Flavor::kMariaDb : Flavor::kMySql;
    } else if (part[0] == "file") {
      out.file = part[1];
    } else if (part[0] == "event") {
      out.events.push_back(from_hex(part[1]));
    } else if (part[0] == "column") {
      ColumnRow column{.name = part[2], .type = part[3], .nullable = part[4] == "YES", .generated = part[7]};
      if (part[5] != "-") column.default_value = part[5];
      column.auto_increment = part[6] == "auto_increment";
      column.charset = part[8];
      table().columns.push_back(column);
    } else if (part[0] == "index") {
      IndexRow index{.name = part[2], .unique = part[3] == "0"};
      for (const std::string& name : base::split(part[4], ',')) index.parts.push_back({.column = name});
      table().indexes.push_back(index);
    } else if (part[0] == "key") {
      table().foreign_keys.push_back({.name = part[2],
                                      .columns = base::split(part[3], ','),
                                      .other_table = part[4],
                                      .other_columns = base::split(part[5], ','),
                                      .on_update = part[7],
                                      .on_delete = part[6]});
    } else if (part[0] == "check") {
      table().checks.push_back({.name = part[2], .clause = part[3]});
    }
  }
  return out;
}

std::string shown(std::span<const model::ChangeValue> tuple, const model::ChangeTable& table) {
  std::string out;
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    std::string value;
    if (tuple[i].kind == model::ValueKind::kNull) {
      value = "~";
    } else if (tuple[i].kind == model::ValueKind::kUnchanged) {
      value = "=";
    } else {
      for (const char c : tuple[i].text) {
        if (c == '\n') {
          value += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
          value += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          value += c;
        }
      }
      constexpr std::size_t kShown = 400;
      if (value.size() > kShown) value = fmt::format("{}...({})", value.substr(0, 40), value.size());
    }
    out += fmt::format(" {}={}", table.columns[i].name.catalog_text(), value);
  }
  return out;
}

// One line a record.
std::string lines_of(const std::string& bytes, model::ChangeTables& tables) {
  std::string out;
  model::ChangeReader reader(bytes, tables);
  Change change;
  while (reader.next(change)) {
    switch (change.kind) {
      case ChangeKind::kTable:
        out += fmt::format("table {} {}:", change.table_number, model::display(change.table->name));
        for (const model::ChangeColumn& one : change.table->columns)
          out += fmt::format(" {}{} {}{}", one.key ? "!" : "", one.name.catalog_text(), one.type,
                             one.add_sql.empty() ? "" : " [" + one.add_sql + "]");
        out += "\n";
        break;
      case ChangeKind::kBegin:
        // The name of a transaction is another in each run.
        out += fmt::format("begin{}\n", change.text.empty() ? " without a name" : "");
        break;
      case ChangeKind::kCommit:
        out += "commit\n";
        break;
      case ChangeKind::kTruncate:
        out += fmt::format("truncate {}\n", model::display(change.tables.front()->name));
        break;
      case ChangeKind::kCascade:
        out += "cascade" + shown(change.before, *change.tables.front());
        if (!change.after.empty()) out += " ->" + shown(change.after, *change.tables.front());
        for (const model::ActingKey& key : change.acting_keys) {
          const auto names = [&](std::uint32_t table, const std::vector<std::uint32_t>& columns) {
            std::string list = change.tables[table]->name.name.catalog_text();
            for (const std::uint32_t column : columns)
              list += "." + change.tables[table]->columns[column].name.catalog_text();
            return list;
          };
          out += fmt::format("; {} of {}: {} {}", names(key.table, key.columns), names(key.parent, key.parent_columns),
                             static_cast<int>(key.on_delete), static_cast<int>(key.on_update));
        }
        out += "\n";
        break;
      default: {
        const char* kind = change.kind == ChangeKind::kInsert   ? "insert"
                           : change.kind == ChangeKind::kUpdate ? "update"
                                                                : "delete";
        out += kind;
        if (change.before_kind != model::BeforeKind::kNone)
          out +=
              (change.before_kind == model::BeforeKind::kKey ? " key" : " full") + shown(change.before, *change.table);
        if (change.kind != ChangeKind::kDelete) out += " ->" + shown(change.after, *change.table);
        out += "\n";
      }
    }
  }
  if (reader.fault()) out += "fault: " + reader.fault()->what + "\n";
  return out;
}

Charset latin1() {
  Charset out{.name = "latin1", .single_byte = true};
  for (unsigned i = 0; i < 256; ++i) {
    std::string& to = out.characters.at(i);
    if (i < 0x80) {
      to = static_cast<char>(i);
    } else if (i == 0x80) {
      to = "€";
    } else {
      to += static_cast<char>(0xC0U | (i >> 6U));
      to += static_cast<char>(0x80U | (i & 0x3FU));
    }
  }
  return out;
}

class Decoding {
 public:
  explicit Decoding(Case one, const std::vector<std::string>& rules = {"r.*=reject", "*.*=null"})
      : case_(std::move(one)) {
    conversion_ = convert(case_.catalog, model::Identifier("public"));
    rules_ = parse_rules(rules);
    utf16_.convert = [](std::string_view text) {
      std::string out;
      for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const unsigned unit = (static_cast<unsigned char>(text[i]) << 8U) | static_cast<unsigned char>(text[i + 1]);
        out += static_cast<char>(0xE0U | (unit >> 12U));
        out += static_cast<char>(0x80U | ((unit >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (unit & 0x3FU));
      }
      return out;
    };
  }

  void begin(const BinlogPlace& from, std::map<model::TableName, BinlogPlace> held = {}, bool checksums = true) {
    history_.emplace(history_file_, from);
    decoder_.reset();
    prepared_.emplace(prepared_file_, from);
    decoder_.emplace("cases", from, std::move(held), checksums, settler_, *prepared_,
                     BinlogDecoder::Hooks{
                         .describe = [this](const std::string& table, const TableMap* map) { return of(table, map); },
                         .captured = [this](const std::string& table) { return row(table) != nullptr; },
                         .altered = [this](const std::string& table, const LogStatement& statement,
                                           const BinlogPlace& at, bool again) -> std::optional<CaptureStop> {
                           if (again) return std::nullopt;
                           if (statement.kind == LogStatement::Kind::kDrop) history_->note_dropped(table, at);
                           const auto column = history_->note(table, statement.columns, at);
                           if (!column) return std::nullopt;
                           return CaptureStop{.why = CaptureStop::Why::kColumnReplaced, .column = *column};
                         },
                         .dropped = [this](const std::string& table) { return history_->is_dropped(table); },
                         .in_memory = [this](const std::string& table) { return row(table)->engine == "MEMORY"; },
                         .stop =
                             [](const CaptureStop& stop) {
                               base::fail(base::ExitCode::kState,
                                          fmt::format("stop {}: {}{} {}", static_cast<int>(stop.why), stop.table,
                                                      stop.column.empty() ? "" : "." + stop.column, stop.statement));
                             }});
    decoder_->follow(
        ActingForeignKeys(case_.catalog, [this](const std::string& table) { return row(table) != nullptr; }));
  }

  BinlogPlace start() const { return BinlogPlace::of_file(case_.file, 4); }

  std::string run() {
    begin(start());
    std::string bytes;
    for (const std::string& event : case_.events) {
      if (const auto fault = decoder_->decode(event, bytes)) return "fault: " + *fault + "\n";
    }
    model::ChangeTables tables;
    std::string out = lines_of(bytes, tables);
    for (const connector::ValueChange& one : settler_.changes())
      out += fmt::format("value {}.{}: {} -> {}, {} rows, {}\n", one.table.name.catalog_text(),
                         one.column.catalog_text(), one.what, one.action, one.rows, one.keys.front());
    return out;
  }

  /// It was dropped since, behind the log's end.
  void is_gone(const std::string& table) { gone_ = table; }

  const Case& data() const { return case_; }
  BinlogDecoder& decoder() { return *decoder_; }
  PreparedTransactions& prepared() { return *prepared_; }
  std::uint64_t settled() const {
    std::uint64_t out = 0;
    for (const connector::ValueChange& one : settler_.changes()) out += one.rows;
    return out;
  }

 private:
  const TableRow* row(const std::string& table) const {
    for (const TableRow& one : case_.catalog.tables) {
      if (one.name == table) return &one;
    }
    return nullptr;
  }

  std::shared_ptr<const CapturedTable> of(const std::string& table, const TableMap* map) {
    for (const ConvertedTable& one : conversion_.tables) {
      if (one.source_name != table || table == gone_) continue;
      CaptureMatch found = capture_table(
          one, *row(table), map, rules_,
          [this](const std::string& name) -> const Charset* { return name == "latin1" ? &latin1_ : &utf16_; },
          history_->added(table));
      if (!found.table) base::fail(base::ExitCode::kState, found.why_not);
      return found.table;
    }
    return nullptr;
  }

  const Case case_;
  Conversion conversion_ = {};
  std::vector<ValueRule> rules_ = {};
  std::string gone_ = {};
  const Charset latin1_ = latin1();
  Charset utf16_{.name = "utf16"};
  ValueSettler settler_{"server"};
  const std::filesystem::path history_file_ = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  std::optional<ColumnHistory> history_ = {};
  const std::filesystem::path prepared_file_ = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  std::optional<PreparedTransactions> prepared_ = {};
  std::optional<BinlogDecoder> decoder_ = {};
};

std::filesystem::path folder() {
  return std::filesystem::path(VOY_FOLDER) / "testdata/binlog";
}

TEST(BinlogChanges, AreWhatTheServersDid) {
  const bool rewrite = std::getenv("VOY_REWRITE") != nullptr;
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    Case one = read_case(entry.path());
    if (one.events.empty()) continue;
    ++cases;
    const std::string expected = one.expected;
    std::string got;
    try {
      got = Decoding(std::move(one)).run();
    } catch (const base::Error& error) {
      got = std::string("error: ") + error.what() + "\n";
    }
    if (!rewrite) {
      EXPECT_EQ(got, expected) << entry.path();
      continue;
    }
    std::ifstream in(entry.path());
    std::stringstream all;
    all << in.rdbuf();
    const std::string text = all.str();
    const std::string mark = "--- expected ---\n";
    std::ofstream(entry.path()) << text.substr(0, text.find(mark) + mark.size()) << got;
  }
  EXPECT_GE(cases, 8);
  EXPECT_FALSE(rewrite) << "the expected parts were written anew";
}

// Wherever a stream ends, one that begins again at its place gives the rest, and nothing twice.
TEST(BinlogChanges, GoOnWhereTheyStopped) {
  for (const char* name :
       {"transactions.txt", "mysql_transactions.txt", "foreign_keys.txt", "refused.txt", "xa.txt", "mysql_xa.txt"}) {
    const Case one = read_case(folder() / name);
    Decoding whole(one);
    whole.begin(whole.start());
    std::string all;
    for (const std::string& event : one.events) ASSERT_FALSE(whole.decoder().decode(event, all));
    for (std::size_t cut = 0; cut <= one.events.size(); ++cut) {
      Decoding two(one);
      two.begin(two.start());
      std::string first, second;
      for (std::size_t i = 0; i < cut; ++i) ASSERT_FALSE(two.decoder().decode(one.events[i], first));
      const model::Position position = two.decoder().place().position();
      two.begin(BinlogPlace::of(position));
      // A server sends the file's form first, then from the place on.
      const BinlogPlace from = BinlogPlace::of(position);
      // Behind the last event is the next file.
      std::uint64_t at = from.file == two.start().file ? 4 : 0;
      for (const std::string& event : one.events) {
        const bool form = static_cast<EventType>(event[4]) == EventType::kFormatDescription;
        if (at > 0 && (form || at >= (from.complete() ? from.end : from.begin))) {
          ASSERT_FALSE(two.decoder().decode(event, second)) << name << " " << cut;
        }
        at += at > 0 ? event.size() : 0;
      }
      model::ChangeTables tables, tables_two;
      const auto only_rows = [](const std::string& lines) {
        std::string out;
        for (const std::string& line : base::split(lines, '\n')) {
          if (line.starts_with("insert") || line.starts_with("update") || line.starts_with("delete") ||
              line.starts_with("truncate") || line.starts_with("cascade"))
            out += line + "\n";
        }
        return out;
      };
      EXPECT_EQ(only_rows(lines_of(first, tables_two)) + only_rows(lines_of(second, tables_two)),
                only_rows(lines_of(all, tables)))
          << name << " cut before event " << cut;
      EXPECT_EQ(two.settled(), whole.settled()) << name << " cut before event " << cut;
    }
  }
}

TEST(BinlogChanges, OfATableThatASnapshotHoldsAreLeftOut) {
  const Case one = read_case(folder() / "transactions.txt");
  Decoding decoding(one);
  decoding.begin(decoding.start(),
                 {{{model::Identifier("public"), model::Identifier("t")}, BinlogPlace::of_file(one.file, 1'000'000)}});
  std::string bytes;
  for (const std::string& event : one.events) ASSERT_FALSE(decoding.decoder().decode(event, bytes));
  model::ChangeTables tables;
  EXPECT_THAT(lines_of(bytes, tables), testing::Not(HasSubstr("public.t")));
  EXPECT_THAT(lines_of(bytes, tables), HasSubstr("public.m"));
}

TEST(BinlogChanges, ADamagedEventIsRefused) {
  const Case one = read_case(folder() / "numbers.txt");
  for (std::size_t i = 0; i < one.events.size(); ++i) {
    Decoding decoding(one);
    decoding.begin(decoding.start());
    std::string bytes;
    for (std::size_t before = 0; before < i; ++before)
      ASSERT_FALSE(decoding.decoder().decode(one.events[before], bytes));
    std::string damaged = one.events[i];
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    const bool rotation = static_cast<EventType>(damaged[4]) == EventType::kRotate;
    if (rotation) continue;
    EXPECT_TRUE(decoding.decoder().decode(damaged, bytes)) << i;
  }
}

std::string event_of(EventType type, const std::string& body, std::uint32_t next_position = 1'000) {
  std::string out;
  append_number(out, 1, 4);
  append_number(out, static_cast<std::uint64_t>(type), 1);
  append_number(out, 1, 4);
  append_number(out, 19 + body.size(), 4);
  append_number(out, next_position, 4);
  append_number(out, 0, 2);
  return out + body;
}

// Tables t and u of one column.
Case two_tables(const std::string& type) {
  Case out{.file = "bin.000001"};
  for (const char* name : {"t", "u"})
    out.catalog.tables.push_back(
        {.name = name, .engine = "InnoDB", .columns = {{.name = "a", .type = type, .nullable = true}}});
  return out;
}

std::string begin_of(std::uint32_t next_position = 1'000) {
  return event_of(EventType::kMariaGtid, std::string(13, '\0'), next_position);
}

std::string map_of(char table, char type) {
  std::string body("\7\0\0\0\0\0\1\0\5cases\0\1t\0\1\3\0\1", 22);
  body[0] = body[16] = table;
  body[19] = type;
  return event_of(EventType::kTableMap, body);
}

std::string insert_of(char table, const std::string& value, std::uint32_t next_position = 1'000) {
  std::string body("t\0\0\0\0\0\1\0\1\xff\0", 11);
  body[0] = table;
  return event_of(EventType::kWriteRowsV1, body + value, next_position);
}

std::string int_of(std::uint32_t value) {
  std::string out;
  append_number(out, value, 4);
  return out;
}

std::string query_of(EventType type, const std::string& sql) {
  std::string body;
  append_number(body, 0, 8);
  append_number(body, 5, 1);
  append_number(body, 0, 4);
  if (type == EventType::kExecuteLoad) body += std::string(13, '\1');
  return event_of(type, body + std::string("cases\0", 6) + sql);
}

const std::string& commit() {
  static const std::string kCommit = event_of(EventType::kXid, std::string(8, '\1'));
  return kCommit;
}

// The lines of what becomes of the events from a place on, which is moved behind them.
std::string decoded(Decoding& decoding, BinlogPlace& from, const std::vector<std::string>& events) {
  decoding.begin(from, {}, false);
  std::string bytes;
  for (const std::string& event : events) {
    if (const auto fault = decoding.decoder().decode(event, bytes)) return "fault: " + *fault;
  }
  from = BinlogPlace::of(decoding.decoder().place().position());
  model::ChangeTables tables;
  std::string out;
  for (const std::string& line : base::split(lines_of(bytes, tables), '\n')) {
    if (!line.starts_with("table") && !line.empty()) out += line + "\n";
  }
  return out;
}

constexpr char kIntType = 3, kDateType = 10;

// A transaction is gone on with by the number of its changes, and a table may be gone by then.
TEST(BinlogChanges, OfATableThatIsGoneAreCounted) {
  const std::vector<std::string> events = {begin_of(),
                                           map_of('t', kIntType),
                                           insert_of('t', int_of(1)),
                                           insert_of('t', int_of(2)),
                                           map_of('u', kIntType),
                                           insert_of('u', int_of(3)),
                                           insert_of('u', int_of(4)),
                                           commit()};
  Decoding decoding(two_tables("int"));
  BinlogPlace place = decoding.start();
  EXPECT_EQ(decoded(decoding, place, {events.begin(), events.begin() + 6}),
            "begin\ninsert -> a=1\ninsert -> a=2\ninsert -> a=3\n");
  EXPECT_EQ(place.changes, 3U);
  decoding.is_gone("t");
  EXPECT_EQ(decoded(decoding, place, events), "begin\ninsert -> a=4\ncommit\n");
}

// Of which only the end is left it has no begin, and its end all the same.
TEST(BinlogChanges, OfATransactionThatWasCapturedButForItsEndAreEnded) {
  const std::vector<std::string> events = {begin_of(), map_of('t', kIntType), insert_of('t', int_of(1)),
                                           insert_of('t', int_of(2)), commit()};
  Decoding decoding(two_tables("int"));
  BinlogPlace place = decoding.start();
  decoded(decoding, place, {events.begin(), events.begin() + 4});
  EXPECT_FALSE(place.complete());
  EXPECT_EQ(decoded(decoding, place, events), "commit\n");
  EXPECT_TRUE(place.complete());
}

TEST(BinlogChanges, ThatAreSentAgainNeedNoRule) {
  const std::vector<std::string> events = {begin_of(), map_of('t', kDateType), insert_of('t', std::string(3, '\0')),
                                           insert_of('t', "\x21\xc8\x0f"), commit()};
  Decoding decoding(two_tables("date"), {});
  BinlogPlace place = decoding.start();
  EXPECT_THROW(decoded(decoding, place, events), base::Error);
  place = {.file = 1, .begin = 1'000 - begin_of().size(), .changes = 1, .base = "bin"};
  EXPECT_EQ(decoded(decoding, place, events), "begin\ninsert -> a=2020-01-01\ncommit\n");
}

TEST(BinlogChanges, ATableThatIsThereIsNotMadeAnewByIfNotExists) {
  std::string alone(13, '\0');
  alone[12] = 1;
  const std::string group = event_of(EventType::kMariaGtid, alone);
  const auto sql = [](const char* text) { return query_of(EventType::kQuery, text); };
  const std::string create = sql("CREATE TABLE IF NOT EXISTS t (a int)");
  Decoding decoding(two_tables("int"));
  BinlogPlace place = decoding.start();
  EXPECT_EQ(
      decoded(decoding, place, {group, create, begin_of(), map_of('t', kIntType), insert_of('t', int_of(1)), commit()}),
      "begin\ninsert -> a=1\ncommit\n");
  EXPECT_THROW(decoded(decoding, place = decoding.start(), {group, sql("CREATE TABLE t (a int)")}), base::Error);
  decoded(decoding, place = decoding.start(), {group, sql("DROP TABLE t")});
  // Also where the drop came before the capture began again.
  EXPECT_THROW(decoded(decoding, place, {event_of(EventType::kMariaGtid, alone, 2'000), create}), base::Error);
}

// Servers before 8.0.27 and MariaDB say it so, of tables in memory that they find empty.
TEST(BinlogChanges, ADeleteOfAllRowsAsAStatementEmptiesATableInMemoryAlone) {
  Case one = two_tables("int");
  one.catalog.tables[0].engine = "MEMORY";
  Decoding decoding(one);
  const auto log = [&](const char* sql) {
    BinlogPlace place = decoding.start();
    return decoded(decoding, place, {begin_of(), query_of(EventType::kQuery, sql), commit()});
  };
  EXPECT_EQ(log("DELETE FROM `cases`.`t`"), "begin\ntruncate public.t\ncommit\n");
  EXPECT_THROW(log("DELETE FROM `cases`.`u`"), base::Error);
  EXPECT_THROW(log("DELETE FROM `cases`.`t` WHERE a = 1"), base::Error);
  EXPECT_THROW(log("DELETE FROM t, u USING t JOIN u"), base::Error);
}

TEST(BinlogChanges, RowsThatAreLoadedByAStatementEndTheStreamWhateverTheSessionsDatabase) {
  Decoding decoding(two_tables("int"));
  BinlogPlace place = decoding.start();
  std::string load = query_of(EventType::kExecuteLoad, "LOAD DATA INFILE 'x' INTO TABLE cases.t");
  load.replace(load.find("cases"), 5, "other");
  EXPECT_THROW(decoded(decoding, place, {begin_of(), load}), base::Error);
  load.replace(load.find("cases"), 5, "fourth");
  EXPECT_EQ(decoded(decoding, place = decoding.start(),
                    {begin_of(), load.replace(9, 4, int_of(static_cast<std::uint32_t>(load.size()))), commit()}),
            "");
}

// A place there cannot be asked for: all of the file comes again.
TEST(BinlogChanges, BehindFourGibibytesOfAFileAreFoundAgain) {
  constexpr std::uint64_t kGibibyte = 1ULL << 30U;
  const auto low = [](std::uint64_t place) { return static_cast<std::uint32_t>(place); };
  const std::vector<std::string> events = {begin_of(low(3 * kGibibyte)),
                                           map_of('t', kIntType),
                                           insert_of('t', int_of(1), low(5 * kGibibyte)),
                                           event_of(EventType::kXid, std::string(8, '\1'), low(6 * kGibibyte)),
                                           begin_of(low(6 * kGibibyte + 100)),
                                           map_of('t', kIntType),
                                           insert_of('t', int_of(2), low(6 * kGibibyte + 200)),
                                           event_of(EventType::kXid, std::string(8, '\1'), low(6 * kGibibyte + 300))};
  Decoding decoding(two_tables("int"));
  BinlogPlace place = BinlogPlace::between(1, 6 * kGibibyte, "bin");
  EXPECT_EQ(dump_request(place, 1).substr(0, 4), std::string("\4\0\0\0", 4));
  std::vector<std::string> sent;
  for (std::string event : events) {
    if (event.substr(13, 4) == int_of(1'000)) event.replace(13, 4, std::string(4, '\0'));
    sent.push_back(event);
  }
  EXPECT_EQ(decoded(decoding, place, sent), "begin\ninsert -> a=2\ncommit\n");
  EXPECT_EQ(place.end, 6 * kGibibyte + 300);
}

// How many rows there are cannot be told when a row takes no bytes.
TEST(BinlogChanges, OfRowsWithoutColumnsEndTheStream) {
  Case one{.file = "bin.000001"};
  one.catalog.tables.push_back(
      {.name = "t", .engine = "InnoDB", .columns = {{.name = "a", .type = "int", .nullable = true}}});
  Decoding decoding(one);
  decoding.begin(decoding.start(), {}, false);
  const std::string table("\7\0\0\0\0\0\1\0\5cases\0\1t\0\1\3\0\1", 22);
  const std::string rows("\7\0\0\0\0\0\1\0\1\0more", 14);
  std::string bytes;
  BinlogDecoder& decoder = decoding.decoder();
  ASSERT_FALSE(decoder.decode(event_of(EventType::kMariaGtid, std::string(13, '\0')), bytes));
  ASSERT_FALSE(decoder.decode(event_of(EventType::kTableMap, table), bytes));
  EXPECT_THROW((void)decoder.decode(event_of(EventType::kWriteRowsV1, rows), bytes), base::Error);
}

std::string payload_of(const std::string& events, std::uint32_t said);

// However long it is, records are made of it piece by piece.
TEST(BinlogChanges, OfACompressedTransactionComeInPieces) {
  constexpr std::uint32_t kRows = 20'000, kPiece = 10'000;
  std::string inner = query_of(EventType::kQuery, "BEGIN") + map_of('t', kIntType);
  for (std::uint32_t i = 0; i < kRows; ++i) inner += insert_of('t', int_of(i));
  inner += commit();
  Decoding decoding(two_tables("int"));
  decoding.begin(decoding.start(), {}, false);
  BinlogDecoder& decoder = decoding.decoder();
  std::string bytes;
  ASSERT_FALSE(decoder.decode(event_of(EventType::kAnonymousGtid, std::string(25, '\0')), bytes));
  const std::string event =
      event_of(EventType::kTransactionPayload, payload_of(inner, static_cast<std::uint32_t>(inner.size())));
  ASSERT_FALSE(decoder.decode(event, bytes, kPiece));
  std::string all;
  std::size_t pieces = 0;
  while (true) {
    EXPECT_LT(bytes.size(), 2 * kPiece);
    all += std::exchange(bytes, {});
    ++pieces;
    if (!decoder.has_more()) break;
    ASSERT_FALSE(decoder.decode_more(bytes, kPiece));
  }
  EXPECT_GT(pieces, 10U);
  EXPECT_EQ(decoder.changes(), kRows);
  EXPECT_FALSE(decoder.in_transaction());
  model::ChangeTables tables;
  EXPECT_THAT(lines_of(all + bytes, tables), testing::EndsWith(fmt::format("insert -> a={}\ncommit\n", kRows - 1)));
}

// The body of a compressed transaction that says of itself that it has so many bytes.
std::string payload_of(const std::string& events, std::uint32_t said) {
  std::string out;
  out += "\x03\x04\xfd";
  append_number(out, said, 3);
  out += std::string("\x02\x01\x00\x00", 4);
  std::string packed(ZSTD_compressBound(events.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), events.data(), events.size(), 1));
  return out + packed;
}

std::optional<std::string> read_payload(const std::string& body, std::size_t& events) {
  PayloadReader reader;
  const Event event{.type = EventType::kTransactionPayload, .body = body};
  std::optional<std::string> fault = reader.start(event);
  Event inner;
  while (!fault && reader.next(inner, fault)) ++events;
  return fault;
}

TEST(BinlogPayloads, AreNotLongerThanTheySay) {
  constexpr std::uint32_t kEvents = 100'000;
  std::string one;
  append_number(one, 0, 9);
  append_number(one, 19, 4);
  append_number(one, 0, 6);
  std::string all;
  for (std::uint32_t i = 0; i < kEvents; ++i) all += one;
  std::size_t events = 0;
  EXPECT_FALSE(read_payload(payload_of(all, kEvents * 19), events));
  EXPECT_EQ(events, kEvents);
  events = 0;
  const auto fault = read_payload(payload_of(all, 1'000), events);
  ASSERT_TRUE(fault);
  EXPECT_THAT(*fault, HasSubstr("longer than it says"));
  EXPECT_EQ(events, 0U);
  // An event that says to have more than there can be.
  one[9] = one[10] = one[11] = one[12] = '\xff';
  EXPECT_TRUE(read_payload(payload_of(one, 19), events));
}

// Each key of this document is the same run of bytes.
TEST(BinaryJson, WithPartsThatAreSharedIsNotWrittenWithoutEnd) {
  constexpr std::size_t kKeys = 1'000, kKeyBytes = 20'000, kHead = 8 + kKeys * 11;
  std::string document(1, '\1');
  append_number(document, kKeys, 4);
  append_number(document, kHead + kKeyBytes, 4);
  for (std::size_t i = 0; i < kKeys; ++i) {
    append_number(document, kHead, 4);
    append_number(document, kKeyBytes, 2);
  }
  for (std::size_t i = 0; i < kKeys; ++i) {
    append_number(document, 4, 1);  // a literal: null
    append_number(document, 0, 4);
  }
  document += std::string(kKeyBytes, 'k');
  std::string text;
  EXPECT_FALSE(append_json_text(document, text));
  EXPECT_LT(text.size(), 1'000'000U);
}

Event event_with(const std::string& body) {
  return {.type = EventType::kWriteRows, .body = body};
}

std::string events_of(PreparedTransactions& prepared, const std::string& xid) {
  std::string out;
  Event event;
  prepared.start_reading(xid);
  while (prepared.next(event)) out += std::string(event.body) + "|";
  return out;
}

TEST(PreparedTransactions, AreKeptAcrossKills) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  const auto at = [](std::uint64_t position) { return BinlogPlace::of_file("bin.000007", position); };
  {
    PreparedTransactions prepared(file, at(4));
    prepared.add(event_with("a"));
    prepared.undo();
    prepared.add(event_with("b"));
    prepared.add(event_with("c"));
    prepared.prepare("x", at(100));
    prepared.prepare("empty", at(150));
    prepared.end("x", at(200));
    prepared.add(event_with("d"));
    prepared.prepare("x", at(300));
    prepared.add(event_with("in hand"));
    EXPECT_EQ(events_of(prepared, "x"), "d|");
    EXPECT_EQ(prepared.open(), std::vector<std::string>{"x"});
  }
  // Each as of a place: what ended or was prepared behind it is read again.
  {
    PreparedTransactions whole(file, at(1'000));
    EXPECT_EQ(events_of(whole, "x"), "d|");
    EXPECT_TRUE(whole.is_prepared("empty"));
    EXPECT_FALSE(whole.is_prepared("y"));
  }
  PreparedTransactions earlier(file, at(200));
  EXPECT_EQ(events_of(earlier, "x"), "b|c|");
  earlier.end("x", at(200));
  EXPECT_FALSE(earlier.is_prepared("x"));
  earlier.add(event_with("e"));
  earlier.prepare("x", at(300));
  EXPECT_EQ(events_of(earlier, "x"), "e|");
  EXPECT_TRUE(PreparedTransactions(file, at(150)).is_prepared("x"));
  EXPECT_FALSE(PreparedTransactions(file, at(100)).is_prepared("x"));
  std::filesystem::remove(file);
}

// Behind a failover what was prepared may be read again from the other server's log.
TEST(PreparedTransactions, ReadAgainFromAnotherServerAreOne) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  {
    PreparedTransactions prepared(file, BinlogPlace::of_file("bin.000007", 4));
    prepared.add(event_with("a"));
    prepared.prepare("x", BinlogPlace::of_file("bin.000007", 100));
    prepared.add(event_with("a"));
    prepared.prepare("x", BinlogPlace::of_file("bin.000008", 50));
    EXPECT_EQ(prepared.open(), std::vector<std::string>{"x"});
  }
  PreparedTransactions again(file, BinlogPlace::of_file("bin.000008", 900));
  EXPECT_EQ(events_of(again, "x"), "a|");
  again.end("x", BinlogPlace::of_file("bin.000008", 1'000));
  EXPECT_TRUE(again.open().empty());
  std::filesystem::remove(file);
}

TEST(PreparedTransactions, GoFromTheFileWhenTheyHaveEnded) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  const auto at = [](std::uint64_t position) { return BinlogPlace::of_file("bin.000007", position); };
  PreparedTransactions prepared(file, at(4));
  const std::string large(2'000'000, 'x');
  prepared.add(event_with(large));
  prepared.prepare("x", at(100));
  prepared.add(event_with("kept"));
  prepared.prepare("y", at(150));
  prepared.end("x", at(200));
  prepared.forget_before(at(200));
  EXPECT_GT(std::filesystem::file_size(file), large.size());
  {
    PreparedTransactions again(file, at(300));
    EXPECT_LT(std::filesystem::file_size(file), 1'000U);
    EXPECT_EQ(events_of(again, "y"), "kept|");
    again.add(event_with(large));
    again.prepare("z", at(400));
    EXPECT_EQ(events_of(again, "y"), "kept|");
    again.end("y", at(500));
    again.end("z", at(600));
    again.forget_before(at(600));
    EXPECT_GT(std::filesystem::file_size(file), large.size()) << "the end itself may be read again";
    again.forget_before(at(700));
    EXPECT_EQ(std::filesystem::file_size(file), 0U);
    again.prepare("v", at(800));
  }
  EXPECT_TRUE(PreparedTransactions(file, at(900)).is_prepared("v"));
  std::filesystem::remove(file);
}

// A server that does everything by XA has one prepared at every moment.
TEST(PreparedTransactions, TheFileStaysSmallThoughOneIsAlwaysPrepared) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  const auto at = [](std::uint64_t position) { return BinlogPlace::of_file("bin.000007", position); };
  PreparedTransactions prepared(file, at(4));
  const std::string large(500'000, 'x');
  prepared.add(event_with("first"));
  prepared.prepare("long", at(50));
  std::uint64_t place = 100;
  for (int n = 0; n < 40; ++n, place += 100) {
    prepared.add(event_with(std::to_string(n) + large));
    prepared.prepare(std::to_string(n), at(place));
    if (n > 0) prepared.end(std::to_string(n - 1), at(place + 50));
    prepared.add(event_with("in hand"));
    prepared.forget_before(at(place - 100));
    EXPECT_LT(std::filesystem::file_size(file), 8 * large.size());
    prepared.undo();
  }
  EXPECT_EQ(events_of(prepared, "39"), "39" + large + "|");
  EXPECT_EQ(events_of(prepared, "long"), "first|");
  // As of a place before the last ones: what is prepared and ended behind it is read again.
  PreparedTransactions again(file, at(place - 140));
  EXPECT_TRUE(again.is_prepared("long"));
  EXPECT_TRUE(again.is_prepared("38"));
  EXPECT_FALSE(again.is_prepared("39"));
  EXPECT_FALSE(again.is_prepared("37"));
  EXPECT_EQ(events_of(again, "38"), "38" + large + "|");
  std::filesystem::remove(file);
}

TEST(GtidSets, AreWhatServersWrite) {
  const std::string a = "3e11fa47-71ca-11e1-9e33-c80aa9429562", b = "4e11fa47-71ca-11e1-9e33-c80aa9429562";
  const auto again = [](const std::string& text) {
    const auto set = GtidSet::of(text);
    return set ? set->text() : "?";
  };
  EXPECT_EQ(again(b + ":1-5:7,\n " + a + ":2"), a + ":2," + b + ":1-5:7");
  EXPECT_EQ(again(a + ":3:1-2:5-9:4"), a + ":1-9");
  EXPECT_EQ(again("1-2-3,0-1-57"), "0-1-57,1-2-3");
  EXPECT_EQ(again(""), "");
  EXPECT_EQ(again(a + ":Tag_1:1-5:3:2,  " + b + ":1," + a + ":7:x:2"), a + ":7:tag_1:1-5:x:2," + b + ":1");
  for (const std::string& text :
       {a + ":1tag:1-5", a + ":tag", a + ":5-1", a + ":0", a, std::string("0-1"), std::string("x-1-2")})
    EXPECT_EQ(again(text), "?") << text;
  GtidSet set = *GtidSet::of(a + ":1-5");
  EXPECT_TRUE(set.add(a + ":6"));
  EXPECT_TRUE(set.add(a + ":8"));
  EXPECT_TRUE(set.add(a + ":3"));
  EXPECT_TRUE(set.add(b + ":1"));
  EXPECT_FALSE(set.add("0-1"));
  EXPECT_FALSE(set.add(""));
  EXPECT_EQ(set.text(), a + ":1-6:8," + b + ":1");
  EXPECT_EQ(GtidSet::of_event(set.encoded())->text(), set.text());
  EXPECT_FALSE(GtidSet::of_event(set.encoded() + "x"));
  EXPECT_FALSE(GtidSet::of_event(set.encoded().substr(0, 60)));
  EXPECT_TRUE(set.add(a + ":tag:4"));
  EXPECT_FALSE(set.add(a + ":-:4"));
  EXPECT_FALSE(set.add(a + "x:4"));
  EXPECT_EQ(set.text(), a + ":1-6:8:tag:4," + b + ":1");
  EXPECT_EQ(GtidSet::of_event(set.encoded())->text(), set.text());
  EXPECT_FALSE(GtidSet::of_event(set.encoded().substr(0, 40)));
  GtidSet domains = *GtidSet::of("0-1-57,1-1-9");
  EXPECT_TRUE(domains.add("0-2-58"));
  EXPECT_EQ(domains.text(), "0-2-58,1-1-9");
  EXPECT_TRUE(domains.reaches(*GtidSet::of("0-1-58")));
  EXPECT_FALSE(domains.reaches(*GtidSet::of("0-1-59")));
  EXPECT_FALSE(domains.reaches(*GtidSet::of("2-1-1")));
}

// As MySQL 9.7 writes them: transaction 1 of the tag shop_1, and what was there behind the second.
TEST(GtidSets, NamesWithTagsAreRead) {
  const std::string body = from_hex(
      "0274000000025c09025503d6a903b822c503f502b604f103000000020404060c73686f"
      "705f31081c0a200c7ff5d9e30241610610f1031283120b");
  Event event{.type = EventType::kTaggedGtid, .body = body};
  Gtid gtid;
  ASSERT_EQ(read_gtid(event, gtid), std::nullopt);
  EXPECT_EQ(gtid.text, "2e82d56b-ea5c-11f1-bd5b-02fc00000001:shop_1:1");
  EXPECT_EQ(gtid.committed_at_micros, 1'795'781'709'519'349);
  for (std::size_t size = 0; size < body.size(); ++size) {
    event.body = std::string_view(body).substr(0, size);
    EXPECT_NE(read_gtid(event, gtid), std::nullopt) << size;
  }
  const std::string previous = from_hex(
      "01020000000000012e82d56bea5c11f1bd5b02fc00000001000100000000000000010000"
      "000000000008000000000000002e82d56bea5c11f1bd5b02fc000000010c73686f705f31"
      "010000000000000001000000000000000300000000000000");
  const auto set = GtidSet::of_event(previous);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->text(), "2e82d56b-ea5c-11f1-bd5b-02fc00000001:1-7:shop_1:1-2");
  EXPECT_EQ(set->encoded(), previous);
}

// What a server says of a file before it, and what the file has, is what the server says of the next one.
TEST(BinlogChanges, KeepTheNamesOfTransactions) {
  const Case mysql = read_case(folder() / "mysql_xa.txt");
  Decoding learned(mysql);
  learned.begin(learned.start());
  std::string bytes, previous;
  for (const std::string& event : mysql.events) {
    ASSERT_FALSE(learned.decoder().decode(event, bytes));
    if (previous.empty()) previous = learned.decoder().gtids();
  }
  const std::size_t colon = previous.find(':');
  ASSERT_NE(colon, std::string::npos);
  const std::uint64_t before = std::stoull(previous.substr(previous.find('-', colon) + 1));
  std::uint64_t transactions = 0;
  for (const std::string& event : mysql.events)
    transactions += static_cast<EventType>(event[4]) == EventType::kGtid ? 1 : 0;
  EXPECT_EQ(learned.decoder().gtids(), fmt::format("{}:1-{}", previous.substr(0, colon), before + transactions));

  const Case maria = read_case(folder() / "xa.txt");
  Decoding known(maria);
  BinlogPlace from = known.start();
  from.gtids = "0-1-1,7-8-9";
  known.begin(from);
  for (const std::string& event : maria.events) ASSERT_FALSE(known.decoder().decode(event, bytes));
  EXPECT_THAT(known.decoder().gtids(), testing::MatchesRegex("0-1-[0-9]+,7-8-9"));
  EXPECT_NE(known.decoder().gtids(), "0-1-1,7-8-9");
}

TEST(BinlogChanges, OfAFileThatIsAnotherOneAreNotTaken) {
  const Case one = read_case(folder() / "numbers.txt");
  Decoding decoding(one);
  std::string bytes;
  decoding.begin(decoding.start());
  ASSERT_FALSE(decoding.decoder().decode(one.events[0], bytes));
  BinlogPlace from = decoding.decoder().place();
  EXPECT_NE(from.made, 0U);
  decoding.begin(from);
  EXPECT_FALSE(decoding.decoder().decode(one.events[0], bytes));
  ++from.made;
  decoding.begin(from);
  EXPECT_THROW((void)decoding.decoder().decode(one.events[0], bytes), base::Error);
}

TEST(BinlogPlaces, OfSeveralLogsAreOneBehindTheOther) {
  BinlogPlace place = BinlogPlace::of_file("bin.000012", 4'711);
  EXPECT_EQ(place.begin_text(), "bin.000012:4711");
  const BinlogPlace before = place;
  place.file += BinlogPlace::kNextLog;
  place.server = "7";
  place.made = 5;
  place.gtids = "0-1-2";
  EXPECT_LT(BinlogPlace::of_file("bin.000099", 4), place);
  EXPECT_EQ(place.text(), before.text());
  EXPECT_EQ(place.begin_text(), "1/bin.000012:4711");
  EXPECT_EQ(BinlogPlace::of_begin_text("1/bin.000012:4711"), place);
  EXPECT_EQ(BinlogPlace::of_begin_text("bin.000012:4711"), before);
  const BinlogPlace again = BinlogPlace::of(place.position());
  EXPECT_EQ(again, place);
  EXPECT_EQ(std::tie(again.base, again.server, again.made, again.gtids), std::tie("bin", "7", place.made, "0-1-2"));
  EXPECT_EQ(BinlogPlace::of(before.position()).base, "bin");
  EXPECT_EQ(bytes_behind({{.name = "bin.000012", .bytes = 5'000}, {.name = "bin.000013", .bytes = 10}}, place), 299U);
  EXPECT_EQ(bytes_behind({{.name = "renamed.000012", .bytes = 5'000}}, place), std::nullopt);
}

TEST(BinlogPlaces, AreOrderedAsTheLogIs) {
  const auto bytes = [](const BinlogPlace& place) { return place.position().bytes; };
  const BinlogPlace start = BinlogPlace::of_file("bin.000009", 4);
  const BinlogPlace first{.file = 9, .begin = 4, .changes = 1, .base = "bin"};
  const BinlogPlace done = BinlogPlace::between(9, 300, "bin");
  const BinlogPlace next{.file = 9, .begin = 300, .changes = 1, .base = "bin"};
  const BinlogPlace later = BinlogPlace::of_file("bin.000010", 4);
  const std::vector<BinlogPlace> order = {start, first, done, next, later};
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    EXPECT_LT(order[i], order[i + 1]) << i;
    EXPECT_LT(bytes(order[i]), bytes(order[i + 1])) << i;
    EXPECT_EQ(BinlogPlace::of({bytes(order[i])}), order[i]);
  }
  EXPECT_TRUE(done.reaches(BinlogPlace::of_file("bin.000009", 300)));
  EXPECT_FALSE(done.reaches(BinlogPlace::of_file("bin.000009", 301)));
  EXPECT_FALSE(next.reaches(BinlogPlace::of_file("bin.000009", 300)));
  EXPECT_EQ(later.text(), "bin.000010:4");
  EXPECT_EQ(BinlogPlace::of_file("binlog", 4).file, 0U);
}

TEST(LogStatements, AreWhatTheyDo) {
  using Kind = LogStatement::Kind;
  struct Line {
    std::string_view sql;
    Kind kind;
    std::string table;
  };
  const std::vector<Line> lines = {
      {"BEGIN", Kind::kBegin, ""},
      {"commit", Kind::kCommit, ""},
      {"ROLLBACK TO `s`", Kind::kRollbackToSavepoint, ""},
      {"ROLLBACK", Kind::kRollback, ""},
      {"TRUNCATE TABLE `t 1` /* generated by server */", Kind::kTruncate, "d.t 1"},
      {"truncate o.t", Kind::kTruncate, "o.t"},
      {"/*!40000 ALTER TABLE `t` DISABLE KEYS */", Kind::kAlter, "d.t"},
      {"ALTER TABLE t ADD COLUMN c int DEFAULT 1, ADD KEY (c)", Kind::kAlter, "d.t"},
      {"ALTER TABLE t RENAME TO u", Kind::kRename, "d.t d.u"},
      {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) ON DELETE SET NULL", Kind::kAlter, "d.t"},
      {"ALTER TABLE t RENAME COLUMN a TO b", Kind::kAlter, "d.t"},
      {"ALTER TABLE t RENAME INDEX a TO b, RENAME o.u", Kind::kRename, "d.t o.u"},
      {"ALTER TABLE t DROP PARTITION p0", Kind::kDropPartition, "d.t"},
      {"ALTER TABLE t TRUNCATE PARTITION ALL", Kind::kDropPartition, "d.t"},
      {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", Kind::kDropPartition, "d.t"},
      {"RENAME TABLE a TO b, o.c TO d", Kind::kRename, "d.a d.TO d.b o.c d.TO d.d"},
      {"CREATE TABLE IF NOT EXISTS `t` (id int)", Kind::kCreate, "d.t"},
      {"-- old\nTRUNCATE t", Kind::kTruncate, "d.t"},
      {"ALTER TABLE 2020_orders DROP PARTITION p", Kind::kDropPartition, "d.2020_orders"},
      {"ALTER TABLE \"t\" RENAME TO \"u\"", Kind::kRename, "d.t d.u"},
      {"ALTER IGNORE TABLE t ADD UNIQUE (a)", Kind::kDropPartition, "d.t"},
      {"SET STATEMENT max_statement_time = 1 FOR TRUNCATE t", Kind::kTruncate, "d.t"},
      {"SET STATEMENT max_statement_time = 1", Kind::kOther, ""},
      {"SET PASSWORD FOR u = 'x'", Kind::kOther, ""},
      {"SELECT `o`.`f`()", Kind::kRowsAsStatement, "d.SELECT o.f"},
      {"(SELECT f())", Kind::kRowsAsStatement, "d.SELECT d.f"},
      {"DO f()", Kind::kRowsAsStatement, "d.DO d.f"},
      {"DELETE FROM `o`.`t` /* generated by server */", Kind::kRowsAsStatement, "o.t"},
      {"DELETE FROM t LIMIT 1", Kind::kRowsAsStatement, "d.DELETE d.FROM d.t d.LIMIT"},
      {"ANALYZE TABLE t", Kind::kOther, ""},
      {"CREATE TEMPORARY TABLE t (id int)", Kind::kOther, ""},
      {"CREATE UNIQUE INDEX i ON t (a)", Kind::kAlter, "d.t"},
      {"DROP TABLE IF EXISTS `a`,`b` /* generated by server */", Kind::kDrop, "d.a d.b"},
      {"DROP DATABASE `o`", Kind::kDropSchema, "o."},
      {"INSERT INTO t VALUES (1)", Kind::kRowsAsStatement, "d.INSERT d.INTO d.t d.VALUES"},
      {"GRANT ALL ON *.* TO u", Kind::kOther, ""},
      {"XA COMMIT X'78',X'',1", Kind::kXaCommit, ""},
      {"xa rollback 'a', 'b'", Kind::kXaRollback, ""},
      {"", Kind::kOther, ""},
      {"'", Kind::kOther, ""},
  };
  EXPECT_EQ(read_statement("XA COMMIT X'78',X'61',3", "d").xid, xid_text("x", "a", "3"));
  EXPECT_EQ(read_statement("XA ROLLBACK 'x'", "d").xid, xid_text("x", "", "1"));
  const auto keys = [](std::string_view sql) {
    const LogStatement got = read_statement(sql, "d");
    return std::pair(got.makes_acting_key, got.drops_foreign_key);
  };
  EXPECT_EQ(keys("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) ON DELETE SET NULL"), std::pair(true, false));
  EXPECT_EQ(keys("ALTER TABLE t ADD b int REFERENCES u (id) ON UPDATE CASCADE"), std::pair(true, false));
  EXPECT_EQ(keys("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) ON DELETE RESTRICT"), std::pair(false, false));
  EXPECT_EQ(keys("ALTER TABLE t DROP FOREIGN KEY k"), std::pair(false, true));
  EXPECT_EQ(keys("ALTER TABLE t DROP CONSTRAINT k"), std::pair(false, true));
  EXPECT_EQ(keys("ALTER TABLE t DROP COLUMN a"), std::pair(false, false));
  for (const Line& line : lines) {
    const LogStatement got = read_statement(line.sql, "d");
    std::string names;
    for (const StatementTable& one : got.tables) names += (names.empty() ? "" : " ") + one.schema + "." + one.table;
    EXPECT_EQ(got.kind, line.kind) << line.sql;
    EXPECT_EQ(names, line.table) << line.sql;
  }
}

TEST(LogStatements, AreShownWithoutTheirValues) {
  EXPECT_EQ(without_values("INSERT INTO `a``b`.c (d) VALUES ('secret', -5, x'00ff', b'1', \"too\") -- it"),
            "INSERT INTO `a``b`.c (d) VALUES (?, - ?, ?, ?, ?)");
  EXPECT_EQ(without_values("UPDATE t SET a = 'open"), "UPDATE t SET a = ? ...");
  EXPECT_LT(without_values("SELECT " + std::string(2'000, '(')).size(), 600U);
}

TEST(LogStatements, SayWhatBecomesOfColumns) {
  const auto changes = [](const char* sql) { return read_statement(sql, "d").columns; };
  EXPECT_EQ(changes("ALTER TABLE t ADD c int"), (ColumnChanges{.added = {{.name = "c"}}, .taken = {"c"}}));
  EXPECT_EQ(
      changes("ALTER TABLE t ADD COLUMN IF NOT EXISTS (`A` varchar(9) DEFAULT 'x,''y', b decimal(5,2) DEFAULT -1.5)"),
      (ColumnChanges{.added = {{.name = "a", .default_value = "'x,\\'y'"}, {.name = "b", .default_value = "-1.5"}},
                     .taken = {"a", "b"}}));
  EXPECT_EQ(
      changes("ALTER TABLE t ADD c varbinary(9) DEFAULT 0x00ff NOT NULL, ALGORITHM=INSTANT").added[0].default_value,
      "x'00ff'");
  EXPECT_EQ(changes("ALTER TABLE t ADD c datetime DEFAULT now() ON UPDATE now()").added[0].default_value,
            "(an expression)");
  EXPECT_EQ(changes("ALTER TABLE t ADD c int DEFAULT (1 + 1)").added[0].default_value, "(an expression)");
  EXPECT_EQ(changes("ALTER TABLE t ADD c bit(3) DEFAULT b'101', ADD d bool DEFAULT true, ADD e int DEFAULT NULL").added,
            (std::vector<ColumnChanges::Added>{{.name = "c", .default_value = "b'101'"},
                                               {.name = "d", .default_value = "1"},
                                               {.name = "e", .default_value = "NULL"}}));
  EXPECT_TRUE(changes("ALTER TABLE t ADD c int FIRST").moves);
  EXPECT_TRUE(changes("ALTER TABLE t MODIFY c int AFTER b").moves);
  EXPECT_EQ(changes("ALTER TABLE t DROP b, ADD b int"),
            (ColumnChanges{.added = {{.name = "b"}}, .left = {"b"}, .taken = {"b"}, .moves = true}));
  EXPECT_EQ(changes("ALTER TABLE t CHANGE a b int, CHANGE COLUMN b a int, CHANGE c C bigint"),
            (ColumnChanges{.left = {"a", "b"}, .taken = {"b", "a"}, .redefines = true}));
  for (const char* sql : {"ALTER TABLE t MODIFY c bigint", "ALTER TABLE t CONVERT TO CHARACTER SET latin1"})
    EXPECT_EQ(changes(sql), ColumnChanges{.redefines = true}) << sql;
  EXPECT_EQ(changes("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j"),
            (ColumnChanges{.left = {"a"}, .taken = {"b"}}));
  for (const char* sql :
       {"ALTER TABLE t DROP PRIMARY KEY", "ALTER TABLE t ADD UNIQUE (a)", "CREATE UNIQUE INDEX i ON t (a)",
        "ALTER TABLE t ADD c int AUTO_INCREMENT PRIMARY KEY", "ALTER TABLE t DROP INDEX i"})
    EXPECT_TRUE(changes(sql).names_rows) << sql;
  for (const char* sql : {"ALTER TABLE t DROP FOREIGN KEY f", "ALTER TABLE t ADD CHECK (a > 1)",
                          "ALTER TABLE t ENGINE=InnoDB", "ALTER TABLE t ALTER c SET DEFAULT 5, ORDER BY a, b"})
    EXPECT_EQ(changes(sql), ColumnChanges()) << sql;
}

TEST(ColumnHistories, AreKeptUpToWhereTheLogIsReadAgain) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / base::new_uuid();
  const auto at = [](std::uint64_t position) { return BinlogPlace::of_file("bin.000007", position); };
  const auto changes = [](const char* sql) { return read_statement(sql, "d").columns; };
  {
    ColumnHistory history(file, at(100));
    EXPECT_EQ(history.note("t", changes("ALTER TABLE t ADD `c\td` int DEFAULT '\\n\\\\'"), at(200)), std::nullopt);
    EXPECT_EQ(history.note("t", changes("ALTER TABLE t DROP b"), at(300)), std::nullopt);
    EXPECT_EQ(history.note("u", changes("ALTER TABLE u ADD b int"), at(350)), std::nullopt);
    EXPECT_EQ(history.note("t", changes("ALTER TABLE t ADD B int"), at(400)), "b");
  }
  ColumnHistory again(file, at(400));
  EXPECT_EQ(again.added("t").at("c\td"), quoted_text("\n\\"));
  EXPECT_EQ(again.note("t", changes("ALTER TABLE t CHANGE x b int"), at(400)), "b");
  EXPECT_FALSE(again.is_misread("t"));
  again.note_misread("t");
  EXPECT_TRUE(ColumnHistory(file, at(100)).is_misread("t"));
  ColumnHistory earlier(file, at(300));
  EXPECT_EQ(earlier.note("t", changes("ALTER TABLE t ADD b int"), at(400)), std::nullopt);
  EXPECT_TRUE(ColumnHistory(file, at(150)).added("t").empty());
  std::filesystem::remove(file);
}

TEST(CapturedTables, AColumnIsMadeOnTheTargetWhereUntouchedRowsHaveOneValue) {
  const Catalog catalog{
      .tables = {{.name = "t",
                  .engine = "InnoDB",
                  .columns = {{.name = "id", .type = "int", .nullable = false},
                              {.name = "plain", .type = "int"},
                              {.name = "five", .type = "int", .default_value = "7"},
                              {.name = "lost", .type = "int", .nullable = false},
                              {.name = "now", .type = "datetime", .default_value = "current_timestamp()"},
                              {.name = "bytes", .type = "varbinary(9)", .default_value = "'?'"},
                              {.name = "twice", .type = "int", .generated = "`id` * 2"},
                              {.name = "before", .type = "int", .default_value = "1"}},
                  .indexes = {{.name = "PRIMARY", .unique = true, .parts = {{.column = "id"}}}}}}};
  const Conversion conversion = convert(catalog, model::Identifier("public"));
  const ColumnHistory::Added added = {{"plain", std::nullopt},    {"five", "5"},        {"lost", std::nullopt},
                                      {"now", "(an expression)"}, {"bytes", "x'00ff'"}, {"twice", std::nullopt}};
  const CaptureMatch match = capture_table(conversion.tables[0], catalog.tables[0], nullptr, {}, nullptr, added);
  std::map<std::string, std::string> made;
  for (const model::ChangeColumn& one : match.table->table.columns) {
    if (one.addable) made[one.name.catalog_text()] = one.add_sql + (one.then_sql.empty() ? "" : ", " + one.then_sql);
  }
  EXPECT_EQ(made, (std::map<std::string, std::string>{
                      {"plain", ""},
                      {"five", "integer DEFAULT 5, SET DEFAULT 7"},
                      {"bytes", "bytea DEFAULT '\\x00ff'::bytea, SET DEFAULT '\\x3f'::bytea"}}));
  ASSERT_EQ(match.table->table.computed.size(), 1U);
  EXPECT_THAT(match.table->table.computed[0].add_sql, HasSubstr("GENERATED ALWAYS AS"));
}

TEST(CapturedTables, AKeyThatWasMadeLaterNamesNoRowsOfBefore) {
  const Catalog catalog{
      .tables = {{.name = "t",
                  .engine = "InnoDB",
                  .columns = {{.name = "a", .type = "int"},
                              {.name = "id", .type = "int", .nullable = false, .auto_increment = true}},
                  .indexes = {{.name = "PRIMARY", .unique = true, .parts = {{.column = "id"}}}}}}};
  const Conversion conversion = convert(catalog, model::Identifier("public"));
  constexpr std::uint8_t kLong = 3;
  const TableMap map{.table = "t", .columns = {{.type = kLong}}, .names = {"a"}};
  const CaptureMatch match = capture_table(conversion.tables[0], catalog.tables[0], &map, {}, nullptr, {});
  ASSERT_TRUE(match.table) << match.why_not;
  EXPECT_FALSE(match.table->keyed);
  EXPECT_TRUE(match.table->table.columns[0].key);
}

}  // namespace
}  // namespace voyager::mysql
