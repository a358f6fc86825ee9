// archive changes.
#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/session.h"
#include "migration/changes/archive.h"
#include "migration/changes/capture_record.h"
#include "migration/live/cutover_record.h"
#include "migration/live/iterations.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kArchiveFlags = {
    {.name = "policy",
     .kind = kChoice,
     .help = "delete applied changes, or move them to --archive-dir",
     .choices = {"delete", "archive"},
     .exact_case = true},
    {.name = "archive-dir", .kind = kPath, .help = "where to move them; must exist"},
    {.name = "fs-utilization-threshold",
     .kind = kInteger,
     .help = "delete only while the file system of the export directory is fuller than this, in percent",
     .fallback = "70",
     .most = 100},
    {.name = "move-to", .kind = kPath, .help = "the same as --policy archive --archive-dir"},
};

std::filesystem::path archive_dir(const Values& values) {
  return values.text("move-to").empty() ? values.text("archive-dir") : values.text("move-to");
}

void check(const Values& values) {
  const bool moves = !values.text("move-to").empty() || values.text("policy") == "archive";
  if (values.text("policy").empty() && !moves) {
    base::fail(ExitCode::kUsage, "--policy is needed", "applied changes can be deleted or moved elsewhere",
               {"--policy delete", "--policy archive --archive-dir <folder>"});
  }
  if (!values.text("move-to").empty() && (values.text("policy") == "delete" || values.given("archive-dir")))
    base::fail(ExitCode::kUsage,
               "--move-to says where to move changes: give neither --policy delete nor --archive-dir");
  if (!moves) {
    if (values.given("archive-dir"))
      base::fail(ExitCode::kUsage, "--archive-dir is not for --policy delete", {}, {"leave it out"});
    return;
  }
  if (values.given("fs-utilization-threshold"))
    base::fail(ExitCode::kUsage, "--fs-utilization-threshold is only for --policy delete", {}, {"leave it out"});
  const std::filesystem::path folder = archive_dir(values);
  if (folder.empty()) base::fail(ExitCode::kUsage, "--archive-dir is needed for --policy archive");
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    base::fail(ExitCode::kUsage, fmt::format("archive-dir \"{}\" is not a directory", folder.string()), {},
               {"mkdir -p " + base::shell_word(folder.string())});
  }
}

// One after the other: an iteration's changes end before those of the next begin.
void archive_iterations(Session& session, migration::ArchiveOptions options) {
  Console& console = session.console();
  const std::filesystem::path archive = options.archive_dir;
  for (int iteration = 0;; ++iteration) {
    const auto db = migration::open_iteration(session.main_dir(), iteration);
    options.export_dir = migration::iteration_dir(session.main_dir(), iteration);
    if (!archive.empty() && iteration > 0) {
      options.archive_dir = archive / options.export_dir.parent_path().lexically_relative(session.main_dir());
      std::filesystem::create_directories(options.archive_dir);
    }
    if (iteration > 0) console.line(fmt::format("Data migration iteration: {}", iteration));
    migration::archive_changes(
        options, *db,
        [&console](const migration::PutAway& one) {
          console.line(fmt::format("segment {} ({}) {}", one.segment, base::format_bytes(one.bytes),
                                   one.location.empty() ? "deleted" : "moved to " + one.location.string()));
        },
        base::system_clock(), session.stop());
    if (!migration::cutover_record(*db).again) return;
  }
}

ExitCode run(Session& session) {
  format::MigrationState& db = session.db();
  if (!migration::with_changes(db)) {
    throw base::Error({.code = "CUT-001",
                       .exit = ExitCode::kState,
                       .title = "this migration has no changes to archive",
                       .where = session.export_dir().string(),
                       .cause = "export data was not started with --export-type snapshot-and-changes"});
  }
  if (!migration::export_data_done(db)) {
    throw base::Error({.code = "CUT-002",
                       .exit = ExitCode::kState,
                       .title = "this migration streams no changes yet",
                       .where = session.export_dir().string(),
                       .fix = {"start it again once export data says that it streams changes"}});
  }
  const bool moves = !archive_dir(session.values()).empty();
  migration::ArchiveOptions options;
  Console& console = session.console();
  if (moves) {
    options.archive_dir = std::filesystem::canonical(archive_dir(session.values()));
    if (std::filesystem::equivalent(options.archive_dir, session.export_dir() / "data" / "queue"))
      base::fail(ExitCode::kUsage, "the archive cannot be the folder of the queue itself");
    console.line(fmt::format("policy: archive; changes that every importer has applied move to {}",
                             options.archive_dir.string()));
  } else {
    options.utilization_threshold = static_cast<int>(session.values().number("fs-utilization-threshold"));
    console.line(fmt::format(
        "policy: delete; changes that every importer has applied are deleted while the file system is fuller than {} %",
        options.utilization_threshold));
  }
  const auto note_running = [&db](bool running) {
    migration::change_record(db, [running](migration::MigrationRecord& record) {
      record.archiving = true;
      record.segments_being_removed = running;
    });
  };
  note_running(true);
  try {
    archive_iterations(session, options);
  } catch (const base::Error&) {
    note_running(false);
    throw;
  }
  note_running(false);
  console.notice(model::NoticeLevel::kSuccess, "All changes are applied and put away.");
  return ExitCode::kOk;
}

}  // namespace

void add_archive_command(std::vector<Command>& all) {
  all.push_back({.path = "archive changes",
                 .id = "archive-changes",
                 .summary = "Delete or move changes that are applied",
                 .examples = {{"free the disk when it is fuller than 70 %",
                               "yb-voyager archive changes --export-dir shop --policy delete"},
                              {"keep them elsewhere",
                               "yb-voyager archive changes --export-dir shop --policy archive --archive-dir /archive"}},
                 .groups = {{"Archive", kArchiveFlags}, output_flags(), global_flags()},
                 .sections = {"archive-changes"},
                 .workspace = Workspace::kStarted,
                 .check = check,
                 .run = run});
}

}  // namespace voyager::cli
