// get data-migration-report.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/noticed_text.h"
#include "cli/status.h"
#include "format/meta_db.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/noticed_tables.h"
#include "migration/live/data_report.h"
#include "migration/live/iterations.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"
#include "report/data_migration_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kReportFlags = {
    table_format_flag(),
    {.name = "verify-counts",
     .kind = kBoolean,
     .help = "count the rows on every side and compare (reads every table; meaningful while nobody writes)",
     .fallback = "false"},
    {.name = "include-detailed-iterations-stats",
     .kind = kBoolean,
     .help = "each iteration apart, and what there is after it; needs a migration with several",
     .fallback = "false"},
    password_flag("source", false),
    password_flag("target", false),
    password_flag("source-replica", false),
};

// Asks one database; nothing where it need not be asked.
std::unique_ptr<connector::ImportedCounts> counts_of(const std::optional<Endpoint>& side,
                                                     const std::string& migration) {
  if (!side || !side->product->imported_counts) return nullptr;
  return side->product->imported_counts(side->options, migration);
}

}  // namespace

std::vector<std::vector<model::DataReportRow>> data_migration_reports(Session& session, bool count) {
  const migration::MigrationRecord known = migration::migration_record(session.db());
  const bool with_replica = known.fall_forward;
  const bool way_back = known.source_importer_begun;
  const auto source = count || way_back ? noted_source_as_target(session) : std::nullopt;
  const auto target = noted_data_target(session);
  const auto replica = with_replica ? noted_source_replica(session) : std::nullopt;
  const int newest = migration::newest_iteration(session.main_dir());
  std::vector<std::vector<model::DataReportRow>> out;
  for (int iteration = 0; iteration <= newest; ++iteration) {
    const auto db = migration::open_iteration(session.main_dir(), iteration, format::MetaDb::Mode::kReadOnly);
    const std::string migration = migration::migration_uuid(*db);
    const auto source_counts = counts_of(source, migration);
    const auto target_counts = counts_of(target, migration);
    const auto replica_counts = counts_of(replica, migration);
    out.push_back(migration::data_report(*db, {.source = source_counts.get(),
                                               .target = target_counts.get(),
                                               .source_replica = replica_counts.get(),
                                               .with_replica = with_replica,
                                               .count_rows = count && iteration == newest}));
  }
  return out;
}

namespace {

ExitCode run(Session& session) {
  format::MigrationState& db = session.db();
  if (!migration::with_changes(db)) {
    throw base::Error(
        {.code = "CUT-001",
         .exit = ExitCode::kState,
         .title = "this migration has no changes to report",
         .where = session.main_dir().string(),
         .cause = "export data was not started with --export-type snapshot-and-changes",
         .fix = {session.next_command("export data status"), session.next_command("import data status")}});
  }
  const bool detailed = session.values().on("include-detailed-iterations-stats");
  const bool several = migration::newest_iteration(session.main_dir()) > 0;
  if (detailed && !several)
    base::fail(ExitCode::kUsage, "--include-detailed-iterations-stats: this migration has only one iteration");
  const auto reports = data_migration_reports(session, session.values().on("verify-counts"));
  const std::vector<model::DataReportRow> rows =
      detailed ? migration::list_of_iterations(reports) : migration::sum_of_iterations(reports);
  const auto form = detailed ? report::Iterations::kDetailed : report::Iterations::kSummed;
  if (session.console().machine_output()) {
    const std::string text = report::data_migration_report_json(rows, form);
    std::filesystem::create_directories(session.export_dir() / "reports");
    base::write_file_atomically(session.export_dir() / "reports" / kDataMigrationReportFile, text);
    session.console().answer(text);
  } else {
    session.console().answer(report::data_migration_report_text(rows, session.console().answer_style(), form));
    if (several && !detailed)
      session.console().line("Sums of all iterations; --include-detailed-iterations-stats true lists each.");
  }
  const auto newest = migration::open_iteration(session.main_dir(), migration::newest_iteration(session.main_dir()),
                                                format::MetaDb::Mode::kReadOnly);
  for (const auto side : {migration::CapturedSide::kSource, migration::CapturedSide::kTarget}) {
    for (const migration::NoticedTable& one : migration::noticed_tables(*newest, side))
      session.console().notice(model::NoticeLevel::kWarning, noticed_fact(one, side));
  }
  for (const model::DataReportRow& row : rows) {
    if (row.counted_rows && static_cast<std::int64_t>(*row.counted_rows) != row.rows_so_far())
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
