// end migration.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/status.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/roles.h"
#include "migration/finish/end_migration.h"
#include "migration/live/cutover_record.h"
#include "migration/live/data_report.h"
#include "migration/live/iterations.h"
#include "migration/state/status.h"
#include "report/data_migration_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

constexpr const char* kKept[] = {"backup-schema-files", "backup-data-files", "save-migration-reports",
                                 "backup-log-files"};

const std::vector<Flag> kEndFlags = {
    {.name = "backup-schema-files", .kind = kBoolean, .help = "keep schema/"},
    {.name = "backup-data-files", .kind = kBoolean, .help = "keep data/"},
    {.name = "save-migration-reports", .kind = kBoolean, .help = "keep the reports"},
    {.name = "backup-log-files", .kind = kBoolean, .help = "keep logs/"},
    {.name = "backup-dir", .kind = kPath, .help = "where to keep it; must exist when any of the above is true"},
    password_flag("target", true),
    password_flag("source", true),
    password_flag("source-replica", true),
};

void check(const Values& values) {
  const std::string& folder = values.text("backup-dir");
  for (const std::string_view flag : kKept) {
    if (values.on(flag) && folder.empty()) {
      base::fail(ExitCode::kUsage, fmt::format("--backup-dir is needed because --{} is true", flag));
    }
  }
  std::error_code ignored;
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
    base::fail(ExitCode::kUsage, fmt::format("backup-dir \"{}\" is not a directory", folder), {},
               {"mkdir -p " + base::shell_word(folder)});
  }
}

// A capture that a cutover has not ended keeps its database's log for ever.
void take_down_captures(Session& session, format::MigrationState& db) {
  for (const char* role : migration::kExporters) {
    const std::optional<migration::CaptureRecord> record = migration::capture_record(db, role);
    if (!record) continue;
    const bool of_source = role == std::string_view(migration::kSourceExporter);
    const std::optional<Endpoint> database = of_source ? noted_source_endpoint(session) : noted_data_target(session);
    if (!database || !database->product->capture_setup) continue;
    database->product->capture_setup(database->options, migration::migration_uuid(db))->end(record->undo);
    migration::forget_capture_record(db, role);
    session.console().line(
        fmt::format("Replication slot and publication on the {} are removed", of_source ? "source" : "target"));
  }
}

// Of the databases beside the target that changes or rows were brought to.
void drop_other_bookkeeping(Session& session, format::MigrationState& db) {
  const migration::CutoverRecord record = migration::cutover_record(db);
  const auto drop = [&](const std::optional<Endpoint>& database, const char* name) {
    if (!database || !database->product->target) return;
    database->product->target(database->options)->admin(migration::migration_uuid(db))->drop_bookkeeping();
    session.console().line(fmt::format("The bookkeeping of this migration on the {} is removed", name));
  };
  if (record.source_importer_started) drop(noted_source_endpoint(session), "source");
  if (record.way_back == migration::WayBack::kFallForward) drop(noted_source_replica(session), "source-replica");
  if (record.later && record.target_importer_started) drop(noted_data_target(session), "target");
}

// The newest first. Those on disk, whatever a killed run has left of them.
std::vector<std::filesystem::path> iterations_of(const std::filesystem::path& main_dir) {
  std::vector<std::filesystem::path> out;
  for (int iteration = 1; std::filesystem::exists(migration::iteration_dir(main_dir, iteration).parent_path());
       ++iteration)
    out.insert(out.begin(), migration::iteration_dir(main_dir, iteration));
  return out;
}

void end_iteration(Session& session, const std::filesystem::path& export_dir) {
  const auto db = migration::open_iteration(session.main_dir(), migration::iteration_of(export_dir));
  take_down_captures(session, *db);
  drop_other_bookkeeping(session, *db);
}

// A database that does not answer any more is no reason not to end.
void write_data_migration_report(Session& session, const std::filesystem::path& folder) {
  if (!migration::with_changes(session.db())) return;
  try {
    const auto reports = data_migration_reports(session, false);
    const std::string text =
        reports.size() == 1
            ? report::data_migration_report_json(reports[0])
            : report::data_migration_report_json(migration::list_of_iterations(reports), report::Iterations::kDetailed);
    base::write_file_atomically(folder / kDataMigrationReportFile, text);
  } catch (const base::Error& error) {
    session.console().notice(model::NoticeLevel::kWarning,
                             std::string("the data migration report is not saved: ") + error.what());
  }
}

// Keys, indexes and triggers that only this migration's state knows of.
void warn_of_waiting_statements(Session& session) {
  std::vector<std::string> names;
  for (const model::PostDataStatement& statement : session.db().post_data()) {
    if (!statement.done) names.push_back(fmt::format("{} ({})", statement.object, model::display(statement.table)));
  }
  if (names.empty() || !migration::import_data_started(session.db())) return;
  constexpr std::size_t kShown = 10;
  const std::size_t more = names.size() - std::min(names.size(), kShown);
  names.resize(names.size() - more);
  session.console().notice(
      model::NoticeLevel::kWarning,
      fmt::format(
          "the target still lacks {}{}, which waited for rows. What builds them and switches triggers on again: {}",
          base::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "",
          session.next_command("finalize-schema-post-data-import")));
}

ExitCode run(Session& session) {
  const Values& values = session.values();
  warn_of_waiting_statements(session);
  const std::optional<Endpoint> target = noted_data_target(session);
  const std::string& folder = values.text("backup-dir");
  const migration::EndMigrationOptions options = {
      .export_dir = session.export_dir(),
      .backup_dir = folder.empty() ? std::filesystem::path() : std::filesystem::canonical(folder),
      .backup_schema = values.on("backup-schema-files"),
      .backup_data = values.on("backup-data-files"),
      .backup_logs = values.on("backup-log-files"),
      .save_reports = values.on("save-migration-reports"),
      .iterations = iterations_of(session.main_dir())};
  const migration::EndMigration ending(options, session.flow());
  ending.begin();
  take_down_captures(session, session.db());
  if (options.save_reports) {
    const std::filesystem::path reports = session.export_dir() / "reports";
    write_status_reports(session.db(), reports);
    write_data_migration_report(session, reports);
  }
  ending.back_up();
  for (const std::filesystem::path& iteration : options.iterations) {
    ending.fail_when_draining();
    if (migration::EndMigration::has_state(iteration)) end_iteration(session, iteration);
    ending.remove_iteration(iteration);
  }
  drop_other_bookkeeping(session, session.db());
  ending.clean_target(target ? target->product : nullptr, target ? &target->options : nullptr, session.migration());
  ending.empty_export_dir();
  session.console().notice(model::NoticeLevel::kSuccess, "Migration ended.");
  return ExitCode::kOk;
}

}  // namespace

void add_end_command(std::vector<Command>& all) {
  all.push_back({.path = "end migration",
                 .id = "end-migration",
                 .summary = "Save what is to be kept and remove everything that the migration left",
                 .examples = {{"keep everything",
                               "yb-voyager end migration --export-dir shop --backup-schema-files true "
                               "--backup-data-files true --save-migration-reports true --backup-log-files true "
                               "--backup-dir /backup/shop"}},
                 .groups = {{"Backup", kEndFlags}, output_flags(), global_flags()},
                 .required = {"backup-schema-files", "backup-data-files", "save-migration-reports", "backup-log-files"},
                 .sections = {"end-migration"},
                 .workspace = Workspace::kStarted,
                 .check = check,
                 .run = run});
}

}  // namespace voyager::cli
