#include "connectors/postgresql/assessment_checks.h"

#include <fmt/format.h>

#include "base/text.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/server_versions.h"
#include "connectors/postgresql/source_checks.h"

namespace voyager::postgresql {
namespace {

constexpr int kOldestAssessed = 90500;  // jsonb of a row came with 9.5.

void check_version(const Connection& connection, std::vector<model::Finding>& out) {
  const int major = connection.major();
  note_newer_version(connection, out);
  if (major >= kOldestMajor) return;
  const bool too_old = connection.version() < kOldestAssessed;
  out.push_back({.fatal = too_old,
                 .title = fmt::format("PostgreSQL {} is not a supported source",
                                      major < 10 ? fmt::format("{}.{}", major, connection.version() / 100 % 100)
                                                 : std::to_string(major)),
                 .cause = too_old ? "an assessment needs 9.5 or newer"
                                  : fmt::format("the assessment can be tried, but exports are supported from {} to {}",
                                                kOldestMajor, kNewestTried),
                 .fix = {}});
}

void check_load(Connection& connection, bool primary, std::vector<model::Finding>& out) {
  const Result rows = connection.query(queries::kLoadSettings, "tell its settings");
  if (!rows.boolean(0, 0)) {
    out.push_back({.title = "the server does not count reads and writes",
                   .cause = "track_counts is off, so the assessment sees no load and no row counts",
                   .fix = {"ALTER SYSTEM SET track_counts = on;", "SELECT pg_reload_conf();"}});
  }
  if (primary && rows.boolean(0, 1)) {
    out.push_back(
        {.title = "read replicas are connected that the source user may not see",
         .cause = "their addresses are shown to superusers and members of pg_read_all_stats only",
         .fix = {fmt::format("GRANT pg_read_all_stats TO {};", model::quoted(model::Identifier(connection.user()))),
                 "or name them with --source-read-replica-endpoints, or give --primary-only"}});
  }
}

void check_tables(Connection& connection, const std::vector<model::Identifier>& schemas,
                  std::vector<model::Finding>& out) {
  const Result rows = connection.query(queries::kTablesOfSchemas, {array_literal(schemas)}, "list the tables");
  if (rows.rows() > 0) return;
  out.push_back({.title = "no table was found in the schemas of the source", .fix = {"check --source-db-schema"}});
}

void check_analyzed(Connection& connection, const std::vector<model::Identifier>& schemas,
                    std::vector<model::Finding>& out) {
  const Result rows =
      connection.query(queries::kNeverAnalyzed, {array_literal(schemas)}, "tell when tables were analyzed");
  std::vector<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) names.push_back(model::display(rows.identifier(row, 0)));
  if (names.empty()) return;
  out.push_back({.title = fmt::format("no table of schema {} was ever analyzed", base::join(names, ", ")),
                 .cause = "without statistics of its columns the assessment misses findings about indexes",
                 .fix = {"ANALYZE;"}});
}

}  // namespace

std::vector<model::Finding> check_assessment(Connection& connection, const model::ConnectionOptions& options,
                                             const std::vector<model::Identifier>& schemas, bool primary) {
  std::vector<model::Finding> out;
  check_version(connection, out);
  // A replica has the primary's schemas, rights and statistics.
  if (primary) {
    check_pg_dump(connection, options.dump_program, "reading the schema", out);
    check_schemas(connection, schemas, out);
    check_tables(connection, schemas, out);
    // pg_dump locks the tables whose definitions it reads, and that takes the right to read them.
    check_relations(connection, schemas, nullptr, out);
  }
  check_load(connection, primary, out);
  if (primary) check_analyzed(connection, schemas, out);
  return out;
}

}  // namespace voyager::postgresql
