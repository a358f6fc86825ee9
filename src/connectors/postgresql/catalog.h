// Reading the catalog into model values; the same for source and target.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "connectors/postgresql/connection.h"
#include "model/table.h"

namespace voyager::postgresql {

/// Tables that can hold rows and roots of partitioned tables of the schemas, by name, with columns and primary key. A
/// leaf whose root is in none of the schemas counts as a plain table.
std::vector<model::Table> tables_of_schemas(Connection& connection, const std::vector<model::Identifier>& schemas);

/// The tables of these names that exist, by name.
std::vector<model::Table> tables_of_names(Connection& connection, const std::vector<model::TableName>& names);

/// Materialized views of the schemas that hold rows, by name.
std::vector<model::Table> filled_views_of_schemas(Connection& connection,
                                                  const std::vector<model::Identifier>& schemas);

/// Sequences of the schemas and where they stand now (sequences are outside of snapshots). Each that is read stays
/// locked until the transaction ends; `after_some` is called after every few hundred.
std::vector<model::Sequence> sequences_of_schemas(Connection& connection, const std::vector<model::Identifier>& schemas,
                                                  const std::function<void()>& after_some = {});

/// The given schemas, or all that are not the system's when there are none.
std::vector<model::Identifier> effective_schemas(Connection& connection, const std::vector<model::Identifier>& schemas);

/// Schemas and names as two array literals, pair by pair.
std::pair<std::string, std::string> name_arrays(const std::vector<model::TableName>& names);

/// "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)"; a relative of PostgreSQL is shown as its own version() begins.
std::string version_text(Connection& connection);

}  // namespace voyager::postgresql
