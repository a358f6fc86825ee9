// The commands as data. One row here is a command: what it is called, what it accepts and what runs it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/flag.h"

namespace voyager::cli {

class Session;
class Values;

struct Example {
  std::string_view what = {};
  std::string_view line = {};
};

/// What has to be there before a command runs, and what it leaves.
enum class Workspace : std::uint8_t {
  kNone,      ///< Neither an export directory nor a log.
  kOptional,  ///< Uses the export directory for its log when one is given.
  kCreates,   ///< Starts a migration: makes the folders and meta.db when they are missing.
  kStarted,   ///< Refuses while no migration was started.
  kReads,     ///< As kStarted, but takes no lock and writes no log (status commands).
};

/// Of a live migration that goes there and back again: whose export directory a command works in.
enum class InIteration : std::uint8_t {
  kFirst,    ///< The migration's own.
  kNewest,   ///< Of the iteration that was begun last.
  kWayBack,  ///< Of the last one whose cutover to the target was asked for.
};

struct Command {
  std::string_view path = {};       ///< The words: "export data from source".
  std::string_view id = {};         ///< Names lock and log; equal for two spellings of one command.
  std::string_view summary = {};    ///< One line, starting with a verb.
  std::string_view arguments = {};  ///< Words that follow the command, for help: "CODE"; empty: it takes none.
  bool for_command = false;         ///< Its arguments name another command, whose flags it takes beside its own.
  std::vector<Example> examples = {};
  std::vector<FlagGroup> groups = {};
  std::vector<std::string_view> required = {};    ///< Flags that must have a value.
  std::vector<std::string_view> sections = {};    ///< Of the configuration file: the spellings, own first.
  std::vector<std::string_view> also_reads = {};  ///< Sections of other commands that its flags may also come from.
  std::vector<std::string_view> databases =
      {};  ///< Database sections that its flags may also come from: source, target.
  Workspace workspace = Workspace::kNone;
  InIteration in_iteration = InIteration::kFirst;
  bool hidden = false;
  bool has_banner = false;   ///< Tells itself where it works, so that nobody else has to.
  bool starts_over = false;  ///< Never goes on with earlier work: --start-clean belongs to every run.
  void (*check)(const Values& values) = nullptr;  ///< Throws Error (kUsage) before anything is touched.
  base::ExitCode (*run)(Session& session) = nullptr;

  const Flag* flag(std::string_view name) const;
};

/// Every command of this release, in the order of the help text.
std::span<const Command> commands();
/// Null when there is no such command.
const Command* find_command(std::string_view path);
/// True when `path` is the beginning of a longer command's path ("export", "export data from").
bool is_command_group(std::string_view path);

/// Each command file adds its rows.
void add_assess_command(std::vector<Command>& all);
void add_export_schema_command(std::vector<Command>& all);
void add_schema_commands(std::vector<Command>& all);
void add_analyze_command(std::vector<Command>& all);
void add_export_data_commands(std::vector<Command>& all);
void add_import_data_commands(std::vector<Command>& all);
void add_copy_data_command(std::vector<Command>& all);
void add_way_back_commands(std::vector<Command>& all);
void add_import_file_command(std::vector<Command>& all);
void add_status_commands(std::vector<Command>& all);
void add_overall_status_command(std::vector<Command>& all);
void add_logs_command(std::vector<Command>& all);
void add_data_report_command(std::vector<Command>& all);
void add_cutover_commands(std::vector<Command>& all);
void add_archive_command(std::vector<Command>& all);
void add_verify_command(std::vector<Command>& all);
void add_compare_command(std::vector<Command>& all);
void add_end_command(std::vector<Command>& all);
void add_rejects_commands(std::vector<Command>& all);
void add_check_command(std::vector<Command>& all);
void add_config_commands(std::vector<Command>& all);
void add_explain_command(std::vector<Command>& all);
void add_information_commands(std::vector<Command>& all);

}  // namespace voyager::cli
