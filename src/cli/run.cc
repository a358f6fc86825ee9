#include "cli/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/lock_file.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/stop.h"
#include "cli/command_line.h"
#include "cli/config_file.h"
#include "cli/config_show.h"
#include "cli/flow_run.h"
#include "cli/help.h"
#include "cli/metrics.h"
#include "cli/session.h"
#include "cli/values.h"
#include "cli/version.h"
#include "report/error_text.h"
#include "report/progress_metrics.h"
#include "report/terminal.h"

namespace voyager::cli {
namespace {

using base::ErrorInfo;
using base::ExitCode;

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// What is wider than the terminal would be broken inside of words.
std::size_t width_for_people(int fd) {
  constexpr int kNarrowest = 40;
  if (::isatty(fd) != 1) return kHelpWidth;
  return static_cast<std::size_t>(
      std::clamp(report::terminal_size(fd).columns, kNarrowest, static_cast<int>(kHelpWidth)));
}

void print(std::string_view text) {
  Console().answer(text);
}

// The part that prints errors: it lives longer than the session, so that locks are given up before a person reads on.
struct Failure {
  std::string command = {};
  std::string log = {};
  std::string resume = {};
  std::string whole = {};  ///< The command as it was given, with all flags but secrets.
  bool json = false;
  report::TextStyle style = {};
};

/// As it was given, this command could do nothing here any more: what comes instead is in the fix.
bool is_over(const ErrorInfo& error) {
  constexpr std::array kCodes = {"ASM-104", "CDC-006", "CDC-012", "CMP-002", "COP-001", "COP-002",
                                 "COP-003", "COP-004", "CUT-001", "DIR-013", "IMP-007"};
  return std::ranges::find(kCodes, error.code) != kCodes.end();
}

/// Every way out is a command, and one of them is ours with other flags: as it was given it would be refused again.
bool needs_other_flags(const ErrorInfo& error, const std::string& resume) {
  const std::string words = resume.substr(0, resume.find(" --"));
  const auto holds = [](std::string_view text) {
    return [text](const std::string& step) { return step.find(text) != std::string::npos; };
  };
  return std::ranges::all_of(error.fix, holds("yb-voyager ")) && std::ranges::any_of(error.fix, holds(words + " --"));
}

/// `command` without a flag whose values have no blanks.
std::string without_flag(std::string command, std::string_view name) {
  const std::string flag = fmt::format(" --{} ", name);
  const std::size_t at = command.find(flag);
  if (at == std::string::npos) return command;
  const std::size_t end = command.find(' ', at + flag.size());
  return command.erase(at, (end == std::string::npos ? command.size() : end) - at);
}

/// A file or folder that cannot be used is nobody's fault of ours.
ErrorInfo as_error(const std::filesystem::filesystem_error& fault) {
  ErrorInfo error{.title = "a file or folder cannot be used", .where = fault.path1().string(), .cause = fault.what()};
  const std::error_code code = fault.code();
  if (code == std::errc::no_space_on_device) {
    error.code = "DIR-002";
    error.title = "the disk is full";
    error.fix = {"free space on the file system of " + fault.path1().string()};
    error.then = "run the same command again: what was finished is kept";
  } else if (code == std::errc::permission_denied || code == std::errc::read_only_file_system) {
    error.code = "DIR-003";
    error.fix = {"make it readable and writable for the user that runs yb-voyager"};
  }
  return error;
}

constexpr std::string_view kMoved = "DIR-013";

/// Whatever else has failed: without its directory no command goes on, and none that names it.
ErrorInfo as_moved(ErrorInfo error, const std::filesystem::path& export_dir) {
  std::error_code unknown;
  if (export_dir.empty() || std::filesystem::exists(export_dir, unknown) || unknown) return error;
  return {
      .code = "DIR-013",
      .exit = ExitCode::kState,
      .title = "the export directory is not where it was: " + export_dir.string(),
      .cause = error.title + (error.cause.empty() ? "" : ": " + error.cause),
      .fix = {"move it back and run the same command again, or give its new place as --export-dir, to all commands"},
      .then = "what was finished is kept; a directory that was moved goes on where it was"};
}

/// The command to run next, with the flag that the error asks for.
std::string again(const ErrorInfo& error, const Failure& failure) {
  if (error.code == "CLI-010") return failure.whole + " --yes true";
  // Nothing is begun, or it has to begin anew: with what resuming leaves out.
  if (error.exit == ExitCode::kPreflight || error.code == "IMP-010") return failure.whole;
  if (error.code == "CDC-003") return without_flag(failure.resume, "keep-transactions");
  constexpr std::string_view kIgnoreExist = " --ignore-exist true";
  const bool goes_on = error.code == "SCH-001" && failure.resume.find(" --ignore-exist ") == std::string::npos &&
                       failure.resume.starts_with("yb-voyager import schema");
  return goes_on ? failure.resume + std::string(kIgnoreExist) : failure.resume;
}

int report_error(ErrorInfo error, const Failure& failure) {
  const bool repeatable = error.exit != ExitCode::kUsage && error.exit != ExitCode::kInternal && !is_over(error) &&
                          !needs_other_flags(error, failure.resume);
  if (!failure.resume.empty() && repeatable) {
    if (!error.then.empty()) error.then += '\n';
    error.then += again(error, failure);
  }
  const report::ErrorContext context{
      .where = failure.command, .log = failure.log, .width = width_for_people(STDERR_FILENO)};
  std::string text =
      failure.json ? report::error_json(error, context) + "\n" : report::error_text(error, context, failure.style);
  text = base::mask_secrets(text);
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
  return static_cast<int>(error.exit);
}

// After a second signal the servers' complaints about cut connections are only echoes of it.
ErrorInfo as_stopped(ErrorInfo error, const base::Stop& stop) {
  if (!stop.cancelled() || stop.signal_number() == 0) return error;
  const bool terminated = stop.signal_number() == SIGTERM;
  return {.exit = terminated ? ExitCode::kTerminated : ExitCode::kInterrupted,
          .title = "stopped before the work in hand was finished",
          .cause = fmt::format("{} came a second time", terminated ? "SIGTERM" : "Ctrl-C"),
          .then = "what was finished is kept; the work in hand is done again by the next run"};
}

// What one command is run with, and what it hands to the one that the process turns into.
struct Turn {
  CommandLine line = {};
  std::optional<Values> values = {};
  std::unique_ptr<base::LockFile> lock = {};
};

// A port that is taken ends the command before it has begun; nobody's changes wait for it in a later role.
void serve_metrics(Session& session, bool first_role) {
  std::int64_t port = session.values().number("metrics-port");
  if (port == 0) port = session.values().number("prometheus-metrics-port");
  if (port == 0) return;
  if (!session.export_dir().empty()) {
    session.metrics().tell("disk", [folder = session.export_dir()](report::MetricsText& text) {
      std::error_code gone;
      const std::filesystem::space_info space = std::filesystem::space(folder, gone);
      if (!gone) report::add_disk(text, space.available, space.capacity);
    });
  }
  const std::optional<Metrics::Refusal> refused = session.metrics().serve(static_cast<int>(port));
  if (!refused) {
    base::log_info(fmt::format("metrics are served on port {}", port));
    return;
  }
  base::Error fault({.code = "CLI-005",
                     .exit = ExitCode::kUsage,
                     .title = fmt::format("the metrics cannot be served on port {}", port),
                     .cause = refused->cause,
                     .fix = refused->fix,
                     .then = "nothing was begun"});
  if (first_role) throw fault;
  session.console().notice(model::NoticeLevel::kWarning, fault.info().title);
}

class CommandRun {
 public:
  CommandRun(CommandLine line, Failure& failure) : failure_(failure) {
    turn_ = prepare(std::move(line));
    // Read by now; children get a password only when they need it.
    for (const DatabaseName& database : database_names()) ::unsetenv(std::string(database.password_variable).c_str());
  }

  int run() {
    const base::SignalGuard signals(stop_);
    try {
      while (true) {
        std::optional<Turn> next;
        const ExitCode exit = run_turn(next);
        if (!next) return static_cast<int>(exit);
        turn_ = std::move(*next);
      }
    } catch (const base::Error& error) {
      return report_error(as_stopped(error.info(), stop_), failure_);
    }
  }

 private:
  Turn prepare(CommandLine line);
  ExitCode run_turn(std::optional<Turn>& next);

  Failure& failure_;
  ConfigFile config_ = {};
  std::filesystem::path config_path_ = {};
  base::Stop stop_ = {};
  Metrics metrics_ = {};
  Turn turn_ = {};
  bool first_role_ = true;
};

Turn CommandRun::prepare(CommandLine line) {
  const Command& command = *line.command;
  failure_.command = line.words;
  if (const auto given = line.flags.find("config-file"); given != line.flags.end()) {
    const std::filesystem::path path = std::filesystem::absolute(given->second.text);
    if (path != config_path_) config_ = ConfigFile::load(given->second.text, environment);
    config_path_ = path;
  }
  Values values(line, config_, environment);
  failure_.json = values.text("output-format") == "json" || values.text("progress") == "json";
  check_combination(command, values);
  if (command.check != nullptr) command.check(values);
  Turn turn{.line = std::move(line)};
  turn.values.emplace(std::move(values));
  return turn;
}

ExitCode CommandRun::run_turn(std::optional<Turn>& next) {
  const Command& command = *turn_.line.command;
  Session session(turn_.line, std::move(*turn_.values), config_path_, stop_, std::move(turn_.lock));
  failure_.style = session.console().message_style();
  if (!config_path_.empty() && !session.console().machine_output())
    session.console().line("Using config file: " + config_path_.string());
  failure_.log = session.log_file().string();
  failure_.resume.clear();
  if (command.workspace != Workspace::kNone && command.workspace != Workspace::kReads)
    failure_.resume = session.resume_command();
  failure_.whole = session.whole_command();
  session.set_metrics(metrics_);
  metrics_.set_migration(session.migration());
  try {
    if (command.workspace != Workspace::kNone && command.workspace != Workspace::kReads) warn_without_effect(session);
    serve_metrics(session, std::exchange(first_role_, false));
    const ExitCode exit = command.run(session);
    if (session.successor().empty()) return exit;
    // Taken before ours is given up: at no moment nobody holds the migration.
    const Command* successor = find_command(session.successor());
    auto lock = std::make_unique<base::LockFile>(session.successor_dir(), std::string(successor->id));
    base::fault_point<"live.turned">();  // a process has the lock of its next role, and that of the one before
    next = prepare(session.successor_line());
    next->values->take_secrets(session.values());
    next->lock = std::move(lock);
    return exit;
  } catch (const base::Error& error) {
    base::log_error(error.what());
    ErrorInfo told = as_moved(error.info(), session.export_dir());
    if (told.code != kMoved) save_failed_run(session, as_stopped(error.info(), stop_).exit);
    for (std::string& step : told.fix) step = session.completed(step);
    told.then = session.completed(told.then);
    throw base::Error(std::move(told));
  } catch (const std::filesystem::filesystem_error& fault) {
    base::log_error(fault.what());
    const ErrorInfo told = as_moved(as_error(fault), session.export_dir());
    if (told.code != kMoved) save_failed_run(session, ExitCode::kFailure);
    throw base::Error(told);
  } catch (const std::exception& error) {
    base::log_error(error.what());
    save_failed_run(session, ExitCode::kInternal);
    throw;
  }
}

// True when the command line asked only for information about the program.
bool show_information(const CommandLine& line) {
  const std::size_t width = width_for_people(STDOUT_FILENO);
  if (line.version && line.command == nullptr) {
    print(fmt::format("yb-voyager {}\n", kVersion));
    return true;
  }
  if (line.command == nullptr) {
    print(overview_text(line.words, width));
  } else if (line.help && line.command->path != "help") {
    print(help_text(*line.command, width));
  } else if (line.command->path == "config show") {
    print(config_text(line, environment));
  } else if (line.command->run == nullptr) {
    print(overview_text("", width));
  } else {
    return false;
  }
  return true;
}

// Where the caller has closed a standard stream, what is opened next would get its number, and our messages.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) return;
  }
}

}  // namespace

int run(int argc, char** argv) {
  open_standard_streams();
  // Passwords are in our memory: no core dump, and no other process of the same user may look inside.
  ::prctl(PR_SET_DUMPABLE, 0);
  Failure failure;
  failure.style = Console().message_style();
  try {
    const CommandLine line = parse_command_line(take_arguments(argc, argv));
    failure.command = line.words;
    if (show_information(line)) return static_cast<int>(ExitCode::kOk);
    return CommandRun(line, failure).run();
  } catch (const base::Error& error) {
    return report_error(error.info(), failure);
  } catch (const std::filesystem::filesystem_error& fault) {
    return report_error(as_error(fault), failure);
  } catch (const std::exception& error) {
    return report_error(
        {.exit = ExitCode::kInternal, .title = "an internal fault, please report it", .cause = error.what()}, failure);
  }
}

}  // namespace voyager::cli
