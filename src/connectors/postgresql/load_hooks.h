// What of the target acts on rows while they are loaded: triggers, rules, keys; and on which rows of others they
// depend.
#pragma once

#include <vector>

#include "connector/target.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

/// `triggers_off`: our sessions may switch triggers off (session_replication_role = replica).
connector::LoadHooks find_load_hooks(Connection& connection, const std::vector<model::TableName>& names,
                                     bool triggers_off, bool ignore_key_conflicts);

std::vector<connector::RowDependence> find_row_dependences(Connection& connection,
                                                           const std::vector<model::TableName>& names);

}  // namespace voyager::postgresql
