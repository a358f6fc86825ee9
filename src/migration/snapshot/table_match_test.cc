#include "migration/snapshot/table_match.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace voyager::migration {
namespace {

TEST(KeepsValues, OrNot) {
  const std::vector<std::pair<const char*, const char*>> keep = {
      {"integer", "integer"},
      {"color", "color"},
      {"color", "text"},
      {"integer", "bigint"},
      {"bigint", "smallint"},  // Refused when it does not fit.
      {"integer", "numeric(5,2)"},
      {"numeric(10,2)", "numeric"},
      {"numeric(10,2)", "numeric(4,3)"},
      {"numeric", "integer"},
      {"real", "double precision"},
      {"double precision", "numeric"},
      {"character varying(5)", "character varying(9)"},
      {"character varying(5)", "text"},
      {"text", "character varying"},
      {"jsonb", "json"},
      {"text", "uuid"},
      {"character varying(8)", "integer"},
      {"bytea", "text"},
      {"date", "timestamp without time zone"},
      {"timestamp(3) with time zone", "timestamp with time zone"},
      {"timestamp with time zone", "timestamp(6) with time zone"},
      {"interval(3)", "interval"},
      {"bit(3)", "bit varying"},
      {"integer[]", "bigint[]"},
      {"numeric(4,1)[]", "numeric(9,1)[]"}};
  for (const auto& [from, to] : keep) EXPECT_TRUE(keeps_values(from, to)) << from << " -> " << to;
  const std::vector<std::pair<const char*, const char*>> change = {
      {"integer", "real"},
      {"bigint", "double precision"},
      {"double precision", "real"},
      {"numeric(10,2)", "numeric(10,1)"},
      {"numeric", "numeric(10,9)"},
      {"integer", "numeric(3,-2)"},
      {"numeric", "double precision"},
      {"text", "character varying(9)"},
      {"character varying(9)", "character varying(5)"},
      {"character(5)", "text"},
      {"text", "name"},
      {"timestamp without time zone", "timestamp with time zone"},
      {"timestamp with time zone", "timestamp without time zone"},
      {"timestamp without time zone", "date"},
      {"timestamp without time zone", "timestamp(0) without time zone"},
      {"interval", "interval day to second(3)"},
      {"json", "jsonb"},
      {"integer", "integer[]"},
      {"color", "shade"}};
  for (const auto& [from, to] : change) EXPECT_FALSE(keeps_values(from, to)) << from << " -> " << to;
}

model::Column column(const std::string& name, const std::string& type, const std::string& wire,
                     bool generated = false) {
  return {.name = model::Identifier(name), .type = type, .wire_type = wire, .generated = generated, .value_type = type};
}

ColumnDoubts doubts_of(std::vector<model::Column> source, std::vector<model::Column> target, model::RowFormat rows) {
  const model::TableName name{model::Identifier("public"), model::Identifier("t")};
  ColumnDoubts doubts;
  compare_columns({.table = {.name = name, .columns = std::move(source)}, .rows = rows},
                  {.name = name, .columns = std::move(target)}, doubts);
  return doubts;
}

TEST(CompareColumns, BinaryNeedsTheSameBytes) {
  const auto binary = model::RowFormat::kBinary;
  const ColumnDoubts other = doubts_of({column("N", "integer", "int4")}, {column("n", "bigint", "int8")}, binary);
  ASSERT_EQ(other.refused.size(), 1U);
  EXPECT_EQ(other.refused[0], "public.t.\"N\": integer, now bigint");
  EXPECT_TRUE(doubts_of({column("n", "integer", "int4")}, {column("n", "bigint", "int8")}, model::RowFormat::kText)
                  .refused.empty())
      << "text is read by the new type";
  // Asked for by the user: types without a common binary form.
  EXPECT_TRUE(doubts_of({column("g", "geometry", "")}, {column("g", "geometry", "")}, binary).refused.empty());
  EXPECT_EQ(doubts_of({column("g", "geometry", "")}, {column("g", "geography", "")}, binary).refused.size(), 1U);
  EXPECT_EQ(doubts_of({column("n", "numeric(4,2)", "numeric")}, {column("n", "numeric(4,1)", "numeric")}, binary)
                .doubtful.size(),
            1U)
      << "the server rounds binary values too";
}

TEST(CompareColumns, ComputedColumnsMustBeComputedOnBothSides) {
  for (const bool on_source : {true, false}) {
    const ColumnDoubts doubts = doubts_of({column("g", "integer", "int4", on_source)},
                                          {column("g", "integer", "int4", !on_source)}, model::RowFormat::kText);
    EXPECT_EQ(doubts.refused.size(), 1U);
  }
}

TEST(ColumnsOnTarget, AreFoundByNameOrByCase) {
  const model::Table source{
      .columns = {column("A", "integer", "int4"), column("b", "text", "text"), column("g", "text", "text", true)}};
  const std::vector<model::Column> found = columns_on_target(
      source, {.columns = {column("b", "varchar", "varchar"), column("a", "integer", "int4"), column("B", "x", "")}});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, model::Identifier("a"));
  EXPECT_EQ(found[1].type, "varchar");
  EXPECT_THROW(columns_on_target(source, {.columns = {column("a", "integer", "int4")}}), base::Error);
}

}  // namespace
}  // namespace voyager::migration
