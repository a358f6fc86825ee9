// YugabyteDB as a target: PostgreSQL's loaders and checks, with nodes, load and session settings of its own.
#pragma once

#include <memory>
#include <vector>

#include "connector/target.h"
#include "connectors/postgresql/target.h"
#include "connectors/yugabytedb/cluster.h"

namespace voyager::yugabytedb {

inline constexpr int kDefaultPort = 5433;
inline constexpr const char* kDefaultDatabase = "yugabyte";

/// Asks one node for the others when the first connection is wanted, not before.
std::unique_ptr<connector::Target> make_target(const model::ConnectionOptions& options);

/// What of a server's own settings and files shapes the sessions: `settings` are the names it lists.
postgresql::Flavour flavour_of(const std::vector<std::string>& settings, std::string_view variables);

/// The way to every YugabyteDB: its default port and database and its error texts.
postgresql::Connection::Extras connection_extras();
/// With YugabyteDB's port and database where none is given.
model::ConnectionOptions with_defaults(model::ConnectionOptions options);

/// The nodes that the server knows of; none when it does not tell.
std::vector<Node> nodes_of(postgresql::Connection& connection);

}  // namespace voyager::yugabytedb
