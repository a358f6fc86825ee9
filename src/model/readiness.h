// Whether a cutover that is rehearsed could go ahead.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace voyager::model {

struct ReadinessLine {
  bool ok = true;
  std::string what = {};    ///< "import data is running"
  std::string detail = {};  ///< Figures, or why not.
  std::string fix = {};     ///< A command or a statement, ready to paste; empty where there is none.
};

struct Readiness {
  std::string to = {};  ///< target, source, source-replica
  std::vector<ReadinessLine> lines = {};
  std::uint64_t uncaptured_bytes = 0;           ///< Of the log that is not captured yet.
  std::uint64_t unapplied_changes = 0;          ///< In the queue.
  double lag_seconds = 0;                       ///< Age of the oldest change that is not applied.
  std::optional<double> changes_a_second = {};  ///< As measured; nothing while none were waiting.
  std::optional<double> seconds = {};           ///< That a cutover would take now; nothing where it cannot be told.
  bool ready() const {
    return std::ranges::all_of(lines, [](const ReadinessLine& line) { return line.ok; });
  }
};

}  // namespace voyager::model
