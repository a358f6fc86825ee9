// The line-oriented forms of progress: plain key=value lines and JSON events.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "base/text.h"
#include "report/numbers.h"
#include "report/progress_view.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

using Json = nlohmann::ordered_json;
using model::ItemProgress;
using model::WorkState;

constexpr int kEventVersion = 1;

/// A value of key=value: quoted when a reader could not tell its end.
std::string value_text(std::string_view text) {
  const std::string safe = printable(text);
  if (!safe.empty() && safe.find_first_of(" \"=") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string start_of(const ProgressFigures& figures, std::string_view timestamp) {
  return fmt::format("{} {}", timestamp, figures.now.phase);
}

std::string dump(const Json& event) {
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(static_cast<std::int64_t>(std::llround(*value))) : Json(nullptr);
}

Json text_or_null(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(base::mask_secrets(text));
}

Json head(std::string_view phase, std::string_view event, const EventContext& context) {
  return {{"v", kEventVersion}, {"ts", context.timestamp},     {"migration", context.migration},
          {"run", context.run}, {"phase", std::string(phase)}, {"event", std::string(event)}};
}

void add_counts(Json& out, const ItemProgress& counts, const Pace& pace, std::string_view reason) {
  out["rows_done"] = counts.rows_done;
  out["rows_total"] = counts.rows_total;
  out["total_is_estimate"] = counts.total_is_estimate;
  out["bytes_done"] = counts.bytes_done;
  out["bytes_total"] = counts.bytes_total;
  out["rows_before"] = counts.rows_before;
  out["bytes_before"] = counts.bytes_before;
  out["rows_per_s"] = std::llround(pace.rows_per_s);
  out["bytes_per_s"] = std::llround(pace.bytes_per_s);
  out["eta_s"] = number_or_null(pace.eta_s);
  out["reason"] = text_or_null(reason);
}

const char* run_state(const ProgressFigures& figures) {
  if (figures.now.failed > 0 || figures.failed) return to_string(WorkState::kFailed);
  if (!figures.ended) return to_string(figures.reason.empty() ? WorkState::kRunning : WorkState::kPaced);
  return to_string(figures.now.running + figures.now.queued == 0 ? WorkState::kDone : WorkState::kStopped);
}

}  // namespace

std::string plain_total_line(const ProgressFigures& figures, std::string_view timestamp) {
  const model::ProgressSnapshot& now = figures.now;
  const Pace& pace = figures.total;
  std::string line = start_of(figures, timestamp);
  line += pace.percent ? fmt::format(" total={}%", *pace.percent) : " total=-";
  line += " bytes=" + without_blanks(short_bytes(static_cast<double>(now.bytes_done)));
  if (now.bytes_total > 0) {
    line += fmt::format("/{}{}", now.total_is_estimate ? "~" : "",
                        without_blanks(short_bytes(static_cast<double>(now.bytes_total))));
  }
  if (now.bytes_before > 0) line += " before=" + without_blanks(short_bytes(static_cast<double>(now.bytes_before)));
  const std::string rate = byte_rate(pace.bytes_per_s);
  const std::string eta = pace.eta_s ? eta_compact(*pace.eta_s) : "-";
  line += fmt::format(" rate={} eta={} tables={}/{} failed={} setaside={}", without_blanks(rate), eta, now.done,
                      now.items.size(), now.failed, now.rows_set_aside);
  if (!now.stage.empty() && now.stage != "rows") line += " stage=" + value_text(base::mask_secrets(now.stage));
  if (!figures.reason.empty() && !figures.ended) line += " reason=" + value_text(base::mask_secrets(figures.reason));
  return line;
}

std::string plain_item_line(const ProgressFigures& figures, std::size_t item, std::string_view timestamp) {
  const ItemProgress& one = figures.now.items[item];
  std::string line =
      fmt::format("{} table={} state={}", start_of(figures, timestamp), value_text(one.name), to_string(one.state));
  const bool skipped = one.state == WorkState::kSkipped;
  const bool moved = one.rows_moved() > 0 || one.bytes_moved() > 0;
  if (!skipped && one.state != WorkState::kQueued && (moved || one.state == WorkState::kDone)) {
    line += fmt::format(" rows={} bytes={}", one.rows_moved(),
                        without_blanks(short_bytes(static_cast<double>(one.bytes_moved()))));
  }
  if (one.rows_before > 0) line += fmt::format(" {}={}", skipped ? "before" : "resumed_at", one.rows_before);
  if (one.rows_set_aside > 0) line += fmt::format(" setaside={}", one.rows_set_aside);
  if (!one.note.empty()) line += " reason=" + value_text(base::mask_secrets(one.note));
  return line;
}

std::string plain_stage_line(const ProgressFigures& figures, std::string_view timestamp) {
  return fmt::format("{} stage={}", start_of(figures, timestamp), value_text(base::mask_secrets(figures.now.stage)));
}

std::string json_run_event(const ProgressFigures& figures, std::string_view event, const EventContext& context) {
  const model::ProgressSnapshot& now = figures.now;
  Json out = head(now.phase, event, context);
  out["stage"] = text_or_null(now.stage);
  out["table"] = nullptr;
  out["state"] = run_state(figures);
  add_counts(out,
             {.rows_done = now.rows_done,
              .rows_total = now.rows_total,
              .bytes_done = now.bytes_done,
              .bytes_total = now.bytes_total,
              .total_is_estimate = now.total_is_estimate,
              .rows_before = now.rows_before,
              .bytes_before = now.bytes_before},
             figures.total, figures.ended ? std::string_view{} : std::string_view(figures.reason));
  out["percent"] = figures.total.percent ? Json(*figures.total.percent) : Json(nullptr);
  out["tables_done"] = now.done;
  out["tables_total"] = now.items.size();
  out["tables_failed"] = now.failed;
  out["rows_set_aside"] = now.rows_set_aside;
  return dump(out);
}

std::string json_item_event(const ProgressFigures& figures, std::size_t item, std::string_view event,
                            const EventContext& context) {
  const ItemProgress& one = figures.now.items[item];
  Json out = head(figures.now.phase, event, context);
  out["table"] = one.name;
  out["state"] = to_string(one.state);
  add_counts(out, one, figures.items[item], one.note);
  out["rows_set_aside"] = one.rows_set_aside;
  return dump(out);
}

std::string json_notice(std::string_view phase, std::string_view message, const EventContext& context) {
  Json out = head(phase, "notice", context);
  out["message"] = base::mask_secrets(message);
  return dump(out);
}

}  // namespace voyager::report
