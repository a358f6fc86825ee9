#include "cli/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/stop.h"
#include "cli/command_line.h"
#include "cli/config_file.h"
#include "cli/flow_run.h"
#include "cli/help.h"
#include "cli/session.h"
#include "cli/values.h"
#include "cli/version.h"
#include "report/error_text.h"

namespace voyager::cli {
namespace {

using base::ErrorInfo;
using base::ExitCode;

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
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

/// The command to run next, with the flag that the error asks for.
std::string again(const ErrorInfo& error, const Failure& failure) {
  if (error.code == "CLI-010") return failure.whole + " --yes true";
  constexpr std::string_view kIgnoreExist = " --ignore-exist true";
  const bool goes_on = error.code == "SCH-001" && failure.resume.find(" --ignore-exist ") == std::string::npos &&
                       failure.resume.starts_with("yb-voyager import schema");
  return goes_on ? failure.resume + std::string(kIgnoreExist) : failure.resume;
}

int report_error(ErrorInfo error, const Failure& failure) {
  const bool untouched = error.exit == ExitCode::kUsage || error.exit == ExitCode::kInternal;
  if (!failure.resume.empty() && !untouched) {
    if (!error.then.empty()) error.then += '\n';
    error.then += again(error, failure);
  }
  const report::ErrorContext context{.where = failure.command, .log = failure.log};
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
          .cause = error.title,
          .then = "what was finished is kept; the work in hand is done again by the next run"};
}

int run_command(const CommandLine& line, Failure& failure) {
  const Command& command = *line.command;
  ConfigFile config;
  std::filesystem::path config_path;
  if (const auto given = line.flags.find("config-file"); given != line.flags.end()) {
    config_path = std::filesystem::absolute(given->second.text);
    config = ConfigFile::load(given->second.text, environment);
  }
  Values values(line, config, environment);
  failure.json = values.text("output-format") == "json" || values.text("progress") == "json";
  check_combination(command, values);
  if (command.check != nullptr) command.check(values);
  for (const auto& [variable, value] : knob_variables(command, config, environment))
    ::setenv(variable.c_str(), value.c_str(), 1);
  // Read by now; children get a password only when they need it.
  for (const char* variable : {"SOURCE_DB_PASSWORD", "TARGET_DB_PASSWORD", "SOURCE_REPLICA_DB_PASSWORD"})
    ::unsetenv(variable);

  base::Stop stop;
  const base::SignalGuard signals(stop);
  try {
    Session session(line, std::move(values), config_path, stop);
    failure.style = session.console().message_style();
    if (!config_path.empty() && !session.console().machine_output())
      session.console().line("Using config file: " + config_path.string());
    failure.log = session.log_file().string();
    if (command.workspace != Workspace::kNone && command.workspace != Workspace::kReads)
      failure.resume = session.resume_command();
    failure.whole = session.whole_command();
    try {
      return static_cast<int>(command.run(session));
    } catch (const base::Error& error) {
      base::log_error(error.what());
      save_failed_run(session, as_stopped(error.info(), stop).exit);
      throw;
    } catch (const std::exception& error) {
      base::log_error(error.what());
      save_failed_run(session, ExitCode::kInternal);
      throw;
    }
  } catch (const base::Error& error) {
    return report_error(as_stopped(error.info(), stop), failure);
  }
}

// True when the command line asked only for information about the program.
bool show_information(const CommandLine& line) {
  if (line.version && line.command == nullptr) {
    print(fmt::format("yb-voyager {}\n", kVersion));
    return true;
  }
  if (line.command != nullptr && line.command->run == nullptr) {
    print(overview_text(""));
  } else if (line.command == nullptr) {
    print(overview_text(line.words));
  } else if (line.help) {
    print(help_text(*line.command));
  } else {
    return false;
  }
  return true;
}

}  // namespace

int run(int argc, char** argv) {
  // Passwords are in our memory: no core dump, and no other process of the same user may look inside.
  ::prctl(PR_SET_DUMPABLE, 0);
  Failure failure;
  failure.style = Console().message_style();
  try {
    const CommandLine line = parse_command_line(take_arguments(argc, argv));
    failure.command = line.words;
    if (show_information(line)) return static_cast<int>(ExitCode::kOk);
    return run_command(line, failure);
  } catch (const base::Error& error) {
    return report_error(error.info(), failure);
  } catch (const std::exception& error) {
    return report_error(
        {.exit = ExitCode::kInternal, .title = "an internal fault, please report it", .cause = error.what()}, failure);
  }
}

}  // namespace voyager::cli
