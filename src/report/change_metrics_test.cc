#include "report/change_metrics.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

// As the documents show them.
TEST(ChangeMetrics, TheTableOfTheExport) {
  EXPECT_EQ(
      capture_table({.events_total = 123'456, .events_in_run = 123'456, .rate_3_min = 22'133, .rate_10_min = 21'011}),
      R"(| ---------------------------------------  |  ----------------------------- |
| Metric                                   |                          Value |
| ---------------------------------------  |  ----------------------------- |
| Total Exported Events                    |                         123456 |
| Total Exported Events (Current Run)      |                         123456 |
| Export Rate(Last 3 min)                  |                      22133/sec |
| Export Rate(Last 10 min)                 |                      21011/sec |
| ---------------------------------------  |  ----------------------------- |
)");
}

TEST(ChangeMetrics, TheTableOfTheImport) {
  EXPECT_EQ(apply_table({.events_total = 272'572,
                         .events_in_run = 272'572,
                         .rate_3_min = 14'542,
                         .rate_10_min = 14'542,
                         .seconds_in_run = 49.8,
                         .remaining = 4'727'427,
                         .seconds_to_catch_up = 342}),
            R"(| -----------------------------  |  ----------------------------- |
| Metric                         |                          Value |
| -----------------------------  |  ----------------------------- |
| Total Imported events          |                         272572 |
| Events Imported in this Run    |                         272572 |
| Ingestion Rate (last 3 mins)   |               14542 events/sec |
| Ingestion Rate (last 10 mins)  |               14542 events/sec |
| Time taken in this Run         |                      0.83 mins |
| Remaining Events               |                        4727427 |
| Estimated Time to catch up     |                          5m42s |
| -----------------------------  |  ----------------------------- |
)");
}

TEST(ChangeMetrics, LagIsSaidInSecondsAndBytes) {
  EXPECT_EQ(capture_lines({.lag = {.seconds = 2.5, .bytes = 1'024}}).back(),
            "behind the source: 2.5 s, 1.0 KiB; the source keeps 0 B of its log for us");
  EXPECT_EQ(apply_lines({.lag = {.seconds = 0, .bytes = 0}}).back(), "in step with the queue");
  EXPECT_EQ(apply_lines({.missed = 3}).back(), "3 changes found no row");
  EXPECT_NE(apply_event({.remaining = 7}, {}).find(R"("catch_up_s":null,"lag_s":null,"lag_bytes":0)"),
            std::string::npos);
}

TEST(ChangeMetrics, Durations) {
  EXPECT_EQ(short_duration(0), "0s");
  EXPECT_EQ(short_duration(3'607), "1h0m7s");
}

}  // namespace
}  // namespace voyager::report
