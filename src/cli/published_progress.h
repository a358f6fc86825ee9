// What a running command writes of itself into the state, for commands that look from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/group.h"
#include "base/mutex.h"
#include "base/stop.h"
#include "cli/session.h"
#include "model/progress.h"
#include "report/command_states.h"
#include "report/progress_metrics.h"

namespace voyager::cli {

/// Of an RFC 3339 time in UTC; 0 for other text.
double unix_seconds(const std::string& rfc3339);

/// Replaces what the command has published before, with the time and this process' number. Never fails: what cannot be
/// written is logged.
void publish(format::DocumentLedger& db, const report::CommandProgress& progress) noexcept;
/// Of one command; nothing when it has never published.
std::optional<report::CommandProgress> published_progress(format::DocumentLedger& db, std::string_view command);
/// Of these commands the one that has published last.
std::optional<report::CommandProgress> published_last(format::DocumentLedger& db,
                                                      const std::vector<std::string_view>& commands);

/// Once a second, from construction to its end, on a thread of its own: into the state, and as metrics of the process,
/// which keep the last picture afterwards. Never fails the command.
class ProgressPublisher {
 public:
  ProgressPublisher(Session& session, const model::ProgressBoard& board);
  ~ProgressPublisher();
  ProgressPublisher(const ProgressPublisher&) = delete;
  ProgressPublisher& operator=(const ProgressPublisher&) = delete;

 private:
  void look();
  report::CommandProgress picture() const;
  report::SnapshotMetrics metrics() const;

  Session& session_;
  const model::ProgressBoard& board_;
  const std::string command_;
  base::Stop stop_ = {};
  mutable base::Mutex mutex_;
  std::vector<report::ItemTimes> times_ VOY_GUARDED_BY(mutex_) = {};
  std::vector<std::uint64_t> rows_ VOY_GUARDED_BY(mutex_) = {};  // done at the last look
  base::Group group_{stop_};
};

}  // namespace voyager::cli
