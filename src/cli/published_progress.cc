#include "cli/published_progress.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/metrics.h"
#include "format/meta_db.h"

namespace voyager::cli {
namespace {

constexpr std::chrono::seconds kEvery{1};
constexpr std::string_view kUntold = "progress is not told: ";

struct Publishing {
  std::string_view id = {};
  bool exporter = false;
  const char* role = "";
};
// The commands that move rows of a snapshot.
constexpr std::array kPublishing = {
    Publishing{"export-data", true, "source_db_exporter"},
    Publishing{"import-data", false, "target_db_importer"},
    Publishing{"copy-data", false, "target_db_importer"},
    Publishing{"import-data-file", false, "import_file"},
    Publishing{"import-data-to-source-replica", false, "source_replica_db_importer"},
};

const Publishing* publishing_of(std::string_view id) {
  const auto* at = std::ranges::find(kPublishing, id, &Publishing::id);
  return at == kPublishing.end() ? nullptr : at;
}

double seconds_now() {
  return std::chrono::duration<double>(base::system_clock().wall().time_since_epoch()).count();
}

std::string key_of(std::string_view id) {
  return "progress_" + std::string(id);
}

}  // namespace

ProgressPublisher::ProgressPublisher(Session& session, const model::ProgressBoard& board)
    : session_(session), board_(board), command_(session.command().id) {
  const Publishing* publishing = publishing_of(command_);
  if (publishing == nullptr) return;
  session_.metrics().tell("snapshot", [this, publishing](report::MetricsText& text) {
    report::add_progress(text, publishing->exporter, publishing->role, metrics());
  });
  group_.spawn("progress", [this, export_dir = session.export_dir()] {
    try {
      format::MetaDb db(export_dir);
      do {
        look();
        publish(db, picture());
      } while (base::system_clock().sleep_for(kEvery, stop_));
      look();
      publish(db, picture());
    } catch (const base::Error& error) {
      base::log_warn(std::string(kUntold) + error.what());
    }
  });
}

ProgressPublisher::~ProgressPublisher() {
  const Publishing* publishing = publishing_of(command_);
  if (publishing == nullptr) return;
  stop_.request_drain();
  group_.join();
  report::SnapshotMetrics last = metrics();
  last.ended = true;
  session_.metrics().tell("snapshot", [publishing, last = std::move(last)](report::MetricsText& text) {
    report::add_progress(text, publishing->exporter, publishing->role, last);
  });
}

void ProgressPublisher::look() {
  const model::ProgressSnapshot now = board_.snapshot();
  const double seconds = seconds_now();
  const base::MutexLock lock(mutex_);
  times_.resize(now.items.size());
  rows_.resize(now.items.size());
  for (std::size_t i = 0; i < now.items.size(); ++i) {
    const model::ItemProgress& item = now.items[i];
    const bool ended = item.state == model::WorkState::kDone || item.state == model::WorkState::kSkipped;
    if (times_[i].began == 0 && item.state != model::WorkState::kQueued) times_[i].began = seconds;
    if (times_[i].ended == 0 && ended) times_[i].ended = seconds;
    if (item.rows_moved() != rows_[i]) times_[i].last_rows = seconds;
    rows_[i] = item.rows_moved();
  }
}

report::SnapshotMetrics ProgressPublisher::metrics() const {
  const base::MutexLock lock(mutex_);
  return {.now = board_.snapshot(), .batches = board_.batches(), .node_cpu = board_.node_cpu(), .times = times_};
}

report::CommandProgress ProgressPublisher::picture() const {
  const model::ProgressSnapshot now = board_.snapshot();
  return {.command = command_,
          .stage = now.stage,
          .reason = now.reason,
          .workers = now.workers,
          .rows_done = now.rows_done,
          .rows_total = now.rows_total,
          .bytes_done = now.bytes_done,
          .total_is_estimate = now.total_is_estimate};
}

double unix_seconds(const std::string& rfc3339) {
  std::tm parts = {};
  const bool read = ::strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) != nullptr;
  return read ? static_cast<double>(::timegm(&parts)) : 0;
}

void publish(format::DocumentLedger& db, const report::CommandProgress& progress) noexcept {
  try {
    nlohmann::json text = {{"at", seconds_now()},
                           {"process", ::getpid()},
                           {"stage", progress.stage},
                           {"reason", progress.reason},
                           {"workers", progress.workers},
                           {"rows_done", progress.rows_done},
                           {"rows_total", progress.rows_total},
                           {"bytes_done", progress.bytes_done},
                           {"total_is_estimate", progress.total_is_estimate},
                           {"changes", progress.changes}};
    if (progress.pending) text["pending"] = *progress.pending;
    if (progress.lag_seconds) text["lag_seconds"] = *progress.lag_seconds;
    db.set_json(key_of(progress.command), text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } catch (const std::exception& fault) {
    base::log_warn(std::string(kUntold) + fault.what());
  }
}

std::optional<report::CommandProgress> published_progress(format::DocumentLedger& db, std::string_view command) {
  const nlohmann::json text = nlohmann::json::parse(db.json(key_of(command)), nullptr, false);
  if (!text.is_object()) return std::nullopt;
  report::CommandProgress out{.command = std::string(command),
                              .stage = text.value("stage", ""),
                              .reason = text.value("reason", ""),
                              .process = text.value("process", 0),
                              .workers = text.value("workers", 0),
                              .rows_done = text.value("rows_done", std::uint64_t{0}),
                              .rows_total = text.value("rows_total", std::uint64_t{0}),
                              .bytes_done = text.value("bytes_done", std::uint64_t{0}),
                              .total_is_estimate = text.value("total_is_estimate", true),
                              .changes = text.value("changes", std::uint64_t{0}),
                              .at = text.value("at", 0.0)};
  if (text.contains("pending")) out.pending = text.value("pending", std::uint64_t{0});
  if (text.contains("lag_seconds")) out.lag_seconds = text.value("lag_seconds", 0.0);
  return out;
}

std::optional<report::CommandProgress> published_last(format::DocumentLedger& db,
                                                      const std::vector<std::string_view>& commands) {
  std::optional<report::CommandProgress> last;
  for (const std::string_view command : commands) {
    std::optional<report::CommandProgress> one = published_progress(db, command);
    if (one && (!last || one->at > last->at)) last = std::move(one);
  }
  return last;
}

}  // namespace voyager::cli
