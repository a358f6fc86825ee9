#include "connectors/postgresql/server_versions.h"

#include <fmt/format.h>

namespace voyager::postgresql {

void note_newer_version(const Connection& connection, std::vector<model::Finding>& out) {
  if (connection.major() <= kNewestTried) return;
  out.push_back({.note = true,
                 .title = fmt::format("PostgreSQL {} is newer than what was tried", connection.major()),
                 .cause = fmt::format("{} to {} were; look at what verify says", kOldestMajor, kNewestTried)});
}

}  // namespace voyager::postgresql
