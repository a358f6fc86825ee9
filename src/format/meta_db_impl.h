// What the parts of MetaDb share. Included by meta_db*.cc only.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "format/meta_db.h"
#include "format/sqlite.h"

namespace voyager::format {

struct MetaDb::Impl {
  sqlite3* db = nullptr;

  ~Impl() { sqlite3_close(db); }

  void exec(const char* sql, const std::string& what) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail_sqlite(db, what);
  }
  bool open_to_read(const std::filesystem::path& file);
  void use_write_ahead_log();
  int version();
  void migrate();
};

/// The schema and name in two neighbouring columns.
inline model::TableName name_of(const Statement& row, int schema_column) {
  return {.schema = model::Identifier(row.text(schema_column)), .name = model::Identifier(row.text(schema_column + 1))};
}

/// Of segments with changes behind `applied` it is no longer noted that an importer has them. Nothing for an importer
/// that knows of none.
void forget_segments_imported(sqlite3* db, std::string_view importer_role, std::int64_t applied);

/// Runs `body` in a transaction of its own unless the caller has one open.
template <typename Body>
void in_transaction(MetaDb& db, sqlite3* handle, Body&& body) {
  if (sqlite3_get_autocommit(handle) == 0) {
    std::forward<Body>(body)();
    return;
  }
  MetaDb::Transaction transaction(db);
  std::forward<Body>(body)();
  transaction.commit();
}

}  // namespace voyager::format
