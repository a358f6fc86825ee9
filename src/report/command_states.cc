#include "report/command_states.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/numbers.h"

namespace voyager::report {
namespace {

using Json = nlohmann::ordered_json;

// Twice of what a command that is alive may let pass.
constexpr double kSilentAfter = 10;

std::string age_text(const CommandState& one, double now) {
  if (one.last.at == 0) return "-";
  const double age = std::max(0.0, now - one.last.at);
  const std::string ago = base::format_duration(std::floor(age)) + " ago";
  return one.process != 0 && age > kSilentAfter ? "no sign of life since " + ago : ago;
}

}  // namespace

std::string progress_line(const CommandProgress& now, const std::optional<CommandProgress>& before) {
  std::string line = now.stage.empty() ? "" : now.stage + ": ";  // None before the first has begun.
  const double seconds = before && before->command == now.command ? now.at - before->at : 0;
  if (now.stage == "changes") {
    line += counted(now.changes, "change", "changes");
    if (now.pending) line += fmt::format(", {} pending", base::format_count(*now.pending));
    if (now.lag_seconds)
      line += *now.lag_seconds < 1 ? ", in step" : fmt::format(", {} behind", eta_words(*now.lag_seconds));
  } else {
    line += counted(now.rows_done, "row", "rows");
    if (now.rows_total > 0)
      line += fmt::format(" of {}{}", now.total_is_estimate ? "~" : "", counted(now.rows_total, "row", "rows"));
    if (seconds > 0 && now.rows_done >= before->rows_done)
      line += ", " + row_rate(static_cast<double>(now.rows_done - before->rows_done) / seconds);
  }
  if (now.workers > 0) line += ", " + counted(static_cast<std::uint64_t>(now.workers), "connection", "connections");
  if (!now.reason.empty()) line += ", " + now.reason;
  return line;
}

std::string command_states_text(const std::vector<CommandState>& states, double now, const TextStyle& style) {
  if (states.empty()) return "No command has moved data of this migration yet.\n";
  TextTable table{
      .columns = {{"role"}, {"command"}, {"state"}, {"process", Align::kRight}, {"last sign of life"}, {"what"}}};
  for (const CommandState& one : states) {
    table.rows.push_back({one.role, one.command, to_string(one.state),
                          one.process == 0 ? "-" : std::to_string(one.process), age_text(one, now),
                          one.last.at == 0 ? "" : progress_line(one.last, std::nullopt)});
  }
  std::string text = table_text(table, style);
  for (const CommandState& one : states) {
    if (!one.next.empty()) text += fmt::format("{} goes on with: {}\n", one.command, one.next);
  }
  return text;
}

std::string command_states_json(const std::vector<CommandState>& states, const std::string& migration, double now) {
  Json out = {{"format_version", 1}, {"migration", migration}, {"exporter", nullptr}, {"importer", nullptr}};
  for (const CommandState& one : states) {
    const CommandProgress& last = one.last;
    Json row = {{"command", one.command}, {"state", to_string(one.state)}};
    row["process"] = one.process == 0 ? Json() : Json(one.process);
    row["age_s"] = last.at == 0 ? Json() : Json(std::max(0.0, std::round((now - last.at) * 10) / 10));
    row["stage"] = last.stage;
    row["reason"] = last.reason;
    row["workers"] = last.workers;
    row["rows_done"] = last.rows_done;
    row["rows_total"] = last.rows_total;
    row["rows_total_is_estimate"] = last.total_is_estimate;
    row["bytes_done"] = last.bytes_done;
    row["changes"] = last.changes;
    row["changes_pending"] = last.pending ? Json(*last.pending) : Json();
    row["lag_s"] = last.lag_seconds ? Json(*last.lag_seconds) : Json();
    row["next_steps"] = Json::array();
    if (!one.next.empty()) row["next_steps"].push_back({{"command", one.next}});
    out[one.role] = row;
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace voyager::report
