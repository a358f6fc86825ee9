#include "cli/metrics.h"

#include <fmt/format.h>
#include <httplib.h>
#include <netdb.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "base/group.h"
#include "base/stop.h"
#include "cli/version.h"
#include "report/progress_metrics.h"

namespace voyager::cli {
namespace {

constexpr const char* kForm = "text/plain; version=0.0.4; charset=utf-8";

// A connection has a worker for itself. Requests that do not come to their end must not keep whole scrapes waiting:
// they are given up soon, and there are more workers than anybody needs.
constexpr std::size_t kWorkers = 32;
constexpr std::chrono::milliseconds kReadWait{250};
constexpr std::chrono::seconds kIdleWait{1};

std::string session_id() {
  const std::time_t now = std::chrono::system_clock::to_time_t(base::system_clock().wall());
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts)};
}

std::string address() {
  const char* given = std::getenv("YB_VOYAGER_METRICS_ADDRESS");
  return given == nullptr || *given == '\0' ? "127.0.0.1" : given;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// What getaddrinfo says of a text that is no address; nullptr for one that is.
const char* why_no_address(const std::string& text) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = ::getaddrinfo(text.c_str(), nullptr, &wanted, &found);
  const std::unique_ptr<addrinfo, FreeAddresses> owner(found);
  return fault == 0 ? nullptr : ::gai_strerror(fault);
}

// `fault` is the errno of socket, bind or listen.
Metrics::Refusal refusal(int fault, const std::string& address, int port) {
  const std::string another = "give another port with --metrics-port, or 0 to serve none";
  switch (fault) {
    case EADDRINUSE:
      return {.cause = "another program listens there",
              .fix = {another, fmt::format("see who listens there: ss -ltnp 'sport = :{}'", port)}};
    case EACCES:
      return {.cause = "this user may not use it", .fix = {another}};
    case EADDRNOTAVAIL:
      return {.cause = fmt::format("this machine has no address {} (YB_VOYAGER_METRICS_ADDRESS)", address),
              .fix = {"set it to an address of this machine, or to 0.0.0.0 for all of them",
                      "list them: ip -brief address", "unset it to serve them on 127.0.0.1"}};
    default:
      return {.cause = std::strerror(fault), .fix = {another}};
  }
}

}  // namespace

struct Metrics::Server {
  httplib::Server http = {};
  socket_t listening = INVALID_SOCKET;
  std::atomic<bool> ended = false;
  base::Stop stop = {};
  base::Group thread{stop};
  ~Server() { http.stop(); }
};

Metrics::Metrics() : session_(session_id()) {}
Metrics::~Metrics() = default;

std::optional<Metrics::Refusal> Metrics::serve(int port) {
  if (server_) return std::nullopt;
  const std::string host = address();
  if (const char* why = why_no_address(host)) {
    return Refusal{.cause = fmt::format("YB_VOYAGER_METRICS_ADDRESS is {}, which is no address: {}", host, why),
                   .fix = {"set it to an address of this machine, or to 0.0.0.0 for all of them",
                           "unset it to serve them on 127.0.0.1"}};
  }
  auto server = std::make_unique<Server>();
  server->http.new_task_queue = [] { return new httplib::ThreadPool(kWorkers); };  // Which takes it over.
  server->http.set_keep_alive_max_count(1);
  server->http.set_keep_alive_timeout(kIdleWait.count());
  server->http.set_read_timeout(kReadWait);
  server->http.set_write_timeout(kIdleWait);
  server->http.set_socket_options([one = server.get()](socket_t socket) {
    one->listening = socket;
    // Not shared with another process, as the library would by default.
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  server->http.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(text(), kForm);
  });
  errno = 0;
  if (!server->http.bind_to_port(host.c_str(), port)) return refusal(errno, host, port);
  (void)::listen(server->listening, SOMAXCONN);  // The library lets five wait, and others come back a second later.
  server->thread.spawn("metrics", [one = server.get()] {
    one->http.listen_after_bind();
    one->ended = true;
  });
  // A server that is asked to stop before it has begun would begin all the same.
  while (!server->http.is_running() && !server->ended)
    (void)base::system_clock().sleep_for(std::chrono::milliseconds(1), server->stop);
  server_ = std::move(server);
  return std::nullopt;
}

void Metrics::tell(const std::string& key, Part part) {
  const base::MutexLock lock(mutex_);
  parts_[key] = std::move(part);
}

std::string Metrics::text() {
  const base::MutexLock lock(mutex_);
  report::MetricsText out({{"migration_uuid", migration_}, {"session_id", session_}});
  report::add_build(out, kVersion, kCommit);
  for (const auto& [key, part] : parts_) part(out);
  return out.text();
}

void Metrics::set_migration(const std::string& uuid) {
  const base::MutexLock lock(mutex_);
  migration_ = uuid;
}

}  // namespace voyager::cli
