#include "report/run_summary.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "base/text.h"
#include "report/numbers.h"
#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr int kLabelWidth = 12;

double per_second(std::uint64_t amount, double seconds) {
  return seconds > 0 ? static_cast<double>(amount) / seconds : 0;
}

/// "12.3s" for short runs, where whole seconds would say little.
std::string duration(double seconds) {
  return seconds < 60 ? fmt::format("{:.1f}s", seconds) : base::format_duration(seconds);
}

std::string safe(std::string_view text, const TextStyle& style) {
  const std::string out = printable(text);
  return style.ascii ? to_ascii(out) : out;
}

class Lines {
 public:
  explicit Lines(const TextStyle& style) : style_(style) {}

  void add(const char* label, const std::string& text) {
    text_ += "  " + painted(fmt::format("{:<{}}", label, kLabelWidth), Paint::kDim, style_.colour) + text + "\n";
  }
  void raw(const std::string& text) { text_ += text + "\n"; }
  std::string take() { return std::move(text_); }

 private:
  const TextStyle style_;
  std::string text_ = {};
};

std::string headline(const RunSummary& run, const TextStyle& style) {
  const Paint paint = run.outcome == "failed"                           ? Paint::kBad
                      : run.rows_set_aside > 0 || run.outcome != "done" ? Paint::kWarn
                                                                        : Paint::kGood;
  std::string name = safe(run.command, style);
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  std::string line = painted(fmt::format("{}: {}", name, run.outcome), paint, style.colour);
  if (!run.migration.empty()) line += "   migration " + safe(run.migration, style);
  if (!run.run.empty()) line += (style.ascii ? ", run " : " · run ") + safe(run.run, style);
  return line;
}

void add_time(Lines& lines, const RunSummary& run) {
  std::string text = duration(run.wall_s) + " on the clock";
  if (run.workers > 1) text += fmt::format(", {} of work by up to {} workers", duration(run.sum_s), run.workers);
  lines.add("time", text);
  if (run.workers > 1) {
    for (const model::StageTime& stage : run.stages)
      lines.add("", fmt::format("{}: {}, {} of work", stage.name, duration(stage.wall_s), duration(stage.sum_s)));
  }
}

void add_set_aside(Lines& lines, const RunSummary& run, const TextStyle& style) {
  if (run.rows_set_aside == 0) return;
  std::string text = base::format_count(run.rows_set_aside) + " rows";
  if (run.rows_set_aside_before > 0)
    text += fmt::format(", {} of them by earlier runs", base::format_count(run.rows_set_aside_before));
  lines.add("set aside", painted(text, Paint::kWarn, style.colour));
  for (const SetAsideList& list : run.set_aside) {
    lines.add("", fmt::format("{}  {} rows  {}", safe(list.table, style), base::format_count(list.rows),
                              safe(list.file, style)));
  }
}

}  // namespace

std::string run_summary_text(const RunSummary& run, const TextStyle& style) {
  Lines lines(style);
  lines.raw(headline(run, style));
  add_time(lines, run);
  if (run.tables > 0) lines.add("tables", base::format_count(run.tables));
  if (run.moves_rows) {
    const double rows_per_s = per_second(run.rows, run.wall_s);
    const double bytes_per_s = per_second(run.bytes, run.wall_s);
    lines.add("rows", base::format_count(run.rows) + (rows_per_s > 0 ? "  " + row_rate(rows_per_s) : ""));
    lines.add("bytes", base::format_bytes(run.bytes) + (bytes_per_s > 0 ? "  " + byte_rate(bytes_per_s) : ""));
  }
  if (run.tables_before > 0) {
    lines.add("before",
              fmt::format("already {}: {} rows, {}, of {}", run.before_word, base::format_count(run.rows_before),
                          base::format_bytes(run.bytes_before), counted(run.tables_before, "table", "tables")));
  }
  if (run.indexes_built > 0) lines.add("indexes", base::format_count(run.indexes_built) + " built");
  add_set_aside(lines, run, style);
  for (const std::string& note : run.notes) lines.add("note", safe(base::mask_secrets(note), style));
  if (!run.log.empty()) lines.add("log", safe(run.log, style));
  if (!run.next_command.empty()) {
    lines.add("next", painted(safe(base::mask_secrets(run.next_command), style), Paint::kBold, style.colour));
  }
  return lines.take();
}

std::string run_summary_json(const RunSummary& run) {
  Json set_aside = Json::array();
  for (const SetAsideList& list : run.set_aside) {
    set_aside.push_back({{"table", list.table}, {"rows", list.rows}, {"file", list.file}});
  }
  Json stages = Json::array();
  for (const model::StageTime& stage : run.stages) {
    stages.push_back({{"name", stage.name}, {"wall_s", stage.wall_s}, {"sum_s", stage.sum_s}, {"items", stage.items}});
  }
  Json notes = Json::array();
  for (const std::string& note : run.notes) notes.push_back(base::mask_secrets(note));
  Json next = Json::array();
  if (!run.next_command.empty()) next.push_back({{"command", base::mask_secrets(run.next_command)}});
  const Json out = {{"format_version", kFormatVersion},
                    {"command", run.command},
                    {"migration", run.migration},
                    {"run", run.run},
                    {"outcome", run.outcome},
                    {"exit_code", run.exit_code},
                    {"started_at", run.started_at},
                    {"ended_at", run.ended_at},
                    {"wall_s", run.wall_s},
                    {"sum_s", run.sum_s},
                    {"workers", run.workers},
                    {"tables", run.tables},
                    {"rows", run.rows},
                    {"bytes", run.bytes},
                    {"rows_per_s", std::llround(per_second(run.rows, run.wall_s))},
                    {"bytes_per_s", std::llround(per_second(run.bytes, run.wall_s))},
                    {"tables_before", run.tables_before},
                    {"rows_before", run.rows_before},
                    {"bytes_before", run.bytes_before},
                    {"indexes_built", run.indexes_built},
                    {"rows_set_aside", run.rows_set_aside},
                    {"set_aside", set_aside},
                    {"stages", stages},
                    {"notes", notes},
                    {"log", run.log},
                    {"next_steps", next}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace voyager::report
