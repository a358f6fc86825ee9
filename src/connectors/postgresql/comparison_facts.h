// Objects as facts that two servers can compare.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "connector/comparison.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

/// Facts of all objects in the schemas, and of the database's own, that no extension owns. The session's search_path
/// must be pg_catalog, so that definitions name everything with its schema.
std::vector<connector::ObjectFact> facts_of_schemas(Connection& connection, const connector::ObjectScope& scope);

/// How the database stores text, and the kinds of facts that its server does not have.
connector::DatabaseForm database_form(Connection& connection);

/// Index definitions as other PostgreSQL servers write them: YugabyteDB's lsm is a btree, its ybgin a gin, and HASH is
/// where it puts a row, not what it finds. Storage parameters are facts of their own.
std::string normalised_index(std::string definition);

/// A trigger's definition as PostgreSQL 12 and later write it.
std::string normalised_trigger(std::string definition);

/// A view's text as PostgreSQL 16 and later write it. Before 16 a view of one table names the table before each column
/// of the outermost query; the table must not be named where it makes no difference.
std::string normalised_view(std::string definition);

}  // namespace voyager::postgresql
