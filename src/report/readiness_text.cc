#include "report/readiness_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "base/text.h"
#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

using Json = nlohmann::ordered_json;

std::string safe(const std::string& text, const TextStyle& style) {
  const std::string out = printable(base::mask_secrets(text));
  return style.ascii ? to_ascii(out) : out;
}

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

std::string readiness_text(const model::Readiness& readiness, const TextStyle& style) {
  std::string out;
  for (const model::ReadinessLine& line : readiness.lines) {
    out += line.ok ? painted("ok    ", Paint::kGood, style.colour) : painted("not ok", Paint::kBad, style.colour);
    out += "  " + safe(line.what, style) + (line.detail.empty() ? "" : ": " + safe(line.detail, style)) + "\n";
    if (line.fix.empty()) continue;
    for (const std::string& part : base::split(line.fix, '\n')) out += "          " + safe(part, style) + "\n";
  }
  out +=
      painted(readiness.ready() ? "ready" : "not ready", readiness.ready() ? Paint::kGood : Paint::kBad, style.colour);
  out += fmt::format(" for the cutover to the {}", readiness.to);
  out += readiness.seconds
             ? fmt::format("; it would take about {:.0f} s from when nobody writes any more", *readiness.seconds)
             : "; how long it would take cannot be told";
  return out + ". Nothing was changed.\n";
}

std::string readiness_json(const model::Readiness& readiness) {
  Json checks = Json::array();
  for (const model::ReadinessLine& line : readiness.lines) {
    checks.push_back({{"ok", line.ok},
                      {"what", line.what},
                      {"detail", base::mask_secrets(line.detail)},
                      {"fix", base::mask_secrets(line.fix)}});
  }
  const Json out = {{"format_version", 1},
                    {"cutover_to", readiness.to},
                    {"ready", readiness.ready()},
                    {"uncaptured_bytes", readiness.uncaptured_bytes},
                    {"unapplied_changes", readiness.unapplied_changes},
                    {"lag_s", readiness.lag_seconds},
                    {"changes_per_s", number(readiness.changes_a_second)},
                    {"estimated_s", number(readiness.seconds)},
                    {"checks", checks}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace voyager::report
