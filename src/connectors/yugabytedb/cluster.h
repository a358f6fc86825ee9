// Which nodes there are, and what follows from their number. Pure functions; the queries are in target.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/connection.h"

namespace voyager::yugabytedb {

struct Node {
  std::string host = {};
  int port = 0;
  std::string public_ip = {};
  auto operator<=>(const Node&) const = default;
};

/// Where connections go.
struct Topology {
  std::vector<std::string> endpoints = {};  ///< host:port, at least one.
  bool load_balancer = false;               ///< The given host is none of the nodes: all connections go to it.
  int nodes = 1;                            ///< Of the cluster, also when only the balancer is seen.
};

/// --target-endpoints come first; a given host that is no node (by name, public address or what the name resolves to)
/// is a load balancer; else the nodes, by public address when asked for.
Topology choose_topology(const model::ConnectionOptions& options, int port, const std::vector<Node>& nodes);

/// Where each node is asked for what it alone knows: --target-endpoints, else every node, also behind a load balancer;
/// the given host where no node is known.
std::vector<std::string> query_endpoints(const model::ConnectionOptions& options, const std::vector<Node>& nodes);

/// Numeric addresses of a host, itself when it cannot be resolved.
std::vector<std::string> addresses_of(const std::string& host);

/// Connections to begin with: a quarter of the cluster's cores, at least one. `cores` of all nodes; 0 = not known, then
/// 16 a node are assumed.
int default_connections(int cores, int nodes);

/// "YugabyteDB 2025.2.3.0" from version()'s "PostgreSQL 15.2-YB-2025.2.3.0-b0 on ..."; empty when it is no YugabyteDB.
std::string product_version(std::string_view version);

/// What a loader's session is told, apart from switching triggers off. `variables` is the text of
/// /etc/yb-voyager/ybSessionVariables.sql, one statement a line.
std::vector<std::string> session_settings(std::string_view variables);

/// The host and port of an endpoint in the form that the flag takes.
std::string endpoint_text(const std::string& host, int port);

}  // namespace voyager::yugabytedb
