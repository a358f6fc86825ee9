// A stream of changes on the terminal, as documented tables or as JSON events; and what it came to in the run's
// summary.
#pragma once

#include <chrono>
#include <string>

#include "cli/flow_run.h"
#include "cli/session.h"
#include "migration/changes/apply.h"
#include "migration/changes/capture.h"
#include "model/event_rates.h"

namespace voyager::cli {

/// When the next picture is due: 10 times more often on a terminal, every ten seconds else, or as --progress-interval
/// says; what would be shown again unchanged is left out.
class LivePace {
 public:
  explicit LivePace(Session& session);
  bool due();
  /// False when `text` is what was shown last.
  bool is_new(const std::string& text);

 private:
  std::chrono::milliseconds every_;
  std::chrono::steady_clock::time_point next_ = {};
  std::string shown_ = {};
};

/// What a capture publishes as the reason why it waits.
inline constexpr const char* kQueueDiskFull = "the disk of the queue is nearly full";
inline constexpr const char* kNotReadable = "the database's changes cannot be read";

/// Of a process that captures, whatever its role. `show` may be called as often as one likes.
class CaptureDisplay {
 public:
  explicit CaptureDisplay(Session& session);
  ~CaptureDisplay();
  CaptureDisplay(const CaptureDisplay&) = delete;
  CaptureDisplay& operator=(const CaptureDisplay&) = delete;
  void show(const migration::CaptureProgress& progress, bool last = false);
  /// The last picture. What the flow has taken is in the open run from then on, or from the destruction on.
  void end();

 private:
  void tell_of_trouble(const migration::CaptureProgress& progress);
  void tell_of_space(const migration::CaptureProgress& progress);
  void tell_of_log(const migration::CaptureProgress& progress);
  void tell_of_tables(const migration::CaptureProgress& progress);
  void note_time();

  Session& session_;
  LivePace pace_;
  EveryNowAndThen publish_{std::chrono::seconds(1)};
  model::EventRates rates_;
  migration::CaptureProgress last_ = {};
  bool ended_ = false;
  std::string told_of_trouble_ = {};
  bool told_of_space_ = false;
  bool told_of_log_ = false;
};

/// Of a process that applies. `others` is what earlier runs have applied.
class ApplyDisplay {
 public:
  explicit ApplyDisplay(Session& session);
  ~ApplyDisplay();
  ApplyDisplay(const ApplyDisplay&) = delete;
  ApplyDisplay& operator=(const ApplyDisplay&) = delete;
  void show(const migration::ApplyReport& report, bool last = false);
  void end();

 private:
  void note_time();
  void tell_of_cutover(bool ended);

  Session& session_;
  LivePace pace_;
  EveryNowAndThen publish_{std::chrono::seconds(1)};
  model::EventRates rates_;
  migration::ApplyReport last_ = {};
  bool ended_ = false;
};

}  // namespace voyager::cli
