#include "migration/verify/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

#include "base/error.h"
#include "migration/verify/object_compare.h"
#include "migration/verify/row_compare.h"
#include "migration/verify/row_tally.h"
#include "model/answers_testing.h"

namespace voyager::migration {
namespace {

using connector::BucketHash;
using connector::HashRequest;
using connector::ObjectFact;
using connector::RowHash;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// One side in memory: rows are key -> hash, buckets come from the key's number.
struct FakeSide {
  connector::DatabaseForm form = {.encoding = "UTF8", .collation = "C"};
  std::vector<ObjectFact> facts = {};
  std::vector<model::Table> tables = {};
  std::vector<model::Sequence> sequences = {};
  std::map<std::string, std::map<int, std::int64_t>> rows = {};  // by table name
  std::function<void(const HashRequest&, const connector::Slice&)> on_hash = {};
  std::mutex mutex = {};
  int connections = 0;  // guarded by mutex
  int questions = 0;    // guarded by mutex
  std::function<void(const HashRequest&)> on_rows = {};
  std::uint64_t rows_a_bucket = 0;  // As told; 0: as there are.
  std::uint32_t rows_read_of_buckets = 0;
};

class FakeComparable : public connector::Comparable {
 public:
  explicit FakeComparable(FakeSide& side) : side_(side) {
    const std::lock_guard lock(side_.mutex);
    ++side_.connections;
  }
  std::unique_ptr<connector::Comparable> peer() override { return std::make_unique<FakeComparable>(side_); }
  connector::DatabaseForm form() override { return side_.form; }
  std::vector<ObjectFact> objects(const connector::ObjectScope&) override { return side_.facts; }
  std::vector<model::Table> tables(const std::vector<model::Identifier>&) override { return side_.tables; }
  std::vector<model::Sequence> sequences(const std::vector<model::Identifier>&) override { return side_.sequences; }

  std::vector<BucketHash> hash_buckets(const HashRequest& request, const connector::Slice& slice) override {
    if (side_.on_hash) side_.on_hash(request, slice);
    std::map<std::uint32_t, std::pair<std::uint64_t, std::int64_t>> sums;
    for (const auto& [key, hash] : side_.rows[request.table.name.catalog_text()]) {
      if (static_cast<std::uint32_t>(key) % slice.of != slice.number) continue;
      auto& [rows, sum] = sums[static_cast<std::uint32_t>(key) % request.buckets];
      ++rows;
      sum += hash;
    }
    std::vector<BucketHash> out;
    for (const auto& [bucket, sum] : sums) {
      const std::uint64_t rows = side_.rows_a_bucket > 0 ? side_.rows_a_bucket : sum.first;
      out.push_back({bucket, rows, std::to_string(sum.second)});
    }
    return out;
  }

  std::vector<std::vector<BucketHash>> hash_tables(const std::vector<const HashRequest*>& requests) override {
    {
      const std::lock_guard lock(side_.mutex);
      ++side_.questions;
    }
    std::vector<std::vector<BucketHash>> out;
    for (const HashRequest* one : requests) out.push_back(hash_buckets(*one, {}));
    return out;
  }

  std::vector<RowHash> hash_rows(const HashRequest& request, const std::vector<std::uint32_t>& buckets) override {
    if (side_.on_rows) side_.on_rows(request);
    side_.rows_read_of_buckets += static_cast<std::uint32_t>(buckets.size());
    std::vector<RowHash> out;
    for (const auto& [key, hash] : side_.rows[request.table.name.catalog_text()]) {
      if (std::ranges::find(buckets, static_cast<std::uint32_t>(key) % request.buckets) == buckets.end()) continue;
      out.push_back({"id=" + std::to_string(key), std::to_string(hash)});
    }
    return out;
  }

 private:
  FakeSide& side_;
};

model::Table table(const std::string& name, std::uint64_t rows = 10, std::uint64_t bytes = 1000) {
  return {.name = {model::Identifier("public"), model::Identifier(name)},
          .columns = {{.name = model::Identifier("id"), .type = "integer", .wire_type = "int4"},
                      {.name = model::Identifier("v"), .type = "text", .wire_type = "text"}},
          .primary_key = {model::Identifier("id")},
          .bytes = bytes,
          .estimated_rows = rows};
}

std::map<int, std::int64_t> numbered_rows(int count) {
  std::map<int, std::int64_t> rows;
  for (int i = 0; i < count; ++i) rows[i] = i * 7919;
  return rows;
}

class VerifyTest : public testing::Test {
 protected:
  VerifyReport run() {
    const auto entry = [](FakeSide& side) {
      connector::ConnectorEntry product{.product = "fake"};
      product.comparable = [&side](const model::ConnectionOptions&) { return std::make_unique<FakeComparable>(side); };
      return product;
    };
    return verify(entry(source_), {}, entry(target_), {}, options_, context_);
  }
  void both(const model::Table& one, int rows) {
    for (FakeSide* side : {&source_, &target_}) {
      side->tables.push_back(one);
      side->rows[one.name.name.catalog_text()] = numbered_rows(rows);
    }
  }
  FakeSide source_;
  FakeSide target_;
  VerifyOptions options_;
  model::ProgressBoard board_{"verify"};
  model::Answers dialogue_;
  base::Stop stop_;
  const model::FlowContext context_{board_, dialogue_, base::system_clock(), stop_};
};

TEST_F(VerifyTest, EqualSidesAreEqual) {
  both(table("big", 500'000, 1ULL << 30), 1000);
  both(table("small"), 3);
  source_.facts = target_.facts = {{"table", "public.big", ""}, {"table", "public.small", ""}};
  const VerifyReport report = run();
  EXPECT_TRUE(report.equal());
  EXPECT_EQ(report.objects_compared, 2U);
  ASSERT_THAT(report.tables, SizeIs(2));
  EXPECT_EQ(report.tables[0].source_rows, 1000U);
  EXPECT_EQ(report.tables[0].target_rows, 1000U);
  EXPECT_EQ(report.tables[0].chunks, 10U);
  EXPECT_EQ(source_.connections, 1 + options_.parallel_jobs);
}

TEST_F(VerifyTest, AnIndexThatIsMissingOnPurposeIsToldAndIsNoDifference) {
  both(table("small"), 3);
  source_.facts = {
      {"table", "public.small", ""}, {"index", "public.i", "a"}, {"index", "public.j", "b"}, {"view", "public.v", ""}};
  target_.facts = {{"table", "public.small", ""}, {"view", "public.v", ""}};
  options_.indexes_left_out = {"public.i", "public.j", "public.small", "public.v"};
  VerifyReport report = run();
  EXPECT_TRUE(report.equal());
  ASSERT_THAT(report.intended, SizeIs(2));
  EXPECT_EQ(report.intended[0].name, "public.i");

  options_.indexes_left_out = {"public.i", "public.v"};
  target_.facts = {{"table", "public.small", ""}, {"index", "public.i", "changed"}};
  report = run();
  EXPECT_FALSE(report.equal());
  EXPECT_THAT(report.intended, SizeIs(0)) << "neither an index that is there and different, nor a view";
  EXPECT_THAT(report.objects, SizeIs(3));
}

TEST_F(VerifyTest, ProgressCountsEachRowOnceAndEndsDone) {
  both(table("big", 500'000, 1ULL << 30), 1000);
  run();
  const model::ProgressSnapshot snapshot = board_.snapshot();
  ASSERT_THAT(snapshot.items, SizeIs(1));
  EXPECT_EQ(snapshot.items[0].name, "big");
  EXPECT_EQ(snapshot.items[0].state, model::WorkState::kDone);
  EXPECT_EQ(snapshot.rows_done, 1000U);
  EXPECT_EQ(snapshot.rows_total, 1000U);
}

TEST_F(VerifyTest, NamesChangedMissingAndExtraRows) {
  both(table("t", 500'000), 1000);
  target_.rows["t"][42] = 1;
  target_.rows["t"].erase(43);
  target_.rows["t"][5005] = 2;
  const VerifyReport report = run();
  EXPECT_FALSE(report.equal());
  const TableVerdict& verdict = report.tables.at(0);
  EXPECT_THAT(verdict.chunks_differing, ElementsAre(2, 3, 5));
  std::map<std::string, KeyDifference::Kind> keys;
  for (const KeyDifference& key : verdict.keys) keys[key.key] = key.kind;
  EXPECT_EQ(keys, (std::map<std::string, KeyDifference::Kind>{{"id=42", KeyDifference::Kind::kDifferent},
                                                              {"id=43", KeyDifference::Kind::kMissingOnTarget},
                                                              {"id=5005", KeyDifference::Kind::kOnlyOnTarget}}));
  EXPECT_FALSE(verdict.keys_cut);
}

TEST_F(VerifyTest, StopsNamingAtTheLimit) {
  both(table("t", 500'000'000), 1000);
  target_.rows["t"].clear();
  options_.keys_named_max = 5;
  const TableVerdict verdict = run().tables.at(0);
  EXPECT_THAT(verdict.keys, SizeIs(5));
  EXPECT_TRUE(verdict.keys_cut);
  EXPECT_EQ(verdict.source_rows, 1000U);
  EXPECT_EQ(verdict.target_rows, 0U);
  EXPECT_LE(source_.rows_read_of_buckets, 4096U);
}

TEST_F(VerifyTest, ExactlyAsManyDifferencesAsTheLimitAreNotCut) {
  both(table("t"), 10);
  target_.rows["t"].erase(1);
  target_.rows["t"].erase(2);
  options_.keys_named_max = 2;
  const TableVerdict verdict = run().tables.at(0);
  EXPECT_THAT(verdict.keys, SizeIs(2));
  EXPECT_FALSE(verdict.keys_cut);
}

TEST_F(VerifyTest, TablesOfOneSideAreNamed) {
  both(table("t"), 1);
  source_.tables.push_back(table("a_only_source"));
  target_.tables.push_back(table("z_only_target"));
  const VerifyReport report = run();
  ASSERT_THAT(report.tables, SizeIs(3));
  EXPECT_THAT(report.tables[0].error, HasSubstr("missing on the target"));
  EXPECT_TRUE(report.tables[1].equal());
  EXPECT_THAT(report.tables[2].error, HasSubstr("only on the target"));
}

TEST_F(VerifyTest, ATableThatCannotBeHashedDoesNotStopTheOthers) {
  both(table("bad"), 3);
  both(table("good"), 3);
  target_.on_hash = [](const HashRequest& request, const connector::Slice&) {
    if (request.table.name.catalog_text() != "bad") return;
    base::fail(base::ExitCode::kFailure, "the server refused to hash", "no such function");
  };
  const VerifyReport report = run();
  EXPECT_EQ(report.tables[0].error, "target: the server refused to hash: no such function");
  EXPECT_TRUE(report.tables[1].equal());
  EXPECT_FALSE(report.equal());
}

TEST_F(VerifyTest, ALostConnectionEndsTheRun) {
  both(table("t"), 3);
  source_.on_hash = [](const HashRequest&, const connector::Slice&) {
    throw base::Error({.title = "the source went away", .connection_lost = true});
  };
  try {
    run();
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().title, "the source went away");
  }
}

TEST_F(VerifyTest, ADrainEndsWithInterrupted) {
  both(table("t", 500'000, 1ULL << 30), 1000);
  source_.on_hash = [this](const HashRequest&, const connector::Slice&) { stop_.request_drain(2); };
  try {
    run();
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kInterrupted);
    EXPECT_THAT(error.info().then, HasSubstr("again"));
  }
}

class WhileChanges : public VerifyTest {
 protected:
  WhileChanges() {
    options_.objects = false;
    options_.while_changing = WhileChanging{.wait_until_applied = [this] {
      const int look = looks_++;
      on_look(look);
      return "place " + std::to_string(look);
    }};
  }
  std::function<void(int)> on_look = [](int) {};
  int looks_ = 0;
};

TEST_F(WhileChanges, WhatIsEqualAtALaterLookIsEqualUpToTheFirstPlace) {
  both(table("t"), 5);
  target_.rows["t"][3] = 1;
  on_look = [this](int look) {
    if (look == 1) target_.rows["t"] = source_.rows["t"];
  };
  const VerifyReport report = run();
  EXPECT_TRUE(report.equal());
  EXPECT_EQ(report.equal_up_to, "place 0");
  EXPECT_EQ(looks_, 2);
  EXPECT_EQ(source_.rows_read_of_buckets, 0U) << "its bucket was equal: no row had to be read";
}

TEST_F(WhileChanges, ARowThatMovesEachTimeIsNeitherEqualNorDifferent) {
  both(table("t"), 5);
  both(table("calm"), 5);
  on_look = [this](int look) { target_.rows["t"][3] = 1'000'000 + look; };
  const VerifyReport report = run();
  EXPECT_TRUE(report.tables[0].equal());
  EXPECT_EQ(report.tables[1].moving, 1U);
  EXPECT_THAT(report.tables[1].keys, IsEmpty());
  EXPECT_FALSE(report.tables[1].equal() || report.tables[1].keys_cut);
}

TEST_F(WhileChanges, ADifferenceIsNamedAfterThreeLooks) {
  both(table("t"), 5);
  target_.rows["t"][3] = 1;
  const VerifyReport report = run();
  ASSERT_THAT(report.tables[0].keys, SizeIs(1));
  EXPECT_EQ(report.tables[0].keys[0].key, "id=3");
  EXPECT_THAT(report.tables[0].chunks_differing, ElementsAre(0));
  EXPECT_EQ(looks_, 1 + 3);
}

TEST_F(WhileChanges, ATableThatCannotBeReadAtALookDoesNotStopTheOthers) {
  for (const char* name : {"gone", "late", "slow"}) {
    both(table(name), 3);
    target_.rows[name][1] = 1;
  }
  const auto fail_for = [this](const char* name) {
    if (looks_ > 1) base::fail(base::ExitCode::kFailure, "the server refused", name);
  };
  target_.on_hash = [fail_for](const HashRequest& request, const connector::Slice&) {
    if (request.table.name.catalog_text() == "gone") fail_for("dropped");
  };
  source_.on_rows = [fail_for](const HashRequest& request) {
    if (request.table.name.catalog_text() == "slow") fail_for("timeout");
  };
  on_look = [this](int look) {
    if (look == 2) target_.rows["late"] = source_.rows["late"];
  };
  const VerifyReport report = run();
  EXPECT_EQ(report.tables[0].error, "target: the server refused: dropped");
  EXPECT_TRUE(report.tables[1].equal());
  EXPECT_EQ(report.tables[2].error, "source: the server refused: timeout");
}

// Two of a row on the source, one on the target, which is ahead by another: equal by chance at each look.
TEST_F(WhileChanges, WithoutAKeyOnlyALookAtATableAtRestTells) {
  model::Table keyless = table("t");
  keyless.primary_key.clear();
  both(keyless, 5);
  both(table("other"), 5);
  std::uint64_t applied = 0;
  options_.while_changing->applied_changes = [&] {
    return std::map<model::TableName, std::uint64_t>{{keyless.name, ++applied}};
  };
  const auto of_t = [&] { return run().tables.at(1); };
  EXPECT_FALSE(of_t().equal());
  EXPECT_EQ(of_t().moving, 1U);
  // As little is known when nothing is told of what is applied.
  const auto told = std::exchange(options_.while_changing->applied_changes, {});
  EXPECT_FALSE(of_t().equal());

  options_.while_changing->applied_changes = [&] { return applied < 40 ? told() : decltype(told()){}; };
  applied = 30;
  EXPECT_TRUE(of_t().equal()) << "it came to rest";
  target_.rows["t"].erase(3);
  applied = 30;
  const TableVerdict lacking = of_t();
  EXPECT_EQ(lacking.moving, 0U);
  EXPECT_EQ(lacking.source_rows, 5U);
  EXPECT_EQ(lacking.target_rows, 4U);
  EXPECT_THAT(lacking.keys, SizeIs(1));
}

TEST_F(WhileChanges, ChangesOfAPartitionAreThoseOfItsRoot) {
  model::Table root = table("root");
  root.primary_key.clear();
  root.root = root.name;
  model::Table leaf = table("leaf");
  leaf.kind = model::TableKind::kLeafPartition;
  leaf.root = root.name;
  both(root, 5);
  both(leaf, 0);
  std::uint64_t applied = 0;
  options_.while_changing->applied_changes = [&] {
    return std::map<model::TableName, std::uint64_t>{{leaf.name, ++applied}};
  };
  EXPECT_EQ(run().tables.at(0).moving, 1U);
}

TEST_F(WhileChanges, WhatIsTooMuchToReadIsToldAsMoving) {
  // Twenty million rows by the catalogue's guess, of which each look finds others changed.
  constexpr int kBuckets = 400;
  both(table("t", 20'000'000), kBuckets);
  for (FakeSide* side : {&source_, &target_}) side->rows_a_bucket = 50'000;
  std::uint32_t read_before = 0;
  std::uint32_t most_in_a_look = 0;
  on_look = [&](int look) {
    most_in_a_look = std::max(most_in_a_look, source_.rows_read_of_buckets - read_before);
    read_before = source_.rows_read_of_buckets;
    for (auto& [key, hash] : target_.rows["t"]) hash = 1'000'000 + look * 1000 + key;
  };
  const VerifyReport report = run();
  EXPECT_GT(report.tables[0].moving, 0U);
  EXPECT_TRUE(report.tables[0].keys_cut);
  EXPECT_FALSE(report.tables[0].equal());
  EXPECT_THAT(report.tables[0].chunks_differing, SizeIs(kBuckets));
  EXPECT_GT(most_in_a_look, 0U);
  EXPECT_LE(most_in_a_look, 16U * 8U);
}

TEST_F(VerifyTest, LeavesAreNotComparedButTheirRootIs) {
  model::Table leaf = table("leaf");
  leaf.kind = model::TableKind::kLeafPartition;
  leaf.root = {model::Identifier("public"), model::Identifier("root")};
  both(leaf, 1);
  both(table("root"), 2);
  target_.tables.erase(target_.tables.begin());  // The target cuts its partitions elsewhere.
  const VerifyReport report = run();
  ASSERT_THAT(report.tables, SizeIs(1));
  EXPECT_TRUE(report.equal());
}

TEST(PairTables, ColumnsByNameTypesDecideTheForm) {
  model::Table source = table("t");
  model::Table target = table("t");
  std::swap(target.columns[0], target.columns[1]);
  target.columns[0].wire_type = "varchar";
  const ComparedTable pair = table_to_compare(source, target);
  ASSERT_THAT(pair.request.columns, SizeIs(2));
  EXPECT_EQ(pair.request.columns[0].name.catalog_text(), "id");
  EXPECT_EQ(pair.request.columns[0].wire_type, "int4");
  EXPECT_EQ(pair.request.columns[1].wire_type, "");
  EXPECT_THAT(pair.request.key, SizeIs(1));
  EXPECT_THAT(pair.columns_on_one_side, IsEmpty());
}

TEST(PairTables, ColumnsOfOneSideAreNamedAndTheKeyMustBeOnBoth) {
  model::Table source = table("t");
  model::Table target = table("t");
  target.columns[0].name = model::Identifier("ID");
  const ComparedTable pair = table_to_compare(source, target);
  EXPECT_THAT(pair.request.columns, SizeIs(1));
  EXPECT_THAT(pair.request.key, IsEmpty());
  EXPECT_THAT(pair.columns_on_one_side, HasSubstr("column id is missing on the target"));
  EXPECT_THAT(pair.columns_on_one_side, HasSubstr("column \"ID\" is only on the target"));
}

TEST(PairTables, BucketsGrowWithTheLargerSide) {
  EXPECT_EQ(table_to_compare(table("t", 49'999), table("t", 10)).request.buckets, 1U);
  EXPECT_EQ(table_to_compare(table("t", 10), table("t", 1'000'000)).request.buckets, 20U);
  EXPECT_EQ(table_to_compare(table("t", 5'000'000'000), table("t", 0)).request.buckets, 4096U);
  EXPECT_EQ(table_to_compare(table("t", 0, 100'000'000), table("t", 0, 0)).request.buckets, 20U) << "never analysed";
}

TEST(SideTally, PartsAddUpAlsoBeyond64Bits) {
  SideTally a;
  a.add({{0, 1, "9223372036854775807"}, {1, 2, "-5"}});
  a.add({{0, 1, "9223372036854775807"}});
  SideTally b;
  b.add({{0, 2, "18446744073709551614"}, {1, 2, "-5"}});
  EXPECT_THAT(SideTally::differing(a, b), IsEmpty());
  EXPECT_EQ(a.rows(), 4U);
  b.add({{7, 1, "0"}});
  EXPECT_THAT(SideTally::differing(a, b), ElementsAre(7));
}

TEST(SideTally, SameSumOfOtherRowCountDiffers) {
  SideTally a;
  a.add({{3, 1, "0"}});
  SideTally b;
  b.add({{3, 2, "0"}});
  EXPECT_THAT(SideTally::differing(a, b), ElementsAre(3));
}

TEST(DifferingKeys, KeylessRowsAreAMultiset) {
  const std::vector<KeyDifference> keys =
      differing_keys({{"aa", "aa"}, {"aa", "aa"}, {"bb", "bb"}}, {{"bb", "bb"}, {"aa", "aa"}, {"cc", "cc"}});
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].key, "aa");
  EXPECT_EQ(keys[0].kind, KeyDifference::Kind::kMissingOnTarget);
  EXPECT_EQ(keys[1].key, "cc");
  EXPECT_EQ(keys[1].kind, KeyDifference::Kind::kOnlyOnTarget);
}

TEST(CompareObjects, NamesEachKindOfDifference) {
  const ObjectComparison found =
      compare_objects({{"index", "public.i", "a"}, {"table", "public.t", ""}, {"view", "public.v", "x"}},
                      {{"table", "public.u", ""}, {"view", "public.v", "y"}, {"index", "public.i", "a"}});
  EXPECT_EQ(found.compared, 4U);
  ASSERT_THAT(found.differences, SizeIs(3));
  EXPECT_EQ(found.differences[0].name, "public.t");
  EXPECT_EQ(found.differences[0].kind, ObjectDifference::Kind::kMissingOnTarget);
  EXPECT_EQ(found.differences[1].name, "public.u");
  EXPECT_EQ(found.differences[1].kind, ObjectDifference::Kind::kOnlyOnTarget);
  EXPECT_EQ(found.differences[2].kind, ObjectDifference::Kind::kDifferent);
  EXPECT_EQ(found.differences[2].source, "x");
  EXPECT_EQ(found.differences[2].target, "y");
}

TEST(CompareObjects, WhatFollowsFromAMissingTableIsLeftOut) {
  const ObjectComparison found = compare_objects({{"column", "public.t.a", "int"},
                                                  {"column order", "public.t", "a"},
                                                  {"storage parameter", "public.t fillfactor", "70"},
                                                  {"table", "public.t", ""},
                                                  {"trigger", "public.t2.r", "x"}},
                                                 {});
  ASSERT_THAT(found.differences, SizeIs(2));
  EXPECT_EQ(found.differences[0].object_kind, "table");
  EXPECT_EQ(found.differences[1].name, "public.t2.r") << "of another table";
  EXPECT_EQ(found.of_source.at("column"), 1U);
}

TEST(CompareObjects, TheOrderOfColumnsCountsWhereTheyAreTheSame) {
  const ObjectFact one{"column", "public.t.a", "int"};
  const ObjectFact two{"column", "public.t.b", "int"};
  EXPECT_THAT(compare_objects({one, two, {"column order", "public.t", "a, b"}},
                              {one, two, {"column order", "public.t", "b, a"}})
                  .differences,
              SizeIs(1));
  const auto missing =
      compare_objects({one, two, {"column order", "public.t", "a, b"}}, {one, {"column order", "public.t", "a"}});
  ASSERT_THAT(missing.differences, SizeIs(1));
  EXPECT_EQ(missing.differences[0].object_kind, "column");
}

TEST(CompareObjects, AViewThatIsNotFilledNamesTheCommandAndOneThatIsFilledSinceIsNoDifference) {
  const ObjectFact filled{"materialized view content", "public.m", "filled"};
  const ObjectFact never{"materialized view content", "public.m", "never filled"};
  EXPECT_THAT(compare_objects({never}, {filled}).differences, IsEmpty());
  const auto found = compare_objects({filled}, {never});
  ASSERT_THAT(found.differences, SizeIs(1));
  EXPECT_EQ(found.differences[0].fix, "REFRESH MATERIALIZED VIEW public.m;");
}

TEST_F(VerifyTest, KindsThatOneSideHasNoNotionOfAreNamedAndNotCompared) {
  source_.facts = {{"table", "public.t", ""}, {"replica identity", "public.t", "full"}};
  target_.facts = {{"table", "public.t", ""}, {"not null", "public.t.a", "not valid"}};
  source_.form.kinds_unknown = {"not null"};
  target_.form.kinds_unknown = {"replica identity"};
  const VerifyReport report = run();
  EXPECT_TRUE(report.equal());
  EXPECT_THAT(report.not_compared,
              testing::Contains("replica identity (1 on the source; the target has no such thing)"));
}

TEST_F(VerifyTest, TextsAreConvertedOnlyBetweenKnownEncodings) {
  both(table("t"), 3);
  bool as_utf8 = false;
  source_.on_hash = [&](const HashRequest& request, const connector::Slice&) { as_utf8 = request.as_utf8; };
  source_.form.encoding = "LATIN1";
  EXPECT_THAT(run().notes, SizeIs(1));
  EXPECT_TRUE(as_utf8);
  source_.form.encoding = "SQL_ASCII";
  run();
  EXPECT_FALSE(as_utf8) << "bytes of no known meaning";
}

TEST_F(VerifyTest, ADatabaseThatSortsOtherwiseIsToldAndIsNoDifference) {
  target_.form.collation = "de_DE.UTF-8";
  const VerifyReport report = run();
  EXPECT_TRUE(report.equal());
  ASSERT_THAT(report.notes, SizeIs(1));
  EXPECT_THAT(report.notes[0], HasSubstr("collation C on the source, de_DE.UTF-8 on the target"));
}

TEST_F(VerifyTest, ManySmallTablesAreAskedForTogether) {
  for (int i = 0; i < 200; ++i) both(table("t" + std::to_string(i), 3, 8192), 3);
  EXPECT_TRUE(run().equal());
  EXPECT_EQ(source_.questions, 4) << "64 tables a question";
}

TEST(CompareObjects, FactsOfOneNameArePairedByDefinition) {
  EXPECT_THAT(compare_objects({{"index", "p", "a"}, {"index", "p", "b"}}, {{"index", "p", "b"}, {"index", "p", "a"}})
                  .differences,
              IsEmpty());
  EXPECT_THAT(compare_objects({{"index", "p", "a"}, {"index", "p", "a"}}, {{"index", "p", "a"}}).differences,
              SizeIs(1));
}

model::Sequence sequence(std::int64_t last, bool called, std::int64_t increment = 1) {
  return {.name = {model::Identifier("public"), model::Identifier("s")},
          .last_value = last,
          .is_called = called,
          .increment = increment};
}

TEST(CompareSequences, TheTargetMayBeAheadNeverBehind) {
  EXPECT_THAT(compare_sequence_values({sequence(10, true)}, {sequence(10, true)}), IsEmpty());
  EXPECT_THAT(compare_sequence_values({sequence(10, true)}, {sequence(11, false)}), IsEmpty());
  EXPECT_THAT(compare_sequence_values({sequence(10, true)}, {sequence(500, true)}), IsEmpty());
  EXPECT_THAT(compare_sequence_values({sequence(10, true)}, {sequence(10, false)}), SizeIs(1));
  EXPECT_THAT(compare_sequence_values({sequence(10, true)}, {sequence(9, true)}), SizeIs(1));
  EXPECT_THAT(compare_sequence_values({sequence(-5, true, -1)}, {sequence(-6, true, -1)}), IsEmpty());
  EXPECT_THAT(compare_sequence_values({sequence(-5, true, -1)}, {sequence(-4, true, -1)}), SizeIs(1));
  EXPECT_THAT(compare_sequence_values({sequence(INT64_MAX, true)}, {sequence(INT64_MAX, true)}), IsEmpty());
  EXPECT_THAT(compare_sequence_values({sequence(10, true)}, {}), IsEmpty()) << "a missing one is an object's matter";
}

}  // namespace
}  // namespace voyager::migration
