// The checks of a source that more than one command needs. Each appends what it finds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgresql/connection.h"
#include "model/connection.h"
#include "model/table.h"

namespace voyager::postgresql {

/// The server's version: too old is fatal, newer than what was tried is told.
void check_source_version(const Connection& connection, std::vector<model::Finding>& out);

/// A pg_dump for the server's version is at hand: `named`, or one that is found. `who` needs it: "export schema".
void check_pg_dump(const Connection& connection, const std::string& named, std::string_view who,
                   std::vector<model::Finding>& out);

/// The schemas exist and may be used.
void check_schemas(Connection& connection, const std::vector<model::Identifier>& schemas,
                   std::vector<model::Finding>& out);

/// Tables may be read: all of the schemas, or `tables` and the schemas' sequences when it is given.
void check_relations(Connection& connection, const std::vector<model::Identifier>& schemas,
                     const std::vector<model::Table>* tables, std::vector<model::Finding>& out);

}  // namespace voyager::postgresql
