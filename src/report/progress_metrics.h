// Rows on their way as metrics: the documented names.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/progress.h"
#include "report/change_metrics.h"
#include "report/metrics_text.h"

namespace voyager::report {

/// When what happened to an item, in seconds since 1970; 0: not yet.
struct ItemTimes {
  double began = 0;
  double ended = 0;
  double last_rows = 0;
};

/// A picture of a snapshot's progress.
struct SnapshotMetrics {
  model::ProgressSnapshot now = {};
  std::vector<model::BatchFigures> batches = {};  ///< By item.
  std::map<std::string, double> node_cpu = {};    ///< Of the target, in per cent.
  std::vector<ItemTimes> times = {};              ///< By item, as many as are known.
  bool ended = false;                             ///< Nobody works any more.
};

/// A snapshot that is exported (`exporter`), or imported. `role` as in the state: target_db_importer, ...
void add_progress(MetricsText& text, bool exporter, const std::string& role, const SnapshotMetrics& metrics);
/// The program itself.
void add_build(MetricsText& text, const std::string& version, const std::string& commit);

/// Changes that are captured, or applied. `committed_at`: of the last transaction, in seconds since 1970.
void add_capture(MetricsText& text, const std::string& role, const CaptureMetrics& now);
/// `cutover_asked_at`: of one that is under way; `to`: "target".
void add_cutover(MetricsText& text, const std::string& to, double cutover_asked_at);
void add_disk(MetricsText& text, std::uint64_t free_bytes, std::uint64_t size_bytes);
void add_apply(MetricsText& text, const std::string& role, const ApplyMetrics& now, std::optional<double> committed_at);

}  // namespace voyager::report
