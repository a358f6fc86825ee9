#include "cli/import_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

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

// How --retry-set-aside calls what a row belongs to.
std::string retried_name(const format::RejectedRow& one) {
  return one.role == migration::kFileImporter ? migration::user_file_of(one.row.file_name)
                                              : model::quoted(one.row.table);
}

// The rows that --retry-set-aside names.
std::vector<format::RejectedRow> retried_rows(Session& session, std::string_view role) {
  std::vector<format::RejectedRow> rows;
  if (!is_retry(session.values())) return rows;
  const auto names = nlohmann::json::parse(session.values().text("retry-set-aside"), nullptr, false);
  if (!names.is_array()) base::fail(ExitCode::kUsage, "--retry-set-aside is for rejects retry alone");
  const std::set<std::string> wanted(names.begin(), names.end());
  rows = format::RejectedRows(session.export_dir()).all();
  std::erase_if(rows, [&](const format::RejectedRow& one) {
    return one.role != role || one.discarded || !wanted.contains(retried_name(one));
  });
  return rows;
}

std::map<std::string, model::TableName> retried_files(Session& session) {
  const bool users = session.command().path == "import data file";
  std::map<std::string, model::TableName> out;
  for (const format::RejectedRow& one :
       retried_rows(session, users ? migration::kFileImporter : migration::kTargetImporter))
    out[one.row.file_name] = one.row.table;
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
  return {.runs = runs, .command = session.next_command("export data")};
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

namespace {

// What begins with no number above 0 is as if nobody had given it.
int lenient_number(const Values& values, std::string_view variable, int otherwise) {
  const std::string text = values.knob(variable).value_or("");
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number > 0 ? number : otherwise;
}

}  // namespace

migration::ImportDataOptions import_options(Session& session, std::string_view policy_flag) {
  const Values& values = session.values();
  return {.export_dir = session.export_dir(),
          .tables = table_lists(values),
          .batch_rows = values.number("batch-size"),
          .parallel_jobs = static_cast<int>(values.number("parallel-jobs")),
          .adaptive = adaptive_mode(values),
          .adaptive_max = static_cast<int>(values.number("adaptive-parallelism-max")),
          .encoding = encoding_name(values.text("encoding")),
          .error_policy = !policy_flag.empty() && values.text(policy_flag) == "stash-and-continue"
                              ? migration::ErrorPolicy::kStashAndContinue
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
          .retried = retried_files(session),
          .tries_max = lenient_number(values, "YB_VOYAGER_COPY_MAX_RETRY_COUNT", 10),
          .longest_wait = std::chrono::seconds(lenient_number(values, "YB_VOYAGER_MAX_SLEEP_SECOND", 60)),
          .cpu_percent_max = lenient_number(values, "MAX_CPU_THRESHOLD", 0),
          .cluster_look = std::chrono::seconds(lenient_number(values, "ADAPTIVE_PARALLELISM_FREQUENCY_SECONDS", 10))};
}

bool is_retry(const Values& values) {
  return values.given("retry-set-aside");
}

std::string retry_value(const std::vector<format::RejectedRow>& rows) {
  std::set<std::string> names;
  for (const format::RejectedRow& one : rows) names.insert(retried_name(one));
  return nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<migration::UserFile> retried_user_files(Session& session) {
  std::map<std::string, model::TableName> files;
  for (const format::RejectedRow& one : retried_rows(session, migration::kFileImporter))
    files[migration::user_file_of(one.row.file_name)] = one.row.table;
  std::vector<migration::UserFile> out;
  for (const auto& [path, table] : files) out.push_back({.path = path, .table = table});
  return out;
}

namespace {

// What a retry takes from the rows themselves, and what was meant for one run.
bool is_noted(const Flag& flag) {
  constexpr std::string_view kNever[] = {"start-clean",
                                         "truncate-tables",
                                         "export-dir",
                                         "yes",
                                         "no-input",
                                         "data-dir",
                                         "file-table-map",
                                         "table-list",
                                         "exclude-table-list",
                                         "table-list-file-path",
                                         "exclude-table-list-file-path"};
  if (std::ranges::find(kNever, flag.name) != std::end(kNever) || is_hidden_in_logs(flag)) return false;
  return std::ranges::none_of(output_flags().flags, [&](const Flag& one) { return one.name == flag.name; });
}

}  // namespace

void note_import_line(Session& session, const std::vector<migration::UserFile>& files) {
  if (is_retry(session.values())) return;
  nlohmann::json flags = nlohmann::json::array();
  for (const auto& [name, given] : session.line().flags) {
    if (!is_noted(*given.flag)) continue;
    const bool path = given.flag->kind == FlagKind::kPath && !given.text.empty();
    flags.push_back({name, path ? std::filesystem::absolute(given.text).string() : given.text});
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
  summary.rows_set_aside_before = summary.rows_set_aside - std::min(summary.rows_set_aside, report.rows_set_aside_now);
  summary.indexes_built = report.indexes_built;
  for (const std::string& one : migration::describe(report.left_out))
    summary.notes.push_back("left out, which the target does not know: " + one);
  if (!rows.empty()) {
    const auto kind = files ? report::ImportKind::kFiles : report::ImportKind::kTables;
    console.line("snapshot import report\n" + report::import_report_text(rows, kind, console.message_style()));
  }
  const bool copied = session.command().path == "copy data";
  console.notice(model::NoticeLevel::kSuccess, copied ? "Copy data complete." : "Import data complete.");
  if (summary.rows_set_aside > 0) console.line("Rows set aside: " + session.next_command("rejects list"));
  const ExitCode exit = summary.rows_set_aside > 0 ? ExitCode::kRowsSetAside : ExitCode::kOk;
  run.finish(exit, files ? "import data status" : "finalize-schema-post-data-import");
  return exit;
}

}  // namespace voyager::cli
