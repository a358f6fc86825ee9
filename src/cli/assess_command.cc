// assess-migration: what a migration of the source will take.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <charconv>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/analysis_settings.h"
#include "cli/assess_run.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/connectors.h"
#include "cli/export_options.h"
#include "cli/flow_run.h"
#include "cli/report_files.h"
#include "cli/version.h"
#include "migration/analyze/issue_values.h"
#include "migration/assess/assess_migration.h"
#include "migration/assess/assessment_folder.h"
#include "migration/state/status.h"
#include "report/assessment_report.h"
#include "report/banner.h"
#include "report/numbers.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

constexpr int kDefaultPort = 5432;

const std::vector<Flag> kAssessFlags = {
    {.name = "assessment-metadata-dir",
     .kind = kPath,
     .help = "metadata that the gather script wrote where the source can be reached; no source connection is made"},
    {.name = "iops-capture-interval",
     .kind = kInteger,
     .help = "seconds between the two readings of the source's load",
     .fallback = "120"},
    {.name = "target-db-version",
     .help = "version of YugabyteDB to assess for, as A.B.C.D (default: latest stable, after a question)"},
    {.name = "source-read-replica-endpoints",
     .kind = kList,
     .help = "read replicas to assess too, as host:port,...; otherwise the source is asked for them"},
    {.name = "primary-only",
     .kind = kBoolean,
     .help = "leave read replicas out",
     .fallback = "false",
     .excludes = "source-read-replica-endpoints"},
    {.name = "anonymize",
     .kind = kBoolean,
     .help = "write the reports a second time with all names replaced, to show them to others",
     .fallback = "false"},
    {.name = "data-scan",
     .kind = kBoolean,
     .help = "read the rows, too (MySQL): values that the target cannot hold and texts that were encoded twice, with "
             "a rule for each in assessment/reports/value-rules.yaml",
     .fallback = "false"},
    {.name = "data-scan-rows",
     .kind = kInteger,
     .help = "rows of each table that --data-scan reads; 0: all",
     .fallback = "100000"},
    {.name = "start-clean", .kind = kBoolean, .help = "replace an earlier assessment", .fallback = "false"},
    {.name = "invoked-by-export-schema", .kind = kBoolean, .fallback = "false", .hidden = true},
};

constexpr std::array kConnectionFlags = {"source-db-host",     "source-db-port",      "source-db-user",
                                         "source-db-password", "source-db-name",      "source-db-schema",
                                         "source-ssl-mode",    "source-ssl-cert",     "source-ssl-key",
                                         "source-ssl-crl",     "source-ssl-root-cert"};

// The product whose form metadata have, also those of other programs, unless one that has its own is named.
constexpr std::string_view kUsualMetadata = "postgresql";

bool has_metadata(const Values& values) {
  return !values.text("assessment-metadata-dir").empty();
}

void check_metadata_dir(const Values& values) {
  const std::string& folder = values.text("assessment-metadata-dir");
  if (!std::filesystem::is_directory(folder)) {
    base::fail(ExitCode::kUsage, "--assessment-metadata-dir: there is no folder " + folder, {},
               {"give the folder that the gather script wrote to"});
  }
  for (const std::string_view flag : kConnectionFlags) {
    const Value* value = values.find(flag);
    // A configuration file serves all commands and may well name the source.
    if (value == nullptr || value->origin != Origin::kCommandLine) continue;
    base::fail(ExitCode::kUsage, fmt::format("--{} has no meaning together with --assessment-metadata-dir", flag),
               "the source is not asked when its metadata were gathered before", {fmt::format("leave --{} out", flag)});
  }
}

connector::NodeAddress parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  connector::NodeAddress address{.host = text.substr(0, colon), .port = kDefaultPort};
  if (colon != std::string::npos) {
    const std::string digits = text.substr(colon + 1);
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (fault != std::errc() || end != digits.data() + digits.size() || address.port < 1 || address.port > 65'535)
      address.host.clear();
  }
  if (address.host.empty()) {
    base::fail(ExitCode::kUsage, fmt::format("--source-read-replica-endpoints: \"{}\" is no host:port", text), {},
               {"give them as host1:5432,host2:5432"});
  }
  return address;
}

void check_data_scan(const Values& values) {
  if (!values.on("data-scan")) return;
  if (has_metadata(values)) {
    base::fail(ExitCode::kUsage, "--data-scan has no meaning together with --assessment-metadata-dir",
               "the source is not asked when its metadata were gathered before", {"leave --data-scan out"});
  }
  const std::string& type = values.text("source-db-type");
  if (source_product(type).converts_types) return;
  base::fail(ExitCode::kUsage, fmt::format("--data-scan is not for a source of the type {}", base::lower(type)),
             "the target can hold every value of it", {"leave it out"});
}

void check(const Values& values) {
  check_target_version_flag(values);
  check_type_rules(values);
  check_data_scan(values);
  for (const std::string& endpoint : values.list("source-read-replica-endpoints")) parse_endpoint(endpoint);
  if (has_metadata(values)) {
    check_metadata_dir(values);
    return;
  }
  check_source_flags(values);
  if (!source_product(values.text("source-db-type")).assessment_source) {
    base::fail(
        ExitCode::kUsage,
        fmt::format("assess-migration cannot read {} in this release", base::lower(values.text("source-db-type"))), {},
        {"go on with export schema and analyze-schema, which tell what the schema needs"});
  }
  std::vector<std::string> missing;
  for (const std::string_view flag : {"source-db-user", "source-db-name", "source-db-schema"}) {
    if (flag == "source-db-schema" && has_one_schema(values.text("source-db-type"))) continue;
    if (values.text(flag).empty()) missing.push_back(fmt::format("\"{}\"", flag));
  }
  if (missing.empty()) return;
  throw base::Error({.code = "CLI-003",
                     .exit = ExitCode::kUsage,
                     .title = fmt::format("required flag(s) {} not set", base::join(missing, ", ")),
                     .fix = {"give them as flags or in the file of --config-file",
                             "or give metadata that were gathered before: --assessment-metadata-dir"}});
}

void show_banner(Session& session, const Endpoint& source, const std::string& version) {
  const Values& values = session.values();
  std::string text = report::banner_text(
      "Migration assessment",
      {{"yb-voyager", std::string(kVersion)},
       {"migration", session.migration()},
       {"source", has_metadata(values) ? std::string() : source.options.product + " " + display(source.options)},
       {"metadata", values.text("assessment-metadata-dir")},
       {"target", migration::target_name(version)},
       {"export directory", session.export_dir().string()},
       {"configuration", values.text("config-file")}},
      session.console().message_style());
  if (!text.empty() && text.back() == '\n') text.pop_back();
  session.console().line(text);
}

migration::AssessOptions options_of(Session& session, const std::string& version) {
  const Values& values = session.values();
  migration::AssessOptions options{.export_dir = session.export_dir(),
                                   .metadata_dir = values.text("assessment-metadata-dir"),
                                   .target_version = version,
                                   .load_interval = std::chrono::seconds(values.number("iops-capture-interval")),
                                   .primary_only = values.on("primary-only"),
                                   .run_guardrails = values.on("run-guardrails-checks"),
                                   .start_clean = values.on("start-clean"),
                                   .by_export_schema = values.on("invoked-by-export-schema"),
                                   .queries = looks_into_queries(values),
                                   .bodies = looks_into_bodies(values)};
  if (values.on("data-scan"))
    options.scan = connector::DataScan{static_cast<std::uint64_t>(values.number("data-scan-rows"))};
  for (const std::string& endpoint : values.list("source-read-replica-endpoints"))
    options.replicas.push_back(parse_endpoint(endpoint));
  return options;
}

[[noreturn]] void fail_without_fit(Session& session, const model::Assessment& assessment) {
  throw base::Error({.code = "ASM-104",
                     .title = "no cluster was found that the source fits into",
                     .where = migration::assessment_report_file(session.export_dir()).string(),
                     .cause = assessment.sizing.failure,
                     .fix = {"read the sizes that were tried in the report"},
                     .then = "the reports are written and hold everything else"});
}

std::filesystem::path value_rules_file(Session& session) {
  return migration::assessment_report_file(session.export_dir()).parent_path() / "value-rules.yaml";
}

// One line for each kind of value, to be looked through and put into the configuration file.
void write_value_rules(Session& session, const model::Assessment& assessment) {
  std::string lines, rules;
  for (const model::AnalysisIssue& issue : assessment.analysis.issues) {
    const auto rule = issue.details.find("ProposedRule");
    if (rule == issue.details.end()) continue;
    lines += fmt::format("# {}: {}\n#   proposed: {}\n", base::one_line(issue.object_name),
                         base::one_line(issue.reason), base::one_line(rule->second));
    for (const std::string& example : base::split(issue.details.at("Examples"), '\n'))
      lines += fmt::format("#   {}\n", base::one_line(example));
    // A column has one rule; the first that was found for it is proposed.
    const std::string column = rule->second.substr(0, rule->second.find('='));
    if (("," + rules).find("," + column + "=") != std::string::npos) continue;
    rules += (rules.empty() ? "" : ",") + rule->second;
  }
  YAML::Emitter yaml;
  yaml << YAML::DoubleQuoted << rules;
  const std::string text = lines + (rules.empty() ? "# Every value that was read fits.\n"
                                                  : fmt::format("export-data:\n  value-rules: {}\n", yaml.c_str()));
  base::write_file_atomically(value_rules_file(session), text);
}

std::string issues_found(const model::Assessment& assessment) {
  return report::counted(assessment.analysis.issues.size(), "issue", "issues");
}

void tell(Session& session, const model::Assessment& assessment) {
  Console& console = session.console();
  const std::filesystem::path json = migration::assessment_report_file(session.export_dir());
  console.notice(model::NoticeLevel::kSuccess, "Migration assessment completed: " + issues_found(assessment));
  console.line("  JSON report: " + json.string());
  console.line("  HTML report: " + std::filesystem::path(json).replace_extension(".html").string());
  if (session.values().on("anonymize"))
    console.line("  both without names: " + anonymized_file(json).replace_extension(".*").string());
  if (session.values().on("data-scan"))
    console.line("  rules for values that the target cannot hold: " + value_rules_file(session).string());
  console.answer(console.machine_output() ? report::assessment_json(assessment)
                                          : report::assessment_summary(assessment));
}

ExitCode run(Session& session) {
  const std::string version = target_version(session, "Assess");
  const bool live = !has_metadata(session.values());
  Endpoint source;
  source.options.product = base::lower(session.values().text("source-db-type"));
  if (live) {
    source = source_endpoint(session);
  } else if (has_one_schema(source.options.product)) {
    source.product = &source_product(source.options.product);
    source.options.schemas = {model::Identifier("public")};
    source.options.type_rules = session.values().list("type-rules");
  } else {
    source.product = &source_product(kUsualMetadata);
  }
  show_banner(session, source, version);
  FlowRun run(session);
  const migration::AssessOptions options = options_of(session, version);
  model::Assessment assessment =
      migration::assess_migration(*source.product, source.options, options, session.db(), session.flow());
  assessment.analysis.program_version = kVersion;
  assessment.command_line = session.resume_command();
  if (live) migration::note_source(session.db(), source.options);
  session.console().notice(model::NoticeLevel::kInfo, "Generating report");
  write_assessment_reports(session, assessment, session.values().on("anonymize"));
  if (session.values().on("data-scan")) write_value_rules(session, assessment);
  base::fault_point<"assess.before_done">();  // the reports are written, the state does not know it
  migration::note_assessment_done(session.db(), options.by_export_schema);
  tell(session, assessment);
  run.summary().moves_rows = false;
  run.summary().notes.push_back(
      fmt::format("{}, complexity {}", issues_found(assessment), assessment.complexity.level));
  if (!assessment.sizing.failure.empty()) fail_without_fit(session, assessment);
  run.finish(ExitCode::kOk, "export schema");
  return ExitCode::kOk;
}

}  // namespace

void add_assess_command(std::vector<Command>& all) {
  all.push_back(
      {.path = "assess-migration",
       .id = "assess-migration",
       .summary = "Tell what a migration of the source will take: issues, sizing, effort",
       .examples = {{"a live source",
                     "yb-voyager assess-migration --export-dir shop --source-db-type postgresql --source-db-host db1 "
                     "--source-db-user mig --source-db-name shop --source-db-schema public"},
                    {"from gathered metadata",
                     "yb-voyager assess-migration --export-dir shop --source-db-type postgresql "
                     "--assessment-metadata-dir /path/to/assessment_metadata_dir"}},
       .groups = {source_flags(),
                  dump_program_flags(),
                  target_type_flags(),
                  {"Assessment", kAssessFlags},
                  type_rule_flags(),
                  guardrail_flags(),
                  output_flags(),
                  global_flags()},
       .required = {"source-db-type"},
       .sections = {"assess-migration"},
       .databases = {"source", "target"},
       .workspace = Workspace::kCreates,
       .has_banner = true,
       .starts_over = true,
       .check = check,
       .run = run});
}

}  // namespace voyager::cli
