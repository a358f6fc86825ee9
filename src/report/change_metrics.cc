#include "report/change_metrics.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace voyager::report {
namespace {

using Json = nlohmann::ordered_json;

// Rows of two cells between lines; the numbers of both tables are 30 wide.
class MetricTable {
 public:
  explicit MetricTable(std::size_t width) : width_(width) {
    rule();
    row("Metric", "Value");
    rule();
  }
  void row(std::string_view metric, const std::string& value) {
    text_ += fmt::format("| {:<{}} | {:>30} |\n", metric, width_, value);
  }
  std::string finish() && {
    rule();
    return std::move(text_);
  }

 private:
  void rule() { text_ += fmt::format("| {:-<{}}  |  {:-<29} |\n", "", width_ - 1, ""); }

  const std::size_t width_;
  std::string text_ = {};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = base::split(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string behind(const ChangeLag& lag, std::string_view whom) {
  if (lag.seconds && *lag.seconds <= 0 && lag.bytes == 0) return fmt::format("in step with the {}", whom);
  std::string text = fmt::format("behind the {}:", whom);
  if (lag.seconds) text += fmt::format(" {:.1f} s,", *lag.seconds);
  return text + " " + base::format_bytes(lag.bytes);
}

Json event_of(const EventContext& context, const char* phase) {
  return {{"v", 1},         {"ts", context.timestamp},    {"migration", context.migration}, {"run", context.run},
          {"phase", phase}, {"event", "changes.progress"}};
}

void add(Json& event, const ChangeLag& lag) {
  event["lag_s"] = lag.seconds ? Json(*lag.seconds) : Json();
  event["lag_bytes"] = lag.bytes;
}

}  // namespace

std::string short_duration(std::uint64_t seconds) {
  std::string out;
  if (seconds >= 3'600) out += fmt::format("{}h", seconds / 3'600);
  if (seconds >= 60) out += fmt::format("{}m", seconds / 60 % 60);
  return out + fmt::format("{}s", seconds % 60);
}

std::string capture_table(const CaptureMetrics& metrics) {
  MetricTable table(40);
  table.row("Total Exported Events", std::to_string(metrics.events_total));
  table.row("Total Exported Events (Current Run)", std::to_string(metrics.events_in_run));
  table.row("Export Rate(Last 3 min)", fmt::format("{}/sec", metrics.rate_3_min));
  table.row("Export Rate(Last 10 min)", fmt::format("{}/sec", metrics.rate_10_min));
  return std::move(table).finish();
}

std::string apply_table(const ApplyMetrics& metrics) {
  MetricTable table(30);
  table.row("Total Imported events", std::to_string(metrics.events_total));
  table.row("Events Imported in this Run", std::to_string(metrics.events_in_run));
  table.row("Ingestion Rate (last 3 mins)", fmt::format("{} events/sec", metrics.rate_3_min));
  table.row("Ingestion Rate (last 10 mins)", fmt::format("{} events/sec", metrics.rate_10_min));
  table.row("Time taken in this Run", fmt::format("{:.2f} mins", metrics.seconds_in_run / 60));
  table.row("Remaining Events", std::to_string(metrics.remaining));
  table.row("Estimated Time to catch up",
            metrics.seconds_to_catch_up ? short_duration(*metrics.seconds_to_catch_up) : "unknown");
  return std::move(table).finish();
}

std::vector<std::string> capture_lines(const CaptureMetrics& metrics) {
  std::vector<std::string> lines = lines_of(capture_table(metrics));
  lines.push_back(fmt::format("{}; the source keeps {} of its log for us", behind(metrics.lag, "source"),
                              base::format_bytes(metrics.retained_bytes)));
  return lines;
}

std::vector<std::string> apply_lines(const ApplyMetrics& metrics) {
  std::vector<std::string> lines = lines_of(apply_table(metrics));
  lines.push_back(behind(metrics.lag, "queue"));
  if (metrics.missed > 0) lines.push_back(fmt::format("{} changes found no row", metrics.missed));
  if (const std::string line = transaction_line(metrics); !line.empty()) lines.push_back(line);
  return lines;
}

std::string transaction_line(const ApplyMetrics& metrics) {
  if (metrics.held == 0 && metrics.sent == 0) return {};
  return fmt::format(
      "of transactions that are kept whole {} changes are read and {} rows sent, and none is committed yet",
      metrics.held, metrics.sent);
}

std::string capture_event(const CaptureMetrics& metrics, const EventContext& context) {
  Json event = event_of(context, "export-data");
  event["events"] = metrics.events_total;
  event["events_in_run"] = metrics.events_in_run;
  event["rate_3_min"] = metrics.rate_3_min;
  event["rate_10_min"] = metrics.rate_10_min;
  add(event, metrics.lag);
  event["retained_bytes"] = metrics.retained_bytes;
  return event.dump();
}

std::string apply_event(const ApplyMetrics& metrics, const EventContext& context) {
  Json event = event_of(context, "import-data");
  event["events"] = metrics.events_total;
  event["events_in_run"] = metrics.events_in_run;
  event["rate_3_min"] = metrics.rate_3_min;
  event["rate_10_min"] = metrics.rate_10_min;
  event["remaining"] = metrics.remaining;
  event["catch_up_s"] = metrics.seconds_to_catch_up ? Json(*metrics.seconds_to_catch_up) : Json();
  add(event, metrics.lag);
  event["missed"] = metrics.missed;
  event["held"] = metrics.held;
  event["sent"] = metrics.sent;
  return event.dump();
}

}  // namespace voyager::report
