#include "connectors/postgresql/source_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/pg_dump.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/server_versions.h"

namespace voyager::postgresql {
namespace {

std::string role(const Connection& connection) {
  return model::quoted(model::Identifier(connection.user()));
}

}  // namespace

void check_source_version(const Connection& connection, std::vector<model::Finding>& out) {
  note_newer_version(connection, out);
  if (connection.major() >= kOldestMajor) return;
  out.push_back({.fatal = true,
                 .title = fmt::format("PostgreSQL {} is not a supported source", connection.major()),
                 .cause = fmt::format("supported are {} to {}", kOldestMajor, kNewestTried),
                 .fix = {}});
}

void check_pg_dump(const Connection& connection, const std::string& named, std::string_view who,
                   std::vector<model::Finding>& out) {
  for (model::Finding& finding : check_dump_program(find_pg_dump(named), connection.major(), who))
    out.push_back(std::move(finding));
}

void check_schemas(Connection& connection, const std::vector<model::Identifier>& schemas,
                   std::vector<model::Finding>& out) {
  const Result rows = connection.query(queries::kMissingUsage, {array_literal(schemas)}, "check the schemas");
  for (int row = 0; row < rows.rows(); ++row) {
    const model::Identifier schema = rows.identifier(row, 0);
    if (!rows.boolean(row, 1)) {
      std::vector<std::string> names;
      for (const model::Identifier& one : effective_schemas(connection, {})) names.push_back(model::display(one));
      out.push_back({.fatal = true,
                     .title = "the source has no schema " + model::display(schema),
                     .cause = "its schemas are " + base::join(names, ", "),
                     .fix = {"name an existing schema with --source-db-schema"}});
    } else if (!rows.boolean(row, 2)) {
      out.push_back({.fatal = true,
                     .title = "no right to use schema " + model::display(schema),
                     .cause = "USAGE on the schema is missing",
                     .fix = {fmt::format("GRANT USAGE ON SCHEMA {} TO {};", model::quoted(schema), role(connection))}});
    }
  }
}

void check_relations(Connection& connection, const std::vector<model::Identifier>& schemas,
                     const std::vector<model::Table>* tables, std::vector<model::Finding>& out) {
  const Result rows = connection.query(queries::kUnreadableRelations, {array_literal(schemas)}, "check the rights");
  std::map<std::pair<model::Identifier, bool>, std::vector<model::TableName>> missing;
  for (int row = 0; row < rows.rows(); ++row) {
    const model::TableName name{rows.identifier(row, 0), rows.identifier(row, 1)};
    const bool sequence = rows.boolean(row, 2);
    if (sequence && tables == nullptr) continue;  // Their definitions are readable without a right.
    if (!sequence && tables != nullptr && std::ranges::find(*tables, name, &model::Table::name) == tables->end())
      continue;
    missing[{name.schema, sequence}].push_back(name);
  }
  for (const auto& [key, names] : missing) {
    const char* kind = key.second ? "SEQUENCE" : "TABLE";
    model::Finding finding{
        .fatal = true,
        .title = fmt::format("no right to read {} {}s of schema {}", names.size(), base::lower(kind),
                             model::display(key.first)),
        .cause = tables == nullptr ? "SELECT is missing, and pg_dump, which reads the definitions, locks each table"
                                   : "SELECT is missing"};
    for (const model::TableName& name : names) {
      finding.fix.push_back(fmt::format("GRANT SELECT ON {} {} TO {};", kind, model::quoted(name), role(connection)));
    }
    out.push_back(std::move(finding));
  }
}

}  // namespace voyager::postgresql
