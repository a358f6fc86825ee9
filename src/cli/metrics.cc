#include "cli/metrics.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>

#include "base/clock.h"
#include "base/group.h"
#include "base/stop.h"
#include "cli/version.h"
#include "report/progress_metrics.h"

namespace voyager::cli {
namespace {

constexpr const char* kForm = "text/plain; version=0.0.4; charset=utf-8";

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

}  // namespace

struct Metrics::Server {
  httplib::Server http = {};
  std::atomic<bool> ended = false;
  base::Stop stop = {};
  base::Group thread{stop};
  ~Server() { http.stop(); }
};

Metrics::Metrics() : session_(session_id()) {}
Metrics::~Metrics() = default;

bool Metrics::serve(int port) {
  if (server_) return true;
  auto server = std::make_unique<Server>();
  server->http.new_task_queue = [] { return new httplib::ThreadPool(1); };  // Which takes it over.
  server->http.set_socket_options([](socket_t socket) {
    // Not shared with another process, as the library would by default.
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  server->http.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(text(), kForm);
  });
  if (!server->http.bind_to_port(address().c_str(), port)) return false;
  server->thread.spawn("metrics", [one = server.get()] {
    one->http.listen_after_bind();
    one->ended = true;
  });
  // A server that is asked to stop before it has begun would begin all the same.
  while (!server->http.is_running() && !server->ended)
    (void)base::system_clock().sleep_for(std::chrono::milliseconds(1), server->stop);
  server_ = std::move(server);
  return true;
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
