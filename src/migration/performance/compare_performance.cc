#include "migration/performance/compare_performance.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "format/assessment_db.h"
#include "migration/performance/application_statement.h"
#include "migration/performance/match_queries.h"
#include "migration/state/status.h"
#include "sql/parse_tree.h"
#include "sql/password_mask.h"

namespace voyager::migration {
namespace {

using base::ExitCode;
using nlohmann::json;

constexpr const char* kNothingChanged = "nothing was changed; run the command again afterwards";

/// Null when it is not there or no object.
const json* object_in(const json& parent, const char* key) {
  if (!parent.is_object()) return nullptr;
  const auto found = parent.find(key);
  return found != parent.end() && found->is_object() ? &*found : nullptr;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void keep_application_statements(std::vector<model::QueryStatistics>& queries) {
  sql::with_large_stack(
      [&] { std::erase_if(queries, [](const auto& one) { return !is_application_statement(one.query); }); });
}

// Servers note statements about roles with the passwords in them; reports must not.
void mask_passwords(std::vector<model::QueryStatistics>& queries) {
  for (model::QueryStatistics& one : queries) one.query = sql::mask_passwords(one.query);
}

[[noreturn]] void refuse_unreadable(const model::Finding& finding, const std::string& where) {
  throw base::Error({.code = "CMP-004",
                     .exit = ExitCode::kPreflight,
                     .title = "the target's query statistics cannot be read",
                     .where = where,
                     .cause = finding.cause.empty() ? finding.title : finding.cause,
                     .fix = finding.fix,
                     .then = kNothingChanged});
}

std::vector<model::QueryStatistics> target_queries(connector::QueryStatisticsSource& target, const std::string& where,
                                                   const base::Stop& stop) {
  const std::vector<model::Finding> findings = target.check_queries();
  if (!findings.empty()) refuse_unreadable(findings.front(), where);
  std::vector<model::QueryStatistics> queries = target.queries();
  base::throw_if_draining(stop, "the comparison was stopped", kNothingChanged);
  keep_application_statements(queries);
  mask_passwords(queries);
  if (!queries.empty()) return queries;
  throw base::Error({.code = "CMP-005",
                     .exit = ExitCode::kPreflight,
                     .title = "the target has no query statistics yet",
                     .where = where,
                     .cause = "pg_stat_statements holds no queries of an application of this database",
                     .fix = {"run the source's workload on the target"},
                     .then = kNothingChanged});
}

}  // namespace

std::vector<model::QueryStatistics> assessed_queries(const std::filesystem::path& assessment_db) {
  std::vector<model::QueryStatistics> queries = format::AssessmentDb::open(assessment_db).queries();
  keep_application_statements(queries);
  mask_passwords(queries);
  if (!queries.empty()) return queries;
  throw base::Error(
      {.code = "CMP-003",
       .exit = ExitCode::kState,
       .title = "the assessment holds no queries of the source",
       .where = assessment_db.string() + ", table db_queries_summary",
       .cause = "pg_stat_statements could not be read or held none of an application when the source was assessed",
       .fix = {"make pg_stat_statements work on the source and let the application run for a while",
               "assess it again: yb-voyager assess-migration --start-clean true ..."},
       .then = kNothingChanged});
}

model::PerformanceComparison compare_performance(const std::vector<model::QueryStatistics>& source,
                                                 const connector::ConnectorEntry& product,
                                                 const model::ConnectionOptions& target, const base::Stop& stop) {
  if (!product.query_statistics) {
    throw base::Error({.code = "CMP-004",
                       .exit = ExitCode::kPreflight,
                       .title = fmt::format("{} keeps no query statistics that can be read", product.product)});
  }
  const std::string where = fmt::format("{}:{}/{}", target.host, target.port, target.database);
  const auto connection = product.query_statistics(target);
  model::PerformanceComparison comparison{
      .made_at = base::utc_now(), .target_version = connection->version_text(), .target_database = target.database};
  comparison.all = match_queries(source, target_queries(*connection, where, stop));
  rank_queries(comparison);
  return comparison;
}

NotedDatabase compared_source(format::DocumentLedger& db, const std::filesystem::path& assessment_report) {
  NotedDatabase source = noted_source(db);
  // An assessment of metadata that were gathered elsewhere notes no connection; only its report names the source.
  if (!std::filesystem::exists(assessment_report)) return source;
  const json report = json::parse(base::read_file(assessment_report), nullptr, false);
  const json* summary = object_in(report, "SchemaSummary");
  if (summary == nullptr) return source;
  if (source.database.empty()) source.database = text_of(*summary, "DbName");
  if (source.version.empty()) source.version = text_of(*summary, "DbVersion");
  return source;
}

bool comparison_done(format::DocumentLedger& db) {
  return migration_record(db).performance_compared;
}

void note_comparison(format::DocumentLedger& db, bool done) {
  change_record(db, [done](MigrationRecord& record) { record.performance_compared = done; });
}

}  // namespace voyager::migration
