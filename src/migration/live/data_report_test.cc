#include "migration/live/data_report.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace voyager::migration
