#include "format/migration_status.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace voyager::format {
namespace {

constexpr std::string_view kKey = "migration_status";

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

nlohmann::json migration_status(MetaDb& db) {
  nlohmann::json status = nlohmann::json::parse(db.json(kKey), nullptr, false);
  return status.is_object() ? status : nlohmann::json::object();
}

bool has_mark(MetaDb& db, const char* name) {
  const nlohmann::json status = migration_status(db);
  const auto mark = status.find(name);
  return mark != status.end() && mark->is_boolean() && mark->get<bool>();
}

void patch_migration_status(MetaDb& db, const nlohmann::json& change) {
  db.patch_json(kKey, change.dump());
}

NotedSource noted_source(MetaDb& db) {
  const nlohmann::json status = migration_status(db);
  const auto noted = status.find("SourceDBConf");
  if (noted == status.end() || !noted->is_object()) return {};
  return {.product = text_of(*noted, "db_type"),
          .database = text_of(*noted, "db_name"),
          .version = text_of(*noted, "db_version")};
}

}  // namespace voyager::format
