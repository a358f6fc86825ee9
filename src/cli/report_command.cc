// get data-migration-report.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/status.h"
#include "format/migration_status.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/uncaptured.h"
#include "migration/live/data_report.h"
#include "report/data_migration_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kReportFlags = {
    {.name = "output-format",
     .kind = kChoice,
     .help = "table, or json on standard output",
     .fallback = "table",
     .choices = {"table", "json"}},
    {.name = "verify-counts",
     .kind = kBoolean,
     .help = "count the rows on every side and compare (reads every table; meaningful while nobody writes)",
     .fallback = "false"},
    {.name = "include-detailed-iterations-stats",
     .kind = kBoolean,
     .help = "one block for each iteration; needs a migration with several",
     .fallback = "false"},
    {.name = "source-db-password",
     .kind = kSecret,
     .help = "password of the user on the source; better in the environment",
     .environment = "SOURCE_DB_PASSWORD"},
    {.name = "target-db-password",
     .kind = kSecret,
     .help = "password of the user on the target; better in the environment",
     .environment = "TARGET_DB_PASSWORD"},
    {.name = "source-replica-db-password",
     .kind = kSecret,
     .help = "password of the user on the source replica; better in the environment",
     .environment = "SOURCE_REPLICA_DB_PASSWORD"},
};

// Asks one database; nothing where it need not be asked.
std::unique_ptr<connector::ImportedCounts> counts_of(Session& session, const std::optional<Endpoint>& side) {
  if (!side || !side->product->imported_counts) return nullptr;
  return side->product->imported_counts(side->options, session.migration());
}

}  // namespace

std::vector<model::DataReportRow> data_migration_report(Session& session, bool count) {
  format::MetaDb& db = session.db();
  const bool with_replica = format::has_mark(db, "FallForwardEnabled");
  const bool way_back = format::has_mark(db, "ImportDataToSourceStarted");
  const auto source = counts_of(session, count || way_back ? noted_source_as_target(session) : std::nullopt);
  const auto target = counts_of(session, noted_data_target(session));
  const auto replica = counts_of(session, with_replica ? noted_source_replica(session) : std::nullopt);
  return migration::data_report(session.export_dir(), db,
                                {.source = source.get(),
                                 .target = target.get(),
                                 .source_replica = replica.get(),
                                 .with_replica = with_replica,
                                 .count_rows = count});
}

namespace {

ExitCode run(Session& session) {
  format::MetaDb& db = session.db();
  if (!migration::with_changes(db)) {
    throw base::Error(
        {.code = "CUT-001",
         .exit = ExitCode::kState,
         .title = "this migration has no changes to report",
         .where = session.export_dir().string(),
         .cause = "export data was not started with --export-type snapshot-and-changes",
         .fix = {session.next_command("export data status"), session.next_command("import data status")}});
  }
  if (session.values().on("include-detailed-iterations-stats"))
    base::fail(ExitCode::kUsage, "--include-detailed-iterations-stats: this migration has only one iteration");
  const std::vector<model::DataReportRow> rows = data_migration_report(session, session.values().on("verify-counts"));
  if (session.console().machine_output()) {
    const std::string text = report::data_migration_report_json(rows);
    std::filesystem::create_directories(session.export_dir() / "reports");
    base::write_file_atomically(session.export_dir() / "reports" / kDataMigrationReportFile, text);
    session.console().answer(text);
  } else {
    session.console().answer(report::data_migration_report_text(rows, session.console().answer_style()));
  }
  for (const auto side : {migration::CapturedSide::kSource, migration::CapturedSide::kTarget}) {
    for (const model::TableName& table : migration::new_uncaptured(db, side)) {
      session.console().notice(
          model::NoticeLevel::kWarning,
          fmt::format("{} was made on the {} after the capture began and is not captured", model::display(table),
                      side == migration::CapturedSide::kSource ? "source" : "target"));
    }
  }
  for (const model::DataReportRow& row : rows) {
    if (row.counted_rows && static_cast<std::int64_t>(*row.counted_rows) != row.final_rows())
      return ExitCode::kDifferences;
  }
  return ExitCode::kOk;
}

}  // namespace

void add_data_report_command(std::vector<Command>& all) {
  all.push_back({.path = "get data-migration-report",
                 .id = "get-data-migration-report",
                 .summary = "Show what of each table has moved, changes included",
                 .examples = {{"as a table", "yb-voyager get data-migration-report --export-dir shop"},
                              {"after the cutover, with the rows counted on both sides",
                               "yb-voyager get data-migration-report --export-dir shop --verify-counts true"}},
                 .groups = {{"Answer", kReportFlags}, output_flags(), global_flags()},
                 .sections = {"get-data-migration-report"},
                 .databases = {"source", "target", "source-replica"},
                 .workspace = Workspace::kReads,
                 .run = run});
}

}  // namespace voyager::cli
