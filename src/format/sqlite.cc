#include "format/sqlite.h"

#include "base/error.h"

namespace voyager::format {

void fail_sqlite(sqlite3* db, const std::string& what) {
  const int number = sqlite3_errcode(db);
  const char* name = sqlite3_db_filename(db, "main");
  const std::string file = name == nullptr ? "meta.db" : name;
  base::ErrorInfo info{.title = what, .where = file, .cause = sqlite3_errmsg(db), .vendor_code = number};
  if (number == SQLITE_CORRUPT || number == SQLITE_NOTADB) {
    info.code = "DIR-005";
    info.title = "the state of the migration is damaged: " + what;
    info.fix = {"restore " + file + " (with its -wal file) from a backup of the export directory",
                "or begin anew in an empty export directory"};
  } else if (number == SQLITE_FULL) {
    info.code = "DIR-002";
    info.title = "the disk is full: " + what;
    info.fix = {"free space on the file system of " + file};
    info.then = "run the same command again: what was finished is kept";
  } else if (number == SQLITE_READONLY || number == SQLITE_CANTOPEN || number == SQLITE_PERM) {
    info.code = "DIR-003";
    info.fix = {"make " + file + " and its folder writable for the user that runs yb-voyager"};
  } else if (number == SQLITE_BUSY) {
    info.cause += " (another yb-voyager command held it for more than 30 seconds)";
  }
  throw base::Error(std::move(info));
}

Statement::Statement(sqlite3* db, std::string_view sql) : db_(db) {
  if (sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) != SQLITE_OK) {
    fail_sqlite(db, "cannot prepare a statement on the state");
  }
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::bind_one(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
}
void Statement::bind_one(int index, double value) {
  sqlite3_bind_double(statement_, index, value);
}
void Statement::bind_one(int index, std::string_view value) {
  sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
}

bool Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  fail_sqlite(db_, "cannot read or write the state");
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}
std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

}  // namespace voyager::format
