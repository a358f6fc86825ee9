#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <sstream>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/connectors.h"
#include "cli/event_context.h"
#include "cli/version.h"
#include "format/meta_db.h"
#include "migration/changes/capture_record.h"
#include "migration/live/iterations.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using base::ExitCode;
namespace fs = std::filesystem;

base::LogLevel log_level(const std::string& word) {
  if (word == "trace") return base::LogLevel::kTrace;
  if (word == "debug") return base::LogLevel::kDebug;
  if (word == "warn") return base::LogLevel::kWarn;
  if (word == "error" || word == "fatal" || word == "panic") return base::LogLevel::kError;
  return base::LogLevel::kInfo;
}

// The folders of spec'd layout that a migration of this kind fills.
void make_folders(const fs::path& export_dir) {
  for (const char* name : {"schema", "data", "reports", "metainfo", "temp"}) {
    std::error_code fault;
    fs::create_directories(export_dir / name, fault);
    if (fault) {
      throw base::Error({.code = "DIR-003",
                         .title = "cannot create " + (export_dir / name).string(),
                         .cause = fault.message(),
                         .fix = {"make the export directory writable for the user that runs yb-voyager"}});
    }
  }
}

}  // namespace

namespace {

// Where a command works of the migration in `main_dir`.
fs::path directory_of(const Command& command, const fs::path& main_dir) {
  switch (command.in_iteration) {
    case InIteration::kNewest:
      return migration::iteration_dir(main_dir, migration::newest_iteration(main_dir));
    case InIteration::kWayBack:
      return migration::iteration_dir(main_dir, migration::way_back_iteration(main_dir));
    case InIteration::kFirst:
      break;
  }
  return main_dir;
}

}  // namespace

Session::Session(const CommandLine& line, Values values, fs::path config_file, base::Stop& stop,
                 std::unique_ptr<base::LockFile> lock)
    : line_(line),
      values_(std::move(values)),
      config_file_(std::move(config_file)),
      stop_(stop),
      console_(values_, stop),
      unseen_(std::string(line.command->id)),
      lock_(std::move(lock)) {
  run_ = fmt::format("{}-{}", command().id, base::utc_now("%Y%m%dT%H%M%SZ"));
  set_event_context({}, run_);
  if (command().workspace == Workspace::kNone) return;
  find_export_dir();
  if (export_dir_.empty()) return;
  find_iteration();
  const bool reads_only = command().workspace == Workspace::kReads;
  if (!reads_only) {
    if (!lock_) lock_ = std::make_unique<base::LockFile>(export_dir_, std::string(command().id));
    open_log_file();
  }
  chunks_ = std::make_unique<format::FolderChunkStore>(export_dir_ / "data");
  open_state();
}

Session::~Session() {
  close_state();
}

void Session::close_state() {
  db_.reset();
  base::close_log();
  lock_.reset();
}

format::MigrationState& Session::db() {
  VOY_ASSERT(db_ != nullptr);
  return *db_;
}

void Session::find_export_dir() {
  const std::string& given = values_.text("export-dir");
  if (given.empty()) {
    if (command().workspace == Workspace::kOptional) return;
    throw base::Error(
        {.code = "DIR-001",
         .exit = ExitCode::kUsage,
         .title = "required flag(s) \"export-dir\" not set",
         .fix = {"mkdir export-dir, then pass --export-dir export-dir (or export-dir: in the configuration file)"}});
  }
  std::error_code ignored;
  if (!fs::is_directory(given, ignored)) {
    throw base::Error(
        {.code = "DIR-009",
         .exit = ExitCode::kUsage,
         .title = fmt::format("export-dir \"{}\" is not a directory", given),
         .cause = "it is never created for you, so that a typing mistake does not start a second migration",
         .fix = {"mkdir -p " + base::shell_word(given)}});
  }
  export_dir_ = fs::canonical(given);
  if (given == ".") console_.line("Note: using the current directory as export-dir");
  if (!console_.machine_output() && !command().has_banner) console_.line("Using export-dir: " + export_dir_.string());
}

// An iteration's own directory stands for the migration's.
void Session::find_iteration() {
  main_dir_ = migration::main_dir(export_dir_);
  export_dir_ = main_dir_;
  if (command().in_iteration == InIteration::kFirst || !format::MetaDb::exists(main_dir_)) return;
  export_dir_ = directory_of(command(), main_dir_);
  iteration_ = migration::iteration_of(export_dir_);
  if (iteration_ > 0 && !console_.machine_output())
    console_.line(fmt::format("Data migration iteration: {}", iteration_));
}

void Session::open_log_file() {
  // Two files, so that a reader of either form never meets the other.
  const bool json = values_.text("log-format") == "json";
  log_file_ = export_dir_ / "logs" / fmt::format("yb-voyager-{}.{}", command().id, json ? "jsonl" : "log");
  try {
    base::open_log(log_file_, log_level(values_.text("log-level")),
                   json ? base::LogFormat::kJson : base::LogFormat::kText);
  } catch (const base::Error&) {
    throw;
  } catch (const std::exception& fault) {
    throw base::Error({.code = "DIR-003",
                       .title = "cannot write the log file " + log_file_.string(),
                       .cause = fault.what(),
                       .fix = {"make the export directory writable for the user that runs yb-voyager"}});
  }
  base::log_info(fmt::format("yb-voyager {} ({})", kVersion, kCommit));
  base::log_info("arguments: " + masked(line_));
  if (!config_file_.empty()) base::log_info("configuration file: " + config_file_.string());
  for (const std::string& origin : values_.origins()) base::log_info("setting: " + origin);
}

void Session::open_state() {
  const bool creates = command().workspace == Workspace::kCreates;
  if (creates) make_folders(export_dir_);
  if (!creates && !format::MetaDb::exists(export_dir_)) {
    if (command().workspace == Workspace::kOptional) return;
    throw base::Error({.code = "DIR-010",
                       .exit = ExitCode::kState,
                       .title = fmt::format("no migration has been started in {}", export_dir_.string()),
                       .cause = "metainfo/meta.db is not there",
                       .fix = {"check --export-dir",
                               "the order is: export schema, import schema, export data, import data, "
                               "finalize-schema-post-data-import, verify, end migration",
                               "of a live migration: export schema, import schema, export data --export-type "
                               "snapshot-and-changes and import data side by side, initiate cutover to target, "
                               "cutover status, finalize-schema-post-data-import, verify, end migration"}});
  }
  const bool reads_only = command().workspace == Workspace::kReads;
  db_ = std::make_unique<format::MetaDb>(
      export_dir_, reads_only ? format::MetaDb::Mode::kReadOnly : format::MetaDb::Mode::kReadWrite);
  note_identity();
}

void Session::note_identity() {
  const bool reads_only = command().workspace == Workspace::kReads;
  if (!reads_only) migration::migration_uuid(*db_);
  const migration::MigrationRecord known = migration::migration_record(*db_);
  migration_ = known.uuid;
  set_event_context(migration_, run_);
  const std::string& version = known.begun_by_version;
  const bool other_file = !config_file_.empty() && known.config_file != config_file_;
  if (!reads_only && (version.empty() || other_file)) {
    migration::change_record(*db_, [this](migration::MigrationRecord& record) {
      if (record.begun_by_version.empty()) record.begun_by_version = kVersion;
      if (!config_file_.empty()) record.config_file = config_file_.string();
    });
  }
  if (!version.empty() && version != kVersion) {
    console_.notice(
        model::NoticeLevel::kWarning,
        fmt::format("this migration was started by version {}, you are running {}; it goes on", version, kVersion));
  }
}

std::string Session::command_again(bool whole, std::map<std::string, std::string> changed) const {
  // The import of a retry is only run by it.
  const bool retry = line_.flags.contains("retry-set-aside");
  const Command& again = retry ? *find_command("rejects retry") : command();
  std::string out = fmt::format("yb-voyager {}", retry ? again.path : line_.words);
  for (const auto& [name, given] : line_.flags) {
    if (retry && again.flag(name) == nullptr) continue;
    const bool once_only = (name == "start-clean" && !command().starts_over) || name == "truncate-tables";
    if (changed.contains(std::string(name))) continue;
    if ((whole || !once_only) && !is_hidden_in_logs(*given.flag))
      out += fmt::format(" --{} {}", name, base::shell_word(given.text));
  }
  for (const auto& [name, text] : changed) out += fmt::format(" --{} {}", name, text);
  return out;
}

std::string Session::resume_command() const {
  return command_again(false);
}

std::string Session::whole_command() const {
  return command_again(true);
}

void Session::turn_into(std::string words, bool with_connections) {
  successor_ = std::move(words);
  successor_with_connections_ = with_connections;
  console_.notice(model::NoticeLevel::kSuccess, "This process goes on as: " + next_command(successor_));
}

void Session::turn_into(std::string words, CommandLine line) {
  successor_ = std::move(words);
  successor_line_ = std::move(line);
}

fs::path Session::successor_dir() const {
  return directory_of(*find_command(successor_), main_dir_);
}

CommandLine Session::successor_line() const {
  if (successor_line_) return *successor_line_;
  const Command* next = find_command(successor_);
  CommandLine line{.words = successor_, .command = next};
  const auto take = [&](const Flag& flag) {
    const auto given = line_.flags.find(flag.name);
    const Flag* its = next->flag(flag.name);
    if (given == line_.flags.end() || its == nullptr) return;
    line.flags[its->name] = given->second;
    line.flags[its->name].flag = its;
  };
  for (const FlagGroup& group : {global_flags(), output_flags()}) {
    for (const Flag& flag : group.flags) take(flag);
  }
  for (const char* name : {"disable-pb", "use-partition-root"}) {
    if (const Flag* flag = command().flag(name)) take(*flag);
  }
  if (successor_with_connections_) {
    for (const auto& [name, text] : noted_connections()) {
      const Flag* flag = next->flag(name);
      if (flag != nullptr && !text.empty()) line.flags[flag->name] = {.flag = flag, .text = text};
    }
  }
  return line;
}

namespace {

// Nobody has told us of a database that the command needs: words in capitals stand for what only the user knows.
void add_placeholders(const Command& command, std::map<std::string, std::string>& flags) {
  struct Placeholder {
    std::string_view end = {};
    std::string_view word = {};
  };
  constexpr std::array kPlaceholders = {Placeholder{"-db-type", "postgresql"}, Placeholder{"-db-host", "HOST"},
                                        Placeholder{"-db-user", "USER"}, Placeholder{"-db-name", "DATABASE"},
                                        Placeholder{"-db-schema", "SCHEMA"}};
  for (const DatabaseName& database : database_names()) {
    const std::string side(database.name);
    const bool needed = std::ranges::find(command.required, side + "-db-user") != command.required.end();
    if (!needed || !flags[side + "-db-user"].empty()) continue;
    for (const Placeholder& one : kPlaceholders) {
      const std::string name = side + std::string(one.end);
      const bool asked_for = one.end == "-db-host" || one.end == "-db-name" ||
                             std::ranges::find(command.required, name) != command.required.end();
      if (asked_for && flags[name].empty()) flags[name] = one.word;
    }
  }
}

}  // namespace

std::string Session::next_command(std::string_view words, const std::map<std::string, std::string>& more) const {
  const Command* next = find_command(words);
  std::string out = fmt::format("yb-voyager {}", words);
  std::map<std::string, std::string> flags;
  if (!config_file_.empty()) {
    out += " --config-file " + base::shell_word(config_file_.string());
  } else {
    out += " --export-dir " + base::shell_word(main_dir_.string());
    flags = noted_connections();
    for (const auto& [name, given] : line_.flags) {
      const bool connection = name.starts_with("source-") || name.starts_with("target-");
      if (connection && !is_hidden_in_logs(*given.flag)) flags[std::string(name)] = given.text;
    }
    if (next != nullptr) add_placeholders(*next, flags);
    // Without it the snapshot alone would be exported.
    if (words == "export data" && db_ && migration::with_changes(*db_)) {
      flags["export-type"] =
          migration::word_of(migration::changes_only(*db_) ? migration::ExportType::kChangesOnly
                                                           : migration::ExportType::kSnapshotAndChanges);
    }
  }
  for (const auto& [name, text] : more) flags[name] = text;
  for (const auto& [name, text] : flags) {
    if (next != nullptr && next->flag(name) != nullptr && !text.empty())
      out += fmt::format(" --{} {}", name, base::shell_word(text));
  }
  if (words == "end migration" && config_file_.empty()) {
    const std::string folder = base::shell_word(main_dir_.string() + "-backup");
    return fmt::format(
        "mkdir -p {} && {} --backup-schema-files true --backup-data-files true --save-migration-reports true "
        "--backup-log-files true --backup-dir {}",
        folder, out, folder);
  }
  return out;
}

/// As the state has them, by flag.
std::map<std::string, std::string> Session::noted_connections() const {
  if (!db_) return {};
  const migration::MigrationRecord known = migration::migration_record(*db_);
  std::map<std::string, std::string> flags;
  const auto note = [&flags](const std::string& flag, const std::string& value) {
    if (!value.empty()) flags[flag] = value;
  };
  const auto note_database = [&note](const std::string& side, const migration::NotedDatabase& database) {
    note(side + "-db-host", database.host);
    note(side + "-db-port", database.port == 0 ? std::string() : std::to_string(database.port));
    note(side + "-db-user", database.user);
    note(side + "-db-name", database.database);
    note(side + "-ssl-mode", database.ssl_mode == "prefer" ? std::string() : database.ssl_mode);
    note(side + "-ssl-cert", database.ssl_cert);
    note(side + "-ssl-key", database.ssl_key);
    note(side + "-ssl-root-cert", database.ssl_root_cert);
    note(side + "-ssl-crl", database.ssl_crl);
  };
  if (known.source) {
    note("source-db-type", known.source->product);
    note_database("source", *known.source);
    std::vector<std::string> schemas;
    for (const model::Identifier& schema : known.source->schemas) schemas.push_back(model::display(schema));
    if (!has_one_schema(known.source->product)) flags["source-db-schema"] = base::join(schemas, ",");
  }
  if (known.target) note_database("target", *known.target);
  if (known.source_replica) note_database("source-replica", *known.source_replica);
  return flags;
}

std::string Session::completed(const std::string& text) const {
  constexpr std::string_view kProgram = "yb-voyager ";
  constexpr std::string_view kRest = " ...";
  const std::size_t begin = text.find(kProgram);
  if (begin == std::string::npos || !text.ends_with(kRest)) return text;
  const std::size_t at = begin + kProgram.size();
  const std::size_t first_flag = std::min(text.find("--", at), text.size() - kRest.size());
  const std::string words(base::trim(text.substr(at, first_flag - at)));
  const std::string flags(base::trim(text.substr(first_flag, text.size() - kRest.size() - first_flag)));
  std::map<std::string, std::string> more;
  std::istringstream given(flags);
  for (std::string name, value; given >> name >> value;) more[name.substr(2)] = value;
  std::string pasted;
  const bool retry = line_.flags.contains("retry-set-aside");  // Which has no flags of the import that it runs.
  if (!retry && (words.empty() || words == line_.words)) {
    const auto is_ours = [this](const auto& flag) { return command().flag(flag.first) != nullptr; };
    // Where the setting comes from the state or a file.
    if (!std::ranges::all_of(more, is_ours)) return text.substr(0, begin) + flags;
    pasted = command_again(false, std::move(more));
  } else {
    pasted = next_command(words.empty() ? line_.words : words, more);
  }
  // On a line of its own: such a line is never wrapped.
  const std::string before(base::trim(text.substr(0, begin)));
  return before + (before.empty() ? "" : "\n") + pasted;
}

}  // namespace voyager::cli
