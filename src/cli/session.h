// What a command finds ready when it runs: settings, console, export directory, state.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/lock_file.h"
#include "base/stop.h"
#include "cli/console.h"
#include "cli/values.h"
#include "format/chunk_store.h"
#include "format/meta_db.h"
#include "model/flow_context.h"
#include "report/run_summary.h"

namespace voyager::cli {

class Metrics;

/// What is known so far of a run that has begun.
struct OpenRun {
  report::RunSummary summary = {};
  double in_stages_s = 0;  ///< While at least one of the summary's stages was under way.
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

class Session {
 public:
  /// Checks the export directory, takes the lock, opens the log and the state, in this order, as far as the command's
  /// workspace asks for it. Throws Error; what was opened is closed again. One at a time in a process (the log is one).
  /// `lock`: the command's, when it is held already.
  Session(const CommandLine& line, Values values, std::filesystem::path config_file, base::Stop& stop,
          std::unique_ptr<base::LockFile> lock = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Command& command() const { return *line_.command; }
  const std::vector<std::string>& arguments() const { return line_.arguments; }
  const CommandLine& line() const { return line_; }
  const Values& values() const { return values_; }
  Values& values() { return values_; }
  Console& console() { return console_; }
  base::Stop& stop() { return stop_; }
  /// What a flow is given that shows on `board` how far it is.
  model::FlowContext flow(model::ProgressBoard& board) { return {board, console_, base::system_clock(), stop_}; }
  /// What one is given that shows nothing.
  model::FlowContext flow() { return flow(unseen_); }
  /// Empty when the command works without one. Of the iteration that the command works in.
  const std::filesystem::path& export_dir() const { return export_dir_; }
  /// The migration's own, which commands are given.
  const std::filesystem::path& main_dir() const { return main_dir_; }
  int iteration() const { return iteration_; }
  bool has_state() const { return db_ != nullptr; }
  format::MigrationState& db();
  /// Where the rows of this migration lie between export and import.
  format::ChunkStore& chunks() { return *chunks_; }
  /// The migration's UUID; empty without state.
  const std::string& migration() const { return migration_; }
  const std::string& run() const { return run_; }
  std::optional<OpenRun>& open_run() { return open_run_; }
  const std::filesystem::path& log_file() const { return log_file_; }
  /// Of the process.
  Metrics& metrics() { return *metrics_; }
  void set_metrics(Metrics& metrics) { metrics_ = &metrics; }

  /// The same command again, ready to paste, without passwords and without the flags that would begin from the start.
  std::string resume_command() const;
  /// The same command again with all of its flags but passwords.
  std::string whole_command() const;
  /// `words` with this migration's --config-file, or with its --export-dir and the connections of this command line and
  /// of the state: ready to paste. Of a database that nobody has named yet, HOST, USER, DATABASE and SCHEMA have to be
  /// filled in. `more`: flags by name that it gets besides.
  std::string next_command(std::string_view words, const std::map<std::string, std::string>& more = {}) const;
  /// A text that ends in "yb-voyager [WORDS] [FLAGS] ..." with next_command(WORDS) and the flags on a line of its own
  /// in their place; any other text as it is. Without words, or with our own, it is this command again with these flags
  /// instead of the ones of these names, which have values without blanks; where it has no
  /// such flag only they are told.
  std::string completed(const std::string& text) const;

  /// The process goes on as the command `words` when this one has returned: under the same number, with that command's
  /// own lock, log and summary, and with the passwords that this one has been given.
  /// `with_connections`: it is given those of the state.
  void turn_into(std::string words, bool with_connections);
  /// The same with a command line of its own.
  void turn_into(std::string words, CommandLine line);
  const std::string& successor() const { return successor_; }
  /// Where the successor works.
  std::filesystem::path successor_dir() const;
  /// The successor's command line: the one that was given, else what of ours says where the migration is and how things
  /// are shown.
  CommandLine successor_line() const;

  /// Closes the state and the log and gives up the lock: for `end migration`, which removes them.
  void close_state();

 private:
  /// `changed`: flags by name, as a shell would read their values, that it gets whatever it was given.
  std::string command_again(bool whole, std::map<std::string, std::string> changed = {}) const;
  std::map<std::string, std::string> noted_connections() const;
  void find_export_dir();
  void find_iteration();
  void open_log_file();
  void open_state();
  void note_identity();

  const CommandLine& line_;
  Values values_;
  std::filesystem::path config_file_;
  base::Stop& stop_;
  Console console_;
  model::ProgressBoard unseen_;
  std::filesystem::path export_dir_ = {};
  std::filesystem::path main_dir_ = {};
  int iteration_ = 0;
  std::filesystem::path log_file_ = {};
  std::unique_ptr<base::LockFile> lock_ = {};
  std::unique_ptr<format::MetaDb> db_ = {};
  std::unique_ptr<format::ChunkStore> chunks_ = {};
  std::string migration_ = {};
  std::string run_ = {};
  std::optional<OpenRun> open_run_ = {};
  std::string successor_ = {};
  std::optional<CommandLine> successor_line_ = {};
  bool successor_with_connections_ = false;
  Metrics* metrics_ = nullptr;  // set before the command runs
};

}  // namespace voyager::cli
