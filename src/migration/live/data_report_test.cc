#include "migration/live/data_report.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"

namespace voyager::migration {
namespace {

using model::DatabaseRole;
using model::DataReportRow;
using model::Identifier;

const model::TableName kOrders = {Identifier("public"), Identifier("orders")};

// 100 rows, 10 more there; then 3 come from the target, 2 of them go again in the next iteration, where all was
// counted.
std::vector<std::vector<DataReportRow>> two_iterations() {
  return {{{.table = kOrders,
            .exported_snapshot_rows = 100,
            .exported = {.inserts = 10, .updates = 5},
            .imported = {.inserts = 3}}},
          {{.table = kOrders, .exported = {.deletes = 2}, .truncated_rows = 1, .counted_rows = 110}}};
}

TEST(DataReportOfIterations, SumsAreThoseOfAllAndCountsOfTheNewest) {
  const auto sums = sum_of_iterations(two_iterations());
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0].exported, (model::MovedChanges{.inserts = 10, .updates = 5, .deletes = 2}));
  EXPECT_EQ(sums[0].final_rows(), 110);
  EXPECT_EQ(sums[0].counted_rows, 110U);
}

TEST(DataReportOfIterations, EachHasWhatThoseBeforeItHaveLeft) {
  const auto list = list_of_iterations(two_iterations());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].iteration, 0);
  EXPECT_EQ(list[0].rows_so_far(), 113);
  EXPECT_EQ(list[1].iteration, 1);
  EXPECT_EQ(list[1].final_rows(), -3);
  EXPECT_EQ(list[1].rows_so_far(), 110);
}

class Counts : public connector::ImportedCounts {
 public:
  Counts(std::uint64_t truncated, std::uint64_t rows) : truncated_(truncated), rows_(rows) {}
  std::vector<connector::ImportedTable> imported() override {
    return {{.table = kOrders, .snapshot_rows = 100, .truncated_rows = truncated_}};
  }
  std::int64_t applied() override { return 0; }
  std::map<model::TableName, std::uint64_t> count(const std::vector<model::TableName>&) override {
    return {{kOrders, rows_}};
  }

 private:
  const std::uint64_t truncated_;
  const std::uint64_t rows_;
};

// The source has emptied the table of 60 rows, and the target, where the application goes on, of the 40 that were left.
TEST(DataReport, WhatTheTargetHasEmptiedIsKnownFromTheReplica) {
  const base::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "metainfo");
  format::MetaDb db(folder.path());
  db.save_plan({{.table = {.name = kOrders, .root = kOrders}}});
  Counts target(60, 0), replica(100, 0);
  const std::vector<DataReportRow> rows =
      data_report(db, {.target = &target, .source_replica = &replica, .with_replica = true, .count_rows = true});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].truncated_rows, 60U) << "of the source";
  for (const DataReportRow& row : {rows[1], rows[2]}) EXPECT_EQ(row.final_rows(), 0);
}

}  // namespace
}  // namespace voyager::migration
