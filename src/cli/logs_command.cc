// logs: the log files of a migration, one after the other in time.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/session.h"

namespace voyager::cli {
namespace {

namespace fs = std::filesystem;
using enum FlagKind;
using base::ExitCode;

constexpr std::chrono::milliseconds kEvery{300};
constexpr std::string_view kPrefix = "yb-voyager-";
constexpr std::array<std::string_view, 5> kLevels = {"trace", "debug", "info", "warning", "error"};

const std::vector<Flag> kFlags = {
    text_format_flag(),
    {.name = "level",
     .kind = kChoice,
     .help = "least level that is shown",
     .fallback = "trace",
     .choices = {"trace", "debug", "info", "warn", "error"}},
    {.name = "last-run",
     .kind = kBoolean,
     .help = "of each command only what its last run has written",
     .fallback = "false"},
    {.name = "follow",
     .kind = kBoolean,
     .help = "go on with what is written from now on",
     .fallback = "false",
     .short_name = 'f'},
};

struct Entry {
  std::string time = {};     ///< "2026-01-02 03:04:05.678901"
  std::string level = {};    ///< As in kLevels.
  std::string command = {};  ///< "import-data"
  std::string text = {};
};

int rank(std::string_view level) {
  if (level == "warn") level = "warning";
  const auto* at = std::ranges::find(kLevels, level);
  return at == kLevels.end() ? static_cast<int>(kLevels.size()) : static_cast<int>(at - kLevels.begin());
}

// Both forms of a log line; nothing where a line goes on with the entry before it.
std::optional<Entry> parsed(const std::string& line, bool json) {
  constexpr std::size_t kTime = 26;
  if (json) {
    const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_object()) return std::nullopt;
    std::string time = object.value("time", "").substr(0, kTime);
    std::ranges::replace(time, 'T', ' ');
    return Entry{.time = time, .level = object.value("level", ""), .text = object.value("msg", "")};
  }
  if (line.size() < kTime + 2 || line[4] != '-' || line[10] != ' ' || line[19] != '.') return std::nullopt;
  const std::size_t end = line.find(' ', kTime + 1);
  if (end == std::string::npos) return std::nullopt;
  const std::string level = line.substr(kTime + 1, end - kTime - 1);
  if (std::ranges::find(kLevels, level) == kLevels.end()) return std::nullopt;
  if (rank(level) > static_cast<int>(kLevels.size())) return std::nullopt;
  return Entry{.time = line.substr(0, kTime), .level = level, .text = line.substr(end + 1)};
}

// Reads what was added to a file since the last look.
class LogFile {
 public:
  LogFile(fs::path path, std::string command, bool json)
      : path_(std::move(path)), command_(std::move(command)), json_(json) {}

  std::vector<Entry> more() {
    std::error_code gone;
    const std::uintmax_t size = fs::file_size(path_, gone);
    if (gone) return {};
    if (size < read_) read_ = 0;  // A new file has its name.
    std::ifstream in(path_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(read_));
    std::vector<Entry> out;
    for (std::string line; std::getline(in, line) && !in.eof();) {  // What has no end is still being written.
      read_ += line.size() + 1;
      if (std::optional<Entry> entry = parsed(line, json_)) {
        entry->command = command_;
        out.push_back(std::move(*entry));
      } else if (!out.empty()) {
        out.back().text += "\n" + line;
      }
    }
    return out;
  }

 private:
  const fs::path path_;
  const std::string command_;
  const bool json_;
  std::uintmax_t read_ = 0;
};

// "yb-voyager-import-data.log", "yb-voyager-import-data.2.jsonl": the command. Nothing for other files.
std::optional<std::string> command_of(const fs::path& file) {
  std::string name = file.filename().string();
  const std::string kind = file.extension().string();
  if (!name.starts_with(kPrefix) || (kind != ".log" && kind != ".jsonl")) return std::nullopt;
  name = name.substr(kPrefix.size(), name.find('.') - kPrefix.size());
  return name;
}

class Logs {
 public:
  Logs(fs::path folder, std::string command) : folder_(std::move(folder)), command_(std::move(command)) {}

  // By time; those of one file stay in their order.
  std::vector<Entry> more() {
    std::error_code none_yet;
    for (const auto& file : fs::directory_iterator(folder_, none_yet)) {
      const std::optional<std::string> command = command_of(file.path());
      if (!command || (!command_.empty() && *command != command_)) continue;
      const bool put_aside = file.path().stem().string().find('.') != std::string::npos;
      if (put_aside && looked_) continue;  // Was read under its first name.
      files_.try_emplace(file.path(), file.path(), *command, file.path().extension() == ".jsonl");
    }
    looked_ = true;
    std::vector<Entry> out;
    for (auto& [path, file] : files_) {
      std::vector<Entry> some = file.more();
      std::move(some.begin(), some.end(), std::back_inserter(out));
    }
    std::ranges::stable_sort(out, {}, &Entry::time);
    return out;
  }
  bool none() const { return files_.empty(); }

 private:
  const fs::path folder_;
  const std::string command_;
  std::map<fs::path, LogFile> files_ = {};
  bool looked_ = false;
};

// A run begins with the version of the program.
std::vector<Entry> of_last_runs(std::vector<Entry> entries) {
  std::map<std::string, std::size_t> begins;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].text.starts_with("yb-voyager ")) begins[entries[i].command] = i;
  }
  std::vector<Entry> out;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i >= begins[entries[i].command]) out.push_back(std::move(entries[i]));
  }
  return out;
}

std::string line_of(const Entry& entry, bool json) {
  if (!json) return fmt::format("{} {} {}: {}\n", entry.time, entry.level, entry.command, entry.text);
  const nlohmann::ordered_json object = {
      {"v", 1}, {"time", entry.time}, {"level", entry.level}, {"command", entry.command}, {"msg", entry.text}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// The name in the files of the command that the words name; empty without words.
std::string logged_as(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const std::string path = base::join(words, " "), id = base::join(words, "-");
  std::vector<std::string> paths;
  for (const Command& one : commands()) {
    if (one.path == path || one.id == id) return std::string(one.id);
    if (!one.hidden) paths.emplace_back(one.path);
  }
  const auto near = base::nearest(path, paths);
  base::fail(ExitCode::kUsage, fmt::format("logs: there is no command \"{}\"", path),
             "the words behind logs name the command whose log is shown; flags that are switched on take true or false",
             {near ? fmt::format("did you mean \"{}\"?", *near) : "list them: yb-voyager --help"});
}

// Nobody reads any more (`| head`), which else only a write would show.
bool nobody_reads() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

ExitCode run(Session& session) {
  const std::string command = logged_as(session.arguments());
  Logs logs(session.export_dir() / "logs", command);
  const int least = rank(session.values().text("level"));
  const bool json = session.values().text("output-format") == "json";
  std::vector<Entry> entries = logs.more();
  if (logs.none() && !session.values().on("follow")) {
    throw base::Error({.code = "DIR-008",
                       .exit = ExitCode::kState,
                       .title = command.empty()
                                    ? "nothing was logged for this migration yet"
                                    : fmt::format("{} has logged nothing yet", base::join(session.arguments(), " ")),
                       .where = (session.export_dir() / "logs").string(),
                       .fix = {session.next_command("logs")}});
  }
  if (session.values().on("last-run")) entries = of_last_runs(std::move(entries));
  while (true) {
    std::string text;
    for (const Entry& entry : entries) {
      if (rank(entry.level) >= least) text += line_of(entry, json);
    }
    if (!text.empty()) session.console().answer(text);
    if (!session.values().on("follow") || nobody_reads()) return ExitCode::kOk;
    if (!base::system_clock().sleep_for(kEvery, session.stop())) return ExitCode::kInterrupted;
    entries = logs.more();
  }
}

}  // namespace

void add_logs_command(std::vector<Command>& all) {
  all.push_back(
      {.path = "logs",
       .id = "logs",
       .summary = "Show the log files of the migration's commands, in the order of time",
       .arguments = "[COMMAND]",
       .examples = {{"what went wrong", "yb-voyager logs --export-dir shop --level error"},
                    {"what an import writes now", "yb-voyager logs import data --export-dir shop --follow true"}},
       .groups = {{"Answer", kFlags}, output_flags(), global_flags()},
       .workspace = Workspace::kReads,
       .in_iteration = InIteration::kNewest,
       .run = run});
}

}  // namespace voyager::cli
