#include "report/progress_metrics.h"

#include <fmt/format.h>

#include "model/identifier.h"

namespace voyager::report {
namespace {

using enum MetricType;

constexpr std::string_view kParallelism = "Connections that move rows or changes now.";

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

// As the boards name tables: without the schema where that is public.
model::TableName table_of(const std::string& item) {
  model::TableName name = model::parse_table_name(item);
  if (name.schema.empty()) name.schema = model::Identifier("public");
  return name;
}

void add_batches(MetricsText& text, const MetricLabels& labels, const model::BatchFigures& batches) {
  const std::string prefix = "yb_voyager_import_data_";
  text.add(prefix + "snapshot_batch_created_total", kCounter, "Batches that were cut.", labels,
           number(batches.created));
  text.add(prefix + "snapshot_batch_submitted_total", kCounter, "Batches that were given to the target.", labels,
           number(batches.submitted));
  text.add(prefix + "snapshot_batch_ingested_total", kCounter, "Batches that the target has committed.", labels,
           number(batches.ingested));
  text.add_histogram(prefix + "snapshot_batch_size_rows", "Rows of the batches that the target has committed.", labels,
                     model::BatchFigures::kRowLimits, batches.by_rows, batches.ingested, batches.rows);
  text.add_histogram(prefix + "snapshot_batch_size_bytes", "Bytes of the batches that the target has committed.",
                     labels, model::BatchFigures::kByteLimits, batches.by_bytes, batches.ingested, batches.bytes);
  const auto aside = [&](const char* kind, std::uint64_t rows, std::uint64_t bytes) {
    MetricLabels all = labels;
    all.emplace_back("error_kind", kind);
    text.add(prefix + "errors_total", kCounter, "Rows that were set aside.", all, number(rows));
    text.add(prefix + "error_bytes_total", kCounter, "Bytes of the rows that were set aside.", all, number(bytes));
  };
  aside("row_processing", batches.unreadable_rows, batches.unreadable_bytes);
  aside("batch_ingestion", batches.refused_rows, batches.refused_bytes);
}

void add_events(MetricsText& text, const std::string& name, std::string_view help, const MetricLabels& role,
                const std::vector<TableChanges>& tables) {
  for (const TableChanges& one : tables) {
    MetricLabels labels = role;
    labels.emplace_back("schema_name", one.table.schema.catalog_text());
    labels.emplace_back("table_name", one.table.name.catalog_text());
    labels.emplace_back("event_type", "");
    for (const auto& [type, count] :
         {std::pair("insert", one.inserts), std::pair("update", one.updates), std::pair("delete", one.deletes)}) {
      labels.back().second = type;
      text.add(name, kCounter, help, labels, number(count));
    }
  }
}

}  // namespace

void add_progress(MetricsText& text, bool exporter, const std::string& role, const SnapshotMetrics& metrics) {
  const model::ProgressSnapshot& now = metrics.now;
  const std::vector<ItemTimes>& times = metrics.times;
  const std::string prefix = exporter ? "yb_voyager_export_data_" : "yb_voyager_import_data_";
  const std::string_view role_name = exporter ? "exporter_role" : "importer_role";
  const MetricLabels whole = {{role_name, role}};
  text.add(prefix + "snapshot_tables_total", kGauge, "Tables of the snapshot.", whole, number(now.items.size()));
  // The same process applies changes next, over other connections.
  if (!metrics.ended) text.add(prefix + "parallelism", kGauge, kParallelism, whole, now.workers);
  for (const auto& [node, percent] : metrics.node_cpu)
    text.add("yb_voyager_cluster_node_cpu_percent", kGauge, "How busy a node of the target is.", {{"node", node}},
             percent);
  for (std::size_t i = 0; i < now.items.size(); ++i) {
    const model::ItemProgress& item = now.items[i];
    const model::TableName table = table_of(item.name);
    const MetricLabels labels = {
        {role_name, role}, {"schema_name", table.schema.catalog_text()}, {"table_name", table.name.catalog_text()}};
    text.add(prefix + "snapshot_rows_total", kCounter, "Rows moved by this process.", labels,
             number(item.rows_moved()));
    text.add(prefix + "snapshot_table_expected_rows", kGauge, "Rows that the table has, or is thought to have.", labels,
             number(item.rows_total));
    if (i < times.size() && times[i].began > 0)
      text.add(prefix + "snapshot_table_start_timestamp_seconds", kGauge, "When its first rows were moved.", labels,
               times[i].began);
    if (i < times.size() && times[i].ended > 0)
      text.add(prefix + "snapshot_table_completed_timestamp_seconds", kGauge, "When all of it was done.", labels,
               times[i].ended);
    if (exporter) continue;
    text.add(prefix + "snapshot_bytes_total", kCounter, "Bytes moved by this process.", labels,
             number(item.bytes_moved()));
    if (i < times.size() && times[i].last_rows > 0)
      text.add(prefix + "snapshot_table_last_batch_ingested_timestamp_seconds", kGauge, "When the last batch was in.",
               labels, times[i].last_rows);
    if (i < metrics.batches.size()) add_batches(text, labels, metrics.batches[i]);
  }
}

void add_build(MetricsText& text, const std::string& version, const std::string& commit) {
  text.add("yb_voyager_build_info", kGauge, "The program.", {{"version", version}, {"commit", commit}}, 1);
}

void add_cutover(MetricsText& text, const std::string& to, double cutover_asked_at) {
  text.add("yb_voyager_cutover_requested_timestamp_seconds", kGauge,
           "When the cutover was asked for that is under way.", {{"to", to}}, cutover_asked_at);
}

void add_disk(MetricsText& text, std::uint64_t free_bytes, std::uint64_t size_bytes) {
  text.add("yb_voyager_export_dir_free_bytes", kGauge, "Free on the disk of the export directory.", {},
           number(free_bytes));
  text.add("yb_voyager_export_dir_size_bytes", kGauge, "Size of the disk of the export directory.", {},
           number(size_bytes));
}

void add_capture(MetricsText& text, const std::string& role, const CaptureMetrics& now) {
  const std::string prefix = "yb_voyager_export_data_cdc_";
  const MetricLabels labels = {{"exporter_role", role}};
  text.add("yb_voyager_export_data_parallelism", kGauge, kParallelism, labels, 1);
  add_events(text, prefix + "events_total", "Changes captured by this process.", labels, now.tables);
  text.add(prefix + "lag_bytes", kGauge, "Of the captured database's log, not read yet.", labels,
           number(now.lag.bytes));
  if (!now.slot.empty())
    text.add("yb_voyager_source_replication_slot_retained_wal_bytes", kGauge,
             "Of its log, that the captured database keeps for us.", {{"slot_name", now.slot}},
             number(now.retained_bytes));
  if (now.lag.seconds)
    text.add(prefix + "lag_seconds", kGauge, "Age of the last captured transaction; 0 in step.", labels,
             *now.lag.seconds);
}

void add_apply(MetricsText& text, const std::string& role, const ApplyMetrics& now,
               std::optional<double> committed_at) {
  const std::string prefix = "yb_voyager_import_data_cdc_";
  const MetricLabels labels = {{"importer_role", role}};
  text.add("yb_voyager_import_data_parallelism", kGauge, kParallelism, labels, now.lanes);
  add_events(text, prefix + "events_total", "Changes applied by this process.", labels, now.tables);
  text.add(prefix + "events_pending", kGauge, "Captured changes that are not applied.", labels, number(now.remaining));
  text.add(prefix + "missed_total", kCounter, "Updates and deletes that found no row.", labels, number(now.missed));
  if (now.seconds_to_catch_up)
    text.add(prefix + "estimated_seconds_to_catch_up", kGauge, "At the rate of the last minute.", labels,
             number(*now.seconds_to_catch_up));
  if (now.lag.seconds)
    text.add(prefix + "lag_seconds", kGauge, "Age of the last applied transaction; 0 in step.", labels,
             *now.lag.seconds);
  if (committed_at)
    text.add(prefix + "last_event_applied_timestamp_seconds", kGauge,
             "When the last applied transaction was committed where it was captured.", labels, *committed_at);
}

}  // namespace voyager::report
