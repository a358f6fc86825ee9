#include "cli/import_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/connections.h"
#include "cli/file_map.h"
#include "cli/table_lists.h"
#include "format/rejected_rows.h"
#include "migration/finish/other_commands.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/user_file.h"
#include "model/table_list.h"
#include "report/numbers.h"
#include "report/status_report.h"

namespace voyager::cli {
namespace {

using base::ExitCode;

std::optional<migration::Adaptive> adaptive_mode(const Values& values) {
  const std::string& word = values.text("adaptive-parallelism");
  if (word == "disabled") return migration::Adaptive::kDisabled;
  if (word == "balanced") return migration::Adaptive::kBalanced;
  if (word == "aggressive") return migration::Adaptive::kAggressive;
  return std::nullopt;
}

// Those of --retry-set-aside.
std::vector<model::TableName> retried_tables(Session& session) {
  const std::string& list = session.values().text("retry-set-aside");
  if (list.empty()) return {};
  std::vector<model::TableName> out;
  const std::vector<std::string> wanted = model::split_table_list(list);
  for (const format::RejectedRow& one : format::RejectedRows(session.export_dir()).all()) {
    const bool chosen = std::ranges::find(wanted, model::quoted(one.row.table)) != wanted.end();
    if (chosen && !one.discarded && std::ranges::find(out, one.row.table) == out.end()) out.push_back(one.row.table);
  }
  return out;
}

// By table, or by file for those of users: rows that were given up are no task any more.
std::map<std::string, std::uint64_t> discarded_rows(Session& session, bool files) {
  std::map<std::string, std::uint64_t> out;
  const std::string_view role = files ? migration::kFileImporter : migration::kTargetImporter;
  for (const format::RejectedRow& one : format::RejectedRows(session.export_dir()).all()) {
    if (one.role == role && one.discarded)
      ++out[files ? migration::user_file_of(one.row.file_name) : model::quoted(one.row.table)];
  }
  return out;
}

migration::Exporter exporter_of(Session& session) {
  const std::filesystem::path export_dir = session.export_dir();
  const auto runs = [export_dir] {
    return std::ranges::any_of(migration::running_commands(export_dir),
                               [](const migration::RunningCommand& one) { return one.command_id == "export-data"; });
  };
  return {.runs = runs, .command = export_data_command(session)};
}

}  // namespace

void check_import_rows_flags(const Values& values) {
  const auto adaptive = adaptive_mode(values);
  if (values.number("parallel-jobs") > 0 && adaptive && *adaptive != migration::Adaptive::kDisabled) {
    base::fail(ExitCode::kUsage, "--parallel-jobs and adaptive parallelism exclude each other", {},
               {"add --adaptive-parallelism disabled", "or use --adaptive-parallelism-max instead of --parallel-jobs"});
  }
  const bool off = adaptive == migration::Adaptive::kDisabled || (!adaptive && values.number("parallel-jobs") > 0);
  if (values.number("adaptive-parallelism-max") > 0 && off) {
    base::fail(ExitCode::kUsage, "--adaptive-parallelism-max needs adaptive parallelism", {},
               {"add --adaptive-parallelism balanced"});
  }
  if (values.on("truncate-tables") && !values.on("start-clean")) {
    base::fail(ExitCode::kUsage, "--truncate-tables true is only allowed together with --start-clean true");
  }
  encoding_name(values.text("encoding"));
  if (values.on("enable-upsert")) {
    base::fail(ExitCode::kUsage, "--enable-upsert is not supported by this release",
               "rows are loaded with their bookkeeping in one transaction, so a batch is never loaded twice",
               {"leave it out", "rows whose key is there already: --on-primary-key-conflict IGNORE"});
  }
  table_lists(values);
}

migration::ImportDataOptions import_options(Session& session, std::string_view policy_flag) {
  const Values& values = session.values();
  return {.export_dir = session.export_dir(),
          .tables = table_lists(values),
          .batch_rows = values.number("batch-size"),
          .parallel_jobs = static_cast<int>(values.number("parallel-jobs")),
          .adaptive = adaptive_mode(values),
          .adaptive_max = static_cast<int>(values.number("adaptive-parallelism-max")),
          .encoding = encoding_name(values.text("encoding")),
          .error_policy = values.text(policy_flag) == "stash-and-continue" ? migration::ErrorPolicy::kStashAndContinue
                                                                           : migration::ErrorPolicy::kAbort,
          .key_conflict = values.text("on-primary-key-conflict") == "IGNORE" ? migration::KeyConflict::kIgnore
                                                                             : migration::KeyConflict::kErrorPolicy,
          .random_batches = values.given("enable-random-batch-production")
                                ? std::optional(values.on("enable-random-batch-production"))
                                : std::nullopt,
          .start_clean = values.on("start-clean"),
          .truncate_tables = values.on("truncate-tables"),
          .run_guardrails = !session.command().flag("run-guardrails-checks") || values.on("run-guardrails-checks"),
          .skip_replication_checks = values.on("skip-replication-checks"),
          .skip_node_health_checks = values.on("skip-node-health-checks"),
          .exporter = exporter_of(session),
          .retried = retried_tables(session)};
}

void note_import_line(Session& session, const std::vector<migration::UserFile>& files) {
  nlohmann::json flags = nlohmann::json::array();
  for (const FlagGroup& group : session.command().groups) {
    if (group.title == global_flags().title || group.title == output_flags().title) continue;
    for (const Flag& flag : group.flags) {
      const bool once = flag.name == "start-clean" || flag.name == "truncate-tables" || flag.name == "retry-set-aside";
      if (flag.kind == FlagKind::kSecret || once || !session.values().given(flag.name)) continue;
      flags.push_back({flag.name, session.values().text(flag.name)});
    }
  }
  if (files.empty()) {
    const nlohmann::json line = {{"command", session.command().path}, {"flags", flags}};
    session.db().set_json(kImportLineKey, line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  nlohmann::json lines = nlohmann::json::object();
  for (const migration::UserFile& file : files) lines[file.path.string()] = flags;
  session.db().patch_json(kImportFileLinesKey, lines.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

base::ExitCode finish_import(Session& session, FlowRun& run, const migration::ImportDataReport& report, bool files) {
  Console& console = session.console();
  std::vector<report::ReportRow> rows;
  report::RunSummary& summary = run.summary();
  std::map<std::string, std::uint64_t> discarded = discarded_rows(session, files);
  std::uint64_t given_up = 0;
  for (const migration::ImportedTable& one : report.tables) {
    rows.push_back({.schema = model::display(one.table.schema),
                    .table = model::display(one.table.name),
                    .file = std::filesystem::path(one.file_name).filename().string(),
                    .rows = one.rows,
                    .rows_errored = one.rows_set_aside,
                    .bytes = one.bytes});
    const std::uint64_t done_with =
        std::min(one.rows_set_aside, discarded[files ? one.file_name : model::quoted(one.table)]);
    given_up += done_with;
    const std::uint64_t open = one.rows_set_aside - done_with;
    summary.rows_set_aside += open;
    if (open == 0) continue;
    summary.set_aside.push_back({.table = model::display(one.table),
                                 .rows = open,
                                 .file = (session.export_dir() / "data" / "errors").string()});
  }
  if (given_up > 0)
    summary.notes.push_back(report::counted(given_up, "row was", "rows were") + " given up by rejects discard");
  summary.before_word = "imported";
  summary.rows_set_aside_before = summary.rows_set_aside - std::min(summary.rows_set_aside, report.rows_set_aside_now);
  summary.indexes_built = report.indexes_built;
  for (const std::string& one : migration::describe(report.left_out))
    summary.notes.push_back("left out, which the target does not know: " + one);
  if (!rows.empty()) {
    const auto kind = files ? report::ImportKind::kFiles : report::ImportKind::kTables;
    console.line("snapshot import report\n" + report::import_report_text(rows, kind, console.message_style()));
  }
  console.notice(model::NoticeLevel::kSuccess, "Import data complete.");
  if (summary.rows_set_aside > 0) console.line("Rows set aside: " + session.next_command("rejects list"));
  const ExitCode exit = summary.rows_set_aside > 0 ? ExitCode::kRowsSetAside : ExitCode::kOk;
  run.finish(exit, files ? "import data status" : "finalize-schema-post-data-import");
  return exit;
}

}  // namespace voyager::cli
