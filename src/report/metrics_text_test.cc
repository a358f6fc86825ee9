#include "report/metrics_text.h"

#include <gtest/gtest.h>

#include <array>

#include "report/progress_metrics.h"

namespace voyager::report {
namespace {

TEST(MetricsText, SamplesOfOneMetricStandTogether) {
  MetricsText text(MetricLabels{{"m", "1"}});
  text.add("a_total", MetricType::kCounter, "How many.", {{"t", "x"}}, 3);
  text.add("b", MetricType::kGauge, "How much.", {}, 0.5);
  text.add("a_total", MetricType::kCounter, "How many.", {{"t", "q\"b\\n\n"}}, 4);
  EXPECT_EQ(text.text(),
            "# HELP a_total How many.\n# TYPE a_total counter\n"
            "a_total{m=\"1\",t=\"x\"} 3\na_total{m=\"1\",t=\"q\\\"b\\\\n\\n\"} 4\n"
            "# HELP b How much.\n# TYPE b gauge\nb{m=\"1\"} 0.5\n");
}

TEST(MetricsText, BucketsOfAHistogramHoldThoseBefore) {
  MetricsText text(MetricLabels{{"m", "1"}});
  const std::array<std::uint64_t, 2> limits = {10, 100};
  const std::array<std::uint64_t, 2> counts = {2, 3};
  text.add_histogram("h", "Sizes.", {}, limits, counts, 6, 1234);
  EXPECT_EQ(text.text(),
            "# HELP h Sizes.\n# TYPE h histogram\nh_bucket{m=\"1\",le=\"10\"} 2\nh_bucket{m=\"1\",le=\"100\"} 5\n"
            "h_bucket{m=\"1\",le=\"+Inf\"} 6\nh_sum{m=\"1\"} 1234\nh_count{m=\"1\"} 6\n");
}

TEST(ProgressMetrics, BatchesAndRowsSetAside) {
  model::ProgressBoard board("import-data");
  const std::size_t item = board.add_item("other.t", 100, 1000, false);
  board.add_before(item, 10, 100);
  board.add_created_batches(item, 2);
  board.add_submitted_batch(item);
  board.add_batch(item, 50, 5000);
  board.add_set_aside(item, model::AsideKind::kUnreadable, 1, 7);
  board.set_node_cpu({{"n1", 55.5}});
  MetricsText text(MetricLabels{{"m", "1"}});
  SnapshotMetrics metrics{
      .now = board.snapshot(), .batches = board.batches(), .node_cpu = board.node_cpu(), .times = {{.began = 5}}};
  add_progress(text, false, "target_db_importer", metrics);
  const std::string out = text.text();
  const std::string of = "{m=\"1\",importer_role=\"target_db_importer\",schema_name=\"other\",table_name=\"t\"";
  for (const std::string& line : {
           "yb_voyager_import_data_snapshot_rows_total" + of + "} 50\n",
           "yb_voyager_import_data_snapshot_batch_created_total" + of + "} 2\n",
           "yb_voyager_import_data_snapshot_batch_size_rows_bucket" + of + ",le=\"100\"} 1\n",
           "yb_voyager_import_data_snapshot_batch_size_bytes_bucket" + of + ",le=\"4096\"} 0\n",
           "yb_voyager_import_data_snapshot_batch_size_bytes_bucket" + of + ",le=\"16384\"} 1\n",
           "yb_voyager_import_data_error_bytes_total" + of + ",error_kind=\"row_processing\"} 7\n",
           "yb_voyager_import_data_errors_total" + of + ",error_kind=\"batch_ingestion\"} 0\n",
           "yb_voyager_import_data_snapshot_table_start_timestamp_seconds" + of + "} 5\n",
           std::string("yb_voyager_cluster_node_cpu_percent{m=\"1\",node=\"n1\"} 55.5\n"),
           std::string("yb_voyager_import_data_parallelism{m=\"1\",importer_role=\"target_db_importer\"} 0\n"),
       }) {
    EXPECT_NE(out.find(line), std::string::npos) << line << out;
  }
  EXPECT_EQ(out.find("table_completed"), std::string::npos);
  metrics.ended = true;
  MetricsText later(MetricLabels{});
  add_progress(later, false, "target_db_importer", metrics);
  EXPECT_EQ(later.text().find("parallelism"), std::string::npos);
}

}  // namespace
}  // namespace voyager::report
