// Text files: expressions.txt, and one schema a file in conversion/. VOY_REWRITE=1 writes what is expected anew.
#include "connectors/mysql/conversion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "connectors/mysql/expression.h"
#include "connectors/mysql/key_space.h"
#include "connectors/mysql/names.h"
#include "sql/statement.h"

namespace voyager::mysql {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(VOY_FOLDER) / "testdata";
constexpr std::string_view kExpected = "--- expected ---\n";

bool rewrite() {
  return std::getenv("VOY_REWRITE") != nullptr;
}

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> out;
  for (const std::string& one : base::split(line, '|')) out.emplace_back(base::trim(one));
  return out;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& one : base::split(text, ' ')) {
    if (!one.empty()) out.push_back(one);
  }
  return out;
}

bool takes(std::string& text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string::npos) return false;
  text.erase(at, word.size());
  return true;
}

// See testdata/README.md for the lines.
ColumnRow column_of(const std::vector<std::string>& field) {
  ColumnRow column{.name = field.at(0), .type = field.at(1)};
  std::string rest = field.size() > 2 ? field[2] : "";
  column.nullable = !takes(rest, "not null");
  column.auto_increment = takes(rest, "auto_increment");
  column.on_update_now = takes(rest, "on update now");
  for (std::size_t i = 3; i < field.size(); ++i) {
    const std::string value = field[i].substr(std::min(field[i].find(' ') + 1, field[i].size()));
    if (field[i].starts_with("default ")) column.default_value = value;
    if (field[i].starts_with("generated ")) column.generated = value;
    if (field[i].starts_with("collation ")) column.collation = value;
    if (field[i].starts_with("comment ")) column.comment = value;
    if (field[i].starts_with("charset ")) column.charset = value;
  }
  const std::string type = column.type.substr(0, column.type.find('('));
  const bool text = type.ends_with("char") || type.ends_with("text");
  if (text && column.charset.empty()) column.charset = "utf8mb4";
  return column;
}

IndexRow index_of(const std::vector<std::string>& field) {
  IndexRow index{.name = field.at(0), .unique = field.at(1) == "unique", .type = "BTREE"};
  if (field[1] == "fulltext") index.type = "FULLTEXT";
  if (field[1] == "spatial") index.type = "SPATIAL";
  for (std::size_t i = 2; i < field.size(); ++i) {
    const std::vector<std::string> word = words(field[i]);
    IndexPart part;
    if (word[0] == "expression") {
      part.expression = field[i].substr(11);
    } else {
      part.column = word[0];
      for (std::size_t n = 1; n < word.size(); ++n) {
        if (word[n] == "desc") {
          part.descending = true;
        } else {
          part.prefix = std::stoi(word[n]);
        }
      }
    }
    index.parts.push_back(std::move(part));
  }
  return index;
}

Catalog read_case(const std::string& text) {
  Catalog catalog{.database = "shop", .user = "'mover'@'%'"};
  for (const std::string& line : base::split(text, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t blank = line.find(' ');
    const std::string kind = line.substr(0, blank);
    const std::vector<std::string> field = fields(line.substr(blank + 1));
    if (kind == "table") {
      TableRow table{.name = field.at(0), .engine = "InnoDB"};
      for (std::size_t i = 1; i < field.size(); ++i) {
        if (field[i].starts_with("next ")) table.auto_increment = std::stoull(field[i].substr(5));
        if (field[i].starts_with("comment ")) table.comment = field[i].substr(8);
        if (field[i].starts_with("engine ")) table.engine = field[i].substr(7);
      }
      catalog.tables.push_back(std::move(table));
    } else if (kind == "view") {
      catalog.views.push_back({.name = field.at(0), .definition = field.at(1)});
    } else if (kind == "code") {
      // A bar stands for the end of a line.
      std::string code = base::join(std::vector<std::string>(field.begin() + 3, field.end()), "\n");
      const bool loose = takes(code, "loose:");
      const bool quotes = takes(code, "ansi:");
      catalog.code.push_back({.kind = field.at(0),
                              .name = field.at(1),
                              .table = field.at(2),
                              .text = std::move(code),
                              .collation = "utf8mb4_general_ci",
                              .sql_mode = loose    ? "NO_ENGINE_SUBSTITUTION"
                                          : quotes ? "ANSI_QUOTES,STRICT_TRANS_TABLES"
                                                   : "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"});
    } else if (kind == "rule") {
      catalog.type_rules.push_back(field.at(0));
    } else if (kind == "sequence") {
      catalog.sequences.push_back(
          {.name = field.at(0), .next = 7, .least = 1, .most = 1000, .start = 1, .increment = 2});
    } else if (kind == "column") {
      catalog.tables.back().columns.push_back(column_of(field));
    } else if (kind == "index") {
      catalog.tables.back().indexes.push_back(index_of(field));
    } else if (kind == "check") {
      catalog.tables.back().checks.push_back({.name = field.at(0), .clause = field.at(1)});
    } else if (kind == "foreign") {
      catalog.tables.back().foreign_keys.push_back({.name = field.at(0),
                                                    .columns = words(field.at(1)),
                                                    .other_schema = "shop",
                                                    .other_table = field.at(2),
                                                    .other_columns = words(field.at(3)),
                                                    .on_update = field.at(4),
                                                    .on_delete = field.at(5)});
    } else if (kind == "partition") {
      catalog.tables.back().partitions.push_back(
          {.name = field.at(0), .method = field.at(1), .expression = field.at(2), .description = field.at(3)});
    } else {
      ADD_FAILURE() << "no such line: " << line;
    }
  }
  return catalog;
}

// Statements, then what is said of objects, then facts.
std::string written(const Conversion& done) {
  std::string out;
  for (const connector::WrittenObject& one : done.written) out += base::join(one.statements, "\n\n") + "\n\n";
  for (const connector::CatalogueObject& one : done.objects) {
    if (!one.change.empty()) out += "-- change: " + one.kind + " " + one.name + ": " + one.change + "\n";
    if (!one.not_written.empty()) out += "-- left out: " + one.kind + " " + one.name + ": " + one.not_written + "\n";
  }
  for (const model::Sequence& one : done.sequences)
    out += "-- sequence: " + display(one.name) + " " + std::to_string(one.last_value) + (one.is_called ? " used" : "") +
           "\n";
  for (const connector::ObjectFact& one : done.facts)
    out += "-- fact: " + one.kind + " " + one.name + ": " + one.definition + "\n";
  return out;
}

TEST(Conversion, EveryCaseIsAsItsFileSays) {
  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder / "conversion")) {
    const std::string text = base::read_file(entry.path());
    const std::size_t at = text.find(kExpected);
    const std::string given = text.substr(0, at);
    const Conversion done = convert(read_case(given), model::Identifier("public"));
    const std::string out = written(done);
    if (rewrite()) {
      base::write_file_atomically(entry.path(),
                                  given + (given.ends_with("\n\n") ? "" : "\n") + std::string(kExpected) + out);
    } else {
      ASSERT_NE(at, std::string::npos) << entry.path();
      EXPECT_EQ(text.substr(at + kExpected.size()), out) << entry.path();
    }
    for (const connector::WrittenObject& one : done.written) {
      for (const std::string& sql : one.statements)
        EXPECT_EQ(sql::parse_statement(sql).refused, "") << entry.path() << "\n" << sql;
    }
    ++cases;
  }
  EXPECT_GT(cases, 5U);
}

// Each object is explained by what is written under its key, or by a reason.
TEST(Conversion, EveryObjectIsWrittenMadeByATableOrLeftOut) {
  for (const auto& entry : std::filesystem::directory_iterator(kFolder / "conversion")) {
    const std::string text = base::read_file(entry.path());
    const Conversion done = convert(read_case(text.substr(0, text.find(kExpected))), model::Identifier("public"));
    for (const connector::CatalogueObject& one : done.objects) {
      const bool is_written =
          std::ranges::find(done.written, one.key, &connector::WrittenObject::key) != done.written.end();
      EXPECT_EQ((is_written ? 1 : 0) + (one.made_by.empty() ? 0 : 1) + (one.not_written.empty() ? 0 : 1), 1)
          << one.kind << " " << one.name;
    }
  }
}

TEST(TypeRules, WhatFitsNoTypeIsRefusedByName) {
  const auto fault_of = [](const std::string& rules, const std::string& rest) -> std::string {
    try {
      Catalog catalog = read_case(rest);
      catalog.type_rules = base::split(rules, ',');
      (void)convert(catalog, model::Identifier("public"));
      return "";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().exit, base::ExitCode::kUsage);
      return error.info().title + "; " + error.info().cause;
    }
  };
  const std::string schema =
      "table t\ncolumn id | int(11) | not null auto_increment\ncolumn d | decimal(10,2)\ncolumn v | varchar(20)\n"
      "column b | binary(8)\nindex PRIMARY | unique | id\ntable u\ncolumn t_id | int(11)\nforeign f | t_id | t | id | "
      "|\n";
  EXPECT_EQ(fault_of("t.d=numeric(12,2),:varchar*=text", schema), "");
  EXPECT_EQ(fault_of("t.id=bigint", schema), "");
  EXPECT_EQ(fault_of("*.id=text", schema),
            "t.id cannot become text; it is int(11) and counts up, and the rule *.id=text says so");
  EXPECT_EQ(fault_of("t.d=bigint", schema),
            "t.d cannot become bigint; it is decimal(10,2), and the rule t.d=bigint says so");
  EXPECT_NE(fault_of("t.d=numeric(9,2)", schema), "");
  EXPECT_NE(fault_of("t.v=varchar(19)", schema), "");
  EXPECT_NE(fault_of("t.b=uuid", schema), "");
  EXPECT_NE(fault_of("t.id=bigint,u.t_id=smallint", schema).find("two sides of a foreign key"), std::string::npos);
  for (const char* bad : {"t=int", "t.=int", ".v=text", "=text", "t.v=", "t.v"})
    EXPECT_NE(fault_of(bad, schema), "") << bad;
}

TEST(Expression, EveryLineIsAsTheFileSays) {
  const std::vector<std::string> labels = {"small", "large"};
  const auto whole = [](const std::string& name, const Range& range) {
    const bool year = name == "y";
    return Operand{.sql = name,
                   .kind = Kind::kInteger,
                   .narrow = year,
                   .range = range,
                   .is_unsigned = true,
                   .padded = year,
                   .year = year};
  };
  const std::map<std::string, Operand> columns = {{"i", {.sql = "i", .kind = Kind::kInteger, .narrow = true}},
                                                  {"b", {.sql = "b", .kind = Kind::kInteger}},
                                                  {"n", {.sql = "n", .kind = Kind::kNumber}},
                                                  {"f", {.sql = "f", .kind = Kind::kFloat}},
                                                  {"t", {.sql = "t", .kind = Kind::kText, .charset = "utf8mb4"}},
                                                  {"d", {.sql = "d", .kind = Kind::kDate}},
                                                  {"m", {.sql = "m", .kind = Kind::kDateTime}},
                                                  {"ts", {.sql = "ts", .kind = Kind::kTimestamp}},
                                                  {"e", {.sql = "e", .kind = Kind::kEnum, .labels = &labels}},
                                                  {"j", {.sql = "j", .kind = Kind::kOther}},
                                                  {"u", whole("u", {0, 0x1p32 - 1})},
                                                  {"y", whole("y", {0, 2155})},
                                                  {"s", {.sql = "s", .kind = Kind::kFloat, .narrow = true}}};
  const Resolve resolve = [&](const std::vector<std::string>& names) -> std::optional<Operand> {
    const auto found = columns.find(names.back());
    return found == columns.end() ? std::nullopt : std::optional(found->second);
  };
  std::size_t lines = 0;
  for (const std::string& line : base::split(base::read_file(kFolder / "expressions.txt"), '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t arrow = line.find(" => ");
    ASSERT_NE(arrow, std::string::npos) << line;
    const Translation done = translate(line.substr(0, arrow), resolve);
    EXPECT_EQ(done.value ? done.value->sql : "refused: " + done.why_not, line.substr(arrow + 4)) << line;
    if (done.value) {
      EXPECT_EQ(sql::parse_statement("SELECT " + done.value->sql).refused, "") << line;
    }
    ++lines;
  }
  EXPECT_GT(lines, 40U);
}

TEST(Names, AreShortAndAllDifferent) {
  NameSpace names;
  EXPECT_EQ(names.take("orders", "orders"), "orders");
  const std::string second = names.take("orders", "Orders");
  EXPECT_NE(second, "orders");
  const std::string first_long = names.take(std::string(64, 'a'), "first");
  const std::string second_long = names.take(std::string(64, 'a'), "second");
  EXPECT_LE(first_long.size(), 63U);
  EXPECT_NE(first_long, second_long);
  NameSpace again;
  EXPECT_EQ(again.take(std::string(64, 'a'), "first"), first_long);
}

TEST(KeySpace, CountsAndCutsAtTheEdges) {
  const KeySpace small("-2", "7");
  EXPECT_EQ(small.units(), 10U);
  EXPECT_EQ(small.range(0, 3).from, "");
  EXPECT_EQ(small.range(0, 3).below, "1");
  EXPECT_EQ(small.range(3, 10).from, "1");
  EXPECT_EQ(small.range(3, 10).below, "");
  EXPECT_EQ(KeySpace("-9223372036854775808", "9223372036854775807").units(), 0U);
  const KeySpace high("18446744073709551610", "18446744073709551615");
  EXPECT_EQ(high.units(), 6U);
  EXPECT_EQ(high.range(1, 2).from, "18446744073709551611");
}

}  // namespace
}  // namespace voyager::mysql
