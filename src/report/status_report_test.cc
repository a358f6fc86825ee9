#include "report/status_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/table.h"

namespace voyager::report {
namespace {

using Json = nlohmann::json;

TEST(Table, AlignsByWhatIsSeen) {
  const TextTable table{.columns = {{"NAME"}, {"ROWS", Align::kRight}, {"NOTE"}},
                        .rows = {{"注文", "7", ""}, {"a\nb", "1,234,567", "x"}, {"short"}}};
  EXPECT_EQ(table_text(table, {}),
            "NAME        ROWS  NOTE\n"
            "注文           7\n"
            "a\\nb   1,234,567  x\n"
            "short\n");
}

TEST(Table, ColourIsOnTheHeaderOnly) {
  const TextTable table{.columns = {{"A"}, {"NUMBER", Align::kRight}}, .rows = {{"b", "1"}}};
  EXPECT_EQ(table_text(table, {.colour = true}), "\x1b[4;32mA\x1b[0m  \x1b[4;32mNUMBER\x1b[0m\nb       1\n");
}

TEST(ExportStatus, Table) {
  EXPECT_EQ(export_status_text({{"public.z", ExportStatus::kDone, 10},
                                {"public.b", ExportStatus::kExporting, 1'234'567},
                                {"public.a", ExportStatus::kDone, 0},
                                {"public.c", ExportStatus::kNotStarted, 0}},
                               {.grouped_digits = true}),
            "TABLE     STATUS       EXPORTED ROWS\n"
            "public.c  NOT-STARTED              0\n"
            "public.b  EXPORTING        1,234,567\n"
            "public.a  DONE                     0\n"
            "public.z  DONE                    10\n");
}

TEST(ExportStatus, LeavesAreAddedUp) {
  const std::string mixed =
      export_status_json({{"root", ExportStatus::kDone, 5}, {"root", ExportStatus::kNotStarted, 0}});
  EXPECT_EQ(Json::parse(mixed),
            Json::parse(R"([{"table_name":"root","status":"EXPORTING","exported_count":5,"format_version":1}])"));
  const std::string done = export_status_json({{"root", ExportStatus::kDone, 5}, {"root", ExportStatus::kDone, 6}});
  EXPECT_EQ(Json::parse(done),
            Json::parse(R"([{"table_name":"root","status":"DONE","exported_count":11,"format_version":1}])"));
}

const std::vector<ImportStatusRow> kImport{
    {.table = "public.waiting", .total = 10},
    {.table = "public.empty"},
    {.table = "public.bad", .total = 100, .imported = 97, .errored = 3, .started = true},
    {.table = "public.big", .total = 1'000'000, .imported = 999'999, .started = true},
    {.table = "public.growing", .total = 5, .imported = 5, .total_final = false, .started = true}};

TEST(ImportStatus, Table) {
  EXPECT_EQ(import_status_text(kImport, ImportKind::kTables, {}),
            "TABLE           STATUS            TOTAL ROWS  IMPORTED ROWS  ERRORED ROWS  PERCENTAGE\n"
            "public.big      MIGRATING            1000000         999999             0       99.99\n"
            "public.growing  MIGRATING                  5              5             0       99.99\n"
            "public.empty    DONE                       0              0             0      100.00\n"
            "public.bad      DONE_WITH_ERRORS         100             97             3      100.00\n"
            "public.waiting  NOT_STARTED               10              0             0        0.00\n");
}

TEST(ImportStatus, Json) {
  EXPECT_NE(import_status_json(kImport, ImportKind::kTables).find("\"percentage_complete\": 100,\n"),
            std::string::npos);
  const Json rows = Json::parse(import_status_json(kImport, ImportKind::kTables));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[3], Json::parse(R"({"table_name":"public.bad","status":"DONE_WITH_ERRORS","total_count":100,
      "imported_count":97,"errored_count":3,"percentage_complete":100.0,"format_version":1})"));
  EXPECT_EQ(import_status_json({}, ImportKind::kTables), "[]\n");
}

TEST(ImportStatus, Files) {
  const std::vector<ImportStatusRow> rows{
      {.table = "public.t", .file = "b.csv", .total = 2048, .imported = 1024, .started = true},
      {.table = "public.t", .file = "a.csv", .total = 2048, .imported = 2048, .started = true}};
  EXPECT_EQ(import_status_text(rows, ImportKind::kFiles, {}),
            "TABLE     FILE   STATUS     TOTAL SIZE  IMPORTED SIZE  ERRORED SIZE  PERCENTAGE\n"
            "public.t  b.csv  MIGRATING     2.0 KiB        1.0 KiB           0 B       50.00\n"
            "public.t  a.csv  DONE          2.0 KiB        2.0 KiB           0 B      100.00\n");
  EXPECT_EQ(Json::parse(import_status_json(rows, ImportKind::kFiles))[0]["file_name"], "b.csv");
}

TEST(ImportStatus, APartitionStillToComeKeepsTheTableOpen) {
  const std::string text = import_status_json(
      {{.table = "r", .total = 5, .imported = 5, .started = true}, {.table = "r", .total = 0, .total_final = false}},
      ImportKind::kTables);
  EXPECT_EQ(Json::parse(text)[0]["status"], "MIGRATING");
}

TEST(Report, ExportByRowsDescending) {
  EXPECT_EQ(export_report_text({{"public", "a", "", 5}, {"public", "b", "", 5000}, {"app", "a", "", 5}}, {}),
            "SCHEMA  TABLE  ROW COUNT\n"
            "public  b          5,000\n"
            "app     a              5\n"
            "public  a              5\n");
}

TEST(Report, ImportShowsErrorsOnlyWhenThereAreAny) {
  EXPECT_EQ(import_report_text({{"public", "a", "", 5}}, ImportKind::kTables, {}),
            "SCHEMA  TABLE  IMPORTED ROW COUNT\n"
            "public  a                       5\n");
  EXPECT_EQ(import_report_text({{"public", "a", "a.csv", 5, 1, 1536}}, ImportKind::kFiles, {}),
            "SCHEMA  TABLE  FILE   IMPORTED ROW COUNT  ERRORED ROW COUNT  IMPORTED SIZE\n"
            "public  a      a.csv                   5                  1        1.5 KiB\n");
}

TEST(Report, OfManyTablesThoseWithMostRowsAreShown) {
  std::vector<ReportRow> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({"public", "t" + std::to_string(i), "", 5});
  rows[4999] = {"public", "large", "", 6};
  rows[4998] = {"public", "refused", "", 1, 2};
  const std::string exported = export_report_text(rows, {});
  EXPECT_EQ(std::ranges::count(exported, '\n'), 1 + 41 + 1) << "the first, and one that refused rows";
  EXPECT_NE(exported.find("public  large            6\n"), std::string::npos) << exported;
  EXPECT_NE(exported.find("4,959 more tables, with 24,795 rows (export data status lists them)\n"), std::string::npos)
      << exported;
  const std::string imported = import_report_text(rows, ImportKind::kTables, {});
  EXPECT_EQ(std::ranges::count(imported, '\n'), 1 + 41 + 1);
  EXPECT_NE(imported.find("refused"), std::string::npos) << "rows are missing there";
  rows.resize(200);
  EXPECT_EQ(std::ranges::count(export_report_text(rows, {}), '\n'), 1 + 200);
}

}  // namespace
}  // namespace voyager::report
