// What only PostgreSQL as a target can show: types in both forms, awkward tables, keys, sequences, indexes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "base/text.h"
#include "postgresql_bench.h"

namespace voyager::conformance {
namespace {

using connector::BatchOutcome;
using connector::RowFault;
using connector::RowsIn;
using model::Side;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The blocks of a reader as the rows of a batch.
class ReaderStream final : public connector::RowStream {
 public:
  explicit ReaderStream(connector::SnapshotReader& reader) : reader_(reader) {}
  std::string_view next_piece() override {
    if (!reader_.next(block_, 4096)) return {};
    return block_.bytes;
  }

 private:
  connector::SnapshotReader& reader_;
  model::RowBlock block_;
};

// One row that comes when it is let go.
class HeldBackRow final : public connector::RowStream {
 public:
  explicit HeldBackRow(std::atomic<bool>& may_come) : may_come_(may_come) {}
  std::string_view next_piece() override {
    while (!may_come_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return std::exchange(row_, {});
  }

 private:
  std::atomic<bool>& may_come_;
  std::string_view row_ = "1\n";
};

class PostgresqlTarget : public testing::Test {
 protected:
  void SetUp() override {
    bench_ = make_postgresql_bench();
    if (!bench_) GTEST_SKIP() << "VOY_TEST_PG names no server";
    target_ = bench_->entry().target(bench_->target());
    admin_ = target_->admin(migration_);
    admin_->create_bookkeeping();
    loader_ = target_->loader(migration_, {});
  }
  void sql(const std::string& text) { bench_->sql(Side::kTarget, text); }
  std::string value(const std::string& query) { return bench_->value(Side::kTarget, query); }
  void both(const std::string& text) {
    bench_->sql(Side::kSource, text);
    bench_->sql(Side::kTarget, text);
  }
  connector::BatchRequest request(const std::string& table, std::vector<std::string> columns,
                                  model::CopyFormat format = {}) {
    connector::BatchRequest out{.table = bench_->name(table),
                                .format = std::move(format),
                                .keys = {{.file_name = table, .number = ++batches_, .rows = 1}}};
    for (std::string& column : columns) out.columns.push_back({.name = model::Identifier(std::move(column))});
    return out;
  }
  BatchOutcome import(const connector::BatchRequest& wanted, const std::vector<std::string>& rows) {
    TextStream stream(rows, 1000);
    return loader_->import(wanted, stream);
  }
  /// Source to target through reader and loader; equal when the servers print the same rows.
  void expect_same_after_copy(const std::string& name, model::RowFormat format) {
    const auto source = bench_->entry().snapshot_source(bench_->source());
    source->begin({}, 2);
    const std::vector<model::Table> tables = source->tables();
    const auto table = std::ranges::find(tables, bench_->name(name), &model::Table::name);
    ASSERT_NE(table, tables.end());
    const auto reader = source->open_reader();
    reader->start(*table, {}, format);
    std::vector<std::string> columns;
    for (const model::Column& column : table->columns) {
      if (!column.generated) columns.push_back(column.name.catalog_text());
    }
    ReaderStream stream(*reader);
    const BatchOutcome outcome = loader_->import(request(name, columns, {.rows = format}), stream);
    if (const auto* fault = std::get_if<RowFault>(&outcome)) FAIL() << fault->message;
    const std::string all =
        "SELECT count(*) || coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM \"" + name + "\" t";
    EXPECT_EQ(bench_->value(Side::kSource, all), value(all));
  }

  std::unique_ptr<PostgresqlBench> bench_;
  const std::string migration_ = new_migration();
  std::unique_ptr<connector::Target> target_;
  std::unique_ptr<connector::ImportAdmin> admin_;
  std::unique_ptr<connector::SnapshotTarget> loader_;
  int batches_ = 0;
};

constexpr const char* kEveryType = R"(
CREATE TYPE color AS ENUM ('red', 'bl''ue'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE every (
  id int, i2 int2, i8 int8, f4 float4, f8 float8, n numeric, b bool, t text, v varchar(20), c char(5), ch "char", na name,
  by bytea, u uuid, d date, ti time, tz timetz, ts timestamp, tsz timestamptz, iv interval, j json, jb jsonb, jp jsonpath,
  ip inet, ci cidr, m macaddr, m8 macaddr8, bi bit(5), vb varbit, p point, l line, ls lseg, bo box, pa path, po polygon,
  cr circle, tv tsvector, o oid, x xid, lsn pg_lsn, r int4range, nr numrange, dr daterange, tr tstzrange,
  mr int4multirange, ia int[], ta text[], co color, dom positive, g int GENERATED ALWAYS AS (id * 2) STORED))";
constexpr const char* kEveryValue = R"(
INSERT INTO every VALUES
  (1, -32768, 9223372036854775807, 1.1, 0.1::float8 + 0.2, 'NaN', true, E'tab\t nl\n back\\slash \\N \\.', 'ü漢😀', 'ab', 'x',
   'name', '\x00ff0a5c', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'infinity', '23:59:59.999999', '12:00+05:30', '-infinity',
   '0044-03-15 12:00:00+00 BC', '-1 mon +2 days -03:04:05.678', '{"a": 1}', '{"b": [1, null]}', '$.a[*]', '::1/64', '10.0.0.0/8',
   '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '10101', '1', '(1,2)', '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]',
   '((0,0),(1,1),(1,0))', '<(0,0),5>', 'a:1A fat:2', 4294967295, '123', '16/B374D848', '[1,5)', '(,1.5]', 'empty',
   '[2020-01-01,)', '{[1,3),[5,7)}', '[0:1]={1,NULL}', '{"a,b","q\"q",NULL,""}', 'bl''ue', 7),
  (2, 0, 0, 'NaN', '-Infinity', 1e-30, false, '', '', '', '', '', '', '00000000-0000-0000-0000-000000000000', '0001-01-01 BC',
   '00:00', '00:00+00', '294276-12-31', '2020-02-29', '0', 'null', '""', '$', '0.0.0.0', '::/0', '00:00:00:00:00:00',
   '00:00:00:00:00:00:00:00', '00000', '', '(0,0)', '{0,1,0}', '[(0,0),(0,0)]', '(0,0),(0,0)', '((0,0))', '((0,0))', '<(0,0),0>', '',
   0, '0', '0/0', 'empty', '(,)', '[2020-01-01,2020-01-02)', '(,)', '{}', '{}', '{}', 'red', 1);
INSERT INTO every (id) VALUES (3))";

TEST_F(PostgresqlTarget, ARunWaitsForTheBatchesOfAnEarlierOne) {
  sql("CREATE TABLE waits (id int)");
  admin_->wait_for_earlier_batches();
  std::atomic<bool> may_come = false;
  HeldBackRow row(may_come);
  const std::future<void> earlier = std::async(std::launch::async, [&] {
    EXPECT_TRUE(std::holds_alternative<RowsIn>(loader_->import(request("waits", {"id"}), row)));
  });
  while (value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%\"waits\"%' AND state = 'active'") == "0")
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const std::unique_ptr<connector::ImportAdmin> admin = target_->admin(migration_);
  const std::future<void> later = std::async(std::launch::async, [&] { admin->wait_for_earlier_batches(); });
  EXPECT_EQ(later.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  target_->admin(new_migration())->wait_for_earlier_batches();  // Another migration has nothing to wait for.
  may_come = true;
  ASSERT_EQ(later.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_THAT(target_->loader(migration_, {})->imported(), SizeIs(1));
}

// A TRUNCATE that lets its locks go between two looks finds another run noted when the table is free.
TEST_F(PostgresqlTarget, ARunThatIsTakenOverWhileItWaitsEmptiesNothing) {
  sql("CREATE TABLE held AS SELECT 1 AS id");
  ASSERT_TRUE(admin_->note_run("an importer", "first", ""));
  postgresql::Connection holder(bench_->target());
  holder.run("BEGIN; LOCK TABLE " + model::quoted(bench_->name("held")) + " IN SHARE MODE", "hold");
  std::promise<std::string> waits;
  std::future<std::string> emptied = std::async(std::launch::async, [&] {
    try {
      admin_->truncate(connector::LoadingRun{.importer = "an importer", .run = "first"}, {bench_->name("held")},
                       [&](const std::string& text) { waits.set_value(text); });
      return std::string("emptied");
    } catch (const base::Error& error) {
      return error.info().code;
    }
  });
  EXPECT_THAT(waits.get_future().get(), HasSubstr("Emptying tables waits until others let go of them"));
  // Not while a try is under way: that holds the fence.
  ASSERT_TRUE(target_->admin(migration_)->note_run("an importer", "second", "first"));
  holder.run("COMMIT", "let go");
  EXPECT_EQ(emptied.get(), "IMP-009");
  EXPECT_EQ(value("SELECT count(*) FROM held"), "1");
}

TEST_F(PostgresqlTarget, ARunThatWasTakenOverRemovesNoLargeObject) {
  connector::BatchRequest objects = request("objects", {"oid", "data"});
  objects.kind = model::TableKind::kLargeObjects;
  import(objects, {"424242\t\\\\x00\n"});
  const std::string there = "SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 424242";
  ASSERT_EQ(value(there), "1");
  ASSERT_TRUE(admin_->note_run("an importer", "first", ""));
  ASSERT_TRUE(admin_->note_run("an importer", "second", "first"));
  const auto remove_as = [&](const char* run) {
    admin_->remove_large_objects(connector::LoadingRun{.importer = "an importer", .run = run});
  };
  EXPECT_THROW(remove_as("first"), base::Error);
  EXPECT_EQ(value(there), "1");
  remove_as("second");
  EXPECT_EQ(value(there), "0");
}

TEST_F(PostgresqlTarget, EveryTypeIsTheSameInBothForms) {
  both(kEveryType);
  bench_->sql(Side::kSource, kEveryValue);
  expect_same_after_copy("every", model::RowFormat::kText);
  admin_->truncate({}, {bench_->name("every")}, [](const std::string&) {});
  expect_same_after_copy("every", model::RowFormat::kBinary);
  const std::vector<model::Table> described = admin_->describe({bench_->name("every")});
  for (const model::Column& column : described.at(0).columns) EXPECT_NE(column.wire_type, "") << column.type;
}

TEST_F(PostgresqlTarget, ATypeWhoseBinaryFormIsNotAlwaysTakenHasNoWireType) {
  both("CREATE TABLE asked (q tsquery, qs tsquery[])");
  bench_->sql(Side::kSource, "INSERT INTO asked VALUES ('a & !b', '{a,b}'), ('', '{\"\"}'), (NULL, NULL)");
  expect_same_after_copy("asked", model::RowFormat::kText);
  const std::vector<model::Table> described = admin_->describe({bench_->name("asked")});
  for (const model::Column& column : described.at(0).columns) EXPECT_EQ(column.wire_type, "") << column.type;
}

TEST_F(PostgresqlTarget, OutputDoesNotDependOnTheRolesSettings) {
  both("CREATE TABLE odd (id int, ts timestamptz, iv interval, f float8, m money, b bytea)");
  bench_->sql(Side::kSource,
              "INSERT INTO odd VALUES (1, '2020-02-03 04:05:06+00', '-1 day +2:03', 1/3::float8, 12.34, 'x');"
              "ALTER DATABASE " +
                  bench_->value(Side::kSource, "SELECT quote_ident(current_database())") +
                  " SET datestyle = 'German'; ALTER DATABASE " +
                  bench_->value(Side::kSource, "SELECT quote_ident(current_database())") +
                  " SET intervalstyle = 'sql_standard'; ALTER DATABASE " +
                  bench_->value(Side::kSource, "SELECT quote_ident(current_database())") +
                  " SET bytea_output = 'escape'");
  expect_same_after_copy("odd", model::RowFormat::kText);
  const std::string database = bench_->value(Side::kSource, "SELECT quote_ident(current_database())");
  bench_->sql(Side::kSource, "ALTER DATABASE " + database + " RESET ALL");
}

TEST_F(PostgresqlTarget, AwkwardTables) {
  both(
      "CREATE TABLE nothing (); CREATE TABLE \"Mixed \"\"Case\" (\"Sel ect\" int, \"ü\" text);"
      "CREATE TABLE always (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b text);"
      "CREATE TABLE parted (id int, b text) PARTITION BY RANGE (id);"
      "CREATE TABLE part_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)");
  bench_->sql(Side::kSource,
              "INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;"
              "INSERT INTO \"Mixed \"\"Case\" VALUES (1, 'x');"
              "INSERT INTO always (b) VALUES ('a'), ('b'); INSERT INTO part_1 VALUES (3, 'p')");
  for (const model::RowFormat format : {model::RowFormat::kText, model::RowFormat::kBinary}) {
    for (const char* table : {"nothing", "always", "part_1"}) expect_same_after_copy(table, format);
    admin_->truncate({}, {bench_->name("nothing"), bench_->name("always"), bench_->name("parted")},
                     [](const std::string&) {});
  }
  const BatchOutcome outcome = import(request("parted", {"id", "b"}), {"3\tp\n", "11\tnowhere\n"});
  EXPECT_EQ(std::get<RowFault>(outcome).row, 1U);
  EXPECT_EQ(std::get<RowFault>(outcome).sqlstate, "23514");
}

TEST_F(PostgresqlTarget, MoreTablesAreEmptiedThanTheServerCanLockAtOnce) {
  constexpr int kTables = 900;
  std::vector<model::TableName> names;
  for (int from = 0; from < kTables; from += 100) {
    sql(fmt::format(
        "DO $$ BEGIN FOR i IN {}..{} LOOP EXECUTE format('CREATE TABLE t%s (a int UNIQUE, b int UNIQUE, c int "
        "UNIQUE, d int UNIQUE, e int UNIQUE, f int UNIQUE, g int UNIQUE, h int UNIQUE, i int UNIQUE); "
        "INSERT INTO t%s VALUES (1)', i, i); END LOOP; END $$",
        from, from + 99));
  }
  for (int i = 0; i < kTables; ++i) names.push_back(bench_->name("t" + std::to_string(i)));
  sql("CREATE TABLE refers (a int REFERENCES t5 (a)); INSERT INTO refers VALUES (1);"
      "CREATE TABLE parent (a int); CREATE TABLE child (UNIQUE (a)) INHERITS (parent); INSERT INTO child VALUES (1);"
      "CREATE TABLE refers_to_child (a int REFERENCES child (a)); INSERT INTO refers_to_child VALUES (1)");
  for (const char* one : {"refers", "parent", "child", "refers_to_child"}) names.push_back(bench_->name(one));
  admin_->truncate({}, names, [](const std::string&) {});
  EXPECT_THAT(admin_->non_empty(names), IsEmpty());
}

TEST_F(PostgresqlTarget, RowsOfBinaryAndCsvBatches) {
  sql("CREATE TABLE t (id int CHECK (id <> 2), body text)");
  std::vector<std::string> rows;
  for (char id = 0; id < 4; ++id)
    rows.push_back(std::string("\0\2\0\0\0\4\0\0\0", 9) + id + std::string("\0\0\0\1x", 5));
  const BatchOutcome binary = import(request("t", {"id", "body"}, {.rows = model::RowFormat::kBinary}), rows);
  ASSERT_TRUE(std::holds_alternative<RowFault>(binary));
  EXPECT_EQ(std::get<RowFault>(binary).row, 2U);
  const model::CopyFormat csv{.rows = model::RowFormat::kCsv, .delimiter = ',', .null_string = ""};
  const BatchOutcome refused = import(request("t", {"id", "body"}, csv), {"1,\"two\nlines\"\n", "2,x\n"});
  ASSERT_TRUE(std::holds_alternative<RowFault>(refused));
  EXPECT_EQ(std::get<RowFault>(refused).row, std::nullopt) << "lines are not rows in CSV";
  const BatchOutcome taken = import(request("t", {"id", "body"}, csv), {"1,\"two\nlines\"\n", "3,\n"});
  EXPECT_EQ(std::get<RowsIn>(taken).rows, 2U);
  EXPECT_EQ(value("SELECT count(*) FROM t WHERE body IS NULL"), "1");
}

TEST_F(PostgresqlTarget, AConstraintCheckedAtCommitIsARowFault) {
  sql("CREATE TABLE t (id int, body text, UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)");
  connector::BatchRequest wanted = request("t", {"id", "body"});
  wanted.triggers_on = true;
  const BatchOutcome outcome = import(wanted, {"1\ta\n", "1\tb\n"});
  ASSERT_TRUE(std::holds_alternative<RowFault>(outcome));
  EXPECT_EQ(std::get<RowFault>(outcome).sqlstate, "23505");
  EXPECT_THAT(loader_->imported(), IsEmpty());
}

TEST_F(PostgresqlTarget, IgnoredConflictsStillRefuseOtherViolations) {
  sql("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text UNIQUE NOT NULL,"
      " g int GENERATED ALWAYS AS (1) STORED NOT NULL); INSERT INTO t (body) VALUES ('one')");
  connector::BatchRequest ignore = request("t", {"id", "body"});
  ignore.ignore_key_conflicts = true;
  const BatchOutcome taken = import(ignore, {"1\tother\n", "2\ttwo\n"});
  EXPECT_EQ(std::get<RowsIn>(taken).skipped, 1U);
  EXPECT_EQ(std::get<RowsIn>(taken).rows, 1U);
  ignore.keys[0].number = 99;
  const BatchOutcome refused = import(ignore, {"3\tone\n"});
  EXPECT_EQ(std::get<RowFault>(refused).sqlstate, "23505");
  EXPECT_EQ(value("SELECT string_agg(id || body, ',' ORDER BY id) FROM t"), "1one,2two");
}

TEST_F(PostgresqlTarget, TriggersAreOffAndATriggerThatDropsRowsIsNoticed) {
  sql("CREATE TABLE t (id int, body text); CREATE FUNCTION nope() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN "
      "NULL; END';"
      "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION nope()");
  connector::BatchRequest wanted = request("t", {"id", "body"});
  wanted.rows_expected = 1;
  EXPECT_EQ(std::get<RowsIn>(import(wanted, {"1\ta\n"})).rows, 1U);
  EXPECT_TRUE(target_->preflight()->traits().can_disable_triggers);
  EXPECT_THAT(admin_->load_hooks({bench_->name("t")}, true).hooks, IsEmpty());
  sql("ALTER TABLE t ENABLE ALWAYS TRIGGER a");
  ASSERT_THAT(admin_->load_hooks({bench_->name("t")}, true).hooks, SizeIs(1));
  wanted.keys[0].number = 99;
  EXPECT_THROW(import(wanted, {"2\tb\n"}), base::Error);
  EXPECT_EQ(value("SELECT count(*) FROM t"), "1");
}

TEST_F(PostgresqlTarget, WhatActsOnRowsIsFoundAndCanBeSwitched) {
  using Kind = connector::LoadHook::Kind;
  sql("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.body := ''changed''; RETURN NEW; END';"
      "CREATE TABLE t (id int, body text) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF t DEFAULT;"
      "CREATE TRIGGER repl BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION f();"
      "ALTER TABLE part ENABLE REPLICA TRIGGER repl;"
      "CREATE TRIGGER late AFTER DELETE ON part FOR EACH ROW EXECUTE FUNCTION f();"
      "ALTER TABLE part ENABLE ALWAYS TRIGGER late;"
      "CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING; ALTER TABLE t ENABLE ALWAYS RULE r");
  const model::TableName name = bench_->name("t");
  EXPECT_THAT(admin_->load_hooks({name}, false).hooks, IsEmpty()) << "a session with triggers on is quiet";
  EXPECT_THAT(admin_->load_hooks({name}, false).triggers_on, ElementsAre(name));
  connector::BatchRequest wanted = request("t", {"id", "body"});
  wanted.triggers_on = true;
  import(wanted, {"1\tsent\n"});
  EXPECT_EQ(value("SELECT body FROM t"), "sent");
  const auto rules = admin_->load_hooks({name}, true).hooks;
  ASSERT_THAT(rules, SizeIs(1));
  EXPECT_EQ(rules[0].kind, Kind::kRule);
  EXPECT_THAT(rules[0].on_sql, HasSubstr("ENABLE ALWAYS RULE"));

  sql("CREATE TRIGGER normal BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()");
  const auto hooks = admin_->load_hooks({name}, false).hooks;
  ASSERT_THAT(hooks, SizeIs(1)) << "no session is quiet any more";
  EXPECT_EQ(hooks[0].kind, Kind::kTrigger);
  EXPECT_EQ(hooks[0].name, "repl on " + model::display(bench_->name("part")));
  EXPECT_TRUE(hooks[0].may_switch);
  sql(hooks[0].off_sql);
  EXPECT_THAT(admin_->load_hooks({name}, false).hooks, IsEmpty());
  sql(hooks[0].on_sql);
  EXPECT_THAT(admin_->load_hooks({name}, false).hooks, SizeIs(1)) << "as it was";
}

TEST_F(PostgresqlTarget, DeferrableKeysAreCheckedOrSaidToBeUnchecked) {
  using Kind = connector::LoadHook::Kind;
  sql("CREATE TABLE t (id int UNIQUE DEFERRABLE, body text)");
  const model::TableName name = bench_->name("t");
  EXPECT_THAT(admin_->load_hooks({name}, false).triggers_on, ElementsAre(name));
  sql("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
      "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()");
  const connector::LoadHooks blocked = admin_->load_hooks({name}, false);
  EXPECT_THAT(blocked.triggers_on, IsEmpty());
  ASSERT_THAT(blocked.hooks, SizeIs(1));
  EXPECT_EQ(blocked.hooks[0].kind, Kind::kKey);
  sql(blocked.hooks[0].off_sql);
  EXPECT_THAT(admin_->load_hooks({name}, false).triggers_on, ElementsAre(name));
  sql("CREATE TABLE other (id int PRIMARY KEY); ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES other");
  const connector::LoadHooks for_good = admin_->load_hooks({name}, false);
  ASSERT_THAT(for_good.hooks, SizeIs(1));
  EXPECT_FALSE(for_good.hooks[0].may_switch);
}

TEST_F(PostgresqlTarget, AnAlteredColumnIsNoticedBeforeARowIsSent) {
  sql("CREATE DOMAIN money_like AS numeric(10,2); CREATE TABLE t (id int, body text, m money_like)");
  connector::BatchRequest wanted = request("t", {"id", "body", "m"});
  const auto describe = [&] { wanted.columns = admin_->describe({bench_->name("t")}).at(0).columns; };
  describe();
  EXPECT_EQ(wanted.columns[2].value_type, "numeric(10,2)") << "a domain is looked through";
  EXPECT_EQ(std::get<RowsIn>(import(wanted, {"1\ta\t1.5\n"})).rows, 1U);
  int number = 100;
  for (const char* change : {"ALTER id TYPE real", "ALTER body TYPE varchar(3)", "ALTER m TYPE numeric(10,1)"}) {
    sql(std::string("ALTER TABLE t ") + change);
    wanted.keys[0].number = ++number;
    try {
      import(wanted, {"2\tb\t1\n"});
      ADD_FAILURE() << "loaded after " << change;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().code, "TGT-005") << error.what();
    }
    describe();
    EXPECT_EQ(std::get<RowsIn>(import(wanted, {"2\tb\t1\n"})).rows, 1U) << "the loader goes on";
  }
}

TEST_F(PostgresqlTarget, TablesWhoseRowsDependOnOthersAreFound) {
  sql("CREATE TABLE dict (v text); CREATE TABLE plain (a int CHECK (a > 0), b text UNIQUE);"
      "CREATE FUNCTION known(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM dict WHERE v = "
      "$1)';"
      "CREATE FUNCTION short(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN length($1) < 9; END';"
      "CREATE TABLE checked (v text CHECK (known(v))); CREATE TABLE simple (v text CHECK (short(v)));"
      "CREATE DOMAIN word AS text CHECK (known(VALUE)); CREATE TABLE of_domain (v word[]);"
      "CREATE TABLE computed (v text, s boolean GENERATED ALWAYS AS (short(v)) STORED);"
      "CREATE TABLE root (v text) PARTITION BY LIST (v); CREATE TABLE leaf PARTITION OF root DEFAULT;"
      "CREATE INDEX ON leaf (short(v))");
  std::map<model::TableName, bool> found;
  std::vector<model::TableName> names;
  for (const char* table : {"dict", "plain", "checked", "simple", "of_domain", "computed", "root"})
    names.push_back(bench_->name(table));
  for (const connector::RowDependence& one : admin_->row_dependences(names)) found[one.table] = one.wants_others_first;
  const std::map<model::TableName, bool> wanted = {{bench_->name("checked"), true},
                                                   {bench_->name("simple"), false},
                                                   {bench_->name("of_domain"), true},
                                                   {bench_->name("computed"), true},
                                                   {bench_->name("root"), true}};
  EXPECT_EQ(found, wanted);
}

TEST_F(PostgresqlTarget, RightsOfAPlainUser) {
  const std::string role = "voy_target_" + bench_->schema().catalog_text();
  sql("CREATE ROLE \"" + role + "\" LOGIN; CREATE TABLE t (id serial)");
  model::ConnectionOptions options = bench_->target();
  options.user = role;
  const auto preflight = bench_->entry().target(options)->preflight();
  EXPECT_FALSE(preflight->traits().can_disable_triggers);
  const std::vector<model::Finding> schema =
      preflight->check_import_schema({bench_->schema(), model::Identifier("later")});
  ASSERT_THAT(schema, SizeIs(2));
  std::vector<model::Finding> data = preflight->check_import_data({{.name = bench_->name("t")}}, true);
  ASSERT_THAT(data, SizeIs(5)) << "INSERT, SELECT, TRUNCATE, UPDATE of the sequence, the bookkeeping";
  const std::vector<model::Finding> emptying = preflight->check_emptying({bench_->name("t")});
  ASSERT_THAT(emptying, SizeIs(1));
  EXPECT_THAT(emptying[0].title, HasSubstr("TRUNCATE"));
  for (const std::vector<model::Finding>& findings : {schema, data}) {
    for (const model::Finding& finding : findings) {
      for (const std::string& fix : finding.fix) sql(fix);
    }
  }
  EXPECT_THAT(preflight->check_import_schema({bench_->schema(), model::Identifier("later")}), IsEmpty());
  EXPECT_THAT(preflight->check_import_data({{.name = bench_->name("t")}}, true), IsEmpty());
  EXPECT_THAT(preflight->check_emptying({bench_->name("t")}), IsEmpty());
  sql("DROP OWNED BY \"" + role + "\"; DROP ROLE \"" + role + "\"");
}

TEST_F(PostgresqlTarget, SequencesAreNeverBelowTheirColumn) {
  sql("CREATE TABLE t (id serial, n int); INSERT INTO t VALUES (40, 1); CREATE SEQUENCE free;"
      "CREATE TABLE down (id int GENERATED ALWAYS AS IDENTITY (INCREMENT -1 MAXVALUE -1 MINVALUE -1000));"
      "INSERT INTO down OVERRIDING SYSTEM VALUE VALUES (-30)");
  const auto next = [&](const std::string& name) { return value("SELECT nextval('\"" + name + "\"')"); };
  const auto set = [&](const std::string& name, std::int64_t last, bool called) {
    admin_->set_sequences({{.name = bench_->name(name), .last_value = last, .is_called = called}});
  };
  set("t_id_seq", 7, true);
  EXPECT_EQ(next("t_id_seq"), "41");
  set("t_id_seq", 100, true);
  EXPECT_EQ(next("t_id_seq"), "101");
  set("t_id_seq", 100, false);
  EXPECT_EQ(next("t_id_seq"), "100");
  set("free", 5, false);
  EXPECT_EQ(next("free"), "5");
  set("down_id_seq", -3, true);
  EXPECT_EQ(next("down_id_seq"), "-31");
  EXPECT_THROW(set("missing", 1, true), base::Error);
  sql("CREATE TABLE large (id bigserial, n bigint DEFAULT nextval('free')); INSERT INTO large VALUES "
      "(9007199254740993, 1500000000000001)");
  set("large_id_seq", 1, true);
  set("free", 1, true);
  EXPECT_EQ(next("large_id_seq"), "9007199254740994");
  EXPECT_EQ(next("free"), "1500000000000002");
  // Several at once, each by its own columns.
  admin_->set_sequences({{.name = bench_->name("down_id_seq"), .last_value = -3, .is_called = true},
                         {.name = bench_->name("t_id_seq"), .last_value = 200, .is_called = false},
                         {.name = bench_->name("large_id_seq"), .last_value = 1, .is_called = false}});
  EXPECT_EQ(next("large_id_seq"), "9007199254740994");
  EXPECT_EQ(next("t_id_seq"), "200");
  EXPECT_EQ(next("down_id_seq"), "-31");
  admin_->set_sequences({});
}

TEST_F(PostgresqlTarget, OnlyKeysThatNothingDependsOnAreRebuilt) {
  sql("CREATE TABLE plain (id int, b int, CONSTRAINT \"The Key\" PRIMARY KEY (id) INCLUDE (b) DEFERRABLE);"
      "CREATE TABLE referred (id int PRIMARY KEY); CREATE TABLE child (id int REFERENCES referred);"
      "CREATE TABLE viewed (id int PRIMARY KEY, b int); CREATE VIEW v AS SELECT id, b FROM viewed GROUP BY id;"
      "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parted DEFAULT;"
      "CREATE TABLE ident (id int PRIMARY KEY); ALTER TABLE ident REPLICA IDENTITY USING INDEX ident_pkey;"
      "CREATE TABLE filled (id int PRIMARY KEY WITH (fillfactor = 50)); CREATE TABLE keyless (id int);"
      "CREATE TABLE noted (id int PRIMARY KEY); COMMENT ON CONSTRAINT noted_pkey ON noted IS 'x'");
  const auto rebuild = admin_->primary_key_rebuild(bench_->name("plain"));
  ASSERT_TRUE(rebuild);
  EXPECT_THAT(rebuild->add_sql, HasSubstr("ADD CONSTRAINT \"The Key\" PRIMARY KEY (id) INCLUDE (b) DEFERRABLE"));
  sql(rebuild->drop_sql);
  EXPECT_EQ(value("SELECT count(*) FROM pg_constraint WHERE conname = 'The Key' AND connamespace = '" +
                  model::quoted(bench_->schema()) + "'::regnamespace"),
            "0");
  sql(rebuild->add_sql);
  EXPECT_EQ(admin_->primary_key_rebuild(bench_->name("plain"))->add_sql, rebuild->add_sql);
  for (const char* table : {"referred", "viewed", "parted", "part", "ident", "filled", "keyless", "noted", "missing"}) {
    EXPECT_FALSE(admin_->primary_key_rebuild(bench_->name(table))) << table;
  }
}

TEST_F(PostgresqlTarget, StatementsAreSortedAndUnfinishedIndexesDropped) {
  const auto schema = target_->schema();
  std::vector<std::string> notices;
  const std::string path = model::quoted(bench_->schema());
  EXPECT_FALSE(schema->run("SET search_path = " + path, notices));
  EXPECT_FALSE(schema->run("CREATE TABLE t (id int)", notices));
  EXPECT_TRUE(schema->run("CREATE TABLE t (id int)", notices)->already_exists);
  EXPECT_TRUE(schema->run("CREATE INDEX i ON missing (id)", notices)->missing_object);
  EXPECT_FALSE(schema->run("DROP TABLE IF EXISTS nobody", notices));
  EXPECT_THAT(notices, ElementsAre(HasSubstr("nobody")));
  EXPECT_FALSE(schema->run("CREATE INDEX CONCURRENTLY good ON t (id)", notices));
  sql("INSERT INTO t VALUES (1), (1)");
  EXPECT_EQ(schema->run("CREATE UNIQUE INDEX CONCURRENTLY bad ON t (id)", notices)->sqlstate, "23505");
  const model::TableName good{bench_->schema(), model::Identifier("good")};
  const model::TableName bad{bench_->schema(), model::Identifier("bad")};
  EXPECT_EQ(schema->valid_indexes({bad, good, {bench_->schema(), model::Identifier("none")}}), std::vector{good});
  schema->drop_invalid_index(bad);
  schema->drop_invalid_index(good);
  EXPECT_EQ(value("SELECT string_agg(indexname, ',') FROM pg_indexes WHERE schemaname = '" +
                  bench_->schema().catalog_text() + "'"),
            "good");
  bench_->cut_connections(Side::kTarget);
  EXPECT_THROW(schema->run("SELECT 1", notices), base::Error);
}

TEST_F(PostgresqlTarget, MaterializedViewsComeInTheOrderOfTheirNeeds) {
  sql("CREATE TABLE t (id int); CREATE MATERIALIZED VIEW z AS SELECT * FROM t; CREATE VIEW between AS SELECT * FROM z;"
      "CREATE MATERIALIZED VIEW a AS SELECT * FROM between; INSERT INTO t VALUES (1)");
  const auto schema = target_->schema();
  const std::vector<model::TableName> views = schema->materialized_views({bench_->schema()});
  EXPECT_THAT(views, ElementsAre(bench_->name("z"), bench_->name("a")));
  for (const model::TableName& view : views) EXPECT_FALSE(schema->refresh_materialized_view(view).has_value());
  EXPECT_EQ(value("SELECT count(*) FROM a"), "1");
  sql("CREATE MATERIALIZED VIEW broken AS SELECT 1 / (id - 1) FROM t WITH NO DATA");
  const auto fault = schema->refresh_materialized_view(bench_->name("broken"));
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->sqlstate, "22012");
}

TEST_F(PostgresqlTarget, ARunningIndexBuildIsSeenByName) {
  sql("CREATE TABLE t (id int, b text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 400000) g");
  std::thread builder([&] {
    std::vector<std::string> notices;
    target_->schema()->run("CREATE INDEX \"By b\" ON " + model::quoted(bench_->name("t")) + " (b, id)", notices);
  });
  std::vector<connector::IndexBuildProgress> builds;
  while (builds.empty() && value("SELECT to_regclass('\"By b\"') IS NULL") == "t") builds = admin_->index_builds();
  builder.join();
  ASSERT_THAT(builds, SizeIs(1));
  EXPECT_EQ(builds[0].table, bench_->name("t"));
  EXPECT_EQ(builds[0].index, model::Identifier("By b"));
  EXPECT_FALSE(builds[0].phase.empty());
}

}  // namespace
}  // namespace voyager::conformance
