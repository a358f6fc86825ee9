#include "sql/storage_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace voyager::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string without(std::string_view statement, std::string_view name) {
  const std::optional<Reduced> reduced = without_option(statement, name);
  return reduced ? reduced->sql : "(nothing)";
}

TEST(OptionNamesTest, OfTablesColumnsIndexesAndRoutines) {
  EXPECT_THAT(option_names("CREATE TABLE t (a int) WITH (fillfactor='70', toast.autovacuum_enabled='false');"),
              ElementsAre("fillfactor", "toast.autovacuum_enabled"));
  EXPECT_THAT(option_names("CREATE TABLE t (a int, CONSTRAINT k PRIMARY KEY (a) WITH (fillfactor=70))"),
              ElementsAre("fillfactor"));
  EXPECT_THAT(option_names("ALTER TABLE ONLY s.t ALTER COLUMN \"set\" SET (n_distinct=5, \"N x\"=(1,2))"),
              ElementsAre("n_distinct", "N x"));
  EXPECT_THAT(
      option_names("CREATE UNIQUE INDEX i ON t USING btree (a) INCLUDE (b) WITH (deduplicate_items='off') WHERE "
                   "(a > 0)"),
      ElementsAre("deduplicate_items"));
  EXPECT_THAT(option_names("CREATE MATERIALIZED VIEW m WITH (fillfactor=50) AS WITH (x) SELECT 1"),
              ElementsAre("fillfactor"));
  EXPECT_THAT(option_names("ALTER TABLE ONLY t ADD CONSTRAINT k UNIQUE (a) WITH (fillfactor=70);"),
              ElementsAre("fillfactor"));
  EXPECT_THAT(
      option_names("CREATE FUNCTION f() RETURNS int\n    LANGUAGE sql\n    SET search_path TO 'a', 'b'\n    SET "
                   "app.x = '1'\n    AS $$ SET y TO z $$;"),
      ElementsAre("search_path", "app.x"));
}

TEST(OptionNamesTest, NotOfWhatLooksLikeThem) {
  for (const char* one : {"CREATE TABLE t (a timestamp with time zone, b text DEFAULT 'WITH (x=1)')",
                          "CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (SET x '1')", "UPDATE t SET (a) = (1)",
                          "CREATE TABLE t (a int) WITH (fillfactor=7", "SET x TO 1", "", "ALTER",
                          "ALTER TABLE t ALTER a SET DEFAULT 5", "CREATE FUNCTION f() SET x FROM CURRENT AS ''"}) {
    EXPECT_THAT(option_names(one), IsEmpty()) << one;
  }
}

TEST(WithoutOptionTest, OneOfSeveralGoesWithItsComma) {
  EXPECT_EQ(without("ALTER TABLE t ALTER a SET (pg_attver=22, n_distinct=5);", "pg_attver"),
            "ALTER TABLE t ALTER a SET (n_distinct=5);");
  EXPECT_EQ(without("ALTER TABLE t ALTER a SET (n_distinct=5, pg_attver=22);", "pg_attver"),
            "ALTER TABLE t ALTER a SET (n_distinct=5);");
  EXPECT_EQ(without("CREATE TABLE t (a int, PRIMARY KEY (a) WITH (x=1)) WITH (x=1, y=2, x=3)", "x"),
            "CREATE TABLE t (a int, PRIMARY KEY (a)) WITH (y=2)");
}

TEST(WithoutOptionTest, TheLastTakesItsClauseAlong) {
  EXPECT_EQ(
      without("CREATE INDEX i ON t USING btree (a) WITH (deduplicate_items='off') WHERE (a > 0);", "deduplicate_items"),
      "CREATE INDEX i ON t USING btree (a) WHERE (a > 0);");
  EXPECT_EQ(without("ALTER FOREIGN TABLE ONLY t ALTER COLUMN a SET (pg_attver=22);", "pg_attver"), "");
  EXPECT_EQ(without("CREATE FUNCTION f() RETURNS int\n    LANGUAGE sql\n    SET a TO 'x', 'y'\n    AS 'b';", "a"),
            "CREATE FUNCTION f() RETURNS int\n    LANGUAGE sql\n    AS 'b';");
  EXPECT_EQ(without_option("CREATE TABLE t (a int) WITH (toast.x = 'a;b')", "toast.x")->left_out, "toast.x = 'a;b'");
}

TEST(WithoutOptionTest, NothingToTakeOut) {
  EXPECT_EQ(without("CREATE TABLE t (a int) WITH (fillfactor=70)", "x"), "(nothing)");
  EXPECT_EQ(without("ALTER TABLE t SET (x=1), ADD COLUMN b int", "x"), "(nothing)") << "the other action must stay";
}

TEST(OnlyTunesColumnTest, OneActionOfThreeKinds) {
  EXPECT_TRUE(only_tunes_column("ALTER TABLE ONLY public.t ALTER COLUMN c SET COMPRESSION lz4;"));
  EXPECT_TRUE(only_tunes_column("ALTER TABLE ONLY t ALTER COLUMN c SET STORAGE EXTERNAL"));
  EXPECT_TRUE(only_tunes_column("ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 50"));
  EXPECT_FALSE(only_tunes_column("ALTER TABLE t ALTER c SET STORAGE PLAIN, ALTER d SET DEFAULT 1"));
  EXPECT_FALSE(only_tunes_column("ALTER TABLE t ALTER c SET NOT NULL"));
  EXPECT_FALSE(only_tunes_column("CREATE TABLE t (a int STORAGE PLAIN)"));
}

}  // namespace
}  // namespace voyager::sql
