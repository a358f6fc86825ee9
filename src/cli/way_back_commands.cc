// export data from target, import data to source: changes that flow back from the target.
#include <fmt/format.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/live_run.h"
#include "migration/live/cutover_record.h"
#include "migration/live/live_role.h"
#include "migration/schema/status.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using migration::LiveRole;

const std::vector<Flag> kFromTargetFlags = {
    {.name = "target-db-password",
     .kind = kSecret,
     .help = "password of the target's user; better in the environment",
     .environment = "TARGET_DB_PASSWORD"},
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
    {.name = "export-type", .hidden = true},
    {.name = "parallel-jobs", .kind = kInteger, .fallback = "0", .most = 10'000, .hidden = true},
    {.name = "start-clean", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "allow-oracle-clob-data-export", .kind = kBoolean, .fallback = "false", .hidden = true},
};

const std::vector<Flag> kToSourceFlags = {
    {.name = "source-db-password",
     .kind = kSecret,
     .help = "password of the source's user; better in the environment",
     .environment = "SOURCE_DB_PASSWORD"},
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

void check_no_table_lists(const Values& values) {
  for (const char* flag :
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
  warn_without_effect(session);
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
  warn_without_effect(session);
  refuse_out_of_turn(session, LiveRole::kToSource);
  const std::optional<Endpoint> source = noted_source_endpoint(session);
  if (!source) base::fail(ExitCode::kState, "the state does not know the source: export data was never started");
  FlowRun run(session);
  return run_importer(session, LiveRole::kToSource, *source, run);
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
                 .check = check_no_table_lists,
                 .run = run_from_target});
  all.push_back(
      {.path = "import data to source",
       .id = "import-data-to-source",
       .summary = "Apply the target's changes to the source, so that it can take over again",
       .examples = {{"export data turns into it at the cutover; by hand only when it was stopped",
                     "yb-voyager import data to source --export-dir shop"}},
       .groups =
           {{"Changes", kToSourceFlags}, hidden_table_list_flags(), guardrail_flags(), output_flags(), global_flags()},
       .sections = {"import-data-to-source"},
       .databases = {"source"},
       .workspace = Workspace::kStarted,
       .check = check_no_table_lists,
       .run = run_to_source});
}

}  // namespace voyager::cli
