// version, help, completion, and what only tests use.
#include <fmt/format.h>

#include "base/fault_point.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/session.h"
#include "cli/version.h"
#include "migration/changes/segment_json.h"

namespace voyager::cli {
namespace {

using base::ExitCode;

ExitCode run_version(Session& session) {
  session.console().answer(
      fmt::format("VERSION={}\nGIT_COMMIT_HASH={}\nLAST_COMMIT_DATE={}\n", kVersion, kCommit, kCommitDate));
  return ExitCode::kOk;
}

ExitCode run_fault_points(Session& session) {
  std::string names;
  for (const std::string_view name : base::fault_point_names()) names += fmt::format("{}\n", name);
  session.console().answer(names);
  return ExitCode::kOk;
}

const std::vector<Flag> kSegmentFlags = {
    {.name = "segment-file", .kind = FlagKind::kPath, .help = "a file of the queue, also one that is archived"},
};

ExitCode run_segment(Session& session) {
  migration::segment_as_json(session.values().text("segment-file"),
                             [&session](const std::string& line) { session.console().answer(line + "\n"); });
  return ExitCode::kOk;
}

}  // namespace

void add_information_commands(std::vector<Command>& all) {
  all.push_back({.path = "version",
                 .id = "version",
                 .summary = "Print version, commit and date",
                 .examples = {{"for a report of a fault", "yb-voyager version"}},
                 .run = run_version});
  all.push_back({.path = "help",
                 .id = "help",
                 .summary = "Explain a command: yb-voyager help export data",
                 .examples = {{"all flags of a command", "yb-voyager help export data"}}});
  all.push_back({.path = "completion bash",
                 .id = "completion",
                 .summary = "Print the completion script for bash",
                 .examples = {{"for this shell", "source <(yb-voyager completion bash)"}},
                 .run = [](Session& session) {
                   session.console().answer(bash_completion());
                   return ExitCode::kOk;
                 }});
  all.push_back({.path = "completion zsh",
                 .id = "completion",
                 .summary = "Print the completion script for zsh",
                 .examples = {{"for this shell", "source <(yb-voyager completion zsh)"}},
                 .run = [](Session& session) {
                   session.console().answer(zsh_completion());
                   return ExitCode::kOk;
                 }});
  all.push_back({.path = "completion fish",
                 .id = "completion",
                 .summary = "Print the completion script for fish",
                 .examples = {{"for this shell", "yb-voyager completion fish | source"}},
                 .run = [](Session& session) {
                   session.console().answer(fish_completion());
                   return ExitCode::kOk;
                 }});
  all.push_back({.path = "debug fault-points",
                 .id = "debug",
                 .summary = "Print the places where YB_VOYAGER_FAULT acts",
                 .hidden = true,
                 .run = run_fault_points});
  all.push_back({.path = "debug segment",
                 .id = "debug",
                 .summary = "Print the changes of a segment as JSON lines",
                 .groups = {{"Segment", kSegmentFlags}, global_flags()},
                 .required = {"segment-file"},
                 .hidden = true,
                 .run = run_segment});
}

}  // namespace voyager::cli
