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
  std::filesystem::path export_dir = {};
  Mode mode = Mode::kReadWrite;

  ~Impl() { sqlite3_close(db); }

  void exec(const char* sql, const std::string& what) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail_sqlite(db, what);
  }
  bool open_to_read(const std::filesystem::path& file);
  /// What `body` commits is not on disk then: a crash of the machine may undo it, the last transaction first. Not
  /// inside of a transaction.
  template <typename Body>
  void without_waiting_for_disk(Body&& body) {
    wait_for_disk(false);
    try {
      body();
    } catch (...) {
      wait_for_disk(true);
      throw;
    }
    wait_for_disk(true);
  }
  /// SQLite refuses a change within a transaction.
  void wait_for_disk(bool wait) {
    exec(wait ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "cannot choose when to wait for the disk");
  }
  void use_write_ahead_log();
  int version();
  void migrate();
};

/// The schema and name in two neighbouring columns.
inline model::TableName name_of(const Statement& row, int schema_column) {
  return {.schema = model::Identifier(row.text(schema_column)), .name = model::Identifier(row.text(schema_column + 1))};
}

}  // namespace voyager::format
