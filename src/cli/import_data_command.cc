// import data, import data to target.
#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/import_options.h"
#include "cli/live_run.h"
#include "cli/progress_display.h"
#include "migration/changes/capture_record.h"
#include "migration/live/cutover_record.h"
#include "migration/live/live_import.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using enum FlagKind;

const std::vector<Flag> kImportFlags = {
    {.name = "error-policy-snapshot",
     .kind = kChoice,
     .help = "stop at the first row the target refuses, or set rows aside",
     .fallback = "abort",
     .choices = {"abort", "stash-and-continue"}},
    {.name = "use-partition-root", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "cdc-partition-key",
     .kind = kChoice,
     .help = "what decides which lane applies a change: the row's key, the table, or the key where that is safe",
     .fallback = "auto",
     .choices = {"auto", "pk", "table"}},
    {.name = "cdc-partition-key-overrides",
     .help = "the same for single tables: schema.table:pk, :table or :(key column,...), separated by ;"},
    {.name = "keep-transactions",
     .kind = kBoolean,
     .help = "apply transactions of the source whole and in the order of their commits, in one lane",
     .fallback = "false"},
    {.name = "disable-sequential-scan-on-update-deletes", .kind = kBoolean, .fallback = "true", .hidden = true},
};

void check(const Values& values) {
  check_target_flags(values);
  check_import_rows_flags(values);
  (void)migration::parse_partition_keys(values.text("cdc-partition-key"), values.text("cdc-partition-key-overrides"));
}

// The rows are there already, and the target is the application's.
base::ExitCode run_later_iteration(Session& session) {
  if (session.values().on("start-clean")) {
    base::fail(base::ExitCode::kState, "an iteration has no rows to import again",
               "its changes follow on what is on both sides", {"leave --start-clean out"});
  }
  const Endpoint target = target_endpoint(session);
  note_data_target(session, target);
  FlowRun run(session);
  return run_importer(session, migration::LiveRole::kToTarget, target, run);
}

base::ExitCode run(Session& session) {
  if (session.iteration() > 0) return run_later_iteration(session);
  settle_schema(session, false);
  migration::ImportDataOptions options = import_options(session, "error-policy-snapshot");
  const Endpoint target = target_endpoint(session);
  options.before_begun = [&] {
    if (!migration::with_changes(session.db())) return;
    migration::refuse_older_queue(*target.product, target.options, session.migration(), migration::LiveRole::kToTarget,
                                  session.export_dir());
  };
  options.on_begun = [&] {
    note_import_line(session);
    migration::pair_with_source(*target.product, target.options, session.migration(), migration::LiveRole::kToTarget,
                                session.db());
  };
  migration::refuse_copied(session.db(), options.command);
  note_data_target(session, target);
  FlowRun run(session);
  // Once the changes are in, the application owns the target: what the snapshot left is nobody's to put right.
  const migration::LiveNext next =
      migration::next_step(migration::cutover_record(session.db()), migration::LiveRole::kToTarget);
  if (migration::with_changes(session.db()) && next.step != migration::LiveStep::kApply)
    return run_importer(session, migration::LiveRole::kToTarget, target, run);
  if (migration::changes_only(session.db())) {
    migration::prepare_for_changes(*target.product, target.options, session.migration(),
                                   session.values().on("start-clean"), session.db(),
                                   static_cast<int>(session.values().number("max-retries-streaming")), session.flow());
    return run_importer(session, migration::LiveRole::kToTarget, target, run);
  }
  migration::ImportDataReport report;
  {
    model::ProgressBoard board("import-data");
    const ProgressDisplay display(session, board, "Import data → " + cli::display(target.options));
    report = migration::import_data(*target.product, target.options, options, session.chunks(), session.db(),
                                    session.flow(board));
  }
  if (!migration::with_changes(session.db())) return finish_import(session, run, report, false);
  session.console().notice(model::NoticeLevel::kSuccess, "Snapshot imported.");
  return run_importer(session, migration::LiveRole::kToTarget, target, run);
}

Command command(std::string_view path) {
  return {.path = path,
          .id = "import-data",
          .summary = "Import the exported rows into the target",
          .examples = {{"may be started while the export runs",
                        "yb-voyager import data --export-dir shop --target-db-host yb1 "
                        "--target-db-user mig --target-db-name shop"},
                       {"set bad rows aside",
                        "yb-voyager import data --config-file shop.yaml "
                        "--error-policy-snapshot stash-and-continue"}},
          .groups = {target_flags(),
                     target_type_flags(),
                     import_rows_flags(),
                     {"Rows", kImportFlags},
                     table_list_flags(),
                     guardrail_flags(),
                     output_flags(),
                     global_flags()},
          .required = {"target-db-user"},
          .sections = {"import-data", "import-data-to-target"},
          .databases = {"target"},
          .workspace = Workspace::kStarted,
          .in_iteration = InIteration::kNewest,
          .check = check,
          .run = run};
}

}  // namespace

void add_import_data_commands(std::vector<Command>& all) {
  all.push_back(command("import data"));
  all.push_back(command("import data to target"));
}

}  // namespace voyager::cli
