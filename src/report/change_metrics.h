// How far a stream of changes is: the documented tables of metrics, the lines of a terminal, the JSON events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/table.h"
#include "report/progress_view.h"

namespace voyager::report {

/// How far behind a stream is. Nothing where it is not known.
struct ChangeLag {
  std::optional<double> seconds = {};  ///< 0: in step.
  std::uint64_t bytes = 0;             ///< Of the source's log, or of the queue, not taken yet.
};

/// Changes of one table in this run.
struct TableChanges {
  model::TableName table = {};
  std::uint64_t inserts = 0, updates = 0, deletes = 0;
};

struct CaptureMetrics {
  std::uint64_t events_total = 0;
  std::uint64_t events_in_run = 0;
  std::uint64_t rate_3_min = 0;  ///< A second.
  std::uint64_t rate_10_min = 0;
  ChangeLag lag = {};
  std::uint64_t retained_bytes = 0;  ///< Of its log, that the source keeps for us.
  std::string slot = {};             ///< What keeps it; empty where nothing is kept.
  std::vector<TableChanges> tables = {};
};

struct ApplyMetrics {
  std::uint64_t events_total = 0;
  std::uint64_t events_in_run = 0;
  std::uint64_t rate_3_min = 0;
  std::uint64_t rate_10_min = 0;
  double seconds_in_run = 0;
  std::uint64_t remaining = 0;
  std::optional<std::uint64_t> seconds_to_catch_up = {};  ///< Nothing: at this rate never.
  ChangeLag lag = {};
  std::uint64_t missed = 0;  ///< Changes that found no row.
  // Of transactions that are kept whole, and count as imported when they are in:
  std::uint64_t held = 0;  ///< Changes that were read.
  std::uint64_t sent = 0;  ///< Rows that the database has taken.
  std::vector<TableChanges> tables = {};
  int lanes = 0;
};

/// "of a transaction that is kept whole ..."; empty while there is none.
std::string transaction_line(const ApplyMetrics& metrics);

/// The documented table of `export data`, byte for byte.
std::string capture_table(const CaptureMetrics& metrics);
/// The documented table of `import data`, byte for byte.
std::string apply_table(const ApplyMetrics& metrics);

/// What a terminal shows: the table, and how far behind.
std::vector<std::string> capture_lines(const CaptureMetrics& metrics);
std::vector<std::string> apply_lines(const ApplyMetrics& metrics);

/// The event "changes.progress".
std::string capture_event(const CaptureMetrics& metrics, const EventContext& context);
std::string apply_event(const ApplyMetrics& metrics, const EventContext& context);

/// "5m42s", "1h0m7s"
std::string short_duration(std::uint64_t seconds);

}  // namespace voyager::report
