// export data from target, import data to source, import data to source-replica: the way back from the target.
#include <fmt/format.h>

#include <limits>

#include "base/error.h"
#include "cli/command.h"
#include "cli/import_options.h"
#include "cli/live_run.h"
#include "cli/progress_display.h"
#include "migration/changes/capture_record.h"
#include "migration/live/cutover_record.h"
#include "migration/live/live_import.h"
#include "migration/live/live_role.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using migration::LiveRole;

const std::vector<Flag> kFromTargetFlags = {
    password_flag("target", false),
    {.name = "target-ssl-mode",
     .kind = kChoice,
     .help = "TLS to the target (default: as import data)",
     .choices = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
    {.name = "target-ssl-root-cert",
     .kind = kPath,
     .help = "certificates of the authorities that are trusted (default: as import data)"},
    {.name = "disable-pb", .kind = kBoolean, .help = "plain lines instead of progress bars", .fallback = "false"},
    {.name = "metrics-port",
     .kind = kInteger,
     .help = "port for Prometheus metrics (0: off)",
     .fallback = "0",
     .most = 65'535},
    {.name = "transaction-ordering", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "source-db-type", .hidden = true},
    {.name = "export-type",
     .kind = kChoice,
     .choices = {"snapshot-only", "snapshot-and-changes", "changes-only"},
     .hidden = true},
    {.name = "parallel-jobs", .kind = kInteger, .fallback = "0", .most = 10'000, .hidden = true},
    {.name = "start-clean", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "allow-oracle-clob-data-export", .kind = kBoolean, .fallback = "false", .hidden = true},
};

const std::vector<Flag> kToSourceFlags = {
    password_flag("source", false),
    {.name = "parallel-jobs",
     .kind = kInteger,
     .help = "lanes that apply changes side by side (0: 4); the first run's number stays",
     .fallback = "0",
     .most = 10'000},
    {.name = "max-retries-streaming", .kind = kInteger, .help = "tries for a batch of changes", .fallback = "15"},
    {.name = "disable-pb", .kind = kBoolean, .help = "plain lines instead of progress bars", .fallback = "false"},
    {.name = "metrics-port",
     .kind = kInteger,
     .help = "port for Prometheus metrics (0: off)",
     .fallback = "0",
     .most = 65'535},
    {.name = "use-partition-root", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "prometheus-metrics-port",
     .kind = kInteger,
     .fallback = "0",
     .most = 65'535,
     .hidden = true,
     .instead = "--metrics-port"},
    {.name = "batch-size", .kind = kInteger, .fallback = "0", .hidden = true},
    {.name = "continue-on-error", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "target-endpoints", .kind = kList, .hidden = true},
    {.name = "use-public-ip", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "enable-upsert", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "disable-transactional-writes", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "truncate-splits", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "target-db-type", .hidden = true},
};

const std::vector<Flag> kToReplicaFlags = {
    {.name = "batch-size",
     .kind = kInteger,
     .help = "rows in a batch, at most the default (0: 100000)",
     .fallback = "0",
     .most = std::numeric_limits<std::int64_t>::max()},
    {.name = "parallel-jobs",
     .kind = kInteger,
     .help = "connections that load rows and apply changes (0: from the server's cores; 4 for changes)",
     .fallback = "0",
     .most = 10'000},
    {.name = "start-clean", .kind = kBoolean, .help = "forget an earlier import and begin again", .fallback = "false"},
    {.name = "truncate-tables",
     .kind = kBoolean,
     .help = "empty the tables first; only with --start-clean true",
     .fallback = "false"},
    {.name = "max-retries-streaming", .kind = kInteger, .help = "tries for a batch of changes", .fallback = "15"},
    {.name = "disable-pb", .kind = kBoolean, .help = "plain lines instead of progress bars", .fallback = "false"},
    {.name = "metrics-port",
     .kind = kInteger,
     .help = "port for Prometheus metrics (0: off)",
     .fallback = "0",
     .most = 65'535},
    {.name = "prometheus-metrics-port",
     .kind = kInteger,
     .fallback = "0",
     .most = 65'535,
     .hidden = true,
     .instead = "--metrics-port"},
    {.name = "continue-on-error", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "target-endpoints", .kind = kList, .hidden = true},
    {.name = "use-public-ip", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "enable-upsert", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "disable-transactional-writes", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "truncate-splits", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "target-db-type", .hidden = true},
};

void check_no_table_lists(const Values& values) {
  for (const std::string_view flag :
       {"table-list", "exclude-table-list", "table-list-file-path", "exclude-table-list-file-path"}) {
    if (values.text(flag).empty()) continue;
    base::fail(ExitCode::kUsage, fmt::format("--{} cannot be given here", flag),
               "the tables are those that export data has taken", {"leave it out"});
  }
}

// Asked before any database is: whoever comes too early reads why.
void refuse_out_of_turn(Session& session, LiveRole role) {
  const migration::LiveNext next = migration::next_step(migration::cutover_record(session.db()), role);
  if (next.step == migration::LiveStep::kRefuse) migration::refuse(role, next.refusal);
}

ExitCode run_from_target(Session& session) {
  refuse_out_of_turn(session, LiveRole::kFromTarget);
  std::optional<Endpoint> target = noted_data_target(session);
  if (!target) base::fail(ExitCode::kState, "the state does not know the target: import data was never started");
  const Values& values = session.values();
  if (!values.text("target-ssl-mode").empty()) target->options.ssl_mode = values.text("target-ssl-mode");
  if (!values.text("target-ssl-root-cert").empty()) target->options.ssl_root_cert = values.text("target-ssl-root-cert");
  FlowRun run(session);
  return run_exporter(session, LiveRole::kFromTarget, *target, run);
}

ExitCode run_to_source(Session& session) {
  refuse_out_of_turn(session, LiveRole::kToSource);
  const std::optional<Endpoint> source = noted_source_endpoint(session);
  if (!source) base::fail(ExitCode::kState, "the state does not know the source: export data was never started");
  FlowRun run(session);
  return run_importer(session, LiveRole::kToSource, *source, run);
}

void check_to_replica(const Values& values) {
  check_no_table_lists(values);
  check_import_rows_flags(values);
  if (!values.text("source-replica-db-sid").empty())
    base::fail(ExitCode::kUsage, "--source-replica-db-sid is for Oracle only", "", {"leave it out"});
}

// The source's rows and changes go to the replica as they go to the target, side by side with it.
ExitCode run_to_replica(Session& session) {
  if (!migration::with_changes(session.db())) {
    base::fail(ExitCode::kState, "a source-replica follows a live migration, and there is none yet",
               "export data was not started with --export-type snapshot-and-changes",
               {session.next_command("export data") + " --export-type snapshot-and-changes"});
  }
  if (migration::changes_only(session.db())) {
    base::fail(ExitCode::kState, "a source-replica needs a snapshot to begin with",
               "export data was started with --export-type changes-only");
  }
  refuse_out_of_turn(session, LiveRole::kToReplica);
  migration::ImportDataOptions options = import_options(session, "");
  options.to_replica = true;
  const Endpoint replica = source_replica_endpoint(session);
  options.before_begun = [&] {
    migration::refuse_older_queue(*replica.product, replica.options, session.migration(), LiveRole::kToReplica,
                                  session.export_dir());
  };
  options.on_begun = [&] {
    migration::pair_with_source(*replica.product, replica.options, session.migration(), LiveRole::kToReplica,
                                session.db());
  };
  const migration::LiveNext next = migration::enter_fall_forward(session.db());
  if (next.step == migration::LiveStep::kRefuse) migration::refuse(LiveRole::kToReplica, next.refusal);
  migration::note_source_replica(session.db(), replica.options);
  FlowRun run(session);
  if (next.step == migration::LiveStep::kApply) {
    model::ProgressBoard board("import-data-to-source-replica");
    const ProgressDisplay display(session, board, "Import data to source-replica → " + cli::display(replica.options));
    migration::import_data(*replica.product, replica.options, options, session.chunks(), session.db(),
                           session.flow(board));
    session.console().notice(model::NoticeLevel::kSuccess, "Snapshot imported.");
  }
  return run_importer(session, LiveRole::kToReplica, replica, run);
}

}  // namespace

void add_way_back_commands(std::vector<Command>& all) {
  all.push_back({.path = "export data from target",
                 .id = "export-data-from-target",
                 .summary = "Export the target's changes after the cutover, for the way back",
                 .examples = {{"import data turns into it at the cutover; by hand only when it was stopped",
                               "yb-voyager export data from target --export-dir shop"}},
                 .groups = {{"Changes", kFromTargetFlags}, hidden_table_list_flags(), output_flags(), global_flags()},
                 .sections = {"export-data-from-target"},
                 .databases = {"target"},
                 .workspace = Workspace::kStarted,
                 .in_iteration = InIteration::kWayBack,
                 .check = check_no_table_lists,
                 .run = run_from_target});
  all.push_back(
      {.path = "import data to source",
       .id = "import-data-to-source",
       .summary = "Apply the target's changes to the source, for a fall-back",
       .examples = {{"export data turns into it at the cutover; by hand only when it was stopped",
                     "yb-voyager import data to source --export-dir shop"}},
       .groups =
           {{"Changes", kToSourceFlags}, hidden_table_list_flags(), guardrail_flags(), output_flags(), global_flags()},
       .sections = {"import-data-to-source"},
       .databases = {"source"},
       .workspace = Workspace::kStarted,
       .in_iteration = InIteration::kWayBack,
       .check = check_no_table_lists,
       .run = run_to_source});
  all.push_back({.path = "import data to source-replica",
                 .id = "import-data-to-source-replica",
                 .summary = "Bring rows and changes to a replica, for a fall-forward",
                 .examples = {{"beside import data, before the cutover to the target",
                               "yb-voyager import data to source-replica --export-dir shop "
                               "--source-replica-db-host db2 --source-replica-db-user mig "
                               "--source-replica-db-name shop"}},
                 .groups = {source_replica_flags(),
                            {"Rows", kToReplicaFlags},
                            hidden_table_list_flags(),
                            guardrail_flags(),
                            output_flags(),
                            global_flags()},
                 .required = {"source-replica-db-user"},
                 .sections = {"import-data-to-source-replica"},
                 .databases = {"source-replica"},
                 .workspace = Workspace::kStarted,
                 .check = check_to_replica,
                 .run = run_to_replica});
}

}  // namespace voyager::cli
