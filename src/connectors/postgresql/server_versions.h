// Which releases of PostgreSQL are served.
#pragma once

#include <vector>

#include "connectors/postgresql/connection.h"
#include "model/connection.h"

namespace voyager::postgresql {

constexpr int kOldestMajor = 11;  ///< Of a source that is exported, and of a target.
constexpr int kNewestTried = 18;

/// Tells of a server that is newer than any that was tried; nothing of others.
void note_newer_version(const Connection& connection, std::vector<model::Finding>& out);

}  // namespace voyager::postgresql
