// export data status, import data status: read the state, nothing else.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "cli/command.h"
#include "cli/session.h"
#include "cli/status.h"
#include "migration/changes/capture_record.h"
#include "migration/state/status.h"
#include "report/status_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kStatusFlags = {
    table_format_flag(),
};

[[noreturn]] void not_started(Session& session, const char* what) {
  throw base::Error({.code = "DIR-008",
                     .exit = ExitCode::kState,
                     .title = fmt::format("{} has not started yet", what),
                     .where = session.export_dir().string(),
                     .fix = {session.next_command(what)}});
}

void print(Session& session, const std::string& text, const std::string& json_text, const char* file) {
  if (!session.console().machine_output()) {
    session.console().answer(text);
    return;
  }
  std::filesystem::create_directories(session.export_dir() / "reports");
  base::write_file_atomically(session.export_dir() / "reports" / file, json_text);
  session.console().answer(json_text);
}

// Rows of the snapshot alone would be half the truth.
void refuse_live(Session& session) {
  if (!migration::with_changes(session.db()) || !migration::export_data_done(session.db())) return;
  throw base::Error({.code = "DIR-012",
                     .exit = ExitCode::kState,
                     .title = "this migration goes on with changes after its snapshot",
                     .where = session.export_dir().string(),
                     .fix = {session.next_command("get data-migration-report")}});
}

ExitCode run_export_status(Session& session) {
  refuse_live(session);
  const auto rows = export_status(session.db());
  if (!rows) not_started(session, "export data");
  print(session, report::export_status_text(*rows, session.console().answer_style()), report::export_status_json(*rows),
        kExportStatusFile);
  return ExitCode::kOk;
}

ExitCode run_import_status(Session& session) {
  refuse_live(session);
  const auto status = import_status(session.db());
  if (!status) not_started(session, "import data");
  print(session, report::import_status_text(status->rows, status->kind, session.console().answer_style()),
        report::import_status_json(status->rows, status->kind), kImportStatusFile);
  return ExitCode::kOk;
}

}  // namespace

void add_status_commands(std::vector<Command>& all) {
  all.push_back({.path = "export data status",
                 .id = "export-data-status",
                 .summary = "Show how far the export of rows is",
                 .examples = {{"as JSON", "yb-voyager export data status --export-dir shop --output-format json"}},
                 .groups = {{"Answer", kStatusFlags}, output_flags(), global_flags()},
                 .workspace = Workspace::kReads,
                 .run = run_export_status});
  all.push_back({.path = "import data status",
                 .id = "import-data-status",
                 .summary = "Show how far the import of rows is",
                 .examples = {{"as JSON", "yb-voyager import data status --export-dir shop --output-format json"}},
                 .groups = {{"Answer", kStatusFlags}, output_flags(), global_flags()},
                 .workspace = Workspace::kReads,
                 .run = run_import_status});
}

}  // namespace voyager::cli
