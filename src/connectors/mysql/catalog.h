// Reads what the server says of the session's database.
#pragma once

#include <string_view>

#include "connectors/mysql/answers.h"
#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/connection.h"

namespace voyager::mysql {

enum class CatalogDepth { kTables, kEverything };

/// Without views, triggers, routines and events at kTables. Names and definitions are as the server shows them.
Catalog read_catalog(Connection& connection, CatalogDepth depth);
/// The same of what was written down. Without rules of the user.
Catalog read_catalog(Answers& answers, CatalogDepth depth);

/// False: no snapshot holds the rows of such tables.
bool has_transactions(std::string_view engine);

/// 'user'@'host' as GRANT wants it, of "user@host" as current_user() tells it.
std::string grantee(const std::string& current_user);

}  // namespace voyager::mysql
