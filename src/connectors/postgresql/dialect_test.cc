// What PostgreSQL is sent, and how its names are written: testdata/dialect.expected has all of it. Run with
// VOY_REWRITE=1 to write it anew, then read the difference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/files.h"
#include "connectors/postgresql/target.h"
#include "connectors/postgresql/target_changes.h"

namespace voyager::postgresql {
namespace {

using connector::ApplyStep;
using model::Identifier;

std::string names() {
  std::string out = "-- names: as the catalogue has them, quoted, as people type them\n";
  for (const char* name : {"orders", "Orders", "two words", "a\"b", "1st", "_x", "größe", "select", "value", "user"})
    out += fmt::format("{} | {} | {}\n", name, model::quoted(Identifier(name)), model::display(Identifier(name)));
  out += "-- names: as people type them, as the catalogue has them\n";
  for (const char* typed : {"Orders", "\"Orders\"", "Shop.Orders", " \"a\"\"b\" . C ", "ÄB"}) {
    const model::TableName name = model::parse_table_name(typed);
    out += fmt::format("{} | {} | {}\n", typed, name.schema.catalog_text(), name.name.catalog_text());
  }
  return out;
}

std::string literal(std::string_view value) {
  return fmt::format("'{}'", value);
}

std::string batches() {
  connector::BatchRequest request{.table = {Identifier("Shop"), Identifier("a\"b")},
                                  .columns = {{.name = Identifier("id")}, {.name = Identifier("two words")}},
                                  .keys = {{"f", 1, 10}, {"f", 2, 20}},
                                  .rows_expected = 30};
  const std::string to = model::quoted(request.table);
  std::string out = "-- a batch\n";
  out += bookkeeping_insert(request, "uuid", {}, literal) + "\n";
  out +=
      bookkeeping_insert(request, "uuid", connector::LoadingRun{.importer = "importer", .run = "run"}, literal) + "\n";
  out += copy_in_statement(request, {.destination = to}) + "\n";
  out += copy_in_statement(request, {.destination = to, .rows_per_transaction = true}) + "\n";
  request.format = {.rows = model::RowFormat::kBinary};
  out += copy_in_statement(request, {.destination = to}) + "\n";
  request.format = {.rows = model::RowFormat::kCsv, .delimiter = ';', .quote = '\'', .escape = '\\', .null_string = ""};
  out += copy_in_statement(request, {.destination = to}) + "\n";
  return out;
}

std::string changes() {
  connector::ApplyTable table{.name = {Identifier("Shop"), Identifier("a\"b")}};
  table.columns = {{.name = Identifier("id"), .type = "integer", .full_type = "integer", .equality = "="},
                   {.name = Identifier("c"), .type = "bpchar", .full_type = "character(3)", .equality = "="},
                   {.name = Identifier("two words"), .type = "text", .full_type = "text", .equality = "="}};
  std::string out;
  for (const bool partitioned : {false, true}) {
    table.partitioned = partitioned;
    out += fmt::format("-- changes of a table{}: insert, update, delete by key, delete without a key, truncate\n",
                       partitioned ? " with partitions" : "");
    ApplyStep step{.table = &table, .columns = {0, 1, 2}, .rows = 2};
    out += apply_statement(step) + "\n";
    step = {.kind = ApplyStep::Kind::kUpdate, .table = &table, .key = {0, 1}, .columns = {1, 2}, .rows = 2};
    out += apply_statement(step) + "\n";
    step = {.kind = ApplyStep::Kind::kDelete, .table = &table, .key = {0, 1}, .rows = 2};
    out += apply_statement(step) + "\n";
    step = {.kind = ApplyStep::Kind::kDeleteOne, .table = &table, .key = {0, 1, 2}, .rows = 2};
    out += apply_statement(step) + "\n";
    step = {.kind = ApplyStep::Kind::kTruncate, .truncated = {{.of = &table, .name = table.name}}};
    out += apply_statement(step) + "\n";
  }
  return out;
}

TEST(Dialect, WritesWhatTheFileHas) {
  const std::filesystem::path expected = std::filesystem::path(VOY_FOLDER) / "testdata" / "dialect.expected";
  const std::string found = names() + "\n" + batches() + "\n" + changes();
  if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(expected, found);
  EXPECT_EQ(found, base::read_file(expected));
}

}  // namespace
}  // namespace voyager::postgresql
