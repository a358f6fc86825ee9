// How far changes have flowed from a captured database to another one, as seen from outside of both processes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/stop.h"
#include "connector/changes.h"

namespace voyager::migration {

/// One way that changes flow.
struct ChangeFlow {
  std::filesystem::path export_dir = {};  ///< Of the iteration.
  std::string exporter_role = {};         ///< source_db_exporter, ...
  std::string importer_role = {};
};

/// What the queue holds and the importer has not applied.
struct Waiting {
  std::uint64_t changes = 0;
  double oldest_seconds = 0;  ///< Age of the oldest of them, by the captured server's clock and ours.
};

/// One connection to each side. One thread.
class Follower {
 public:
  Follower(ChangeFlow flow, std::unique_ptr<connector::CaptureWatch> captured,
           std::unique_ptr<connector::ImportedCounts> applied)
      : flow_(std::move(flow)), captured_(std::move(captured)), applied_(std::move(applied)) {}

  connector::CaptureWatch& captured() { return *captured_; }
  Waiting waiting(const base::Clock& clock);
  /// So far, by table of the side that they are applied to.
  std::map<model::TableName, std::uint64_t> applied_changes();
  /// Changes that were applied a second, measured for as long as that takes.
  double changes_a_second(std::chrono::milliseconds measured_for, const base::Clock& clock, const base::Stop& stop);
  /// Returns when everything that the captured side has committed by now is applied, with its place in the log, for
  /// people. `check` is called now and then and throws when nobody works on it. Throws Error (kState, CUT-006) when
  /// nothing moves for `patience`, or when `stop` drains.
  std::string wait_until_applied(const std::function<void()>& check, std::chrono::milliseconds patience,
                                 const base::Clock& clock, const base::Stop& stop);

 private:
  std::int64_t last_captured();
  std::string stand_of_capture();
  std::string stand_of_apply();

  ChangeFlow flow_;
  std::uint64_t behind_bytes_ = ~0ULL;  // the least so far
  std::unique_ptr<connector::CaptureWatch> captured_;
  std::unique_ptr<connector::ImportedCounts> applied_;
};

}  // namespace voyager::migration
