// One target: hands out connections, in turn over the given endpoints.
#include "connectors/postgresql/target.h"

#include <atomic>
#include <charconv>
#include <utility>

namespace voyager::postgresql {
namespace {

class PlainTarget final : public connector::Target {
 public:
  explicit PlainTarget(const model::ConnectionOptions& options) : options_(options) {}

  std::unique_ptr<connector::TargetPreflight> preflight() override {
    return open([&](const model::ConnectionOptions& node) { return make_target_preflight(node, flavour_); });
  }
  std::unique_ptr<connector::SchemaTarget> schema() override {
    return open([&](const model::ConnectionOptions& node) { return make_schema_target(node, flavour_); });
  }
  std::unique_ptr<connector::ImportAdmin> admin(const std::string& migration) override {
    return open([&](const model::ConnectionOptions& node) { return make_import_admin(node, flavour_, migration); });
  }
  std::unique_ptr<connector::SnapshotTarget> loader(const std::string& migration,
                                                    const connector::Fence& fence) override {
    return open(
        [&](const model::ConnectionOptions& node) { return make_snapshot_target(node, flavour_, migration, fence); });
  }
  std::optional<connector::ClusterLoad> load() override { return std::nullopt; }

 private:
  template <typename Make>
  auto open(Make&& make) -> decltype(make(std::declval<const model::ConnectionOptions&>())) {
    if (options_.endpoints.empty()) return make(options_);
    return open_first_reachable(next_++, options_.endpoints.size(), [&](std::size_t node) {
      return make(at_endpoint(options_, options_.endpoints[node]));
    });
  }

  const model::ConnectionOptions options_;
  const Flavour flavour_ = {};
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace

model::ConnectionOptions at_endpoint(model::ConnectionOptions options, const std::string& endpoint) {
  std::string host = endpoint;
  std::string port;
  if (endpoint.starts_with('[')) {
    const std::size_t close = endpoint.find(']');
    host = endpoint.substr(1, close - 1);
    if (close != std::string::npos && close + 1 < endpoint.size() && endpoint[close + 1] == ':') {
      port = endpoint.substr(close + 2);
    }
  } else if (const std::size_t colon = endpoint.find(':');
             colon != std::string::npos && endpoint.find(':', colon + 1) == std::string::npos) {
    host = endpoint.substr(0, colon);
    port = endpoint.substr(colon + 1);
  }
  int number = options.port;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
      base::fail(base::ExitCode::kUsage, "not a port number: " + port, "in the endpoint " + endpoint,
                 {"give --target-endpoints as host:port,host:port"});
    }
  }
  options.host = host;
  options.port = number;
  return options;
}

std::unique_ptr<connector::Target> make_target(const model::ConnectionOptions& options) {
  return std::make_unique<PlainTarget>(options);
}

}  // namespace voyager::postgresql
