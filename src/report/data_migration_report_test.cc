#include "report/data_migration_report.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

using model::DatabaseRole;
using model::DataReportRow;
using model::Identifier;

DataReportRow source_row() {
  return {.table = {Identifier("public"), Identifier("orders")},
          .database = DatabaseRole::kSource,
          .exported_snapshot_rows = 100,
          .exported = {.inserts = 10, .updates = 5, .deletes = 3}};
}

DataReportRow target_row() {
  return {.table = {Identifier("public"), Identifier("orders")},
          .database = DatabaseRole::kTarget,
          .imported_snapshot_rows = 100,
          .imported = {.inserts = 10, .updates = 5, .deletes = 3},
          .truncated_rows = 7};
}

TEST(DataMigrationReport, TheDocumentedHeaderAndArithmetic) {
  EXPECT_EQ(
      data_migration_report_text({source_row(), target_row()}, {}),
      "TABLE         | DB_TYPE |      EXPORTED |      IMPORTED | ERRORED-IMPORTED | EXPORTED | EXPORTED | EXPORTED | "
      "IMPORTED | IMPORTED | IMPORTED | FINAL_ROW_COUNT\n"
      "              |         | SNAPSHOT_ROWS | SNAPSHOT_ROWS |    SNAPSHOT_ROWS |  INSERTS |  UPDATES |  DELETES | "
      " INSERTS |  UPDATES |  DELETES |\n"
      "public.orders | source  |           100 |             0 |                0 |       10 |        5 |        3 | "
      "       0 |        0 |        0 |             107\n"
      "              | target  |             0 |           100 |                0 |        0 |        0 |        0 | "
      "      10 |        5 |        3 |             100\n");
}

TEST(DataMigrationReport, IterationsApartSayWhatThereIsAfterEach) {
  DataReportRow later = source_row();
  later.iteration = 1;
  later.rows_before = 107;
  later.exported_snapshot_rows = 0;
  const std::string text = data_migration_report_text({source_row(), later}, {}, Iterations::kDetailed);
  EXPECT_NE(text.find("| DB_TYPE | ITERATION |"), std::string::npos) << text;
  EXPECT_NE(text.find("|             107 |             107\n"), std::string::npos) << text;
  EXPECT_NE(text.find("|         1 |             - |             - |                - |"), std::string::npos) << text;
  EXPECT_NE(text.find("|               7 |             114\n"), std::string::npos) << text;
  const std::string json = data_migration_report_json({later}, Iterations::kDetailed);
  EXPECT_NE(json.find(R"("cumulative_final_row_count": 114)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("iteration_number": 1)"), std::string::npos) << json;
}

TEST(DataMigrationReport, CountsAreComparedWithTheArithmetic) {
  DataReportRow counted = source_row();
  counted.counted_rows = 107;
  DataReportRow wrong = target_row();
  wrong.counted_rows = 98;
  const std::string text = data_migration_report_text({counted, wrong}, {});
  EXPECT_NE(text.find("107 |          107 |         equal\n"), std::string::npos) << text;
  EXPECT_NE(text.find("100 |           98 | differs by -2\n"), std::string::npos) << text;
  const std::string json = data_migration_report_json({counted, wrong});
  EXPECT_NE(json.find(R"("check": "differs by -2")"), std::string::npos);
  EXPECT_NE(json.find(R"("truncated_rows": 7)"), std::string::npos);
}

TEST(DataMigrationReport, PagesOfThirtyRowsRepeatHeaderAndName) {
  std::vector<DataReportRow> rows;
  for (int i = 0; i < 31; ++i) rows.push_back(source_row());
  const std::string text = data_migration_report_text(rows, {});
  std::size_t headers = 0, names = 0;
  for (std::size_t at = text.find("TABLE "); at != std::string::npos; at = text.find("TABLE ", at + 1)) ++headers;
  for (std::size_t at = text.find("public.orders"); at != std::string::npos; at = text.find("public.orders", at + 1))
    ++names;
  EXPECT_EQ(headers, 2U);
  EXPECT_EQ(names, 2U);
}

}  // namespace
}  // namespace voyager::report
