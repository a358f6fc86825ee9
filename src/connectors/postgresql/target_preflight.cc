// Checks before an import: what the target is, and what we may do there.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <thread>

#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/comparison_facts.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/server_versions.h"
#include "connectors/postgresql/target.h"
#include "connectors/postgresql/writable.h"

namespace voyager::postgresql {
namespace {

constexpr int kConnectionsWhenUnknown = 8;

std::string role(const Connection& connection) {
  return model::quoted(model::Identifier(connection.user()));
}

class Preflight final : public connector::TargetPreflight {
 public:
  Preflight(const model::ConnectionOptions& options, const Flavour& flavour)
      : options_(options), connection_(options, flavour.connection) {}

  model::TargetTraits traits() override {
    model::TargetTraits out;
    out.version_text = version_text(connection_);
    out.cores = is_loopback(options_.host) ? static_cast<int>(std::thread::hardware_concurrency()) : 0;
    out.default_connections = out.cores > 0 ? std::max(2, out.cores / 2) : kConnectionsWhenUnknown;
    out.can_disable_triggers = can_disable_triggers(connection_);
    out.large_objects = true;
    return out;
  }

  std::vector<model::Finding> check_import_schema(const std::vector<model::Identifier>& schemas) override {
    std::vector<model::Finding> out;
    check_version(out);
    check_create_rights(connection_, schemas, out);
    return out;
  }

  std::vector<model::Finding> check_database(const connector::DatabaseForm& source) override {
    return postgresql::check_database(connection_, source);
  }

  std::vector<model::Finding> check_import_data(const std::vector<model::Table>& tables, bool empties) override {
    std::vector<model::Finding> out;
    check_version(out);
    check_table_rights(connection_, tables, empties, out);
    return out;
  }

  std::vector<model::Finding> check_emptying(const std::vector<model::TableName>& names) override {
    return postgresql::emptying_blockers(connection_, names);
  }

 private:
  void check_version(std::vector<model::Finding>& out) {
    check_writable(connection_, options_, out);
    note_newer_version(connection_, out);
    if (connection_.major() >= kOldestMajor) return;
    out.push_back({.fatal = true,
                   .title = version_text(connection_) + " is not a supported target",
                   .cause = fmt::format("version {} or newer is needed", kOldestMajor)});
  }

  const model::ConnectionOptions options_;
  Connection connection_;
};

std::vector<model::TableName> names_of(const std::vector<model::Table>& tables) {
  std::vector<model::TableName> out;
  for (const model::Table& table : tables) out.push_back(table.name);
  return out;
}

void check_bookkeeping_rights(Connection& connection, std::vector<model::Finding>& out) {
  const Result row = connection.query(queries::kBookkeepingState, "check the rights");
  const bool exists = row.boolean(0, 0);
  if (exists ? row.boolean(0, 1) : row.boolean(0, 2)) return;
  const model::Identifier database(connection.database());
  out.push_back(
      {.fatal = true,
       .title = "no right to keep books on the target",
       .cause = "import data notes in schema ybvoyager_metadata which batches are in",
       .fix = {exists ? fmt::format("GRANT CREATE, USAGE ON SCHEMA ybvoyager_metadata TO {};", role(connection))
                      : fmt::format("GRANT CREATE ON DATABASE {} TO {};", model::quoted(database), role(connection))}});
}

std::map<std::string, model::Finding> missing_rights(Connection& connection,
                                                     const std::vector<model::TableName>& wanted) {
  const auto [schemas, names] = name_arrays(wanted);
  const Result rows = connection.query(queries::kTableRights, {schemas, names}, "check the rights");
  std::map<std::string, model::Finding> out;
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string right = rows.string(row, 3);
    const char* kind = rows.boolean(row, 2) ? "SEQUENCE" : "TABLE";
    model::Finding& finding = out[right];
    finding.fatal = true;
    finding.title = fmt::format("the right {} is missing on the target", right);
    const model::TableName name{rows.identifier(row, 0), rows.identifier(row, 1)};
    finding.cause += (finding.cause.empty() ? "" : ", ") + model::display(name);
    finding.fix.push_back(fmt::format("GRANT {} ON {} {} TO {};", right, kind, model::quoted(name), role(connection)));
  }
  return out;
}

// At most one finding.
std::vector<model::Finding> keys_of_others(Connection& connection, const std::vector<model::TableName>& wanted) {
  const auto [schemas, names] = name_arrays(wanted);
  const Result rows = connection.query(queries::kEmptyingBlockers, {schemas, names}, "look for foreign keys");
  if (rows.rows() == 0) return {};
  model::Finding out{.fatal = true, .title = "tables that are not imported refer to tables that are to be emptied"};
  std::vector<std::string> back;
  for (int row = 0; row < rows.rows(); ++row) {
    const model::TableName table{rows.identifier(row, 0), rows.identifier(row, 1)};
    const model::TableName other{rows.identifier(row, 4), rows.identifier(row, 5)};
    const std::string alter = "ALTER TABLE " + model::quoted(table);
    const std::string key = model::quoted(rows.identifier(row, 2));
    out.cause += fmt::format("{}{} refers to {}", row == 0 ? "" : ", ", model::display(table), model::display(other));
    out.fix.push_back(fmt::format("{} DROP CONSTRAINT {};", alter, key));
    back.push_back(fmt::format("after the import: {} ADD CONSTRAINT {} {};", alter, key, rows.text(row, 3)));
  }
  std::ranges::move(back, std::back_inserter(out.fix));
  return {std::move(out)};
}

}  // namespace

bool can_disable_triggers(Connection& connection) {
  const std::optional<ServerFault> fault =
      connection.try_run("BEGIN; SET LOCAL session_replication_role = replica; ROLLBACK", "switch triggers off");
  connection.rollback();
  return !fault;
}

std::vector<model::Finding> check_database(Connection& connection, const connector::DatabaseForm& source) {
  const connector::DatabaseForm own = database_form(connection);
  if (source.collation.empty() || source.collation == own.collation) return {};
  return {
      {.note = true,
       .title = fmt::format("database {} sorts otherwise than the source", connection.database()),
       .cause = fmt::format("collation {} here, {} there: ORDER BY, indexes of texts and partitions bounded by texts "
                            "follow the database",
                            own.collation, source.collation),
       .fix = {"for a database that sorts as the source does: " +
               fmt::format("CREATE DATABASE {} {};",
                           model::quoted(model::Identifier(connection.database() + "_as_source")),
                           source.create_options)}}};
}

void check_create_rights(Connection& connection, const std::vector<model::Identifier>& schemas,
                         std::vector<model::Finding>& out) {
  const Result rows = connection.query(queries::kCreateRights, {array_literal(schemas)}, "check the rights");
  bool told_database = false;
  for (int row = 0; row < rows.rows(); ++row) {
    const model::Identifier schema = rows.identifier(row, 0);
    const bool exists = rows.boolean(row, 1);
    if (exists && !rows.boolean(row, 2)) {
      out.push_back(
          {.fatal = true,
           .title = "no right to create objects in schema " + model::display(schema),
           .cause = "CREATE on the schema is missing",
           .fix = {fmt::format("GRANT CREATE, USAGE ON SCHEMA {} TO {};", model::quoted(schema), role(connection))}});
    } else if (!exists && !rows.boolean(row, 3) && !told_database) {
      told_database = true;
      out.push_back({.fatal = true,
                     .title = "no right to create schemas in database " + connection.database(),
                     .cause = "schema " + model::display(schema) + " does not exist yet",
                     .fix = {fmt::format("GRANT CREATE ON DATABASE {} TO {};",
                                         model::quoted(model::Identifier(connection.database())), role(connection))}});
    }
  }
}

void check_table_rights(Connection& connection, const std::vector<model::Table>& tables, bool empties,
                        std::vector<model::Finding>& out) {
  const std::vector<model::TableName> names = names_of(tables);
  std::map<std::string, model::Finding> missing = missing_rights(connection, names);
  // Where nothing is emptied, a missing TRUNCATE may not matter.
  if (const auto truncate = missing.find("TRUNCATE"); truncate != missing.end()) truncate->second.fatal = empties;
  for (auto& [right, finding] : missing) out.push_back(std::move(finding));
  if (empties) std::ranges::move(keys_of_others(connection, names), std::back_inserter(out));
  check_bookkeeping_rights(connection, out);
}

std::vector<model::Finding> emptying_blockers(Connection& connection, const std::vector<model::TableName>& names) {
  std::vector<model::Finding> out = keys_of_others(connection, names);
  std::map<std::string, model::Finding> missing = missing_rights(connection, names);
  if (const auto truncate = missing.find("TRUNCATE"); truncate != missing.end())
    out.push_back(std::move(truncate->second));
  return out;
}

std::unique_ptr<connector::TargetPreflight> make_target_preflight(const model::ConnectionOptions& options,
                                                                  const Flavour& flavour) {
  return std::make_unique<Preflight>(options, flavour);
}

}  // namespace voyager::postgresql
