#include "migration/live/verified.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace voyager::migration {
namespace {

using nlohmann::json;

constexpr const char* kKey = "verified";

}  // namespace

std::optional<Verified> last_verified(format::DocumentLedger& db) {
  const json saved = json::parse(db.json(kKey), nullptr, false);
  if (!saved.is_object()) return std::nullopt;
  return Verified{.at = saved.value("at", ""),
                  .equal_up_to = saved.value("equal_up_to", ""),
                  .unix_seconds = saved.value("unix_seconds", std::int64_t{0}),
                  .from_source = saved.value("from_source", true),
                  .equal = saved.value("equal", false),
                  .all_tables = saved.value("all_tables", false)};
}

void note_verified(format::DocumentLedger& db, const Verified& verified) {
  if (!verified.all_tables && verified.equal) return;
  db.set_json(kKey, json{{"at", verified.at},
                         {"equal_up_to", verified.equal_up_to},
                         {"unix_seconds", verified.unix_seconds},
                         {"from_source", verified.from_source},
                         {"equal", verified.equal},
                         {"all_tables", verified.all_tables}}
                        .dump());
}

std::string why_not_verified(const std::optional<Verified>& last, bool from_source, std::int64_t now) {
  if (!last || last->from_source != from_source) return "no comparison was made since these changes flow";
  if (!last->equal) return fmt::format("the last comparison ({}) did not find both sides equal", last->at);
  if (now - last->unix_seconds > kVerifiedForSeconds)
    return fmt::format("the last comparison ({}) is older than 24 hours", last->at);
  return "";
}

}  // namespace voyager::migration
