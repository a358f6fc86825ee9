// export data status, import data status: read the state, nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/published_progress.h"
#include "cli/session.h"
#include "cli/status.h"
#include "migration/changes/capture_record.h"
#include "migration/finish/other_commands.h"
#include "migration/state/status.h"
#include "report/status_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kStatusFlags = {
    table_format_flag(),
    {.name = "watch",
     .kind = kBoolean,
     .help = "show it again whenever it has changed, until the command that is looked at has ended; JSON: one document "
             "a line",
     .fallback = "false"},
};

constexpr std::chrono::seconds kEvery{1};

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

struct Picture {
  std::string table = {};
  std::string json = {};
};

/// What is looked at: commands with these ids, and how far they are.
struct Watched {
  std::vector<std::string_view> ids = {};
  const char* file = "";
  Picture (*look)(Session& session) = nullptr;
};

Picture look_at_export(Session& session) {
  const auto rows = export_status(session.db());
  if (!rows) not_started(session, "export data");
  return {report::export_status_text(*rows, session.console().answer_style()), report::export_status_json(*rows)};
}

Picture look_at_import(Session& session) {
  const auto status = import_status(session.db());
  if (!status) not_started(session, "import data");
  return {report::import_status_text(status->rows, status->kind, session.console().answer_style()),
          report::import_status_json(status->rows, status->kind)};
}

bool runs(Session& session, const Watched& watched) {
  return std::ranges::any_of(migration::running_commands(session.export_dir()), [&](const auto& one) {
    return std::ranges::find(watched.ids, one.command_id) != watched.ids.end();
  });
}

ExitCode watch(Session& session, const Watched& watched) {
  Console& console = session.console();
  std::string shown;
  std::optional<report::CommandProgress> before;
  while (true) {
    const bool running = runs(session, watched);  // Asked first: what is seen afterwards is the end then.
    const Picture picture = watched.look(session);
    std::string text = picture.table;
    if (console.machine_output()) {
      text = nlohmann::json::parse(picture.json).dump() + "\n";
    } else if (const auto now = published_last(session.db(), watched.ids); now && running) {
      text = now->command + " " + report::progress_line(*now, before) + "\n" + text;
      before = now;
    }
    if (console.on_terminal() && running && !console.machine_output()) {
      console.show_live(base::split(text, '\n'));
    } else if (text != std::exchange(shown, text)) {
      console.show_live({});
      console.answer(text);
    }
    if (!running) return ExitCode::kOk;
    if (!base::system_clock().sleep_for(kEvery, session.stop())) {
      console.show_live({});
      return ExitCode::kInterrupted;
    }
  }
}

ExitCode show(Session& session, const Watched& watched) {
  refuse_live(session);
  if (session.values().on("watch")) return watch(session, watched);
  const Picture picture = watched.look(session);
  print(session, picture.table, picture.json, watched.file);
  return ExitCode::kOk;
}

ExitCode run_export_status(Session& session) {
  return show(session, {.ids = {"export-data", "copy-data"}, .file = kExportStatusFile, .look = look_at_export});
}

ExitCode run_import_status(Session& session) {
  return show(
      session,
      {.ids = {"import-data", "copy-data", "import-data-file"}, .file = kImportStatusFile, .look = look_at_import});
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
