#include "connectors/postgresql/target_changes.h"

#include <gtest/gtest.h>

namespace voyager::postgresql {
namespace {

using connector::ApplyStep;
using model::Identifier;

TEST(TargetChanges, RowsOfTablesThatInheritAreTheirOwn) {
  connector::ApplyTable table{.name = {Identifier("public"), Identifier("t")}};
  table.columns = {{.name = Identifier("id"), .type = "integer", .equality = "="}};
  const ApplyStep gone{.kind = ApplyStep::Kind::kDelete, .table = &table, .key = {0}, .rows = 1};
  ApplyStep emptied{.kind = ApplyStep::Kind::kTruncate};
  emptied.truncated = {{.of = &table, .name = table.name},
                       {.of = &table, .name = {Identifier("public"), Identifier("t_1")}}};
  EXPECT_NE(apply_statement(gone).find("DELETE FROM ONLY \"public\".\"t\""), std::string::npos);
  EXPECT_NE(apply_statement(emptied).find("ELSE TRUNCATE ONLY \"public\".\"t\", \"public\".\"t_1\"; END IF"),
            std::string::npos);
  table.partitioned = true;
  EXPECT_NE(apply_statement(gone).find("DELETE FROM \"public\".\"t\""), std::string::npos);
  EXPECT_NE(apply_statement(emptied).find("ELSE TRUNCATE \"public\".\"t\", \"public\".\"t_1\"; END IF"),
            std::string::npos);
}

TEST(TargetChanges, RowsThatReferToATableDoNotKeepItFromBeingEmptied) {
  const connector::ApplyTable table{.name = {Identifier("public"), Identifier("a'$truncate$")}};
  ApplyStep step{
      .kind = ApplyStep::Kind::kTruncate, .truncated = {{.of = &table, .name = table.name}}, .restart_identity = true};
  const std::string one = R"('"public"."a''$truncate$"'::pg_catalog.regclass)";
  std::string number = one;
  std::erase(number, '\\');
  EXPECT_EQ(apply_statement(step),
            "DO $_truncate$BEGIN IF pg_catalog.current_setting('session_replication_role') = 'replica' AND EXISTS "
            "(SELECT FROM pg_catalog.pg_constraint c WHERE c.contype = 'f' AND c.confrelid IN (" +
                number + ") AND c.conrelid NOT IN (" + number +
                ")) THEN DELETE FROM ONLY \"public\".\"a'$truncate$\"; ELSE TRUNCATE ONLY "
                "\"public\".\"a'$truncate$\" RESTART IDENTITY; END IF; END$_truncate$");
  // The source has emptied those that refer to it as well.
  step.cascade = true;
  EXPECT_EQ(apply_statement(step), "TRUNCATE ONLY \"public\".\"a'$truncate$\" RESTART IDENTITY CASCADE");
}

TEST(TargetChanges, RowsWithoutValuesAreCounted) {
  const connector::ApplyTable table{.name = {Identifier("public"), Identifier("t")}};
  const ApplyStep step{.kind = ApplyStep::Kind::kInsert, .table = &table, .rows = 3};
  // Head: dimensions, nulls, type, length, lower bound; then a length of -1 for each.
  const std::string array = text_array(step, 0);
  ASSERT_EQ(array.size(), 5 * 4 + 3 * 4U);
  EXPECT_EQ(array.substr(20), std::string(12, '\xff'));
  EXPECT_EQ(apply_statement(step), "INSERT INTO \"public\".\"t\" SELECT FROM pg_catalog.unnest($1)");
}

TEST(TargetChanges, ForeignKeysAreFollowedByStatements) {
  using Act = model::ActingKey::Act;
  connector::ApplyTable table{.name = {Identifier("public"), Identifier("c")}};
  for (const char* column : {"id", "p", "q"})
    table.columns.push_back({.name = Identifier(column), .type = "integer", .equality = "="});
  const ApplyStep step{.kind = ApplyStep::Kind::kCascade, .tables = {&table, &table}};
  const model::ActingKey key{.table = 1, .parent = 0, .columns = {1, 2}, .parent_columns = {0, 1}};
  const std::string matches = "WHERE t.\"p\" = s.a0::integer AND t.\"q\" = s.a1::integer";
  const std::string two = "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS s(a0, a1) ";
  const std::string rows = "ONLY \"public\".\"c\" AS t ";
  EXPECT_EQ(cascade_statement(step, key, Act::kDelete, {0, 1}),
            "DELETE FROM " + rows + "USING" + two.substr(4) + matches + " RETURNING t.\"id\", t.\"p\"");
  EXPECT_EQ(cascade_statement(step, key, Act::kSetNull, {}),
            "UPDATE " + rows + "SET \"p\" = NULL, \"q\" = NULL " + two + matches);
  EXPECT_EQ(cascade_statement(step, key, Act::kFollow, {0, 2}),
            "UPDATE " + rows +
                "SET \"p\" = s.a2::integer, \"q\" = s.a3::integer FROM ROWS FROM (pg_catalog.unnest($1), "
                "pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) AS s(a0, a1, a2, a3) " +
                matches + " RETURNING t.\"id\", s.a1, t.\"id\", t.\"q\"");
}

TEST(TargetChanges, BlanksBehindAPaddedTextDoNotCount) {
  using Act = model::ActingKey::Act;
  connector::ApplyTable padded{.name = {Identifier("public"), Identifier("p")}};
  padded.columns = {{.name = Identifier("id"), .type = "bpchar", .equality = "="}};
  connector::ApplyTable varying{.name = {Identifier("public"), Identifier("v")}};
  varying.columns = {{.name = Identifier("p"), .type = "character varying", .equality = "="}};
  const ApplyStep step{.kind = ApplyStep::Kind::kCascade, .tables = {&padded, &varying}};
  const model::ActingKey down{.table = 1, .parent = 0, .columns = {0}, .parent_columns = {0}};
  const model::ActingKey up{.table = 0, .parent = 1, .columns = {0}, .parent_columns = {0}};
  EXPECT_NE(
      cascade_statement(step, down, Act::kDelete, {}).find("WHERE t.\"p\"::bpchar OPERATOR(pg_catalog.=) s.a0::bpchar"),
      std::string::npos);
  EXPECT_NE(cascade_statement(step, up, Act::kDelete, {}).find("WHERE t.\"id\" = s.a0::bpchar"), std::string::npos);
}

TEST(TargetChanges, CopyLinesKeepEveryByte) {
  ApplyStep step{.kind = ApplyStep::Kind::kInsert, .columns = {0, 1}, .rows = 3};
  const auto text = [](std::string_view value) {
    return model::ChangeValue{.kind = model::ValueKind::kText, .text = value};
  };
  step.values = {text("\\."), {.kind = model::ValueKind::kNull}, text("\\N"), text(""), text("a\tb\nc\rd\\"),
                 text("é")};
  EXPECT_EQ(copy_lines(step), "\\\\.\t\\N\n\\\\N\t\na\\tb\\nc\\rd\\\\\té\n");
}

TEST(TargetChanges, TypesThatTakeMore) {
  for (const auto& [to, from] : std::initializer_list<std::pair<const char*, const char*>>{
           {"bigint", "integer"},
           {"numeric", "bigint"},
           {"numeric(20,2)", "numeric(12,2)"},
           {"numeric(14,4)", "numeric(12,2)"},
           {"numeric", "numeric(12,2)"},
           {"text", "character varying(20)"},
           {"character varying(30)[]", "character varying(20)[]"},
           {"timestamp without time zone", "timestamp(3) without time zone"},
           {"double precision", "real"}}) {
    EXPECT_TRUE(takes_all_of(to, from)) << to << " " << from;
    EXPECT_FALSE(takes_all_of(from, to)) << from << " " << to;
  }
  for (const auto& [to, from] : std::initializer_list<std::pair<const char*, const char*>>{
           {"numeric(13,4)", "numeric(12,2)"},
           {"numeric(10,0)", "integer"},
           {"text", "integer"},
           {"text", "character(3)"},
           {"bigint[]", "integer"},
           {"public.color", "public.colour"},
           {"timestamp with time zone", "timestamp without time zone"}}) {
    EXPECT_FALSE(takes_all_of(to, from)) << to << " " << from;
  }
}

TEST(TargetChanges, AColumnIsMadeAsItIsAtTheSource) {
  connector::ColumnChange change{.table = {Identifier("s"), Identifier("T")}, .added = true};
  change.column = {.name = Identifier("c"), .type = "text"};
  EXPECT_EQ(change_statement(change), "ALTER TABLE \"s\".\"T\" ADD COLUMN \"c\" text");
  change.column.add_sql = "text DEFAULT 'red'";
  change.column.then_sql = "DROP DEFAULT";
  EXPECT_EQ(change_statement(change),
            "ALTER TABLE \"s\".\"T\" ADD COLUMN \"c\" text DEFAULT 'red'; "
            "ALTER TABLE \"s\".\"T\" ALTER COLUMN \"c\" DROP DEFAULT");
  change.added = false;
  EXPECT_EQ(change_statement(change), "ALTER TABLE \"s\".\"T\" ALTER COLUMN \"c\" TYPE text");
  for (const char* behind : {"", " DEFAULT 'a' NOT NULL"}) {
    change.column.add_sql = std::string("text COLLATE \"my own\".\"C x\"") + behind;
    EXPECT_EQ(change_statement(change),
              "ALTER TABLE \"s\".\"T\" ALTER COLUMN \"c\" TYPE text COLLATE \"my own\".\"C x\"");
  }
}

}  // namespace
}  // namespace voyager::postgresql
