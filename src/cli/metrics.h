// What a process tells of itself over HTTP: GET /metrics.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "report/metrics_text.h"

namespace voyager::cli {

/// One a process, for all the roles that it turns into. Roles put in what they have to tell; it is asked for when
/// somebody looks. Thread-safe.
class Metrics {
 public:
  using Part = std::function<void(report::MetricsText&)>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  struct Refusal {
    std::string cause = {};
    std::vector<std::string> fix = {};
  };

  /// Serves them from now to the end of the process, on 127.0.0.1 or where YB_VOYAGER_METRICS_ADDRESS says. Where it
  /// cannot, nothing is served, and it says why. Once: later calls change nothing.
  std::optional<Refusal> serve(int port);
  /// Replaces what was told under `key` before. `part` may be called from any thread until it is replaced.
  void tell(const std::string& key, Part part);
  /// All parts, each sample with the migration's UUID and the number of this process' session.
  std::string text();
  void set_migration(const std::string& uuid);

 private:
  struct Server;
  base::Mutex mutex_;
  std::map<std::string, Part> parts_ VOY_GUARDED_BY(mutex_) = {};
  std::string migration_ VOY_GUARDED_BY(mutex_) = {};
  const std::string session_;
  std::unique_ptr<Server> server_;
};

}  // namespace voyager::cli
