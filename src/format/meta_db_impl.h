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
  void use_write_ahead_log();
  int version();
  void migrate();
};

/// Transactions that are committed while it lives are not on disk then, where `wanted`: a crash of the machine may undo
/// them, the last ones first. Made outside of a transaction.
class NotOnDiskYet {
 public:
  NotOnDiskYet(sqlite3* db, bool wanted) : db_(wanted ? db : nullptr) { set("NORMAL"); }
  ~NotOnDiskYet() { set("FULL"); }
  NotOnDiskYet(const NotOnDiskYet&) = delete;
  NotOnDiskYet& operator=(const NotOnDiskYet&) = delete;

 private:
  void set(const std::string& how) const {
    if (db_ != nullptr) sqlite3_exec(db_, ("PRAGMA synchronous = " + how).c_str(), nullptr, nullptr, nullptr);
  }

  sqlite3* const db_;
};

/// The schema and name in two neighbouring columns.
inline model::TableName name_of(const Statement& row, int schema_column) {
  return {.schema = model::Identifier(row.text(schema_column)), .name = model::Identifier(row.text(schema_column + 1))};
}

}  // namespace voyager::format
