// The JSON object `migration_status` in meta.db: marks of what is done, and what was noted of both sides. Its keys:
// docs/formats/meta-db.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "format/meta_db.h"

namespace voyager::format {

/// An object without members while nothing was noted, also where the text is damaged.
nlohmann::json migration_status(MetaDb& db);

/// The mark `name` is there and true.
bool has_mark(MetaDb& db, const char* name);

/// `change` is an RFC 7386 JSON merge patch: null takes a member away.
void patch_migration_status(MetaDb& db, const nlohmann::json& change);

/// What is known of the source; empty where nobody noted it.
struct NotedSource {
  std::string product = {};
  std::string database = {};
  std::string version = {};  ///< For people.
};
/// Of SourceDBConf.
NotedSource noted_source(MetaDb& db);

}  // namespace voyager::format
