// status: which command of a migration is at work, and how far.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/published_progress.h"
#include "cli/session.h"
#include "migration/finish/other_commands.h"
#include "report/command_states.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

constexpr std::chrono::seconds kEvery{1};
// A command tells of itself once a second, and once more before its run is saved.
constexpr double kSavedWithin = 5;

const std::vector<Flag> kFlags = {
    table_format_flag(),
    {.name = "watch",
     .kind = kBoolean,
     .help = "show it again whenever it has changed, until no command runs; JSON: one document a line",
     .fallback = "false"},
};

struct Mover {
  std::string_view id = {};
  std::string_view words = {};
  bool resumes = true;  ///< By its words alone.
};
// A copy holds the locks of both others, too.
constexpr std::array kExporters = {Mover{"copy-data", "copy data"}, Mover{"export-data", "export data"},
                                   Mover{"export-data-from-target", "export data from target"}};
constexpr std::array kImporters = {Mover{"copy-data", "copy data"}, Mover{"import-data", "import data"},
                                   Mover{"import-data-file", "import data file", false},
                                   Mover{"import-data-to-source", "import data to source"},
                                   Mover{"import-data-to-source-replica", "import data to source-replica"}};

double seconds_now() {
  return std::chrono::duration<double>(base::system_clock().wall().time_since_epoch()).count();
}

struct Ended {
  double at = 0;
  std::string outcome = {};
};

// The last run of a command that has come to its end, well or not.
Ended last_ended(const std::filesystem::path& export_dir, std::string_view id) {
  Ended last;
  // Summaries count in seconds; one is written when its run ends.
  std::pair<double, std::filesystem::file_time_type> latest;
  std::error_code none_yet;
  const std::string prefix = std::string(id) + "-2";
  for (const auto& entry : std::filesystem::directory_iterator(export_dir / "reports" / "runs", none_yet)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const nlohmann::json run = nlohmann::json::parse(base::read_file(entry.path()), nullptr, false);
    if (!run.is_object()) continue;
    const double at = unix_seconds(run.value("ended_at", ""));
    const std::pair when{at, entry.last_write_time(none_yet)};
    if (when < latest) continue;
    latest = when;
    last = {at, run.value("outcome", "")};
  }
  return last;
}

model::WorkState state_of(const std::string& reason) {
  if (reason.starts_with("paced")) return model::WorkState::kPaced;
  return reason.empty() ? model::WorkState::kRunning : model::WorkState::kWaiting;
}

// Of those that may have a role: the one that runs, else the one that was there last.
std::optional<report::CommandState> look(Session& session, const std::string& role, std::span<const Mover> movers,
                                         const std::vector<migration::RunningCommand>& running) {
  std::optional<report::CommandState> last;
  double last_at = 0;
  for (const Mover& mover : movers) {
    const auto runs = std::ranges::find(running, mover.id, &migration::RunningCommand::command_id);
    const auto told = published_progress(session.db(), mover.id);
    const Ended ended = last_ended(session.export_dir(), mover.id);
    if (runs == running.end() && !told && ended.at == 0) continue;
    report::CommandState one{.role = role, .command = std::string(mover.words)};
    if (told) one.last = *told;
    const bool alive = runs != running.end();
    if (alive) {
      one.process = runs->process;
      if (told && told->process != runs->process) one.last = {};  // Has only begun.
      one.state = state_of(one.last.reason);
    } else {
      one.last.workers = 0;
      one.last.reason.clear();
      const bool said = ended.at + kSavedWithin >= one.last.at;  // Else it was killed after its last run's end.
      if (said && ended.outcome == "done") one.state = model::WorkState::kDone;
      if (said && ended.outcome == "failed") one.state = model::WorkState::kFailed;
      if (one.last.at == 0) one.last.stage = "";
      if (one.state != model::WorkState::kDone && mover.resumes) one.next = session.next_command(mover.words);
    }
    const double at = alive ? seconds_now() : std::max(one.last.at, ended.at);
    if (last && last_at > at) continue;
    last_at = at;
    last = std::move(one);
    if (alive) break;
  }
  return last;
}

struct Picture {
  std::vector<report::CommandState> states = {};
  bool running = false;
};

Picture look(Session& session) {
  const auto running = migration::running_commands(session.export_dir());
  Picture out;
  if (auto one = look(session, "exporter", kExporters, running)) out.states.push_back(std::move(*one));
  if (auto one = look(session, "importer", kImporters, running)) out.states.push_back(std::move(*one));
  out.running = std::ranges::any_of(out.states, [](const auto& one) { return one.process != 0; });
  return out;
}

ExitCode run(Session& session) {
  Console& console = session.console();
  const bool watch = session.values().on("watch");
  std::string shown;
  while (true) {
    const Picture picture = look(session);
    const double now = seconds_now();
    const std::string json = report::command_states_json(picture.states, session.migration(), now);
    const std::string text = report::command_states_text(picture.states, now, console.answer_style());
    if (!watch) {
      console.answer(console.machine_output() ? json : text);
      return ExitCode::kOk;
    }
    const bool last = !picture.running;
    if (console.machine_output()) {
      console.answer(nlohmann::ordered_json::parse(json).dump() + "\n");
    } else if (console.on_terminal() && !last) {
      console.show_live(base::split(text, '\n'));
    } else if (text != std::exchange(shown, text)) {
      console.show_live({});
      console.answer(text);
    }
    if (last) return ExitCode::kOk;
    if (!base::system_clock().sleep_for(kEvery, session.stop())) {
      console.show_live({});
      return ExitCode::kInterrupted;
    }
  }
}

}  // namespace

void add_overall_status_command(std::vector<Command>& all) {
  all.push_back({.path = "status",
                 .id = "status",
                 .summary = "Show which command of the migration is at work, and how far it is",
                 .examples = {{"until they have ended", "yb-voyager status --export-dir shop --watch true"},
                              {"for a script", "yb-voyager status --export-dir shop --output-format json"}},
                 .groups = {{"Answer", kFlags}, output_flags(), global_flags()},
                 .workspace = Workspace::kReads,
                 .in_iteration = InIteration::kNewest,
                 .run = run});
}

}  // namespace voyager::cli
