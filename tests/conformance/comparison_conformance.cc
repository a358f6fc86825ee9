// What every product that can be compared must hold: sums that do not depend on how a table is cut, over one picture,
// and equal where the rows are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bench.h"

namespace voyager::conformance {
namespace {

using connector::BucketHash;
using connector::Comparable;
using connector::HashRequest;
using testing::IsEmpty;
using testing::SizeIs;

class ComparisonConformance : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    bench_ = make_source_bench(GetParam());
    if (!bench_) GTEST_SKIP() << why_no_place(GetParam());
  }
  std::unique_ptr<Comparable> comparable() { return bench_->entry().comparable(bench_->source()); }
  model::TableName table(const std::vector<std::string>& rows) {
    const model::TableName name = bench_->fresh_name();
    bench_->make_source_table(name, rows);
    return name;
  }
  static HashRequest request(const model::TableName& name, std::uint32_t buckets) {
    return {.table = name,
            .columns = {{.name = model::Identifier("id"), .wire_type = "int4"},
                        {.name = model::Identifier("body"), .wire_type = "text"}},
            .key = {model::Identifier("id")},
            .buckets = buckets};
  }
  struct Sum {
    std::uint64_t rows = 0;
    std::uint64_t hash = 0;  ///< Of what is larger its last 64 bits.
    bool operator==(const Sum&) const = default;
  };
  static std::map<std::uint32_t, Sum> added(const std::vector<BucketHash>& parts) {
    std::map<std::uint32_t, Sum> out;
    for (const BucketHash& one : parts) {
      out[one.bucket].rows += one.rows;
      std::uint64_t number = 0;
      for (const char digit : one.sum) {
        if (digit != '-') number = number * 10 + static_cast<std::uint64_t>(digit - '0');
      }
      out[one.bucket].hash += one.sum.starts_with('-') ? 0 - number : number;
    }
    return out;
  }

  std::unique_ptr<SourceBench> bench_;
};

TEST_P(ComparisonConformance, TellsItsTablesAndItsForm) {
  const model::TableName name = table(numbered_rows(3));
  const auto one = comparable();
  EXPECT_EQ(one->form().encoding, "UTF8");
  const std::vector<model::Table> tables = one->tables({name.schema});
  const auto found = std::ranges::find(tables, name, &model::Table::name);
  ASSERT_TRUE(found != tables.end());
  ASSERT_THAT(found->columns, SizeIs(2));
  EXPECT_EQ(found->columns[0].name, model::Identifier("id"));
  EXPECT_EQ(found->columns[0].wire_type, "int4");
  EXPECT_EQ(found->columns[1].type, "text");
  EXPECT_TRUE(std::ranges::is_sorted(tables, {}, &model::Table::name));
  EXPECT_EQ(one->tables({model::Identifier("no such schema")}).empty(), !bench_->entry().one_schema);
  const connector::DatabaseForm form = one->form();
  std::set<std::string> kinds;
  for (const connector::ObjectFact& fact : one->objects({.schemas = {name.schema}})) kinds.insert(fact.kind);
  EXPECT_TRUE(!form.kinds_known.empty() || (kinds.contains("table") && kinds.contains("column")));
  for (const std::string& kind : kinds) {
    EXPECT_TRUE(form.kinds_known.empty() || form.kinds_known.contains(kind)) << kind;
    EXPECT_FALSE(form.kinds_unknown.contains(kind)) << kind;
  }
}

// What a server hashes and what the program hashes for another is one function of the rows.
TEST_P(ComparisonConformance, EqualRowsHashEqualOnEveryProduct) {
  const model::TableName name = table({"1\tone\n", "2\tzwölf 漢字\n", "-3\t\n", "2147483647\tlast\n"});
  const std::vector<BucketHash> all = comparable()->hash_buckets(request(name, 1), {});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].rows, 4U);
  EXPECT_EQ(all[0].sum, "7041994086953019819");
}

TEST_P(ComparisonConformance, SlicesAddUpToTheTable) {
  const model::TableName name = table(numbered_rows(5000));
  const auto one = comparable();
  const HashRequest wanted = request(name, 16);
  const auto whole = added(one->hash_buckets(wanted, {}));
  std::uint64_t rows = 0;
  for (const auto& [bucket, sum] : whole) {
    EXPECT_LT(bucket, 16U);
    rows += sum.rows;
  }
  EXPECT_EQ(rows, 5000U);
  std::vector<BucketHash> parts;
  for (std::uint32_t slice = 0; slice < 5; ++slice) {
    for (BucketHash& part : one->hash_buckets(wanted, {.number = slice, .of = 5})) parts.push_back(std::move(part));
  }
  EXPECT_EQ(added(parts), whole);
}

TEST_P(ComparisonConformance, ManyTablesAtOnceAreAsOneAfterTheOther) {
  const HashRequest full = request(table(numbered_rows(100)), 4), empty = request(table({}), 4);
  const auto one = comparable();
  const std::vector<std::vector<BucketHash>> both = one->hash_tables({&full, &empty});
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_EQ(added(both[0]), added(one->hash_buckets(full, {})));
  EXPECT_THAT(both[1], IsEmpty());
}

TEST_P(ComparisonConformance, ARowThatDiffersIsFoundInItsBucketAndNamed) {
  std::vector<std::string> rows = numbered_rows(300);
  const HashRequest left = request(table(rows), 8);
  rows[41] = "42\tother\n";
  const HashRequest right = request(table(rows), 8);
  const auto one = comparable();
  const auto before = added(one->hash_buckets(left, {})), after = added(one->hash_buckets(right, {}));
  std::vector<std::uint32_t> different;
  for (const auto& [bucket, sum] : before) {
    if (after.at(bucket) != sum) different.push_back(bucket);
  }
  ASSERT_THAT(different, SizeIs(1));
  const auto hashes = [&](const HashRequest& request) {
    std::map<std::string, std::string> out;
    for (const connector::RowHash& row : one->hash_rows(request, different)) out[row.key] = row.hash;
    return out;
  };
  const std::map<std::string, std::string> here = hashes(left), there = hashes(right);
  EXPECT_EQ(here.size(), before.at(different[0]).rows);
  std::vector<std::string> keys;
  for (const auto& [key, hash] : here) {
    if (there.at(key) != hash) keys.push_back(key);
  }
  EXPECT_THAT(keys, testing::ElementsAre("id=42"));
  EXPECT_THAT(one->hash_rows(left, {}), IsEmpty());
}

TEST_P(ComparisonConformance, PeersSeeOnePicture) {
  const model::TableName name = table(numbered_rows(10));
  const HashRequest wanted = request(name, 2);
  const auto one = comparable();
  const auto before = added(one->hash_buckets(wanted, {}));
  bench_->write_source(name, "11\tlate\n");
  const auto peer = one->peer();
  EXPECT_EQ(added(one->hash_buckets(wanted, {})), before);
  EXPECT_EQ(added(peer->hash_buckets(wanted, {})), before);
  EXPECT_NE(added(comparable()->hash_buckets(wanted, {})), before);
}

TEST_P(ComparisonConformance, ARefusalIsNotTheEnd) {
  const HashRequest wanted = request(table(numbered_rows(10)), 2), missing = request(bench_->fresh_name(), 2);
  const auto one = comparable();
  EXPECT_THROW(one->hash_buckets(missing, {}), base::Error);
  EXPECT_THROW(one->hash_tables({&wanted, &missing}), base::Error);
  std::uint64_t rows = 0;
  for (const BucketHash& part : one->hash_buckets(wanted, {})) rows += part.rows;
  EXPECT_EQ(rows, 10U);
}

INSTANTIATE_TEST_SUITE_P(Places, ComparisonConformance,
                         testing::Values(Place{"postgresql"}, Place{"yugabytedb"}, Place{"mysql"}, Place{"mariadb"}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace voyager::conformance
