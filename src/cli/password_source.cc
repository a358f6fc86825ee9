#include "cli/password_source.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"

namespace voyager::cli {
namespace {

constexpr std::string_view kFile = "-file";
constexpr std::string_view kCommand = "-command";
constexpr std::chrono::seconds kCommandLimit{30};
constexpr std::size_t kKilobytesMax = 64;

// How near to the user it was given; 0: not at all. A variable is farther than a file that names this database.
int nearness(const Value* value, bool is_place) {
  if (value == nullptr) return 0;
  // Left empty in a file it is a line of a template; typed, it is a slip that has to be told.
  const bool slip = is_place && value->origin == Origin::kCommandLine;
  if (value->text.empty() && value->secret.empty() && !slip) return 0;
  switch (value->origin) {
    case Origin::kDefault:
      return 0;
    case Origin::kEnvironment:
      return 1;
    case Origin::kConfig:
      return 2;
    case Origin::kCommandLine:
      return 3;
  }
  return 0;
}

// The flag among the three that gives the password; empty when none does.
std::string nearest_source(const Values& values, const std::string& flag) {
  std::string best;
  int best_nearness = 0;
  for (const std::string& name : {flag, flag + std::string(kFile), flag + std::string(kCommand)}) {
    const int near = nearness(values.find(name), name != flag);
    if (near == 0) continue;
    if (near == best_nearness) {
      throw base::Error(
          {.code = "CLI-001",
           .exit = base::ExitCode::kUsage,
           .title = fmt::format("--{} and --{} exclude each other", best, name),
           .cause = "both say what the password is: " + values.find(best)->where + ", " + values.find(name)->where,
           .fix = {"leave one of them out"}});
    }
    if (near < best_nearness) continue;
    best = name;
    best_nearness = near;
  }
  return best;
}

[[noreturn]] void refuse(const char* code, std::string title, std::string cause, std::vector<std::string> fix) {
  throw base::Error({.code = code,
                     .exit = base::ExitCode::kUsage,
                     .title = std::move(title),
                     .cause = std::move(cause),
                     .fix = std::move(fix)});
}

// Editors and `echo` end the text with a line end that is no part of the password.
base::Secret without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return base::Secret(std::move(text));
}

// Or what no password can hold.
bool has_lines(const base::Secret& password) {
  return password.reveal().find_first_of(std::string_view("\n\0", 2)) != std::string::npos;
}

base::Secret from_file(const Value& value, const std::string& flag, model::Dialogue& dialogue) {
  const std::vector<std::string> fix = {"write the password into a file, readable for you alone: chmod 600 FILE"};
  if (value.text.empty()) refuse("CON-009", fmt::format("--{} is empty", flag), "given by " + value.where, fix);
  struct stat facts = {};
  if (::stat(value.text.c_str(), &facts) != 0) {
    refuse("CON-009", fmt::format("--{}: there is no file {}", flag, value.text), "given by " + value.where, fix);
  }
  // A pipe that nobody writes to would be waited for without an end.
  if (!S_ISREG(facts.st_mode)) {
    refuse("CON-009", fmt::format("--{}: {} is no plain file", flag, value.text), "given by " + value.where,
           {fix[0], "what a program prints is given with the flag that ends in -command"});
  }
  if (static_cast<std::size_t>(facts.st_size) > kKilobytesMax * 1024) {
    refuse("CON-009", fmt::format("--{}: {} is larger than {} KiB", flag, value.text, kKilobytesMax),
           "given by " + value.where, fix);
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    dialogue.notice(model::NoticeLevel::kWarning,
                    fmt::format("others can read the password in {}: chmod 600 {}", value.text, value.text));
  }
  base::Secret password;
  try {
    password = without_line_end(base::read_file(value.text));
  } catch (const std::exception& fault) {
    refuse("CON-009", fmt::format("--{}: {} cannot be read", flag, value.text), fault.what(),
           {"make it readable for the user that runs yb-voyager"});
  }
  if (password.empty())
    refuse("CON-009", fmt::format("--{}: {} is empty", flag, value.text), "given by " + value.where, fix);
  if (has_lines(password)) {
    refuse("CON-009", fmt::format("--{}: {} has more than one line, or a NUL byte", flag, value.text),
           "given by " + value.where, {"leave the password alone in it, with at most one line end behind it"});
  }
  return password;
}

// Neither the command's text nor what it prints is logged. Its standard error is the user's to see.
base::Secret from_command(const Value& value, const std::string& flag, const base::Stop& stop) {
  const std::vector<std::string> fix = {
      "run it by hand: it must print the password and nothing else, without asking anything",
      "it is run without a shell; with one: sh -c '...'"};
  const std::optional<std::vector<std::string>> words = shell_split(value.text);
  if (!words) {
    refuse("CON-010", fmt::format("--{}: a quote in the command is not closed", flag), "given by " + value.where,
           {"close it; a quote that is part of a word has a backslash before it", fix[1]});
  }
  const std::vector<std::string>& argv = *words;
  if (argv.empty()) refuse("CON-010", fmt::format("--{} is empty", flag), "given by " + value.where, fix);
  base::ChildResult result;
  try {
    result = base::run_child({.argv = argv, .limit = kCommandLimit, .output_max = kKilobytesMax * 1024}, stop);
  } catch (const base::Error& fault) {
    refuse("CON-010", fmt::format("--{}: the command cannot be started", flag), fault.info().cause, fix);
  }
  base::throw_if_draining(stop, "stopped while the password was asked for", "nothing was changed");
  base::Secret password = without_line_end(std::move(result.output));  // First: what it said may repeat the password.
  const std::string said = base::mask_secrets(std::string(base::trim(result.errors)));
  if (result.too_long) {
    refuse("CON-010", fmt::format("--{}: the command printed more than {} KiB", flag, kKilobytesMax), said, fix);
  }
  if (result.timed_out) {
    refuse("CON-010", fmt::format("--{}: the command has not ended within {} s", flag, kCommandLimit.count()), said,
           fix);
  }
  if (result.exit_code != 0) {
    refuse("CON-010", fmt::format("--{}: the command ended with exit code {}", flag, result.exit_code), said, fix);
  }
  if (password.empty()) refuse("CON-010", fmt::format("--{}: the command printed nothing", flag), said, fix);
  if (has_lines(password))
    refuse("CON-010", fmt::format("--{}: the command printed more than one line", flag), said, fix);
  return password;
}

}  // namespace

bool is_password_setting(std::string_view flag) {
  for (const std::string_view end : {kFile, kCommand}) {
    if (flag.ends_with(end)) flag.remove_suffix(end.size());
  }
  return flag.ends_with("-db-password");
}

void check_password_sources(const Command& command, const Values& values) {
  for (const DatabaseName& database : database_names()) {
    const std::string flag = std::string(database.name) + "-db-password";
    if (command.flag(flag) != nullptr) (void)nearest_source(values, flag);
  }
}

std::optional<base::Secret> password_from_elsewhere(const Values& values, const std::string& flag,
                                                    model::Dialogue& dialogue, const base::Stop& stop) {
  const std::string source = nearest_source(values, flag);
  if (source.ends_with(kFile)) return from_file(*values.find(source), source, dialogue);
  if (source.ends_with(kCommand)) return from_command(*values.find(source), source, stop);
  return std::nullopt;
}

std::string password_place(const Values& values, const Command& command, const std::string& flag) {
  const std::string source = nearest_source(values, flag);
  const Value* value = values.find(source.empty() ? flag : source);
  if (source.ends_with(kFile)) return "the file " + value->text;
  if (source.ends_with(kCommand)) return "what the command of --" + source + " prints";
  if (value != nullptr && value->origin == Origin::kConfig) return value->where;
  if (value != nullptr && value->origin == Origin::kCommandLine) return "--" + flag;
  return std::string(command.flag(flag)->environment);
}

std::optional<std::vector<std::string>> shell_split(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;  // Of a word: '' is one, too.
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      // Within double quotes a backslash stands before a quote or another one only.
      if (quote == '"' && text[at + 1] != '"' && text[at + 1] != '\\') words.back() += c;
      words.back() += text[++at];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return std::nullopt;
  return words;
}

}  // namespace voyager::cli
