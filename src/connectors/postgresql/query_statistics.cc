#include "connectors/postgresql/query_statistics.h"

#include <fmt/format.h>

#include <utility>

#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/gather/queries.h"
#include "connectors/postgresql/queries.h"

namespace voyager::postgresql {
namespace {

class QueryStatistics final : public connector::QueryStatisticsSource {
 public:
  explicit QueryStatistics(const model::ConnectionOptions& options)
      : connection_(options), version_text_(postgresql::version_text(connection_)) {}

  std::string version_text() override { return version_text_; }
  std::vector<model::Finding> check_queries() override { return check_query_statistics(connection_); }
  std::vector<model::QueryStatistics> queries() override { return read_query_statistics(connection_); }

 private:
  Connection connection_;
  const std::string version_text_;
};

model::Finding unreadable(const Connection& connection, std::string cause, std::vector<std::string> fix) {
  return {.title = fmt::format("the queries of {} cannot be assessed", connection.where()),
          .cause = std::move(cause),
          .fix = std::move(fix)};
}

}  // namespace

std::unique_ptr<connector::QueryStatisticsSource> make_query_statistics(const model::ConnectionOptions& options) {
  return std::make_unique<QueryStatistics>(options);
}

std::vector<model::Finding> check_query_statistics(Connection& connection) {
  const std::string role = model::quoted(model::Identifier(connection.user()));
  const Result place = connection.query(queries::kQueryStatisticsPlace, "look for pg_stat_statements");
  if (place.rows() == 0) {
    return {unreadable(connection, "the extension pg_stat_statements is not installed in this database",
                       {"CREATE EXTENSION pg_stat_statements;",
                        "it needs shared_preload_libraries = 'pg_stat_statements' and a restart of the server"})};
  }
  const model::Identifier schema = place.identifier(0, 0);
  if (!place.boolean(0, 1)) {
    return {unreadable(connection,
                       fmt::format("no right to use schema {}, where pg_stat_statements is", display(schema)),
                       {fmt::format("GRANT USAGE ON SCHEMA {} TO {};", model::quoted(schema), role)})};
  }
  if (!place.boolean(0, 2)) {
    return {unreadable(connection, "only superusers and members of pg_read_all_stats see the queries of all users",
                       {fmt::format("GRANT pg_read_all_stats TO {};", role)})};
  }
  // Whether its library was loaded at the server's start is known only to the view itself.
  const std::string probe = fmt::format("SELECT 1 FROM {}.pg_stat_statements LIMIT 1", model::quoted(schema));
  if (const std::optional<ServerFault> fault = connection.try_run(probe, "read pg_stat_statements")) {
    std::vector<std::string> fix = {"set shared_preload_libraries = 'pg_stat_statements' and restart the server"};
    if (fault->sqlstate == "42501")
      fix = {fmt::format("GRANT SELECT ON {}.pg_stat_statements TO {};", model::quoted(schema), role)};
    // The view converts the texts of all databases before any of them can be left out.
    if (fault->sqlstate == "22021" || fault->sqlstate == "22P05") {
      fix = {"it holds statements of another database in another encoding: while it does, nobody reads it from here",
             "forget those of that database: SELECT pg_stat_statements_reset(0, <its oid in pg_database>, 0);"};
    }
    return {unreadable(connection, fault->message, std::move(fix))};
  }
  return {};
}

std::vector<model::QueryStatistics> read_query_statistics(Connection& connection) {
  connection.run(std::string(gather::kSession), "set up the session");
  const Result rows = connection.query(queries::kQueryStatistics, "read pg_stat_statements");
  std::vector<model::QueryStatistics> out;
  for (int row = 0; row < rows.rows(); ++row) {
    out.push_back({.id = rows.string(row, 0),
                   .query = rows.string(row, 1),
                   .calls = rows.number(row, 2),
                   .rows = rows.number(row, 3),
                   .total_ms = rows.real(row, 4),
                   .mean_ms = rows.real(row, 5),
                   .min_ms = rows.real(row, 6),
                   .max_ms = rows.real(row, 7),
                   .stddev_ms = rows.real(row, 8)});
  }
  return model::merge_by_text(std::move(out));
}

}  // namespace voyager::postgresql
