#include "connectors/yugabytedb/cluster.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace voyager::yugabytedb {
namespace {

constexpr int kCoresAssumed = 16;
constexpr int kCoresForEachConnection = 4;

bool same_host(const std::vector<std::string>& addresses, const std::string& host) {
  if (host.empty()) return false;
  for (const std::string& address : addresses_of(host)) {
    if (std::ranges::find(addresses, address) != addresses.end()) return true;
  }
  return false;
}

bool is_node(const std::string& host, const std::vector<Node>& nodes) {
  const auto named = [&](const Node& node) { return node.host == host || node.public_ip == host; };
  if (std::ranges::any_of(nodes, named)) return true;
  const std::vector<std::string> addresses = addresses_of(host);
  return std::ranges::any_of(
      nodes, [&](const Node& node) { return same_host(addresses, node.host) || same_host(addresses, node.public_ip); });
}

std::vector<std::string> endpoints_of(const model::ConnectionOptions& options, int port,
                                      const std::vector<Node>& nodes) {
  std::vector<std::string> out;
  for (const Node& node : nodes) {
    const bool public_one = options.use_public_ip && !node.public_ip.empty();
    out.push_back(endpoint_text(public_one ? node.public_ip : node.host, node.port > 0 ? node.port : port));
  }
  return out;
}

}  // namespace

std::vector<std::string> addresses_of(const std::string& host) {
  std::vector<std::string> out;
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) == 0) {
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
      std::array<char, NI_MAXHOST> text = {};
      if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
        out.emplace_back(text.data());
      }
    }
    ::freeaddrinfo(found);
  }
  if (out.empty()) out.push_back(host);
  return out;
}

std::string endpoint_text(const std::string& host, int port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Topology choose_topology(const model::ConnectionOptions& options, int port, const std::vector<Node>& nodes) {
  Topology out;
  out.nodes = std::max(1, static_cast<int>(nodes.size()));
  if (!options.endpoints.empty()) {
    out.endpoints = options.endpoints;
    return out;
  }
  const std::string host = options.host.empty() ? "127.0.0.1" : options.host;
  out.load_balancer = !nodes.empty() && !is_node(host, nodes);
  if (nodes.empty() || out.load_balancer) {
    out.endpoints = {endpoint_text(host, port)};
    return out;
  }
  out.endpoints = endpoints_of(options, port, nodes);
  return out;
}

std::vector<std::string> query_endpoints(const model::ConnectionOptions& options, const std::vector<Node>& nodes) {
  if (!options.endpoints.empty()) return options.endpoints;
  if (!nodes.empty()) return endpoints_of(options, options.port, nodes);
  return {endpoint_text(options.host.empty() ? "127.0.0.1" : options.host, options.port)};
}

int default_connections(int cores, int nodes) {
  const int known = cores > 0 ? cores : nodes * kCoresAssumed;
  return std::max({1, nodes, known / kCoresForEachConnection});
}

std::string product_version(std::string_view version) {
  const std::size_t at = version.find("-YB-");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = version.substr(at + 4);
  return "YugabyteDB " + std::string(rest.substr(0, rest.find_first_of("- ")));
}

std::vector<std::string> session_settings(std::string_view variables) {
  std::vector<std::string> out = {"SET default_transaction_isolation TO 'repeatable read'"};
  for (const std::string& raw : base::split(variables, '\n')) {
    const std::string_view line = base::trim(raw);
    if (!line.empty() && !line.starts_with("--")) out.emplace_back(line);
  }
  return out;
}

}  // namespace voyager::yugabytedb
