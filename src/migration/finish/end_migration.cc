#include "migration/finish/end_migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/finish/backup.h"
#include "migration/finish/other_commands.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

// Everything that a migration makes in its export directory, but for logs/ and metainfo/, which go last. Nothing else
// in there is touched.
constexpr std::array kOwnEntries = {
    "schema", "assessment", "data", "reports", "temp", "sqlldr", "live-data-migration-iterations"};

constexpr const char* kStateFile = "meta.db";

// How a report is called in the export directory (a file, or the start of names) and in the backup.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kReportNames = {{
    {"export-data-status-report.json", "export_data_status_report.json"},
    {"import-data-status-report.json", "import_data_status_report.json"},
    {"data-migration-report.json", "data_migration_report.json"},
    {"schema_analysis_report.", "schema_analysis_report."},
    {"schema_optimization_report.", "schema_optimization_report."},
    {"performance_comparison_report.", "performance_comparison_report."},
}};

std::vector<fs::path> children(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

// data/ also holds queues and status files, which are of no use without the state.
std::vector<fs::path> data_files(const fs::path& export_dir) {
  std::vector<fs::path> out = children(export_dir / "data");
  std::erase_if(out, [](const fs::path& path) {
    const std::string name = path.filename().string();
    return name != "errors" && name.find(".sql") == std::string::npos && name.find(".bin") == std::string::npos;
  });
  return out;
}

void remove_entry(const fs::path& path) {
  std::error_code fault;
  fs::remove_all(path, fault);  // Of a link only the link.
  if (fault) {
    base::fail(base::ExitCode::kFailure, "cannot remove " + path.string(), fault.message(),
               {"make it removable for the user that runs yb-voyager, then run end migration again"});
  }
}

}  // namespace

void EndMigration::begin() const {
  check_backup_folder();
  ask_and_stop_others();
}

void EndMigration::back_up() const {
  save_reports();
  base::fault_point<"end.after_reports">();  // reports are saved
  back_up_schema_and_data();
  base::fault_point<"end.after_backup">();  // files are moved to the backup folder
}

std::uint64_t EndMigration::bytes_needed() const {
  std::uint64_t bytes = 0;
  const auto add = [&](const fs::path& from) { bytes += bytes_to_copy(from, options_.backup_dir); };
  if (options_.backup_schema) add(options_.export_dir / "schema");
  if (options_.backup_logs) add(options_.export_dir / "logs");
  if (options_.save_reports) add(options_.export_dir / "reports");
  if (options_.backup_data) std::ranges::for_each(data_files(options_.export_dir), add);
  return bytes;
}

// Before anything is touched: a backup folder that would be removed with the migration keeps nothing.
void EndMigration::check_backup_folder() const {
  if (!keeps_something()) return;
  const fs::path& folder = options_.backup_dir;
  std::error_code ignored;
  if (folder.empty() || !fs::is_directory(folder, ignored)) {
    base::fail(base::ExitCode::kUsage, fmt::format("backup-dir \"{}\" is not a directory", folder.string()), {},
               {"mkdir -p " + folder.string()});
  }
  const fs::path inside = fs::canonical(folder).lexically_relative(fs::canonical(options_.export_dir));
  const std::string first = inside.empty() ? std::string("..") : inside.begin()->string();
  const bool own = std::ranges::find(kOwnEntries, first) != kOwnEntries.end() || first == "logs" || first == "metainfo";
  if (first == "." || own) {
    base::fail(base::ExitCode::kUsage,
               fmt::format("backup-dir \"{}\" would be removed with the migration", folder.string()), {},
               {"choose a folder outside of the export directory"});
  }
  const std::uint64_t needed = bytes_needed();
  const std::uint64_t there = base::free_bytes(folder);
  if (needed <= there) return;
  base::fail(base::ExitCode::kPreflight, "the backup directory has too little space",
             fmt::format("{} are needed on the file system of {}, {} are free", base::format_bytes(needed),
                         folder.string(), base::format_bytes(there)),
             {"free space there, or choose another --backup-dir"});
}

void EndMigration::ask_and_stop_others() const {
  std::vector<RunningCommand> others = running_commands(options_.export_dir);
  for (const fs::path& iteration : options_.iterations) {
    const std::vector<RunningCommand> of_it = running_commands(iteration);
    others.insert(others.end(), of_it.begin(), of_it.end());
  }
  std::string text =
      fmt::format("This ends the migration in {}: it cannot be continued afterwards", options_.export_dir.string());
  if (!keeps_something()) text += ", and nothing is backed up";
  text += ".";
  for (const RunningCommand& other : others) {
    text += fmt::format(" {} is running (process {}) and will be stopped.", other.command_id, other.process);
  }
  if (!context_.dialogue.confirm(
          {.danger = model::Question::Danger::kSevere, .text = text + " End it?", .flag = "--yes"})) {
    throw base::Error(
        {.exit = base::ExitCode::kNoAnswer, .title = "the migration was not ended", .then = "nothing was changed"});
  }
  if (!others.empty()) {
    say("Waiting for the other commands of this migration to end");
    stop_commands(others, {}, context_.stop);
  }
  remove_stale_locks(options_.export_dir);
}

// A report that is in the backup already stays: it was written while more of the migration was there to tell of.
void EndMigration::save_reports() const {
  if (!options_.save_reports) return;
  const fs::path from = options_.export_dir / "reports";
  const fs::path to = options_.backup_dir / "reports";
  std::error_code fault;
  fs::create_directories(to, fault);
  if (fault) base::fail(base::ExitCode::kFailure, "cannot create the folder " + to.string(), fault.message());
  for (const fs::path& file : children(from)) {
    const std::string name = file.filename().string();
    for (const auto& [start, saved] : kReportNames) {
      if (!name.starts_with(start) && !name.starts_with(saved)) continue;
      const bool family = start.ends_with('.');
      keep(file, to / (family ? name : std::string(saved)), WhenPresent::kLeave);
      break;
    }
  }
  for (const fs::path& file : children(options_.export_dir / "assessment" / "reports")) {
    keep(file, to / file.filename(), WhenPresent::kLeave);
  }
  say("Reports are saved in " + to.string());
}

void EndMigration::back_up_schema_and_data() const {
  if (options_.backup_schema) {
    const fs::path schema = options_.export_dir / "schema";
    if (children(schema).empty()) {
      say("There are no schema files to back up");
    } else {
      keep(schema, options_.backup_dir / "schema");
      say("Schema files are moved to " + (options_.backup_dir / "schema").string());
    }
  }
  if (!options_.backup_data) return;
  const std::vector<fs::path> files = data_files(options_.export_dir);
  if (files.empty()) {
    say("There are no data files to back up");
    return;
  }
  for (const fs::path& file : files) keep(file, options_.backup_dir / "data" / file.filename());
  say("Data files are moved to " + (options_.backup_dir / "data").string());
}

bool EndMigration::has_state(const fs::path& iteration) {
  return fs::exists(iteration / "metainfo" / kStateFile);
}

void EndMigration::remove_iteration(const fs::path& iteration) const {
  fail_when_draining();
  const fs::path folder = iteration.parent_path();
  if (options_.backup_logs) {
    keep(iteration / "logs", options_.backup_dir / folder.lexically_relative(options_.export_dir) / "logs");
  }
  for (const fs::path& entry : children(iteration)) {
    if (entry.filename() != "metainfo") remove_entry(entry);
  }
  base::fault_point<"live.iteration_emptied">();  // of an iteration only the state is left
  remove_entry(folder);
  say(fmt::format("{} is ended", folder.filename().string()));
}

void EndMigration::clean_target(const connector::ConnectorEntry* product, const model::ConnectionOptions* target,
                                const std::string& migration) const {
  if (product == nullptr || target == nullptr) {
    say("No data was imported: there is nothing to clean on a target");
    return;
  }
  fail_when_draining();
  product->target(*target)->admin(migration)->drop_bookkeeping();
  say("The target's bookkeeping of this migration is removed");
}

// The state goes last, and of the state meta.db: as long as it is there, end migration can be run again.
void EndMigration::empty_export_dir() const {
  base::fault_point<"end.after_target">();  // the target's bookkeeping is gone
  fail_when_draining();
  for (const char* name : kOwnEntries) remove_entry(options_.export_dir / name);
  base::fault_point<"end.before_state_removed">();  // only metainfo/ and the logs are left
  const fs::path logs = options_.export_dir / "logs";
  if (options_.backup_logs) {
    keep(logs, options_.backup_dir / "logs");
    say("Log files are moved to " + (options_.backup_dir / "logs").string());
  }
  remove_entry(logs);
  const fs::path state = options_.export_dir / "metainfo";
  for (const fs::path& entry : children(state)) {
    if (!entry.filename().string().starts_with(kStateFile)) remove_entry(entry);
  }
  remove_entry(state / kStateFile);
  remove_entry(state);
}

void EndMigration::fail_when_draining() const {
  if (!context_.stop.draining()) return;
  throw base::Error(
      {.exit = context_.stop.signal_number() == 15 ? base::ExitCode::kTerminated : base::ExitCode::kInterrupted,
       .title = "end migration was stopped",
       .then = "run it again: it goes on where it stopped"});
}

void EndMigration::say(const std::string& text) const {
  base::log_info(text);
  context_.dialogue.notice(model::NoticeLevel::kInfo, text);
}

}  // namespace voyager::migration
