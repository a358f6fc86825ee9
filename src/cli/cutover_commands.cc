// initiate cutover to target, cutover status.
#include <fmt/format.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/session.h"
#include "migration/changes/capture_record.h"
#include "migration/schema/status.h"
#include "report/table.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kToTargetFlags = {
    {.name = "prepare-for-fall-back",
     .kind = kBoolean,
     .help = "let changes of the target flow back to the source afterwards (not yet: only false is taken)"},
    {.name = "use-yb-grpc-connector",
     .kind = kBoolean,
     .help = "accepted as false: changes of a target are read by logical replication",
     .fallback = "false"},
};

void check_to_target(const Values& values) {
  if (values.on("use-yb-grpc-connector")) {
    base::fail(ExitCode::kUsage, "--use-yb-grpc-connector true is not supported",
               "changes of YugabyteDB are read by its logical replication (the YugabyteDB connector)",
               {"leave it out, or give false"});
  }
  if (values.on("prepare-for-fall-back")) {
    base::fail(ExitCode::kUsage, "--prepare-for-fall-back true is not supported by this release",
               "changes of the target cannot be brought back to the source yet", {"--prepare-for-fall-back false"});
  }
}

[[noreturn]] void not_live(Session& session) {
  throw base::Error({.code = "CUT-001",
                     .exit = ExitCode::kState,
                     .title = "this migration has no changes to cut over",
                     .where = session.export_dir().string(),
                     .cause = "export data was not started with --export-type snapshot-and-changes"});
}

ExitCode run_to_target(Session& session) {
  if (!migration::with_changes(session.db())) not_live(session);
  if (!migration::export_data_done(session.db())) {
    throw base::Error(
        {.code = "CUT-002",
         .exit = ExitCode::kState,
         .title = "the snapshot is not exported yet",
         .cause = "changes are streamed after it",
         .fix = {"wait until export data says that it streams changes: yb-voyager export data status --export-dir " +
                 shell_word(session.export_dir().string())}});
  }
  Console& console = session.console();
  if (migration::cutover_to_target(session.db()).requested) {
    console.notice(model::NoticeLevel::kInfo, "Cutover to target was initiated before; nothing was changed.");
    return ExitCode::kOk;
  }
  if (!console.confirm({.danger = model::Question::Danger::kModerate,
                        .text =
                            "Cut over to the target? Nobody should write to the source from now on: what is written "
                            "later is left behind.",
                        .flag = "--yes"})) {
    base::fail(ExitCode::kNoAnswer, "the cutover was not initiated; nothing was changed");
  }
  migration::request_cutover_to_target(session.db());
  console.notice(model::NoticeLevel::kSuccess, "Cutover to target initiated.");
  console.line("next: " + session.next_command("cutover status"));
  return ExitCode::kOk;
}

ExitCode run_status(Session& session) {
  if (!migration::with_changes(session.db())) not_live(session);
  const migration::CutoverMarks marks = migration::cutover_to_target(session.db());
  const char* status = marks.done() ? "COMPLETED" : marks.requested ? "INITIATED" : "NOT_INITIATED";
  const report::TextTable table{
      .columns = {{"CUTOVER DIRECTION"}, {"STATUS"}, {"REQUESTED AT (UTC)"}},
      .rows = {{session.console().answer_style().ascii ? "source -> target" : "source → target", status,
                marks.requested_at.empty() ? "-" : marks.requested_at}}};
  session.console().answer(report::table_text(table, session.console().answer_style()));
  return ExitCode::kOk;
}

}  // namespace

void add_cutover_commands(std::vector<Command>& all) {
  all.push_back(
      {.path = "initiate cutover to target",
       .id = "initiate-cutover-to-target",
       .summary = "Have export and import finish, so that the target takes over",
       .examples = {{"once the application has stopped writing to the source",
                     "yb-voyager initiate cutover to target --export-dir shop --prepare-for-fall-back false"}},
       .groups = {{"Cutover", kToTargetFlags}, output_flags(), global_flags()},
       .required = {"prepare-for-fall-back"},
       .sections = {"initiate-cutover-to-target", "inititate-cutover-to-target"},
       .workspace = Workspace::kStarted,
       .check = check_to_target,
       .run = run_to_target});
  all.push_back({.path = "cutover status",
                 .id = "cutover-status",
                 .summary = "Show how far the cutover is",
                 .groups = {output_flags(), global_flags()},
                 .workspace = Workspace::kReads,
                 .run = run_status});
}

}  // namespace voyager::cli
