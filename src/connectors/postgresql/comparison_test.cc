#include "connectors/postgresql/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgresql/comparison_facts.h"
#include "connectors/postgresql/comparison_hash.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/server_testing.h"

namespace voyager::postgresql {
namespace {

using connector::BucketHash;
using connector::HashRequest;
using model::Identifier;
using testing::HasSubstr;
using testing::SizeIs;

model::Column column(const std::string& name, const std::string& wire_type) {
  return {.name = Identifier(name), .wire_type = wire_type};
}

HashRequest request() {
  return {.table = {Identifier("public"), Identifier("t")},
          .columns = {column("id", "int4"), column("v", "")},
          .key = {Identifier("id")},
          .buckets = 8};
}

TEST(ComparisonHash, TheStatementForBuckets) {
  EXPECT_EQ(
      bucket_query(request(), {.begin = 3, .end = 7}, true),
      "SELECT ((coalesce(hashint4extended(t.\"id\"::int4, 1), 5225608189600411232)) & 2147483647)::int4 % 8 AS bucket, "
      "count(*), coalesce(sum((coalesce(hashint4extended(t.\"id\"::int4, 1), 5225608189600411232) # "
      "coalesce(hashtextextended(t.\"v\"::text COLLATE \"C\", 2), 5452762862878174055))), 0) "
      "FROM ONLY \"public\".\"t\" AS t WHERE true AND t.ctid >= '(3,0)'::tid AND t.ctid < '(7,0)'::tid GROUP BY 1");
}

TEST(ComparisonHash, OneBucketNeedsNoKeyAndNoColumnsIsNoError) {
  HashRequest one = request();
  one.buckets = 1;
  EXPECT_THAT(bucket_query(one, {}, false), HasSubstr("SELECT 0 AS bucket"));
  one.columns.clear();
  one.key.clear();
  EXPECT_EQ(
      bucket_query(one, {}, false),
      "SELECT 0 AS bucket, count(*), coalesce(sum(0::bigint), 0) FROM \"public\".\"t\" AS t WHERE true GROUP BY 1");
}

TEST(ComparisonHash, KeysForPeopleQuoteNamesAndTexts) {
  HashRequest odd = request();
  odd.columns[1] = column("it's", "text");
  odd.key.push_back(Identifier("it's"));
  EXPECT_THAT(row_query(odd, true),
              HasSubstr(R"('id=' || t."id"::text || ', "it''s"=' || quote_literal(t."it's"::text))"));
}

TEST(ComparisonHash, PagesOfSlicesCoverTheTableOnceAndTheLastIsOpen) {
  for (const std::uint64_t pages : {0ULL, 1ULL, 5ULL, 1000ULL}) {
    std::uint64_t next = 0;
    int open = 0;
    for (std::uint32_t i = 0; i < 7; ++i) {
      const PageRange range = pages_of({i, 7}, pages);
      if (range.none) continue;
      EXPECT_EQ(range.begin, next);
      next = range.end;
      open += range.end == 0 ? 1 : 0;
    }
    EXPECT_EQ(open, 1) << pages;
  }
}

TEST(ComparisonFacts, IndexesOfYugabyteDbReadLikePostgresql) {
  EXPECT_EQ(normalised_index("CREATE INDEX ON public.t USING lsm (a HASH, b DESC)"),
            "CREATE INDEX ON public.t USING btree (a, b DESC)");
  EXPECT_EQ(normalised_index("CREATE INDEX ON public.t USING lsm (a ASC NULLS FIRST, b ASC, c ASC)"),
            "CREATE INDEX ON public.t USING btree (a NULLS FIRST, b, c)");
  EXPECT_EQ(normalised_index("CREATE INDEX ON public.t USING ybgin (a)"), "CREATE INDEX ON public.t USING gin (a)");
  EXPECT_EQ(normalised_index("CREATE INDEX ON public.t USING btree (a) WITH (fillfactor='70') WHERE (a > 1)"),
            "CREATE INDEX ON public.t USING btree (a) WHERE (a > 1)");
  EXPECT_EQ(normalised_trigger("CREATE TRIGGER t BEFORE UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE f(' EXECUTE ')"),
            "CREATE TRIGGER t BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(' EXECUTE ')");
}

TEST(ComparisonFacts, AViewOfOneTableLosesItsTableNames) {
  EXPECT_EQ(normalised_view(" SELECT t.id,\n    t.\"t\".x AS y\n   FROM public.t\n  WHERE (t.id > 0);"),
            " SELECT id,\n    \"t\".x AS y\n   FROM public.t\n  WHERE (id > 0);");
  EXPECT_EQ(normalised_view(" SELECT x.id, 'x.id'::text\n   FROM ONLY public.t x;"),
            " SELECT id, 'x.id'::text\n   FROM ONLY public.t x;");
  EXPECT_EQ(normalised_view(" SELECT \"A \"\"b\".id\n   FROM \"S\".\"A \"\"b\";"),
            " SELECT id\n   FROM \"S\".\"A \"\"b\";");
}

TEST(ComparisonFacts, WhereVersionsAgreeAViewStaysAsItIs) {
  for (const char* text : {" SELECT a.id\n   FROM (public.a\n     JOIN public.b ON ((a.id = b.id)));",
                           " SELECT a.id\n   FROM public.a,\n    public.b;",
                           " SELECT a.id\n   FROM public.a\nUNION\n SELECT b.id\n   FROM public.b;",
                           " SELECT t.*::public.t AS t\n   FROM public.t;", " SELECT 1 AS one;",
                           " SELECT g.g\n   FROM generate_series(1, 2) g(g);"}) {
    EXPECT_EQ(normalised_view(text), text);
  }
}

TEST(ComparisonFacts, SubqueriesKeepTheirTableNames) {
  EXPECT_EQ(normalised_view(" SELECT t.id\n   FROM public.t\n  WHERE (EXISTS ( SELECT 1\n           FROM public.u\n"
                            "          WHERE (u.id = t.id)));"),
            " SELECT id\n   FROM public.t\n  WHERE (EXISTS ( SELECT 1\n           FROM public.u\n"
            "          WHERE (u.id = t.id)));");
}

class ComparableOnServer : public testing::Test {
 protected:
  void SetUp() override {
    const auto server = server_of("VOY_TEST_PG");
    if (!server) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = *server;
    admin_ = std::make_unique<Connection>(options_);
    admin_->run("DROP SCHEMA IF EXISTS " + quoted(schema_) + " CASCADE; CREATE SCHEMA " + quoted(schema_),
                "make a schema");
    admin_->run("SET search_path = " + quoted(schema_), "set the path");
  }
  void TearDown() override {
    if (admin_) admin_->run("DROP SCHEMA " + quoted(schema_) + " CASCADE", "drop the schema");
  }
  void sql(const std::string& text) { admin_->run(text, "prepare the test"); }
  static const model::Table& find(const std::vector<model::Table>& tables, const std::string& name) {
    const auto found = std::ranges::find(tables, Identifier(name), [](const auto& table) { return table.name.name; });
    VOY_ASSERT(found != tables.end());
    return *found;
  }
  HashRequest whole(connector::Comparable& side, const std::string& name, std::uint32_t buckets = 1) {
    const std::vector<model::Table> tables = side.tables({schema_});
    const model::Table& table = find(tables, name);
    return {.table = table.name, .columns = table.columns, .key = table.primary_key, .buckets = buckets};
  }
  std::string sum(connector::Comparable& side, const std::string& name) {
    const std::vector<BucketHash> hashes = side.hash_buckets(whole(side, name), {});
    return hashes.empty() ? "" : std::to_string(hashes[0].rows) + ":" + hashes[0].sum;
  }
  std::string fresh_sum(const std::string& name) { return sum(*make_comparable(options_), name); }
  std::map<std::string, std::string> facts() {
    std::map<std::string, std::string> out;
    for (const auto& fact : make_comparable(options_)->objects({.schemas = {schema_}}))
      out[fact.kind + " " + fact.name] = fact.definition;
    return out;
  }

  const Identifier schema_{"voy cmp " + std::to_string(::getpid())};
  model::ConnectionOptions options_ = {};
  std::unique_ptr<Connection> admin_ = {};
};

TEST_F(ComparableOnServer, EveryChangeOfAValueChangesTheSum) {
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> cases = {
      {"text", {"''", "NULL"}},
      {"text", {"'a'", "'A'"}},
      {"numeric", {"1.0", "1.00"}},
      {"float8", {"'0'", "'-0'"}},
      {"float8", {"0.1", "0.1::float4"}},
      {"json", {"'{}'", "'{ }'"}},
      {"int4", {"0", "NULL"}},
      {"int8", {"4294967297", "0"}},
      {"timestamptz", {"'infinity'", "'-infinity'"}},
      {"bytea", {"''", "'\\x00'"}},
      {"text[]", {"'{NULL}'", "'{\"NULL\"}'"}},
      {"bool", {"false", "NULL"}},
      {"char(3)", {"'a'", "'b'"}},
      {"xml", {"'<a/>'", "'<a></a>'"}},
      {"float8[]", {"'{0.1}'", "'{0.10000001}'"}},
      {"interval", {"'30 days'", "'1 mon'"}},
      {"point", {"'(0,1)'", "'(1,0)'"}}};
  for (const auto& [type, values] : cases) {
    sql("DROP TABLE IF EXISTS v; CREATE TABLE v (id int PRIMARY KEY, x " + type + ", y " + type + ")");
    sql("INSERT INTO v VALUES (1, " + values.first + ", " + values.second + ")");
    const std::string before = fresh_sum("v");
    EXPECT_EQ(before, fresh_sum("v")) << type;
    sql("UPDATE v SET x = " + values.second);
    EXPECT_NE(before, fresh_sum("v")) << type << " " << values.first << " and " << values.second;
    sql("UPDATE v SET x = " + values.second + ", y = " + values.first);
    EXPECT_NE(before, fresh_sum("v")) << type << ": two columns exchanged";
  }
}

TEST_F(ComparableOnServer, NegativeNanIsNan) {
  sql("CREATE TABLE n (a float8, b float4); INSERT INTO n VALUES ('NaN', 'NaN')");
  const std::string plain = fresh_sum("n");
  sql("UPDATE n SET a = -a, b = -b");
  EXPECT_EQ(plain, fresh_sum("n"));
}

TEST_F(ComparableOnServer, SlicesOfAllPeersAddUpToTheWholeAndSeeOnePicture) {
  sql("CREATE TABLE big (id int, part int, t text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);"
      "CREATE TABLE big_1 PARTITION OF big FOR VALUES IN (1); CREATE TABLE big_2 PARTITION OF big FOR VALUES IN (2);"
      "INSERT INTO big SELECT i, 1 + i % 2, repeat('x', 100) FROM generate_series(1, 20000) i");
  const auto side = make_comparable(options_);
  const HashRequest ask = whole(*side, "big", 16);
  std::map<std::uint32_t, std::uint64_t> expected;
  for (const BucketHash& bucket : side->hash_buckets(ask, {})) expected[bucket.bucket] = bucket.rows;
  EXPECT_THAT(expected, SizeIs(16));
  sql("INSERT INTO big SELECT i, 1, 'later' FROM generate_series(30001, 40000) i; DELETE FROM big WHERE id < 100");
  const auto peer = side->peer();
  std::map<std::uint32_t, std::uint64_t> found;
  for (std::uint32_t i = 0; i < 5; ++i) {
    for (const BucketHash& bucket : (i % 2 == 0 ? *peer : *side).hash_buckets(ask, {i, 5}))
      found[bucket.bucket] += bucket.rows;
  }
  EXPECT_EQ(found, expected);
  const std::vector<connector::RowHash> rows = peer->hash_rows(ask, {3, 5});
  EXPECT_EQ(rows.size(), expected[3] + expected[5]);
  EXPECT_THAT(rows.at(0).key, HasSubstr("part="));
  EXPECT_EQ(find(side->tables({schema_}), "big").bytes > 0, true);
}

TEST_F(ComparableOnServer, ChildrenByInheritanceAreNotTheParentsRows) {
  sql("CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent);"
      "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3)");
  EXPECT_THAT(fresh_sum("parent"), testing::StartsWith("1:"));
  EXPECT_THAT(fresh_sum("child"), testing::StartsWith("2:"));
}

TEST_F(ComparableOnServer, SixteenHundredColumnsAndNone) {
  sql("DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE wide (' || string_agg('c' || i || ' text', ',') || ')' "
      "FROM generate_series(1, 1600) i); END $$; INSERT INTO wide (c7) VALUES ('x'); CREATE TABLE bare ();"
      "INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES");
  const std::string before = fresh_sum("wide");
  sql("UPDATE wide SET c1600 = ''");
  EXPECT_NE(before, fresh_sum("wide"));
  EXPECT_EQ(fresh_sum("bare"), "2:0");
  const auto side = make_comparable(options_);
  EXPECT_THAT(side->hash_rows(whole(*side, "wide"), {0}), SizeIs(1));
}

TEST_F(ComparableOnServer, ARefusalLeavesTheConnectionAndItsPictureUsable) {
  sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
  const auto side = make_comparable(options_);
  const HashRequest good = whole(*side, "t");
  HashRequest bad = good;
  bad.columns.push_back(column("no such column", ""));
  EXPECT_THROW(side->hash_buckets(bad, {}), base::Error);
  sql("INSERT INTO t VALUES (2)");
  EXPECT_EQ(side->hash_buckets(good, {}).at(0).rows, 1U);
}

TEST_F(ComparableOnServer, HiddenRowsAreAnErrorNotASmallerTable) {
  sql("CREATE TABLE r (id int); INSERT INTO r VALUES (1), (2); ALTER TABLE r ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON r USING (id = 1); DROP ROLE IF EXISTS voy_cmp_reader; CREATE ROLE voy_cmp_reader LOGIN;"
      "GRANT USAGE ON SCHEMA " +
      quoted(schema_) + " TO voy_cmp_reader; GRANT SELECT ON r TO voy_cmp_reader");
  model::ConnectionOptions reader = options_;
  reader.user = "voy_cmp_reader";
  {
    const auto side = make_comparable(reader);
    try {
      sum(*side, "r");
      ADD_FAILURE() << "no error";
    } catch (const base::Error& error) {
      EXPECT_THAT(error.info().cause, HasSubstr("row-level security"));
    }
  }
  sql("DROP OWNED BY voy_cmp_reader; DROP ROLE voy_cmp_reader");
}

TEST_F(ComparableOnServer, ACancelledStopEndsALongStatement) {
  sql("CREATE FUNCTION slow(int) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT pg_sleep(30)::text';"
      "CREATE VIEW v AS SELECT slow(1) AS x");
  base::Stop stop;
  options_.stop = &stop;
  const auto side = make_comparable(options_);
  std::thread later([&stop, worker = ::gettid()] {
    wait_until_it_waits(worker);
    stop.request_cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(side->hash_buckets({.table = {schema_, Identifier("v")}, .columns = {column("x", "")}}, {}),
               base::Error);
  later.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(ComparableOnServer, FactsSayWhatMatters) {
  sql("CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN pos AS int CHECK (VALUE > 0);"
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY, m mood DEFAULT 'a' "
      "NOT NULL,"
      " d pos, n text COLLATE \"C\", g int GENERATED ALWAYS AS (1 + 1) STORED, UNIQUE (m) DEFERRABLE, CHECK (d < 10));"
      "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (d) REFERENCES p NOT VALID; CREATE INDEX i ON t (lower(n)) WHERE d > "
      "1;"
      "CREATE VIEW w AS SELECT id FROM t; CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one WITH NO DATA;"
      "CREATE FUNCTION fn(int) RETURNS int LANGUAGE sql AS 'SELECT $1'; CREATE AGGREGATE agg(int) (sfunc = int4pl, "
      "stype = int);"
      "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
      "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf(); ALTER TABLE t DISABLE TRIGGER tr;"
      "CREATE POLICY pol ON t FOR SELECT USING (id > 0); CREATE RULE ru AS ON DELETE TO t DO INSTEAD NOTHING");
  const std::string s = display(schema_) + ".";
  auto found = facts();
  EXPECT_EQ(found["column " + s + "t.id"], "bigint not null generated always as identity");
  EXPECT_THAT(found["column " + s + "t.m"], HasSubstr("not null default 'a'::"));
  EXPECT_EQ(found["column " + s + "t.n"], "text collate pg_catalog.\"C\"");
  EXPECT_EQ(found["column " + s + "t.g"], "integer generated always as ((1 + 1))");
  EXPECT_EQ(found["unique " + s + "t.t_m_key"], "UNIQUE (m) DEFERRABLE");
  EXPECT_THAT(found["foreign key " + s + "t.f"], HasSubstr("NOT VALID"));
  EXPECT_THAT(found["index " + s + "i"], HasSubstr("lower(n)"));
  EXPECT_EQ(found["materialized view content " + s + "mv"], "never filled");
  EXPECT_THAT(found["trigger " + s + "t.tr"], HasSubstr("(disabled)"));
  EXPECT_THAT(found["policy " + s + "t.pol"], HasSubstr("permissive for select to public using"));
  EXPECT_EQ(found["enum " + s + "mood"], "'a', 'b'");
  EXPECT_THAT(found["domain " + s + "pos"], HasSubstr("integer pos_check CHECK"));
  EXPECT_THAT(found["aggregate " + s + "agg(integer)"], HasSubstr("sfunc int4pl stype integer"));
  for (const char* kind : {"table ", "view ", "function ", "rule ", "sequence ", "primary key ", "check "}) {
    EXPECT_TRUE(std::ranges::any_of(found, [&](const auto& fact) { return fact.first.starts_with(kind); })) << kind;
  }
}

TEST_F(ComparableOnServer, NamesThatPartitionsMadeThemselvesAreNoFacts) {
  sql("CREATE TABLE q (id int, k int, PRIMARY KEY (id)) PARTITION BY RANGE (id);"
      "CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (10); CREATE INDEX ON q (k)");
  const auto before = facts();
  sql("ALTER INDEX q1_k_idx RENAME TO other; ALTER TABLE q1 RENAME CONSTRAINT q1_pkey TO another");
  EXPECT_EQ(facts(), before);
  sql("ALTER TABLE q DETACH PARTITION q1");
  EXPECT_NE(facts(), before);
}

TEST_F(ComparableOnServer, SequencesTellTheirStep) {
  sql("CREATE SEQUENCE down INCREMENT -2; SELECT nextval('down'), nextval('down')");
  const std::vector<model::Sequence> found = make_comparable(options_)->sequences({schema_});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].increment, -2);
  EXPECT_EQ(found[0].last_value, -3);
}

}  // namespace
}  // namespace voyager::postgresql
