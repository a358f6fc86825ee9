#include "format/sqlite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "base/shell_word.h"

namespace voyager::format {

const SqliteWords& state_words() {
  static const SqliteWords words = {
      .name = "the state of the migration",
      .damaged_code = "DIR-005",
      .damaged_fix = {"restore {} (with its -wal file) from a backup of the export directory",
                      "or begin anew in an empty export directory"}};
  return words;
}

namespace {

// A file that cannot grow is an I/O error to SQLite, and not for all files does it keep what the system said.
bool disk_is_full(sqlite3* db, const std::string& file, int number) {
  if (number == SQLITE_FULL) return true;
  if (number != SQLITE_IOERR && number != SQLITE_CANTOPEN) return false;
  const int system = sqlite3_system_errno(db);
  if (system == ENOSPC || system == EDQUOT) return true;
  constexpr std::uintmax_t kNeeded = 64 * 1024;  // the files beside the database begin with less
  std::error_code fault;
  const std::filesystem::space_info space = std::filesystem::space(std::filesystem::path(file).parent_path(), fault);
  return number == SQLITE_IOERR && !fault && space.available < kNeeded;
}

[[noreturn]] void fail_on_file(sqlite3* db, const std::string& file, const std::string& what,
                               const SqliteWords& words) {
  const int number = sqlite3_errcode(db);
  base::ErrorInfo info{.title = what, .where = file, .cause = sqlite3_errmsg(db), .vendor_code = number};
  if (number == SQLITE_CORRUPT || number == SQLITE_NOTADB) {
    info.code = words.damaged_code;
    info.title = fmt::format("{} is damaged: {}", words.name, what);
    for (const std::string_view fix : words.damaged_fix) info.fix.push_back(fmt::format(fmt::runtime(fix), file));
  } else if (disk_is_full(db, file, number)) {
    info.code = "DIR-002";
    info.title = "the disk is full: " + what;
    const std::string folder = std::filesystem::path(file).parent_path().string();
    info.fix = {fmt::format("free space on the file system of {} (df -h {})", file, base::shell_word(folder))};
    info.then = "run the same command again: what was finished is kept";
  } else if (number == SQLITE_READONLY || number == SQLITE_CANTOPEN || number == SQLITE_PERM) {
    info.code = "DIR-003";
    info.fix = {"make " + file + " and its folder writable for the user that runs yb-voyager"};
  } else if (number == SQLITE_BUSY) {
    info.cause += " (another yb-voyager command held it for more than 30 seconds)";
  }
  throw base::Error(std::move(info));
}

}  // namespace

void fail_sqlite(sqlite3* db, const std::string& what, const SqliteWords& words) {
  const char* name = sqlite3_db_filename(db, "main");
  fail_on_file(db, name == nullptr || *name == '\0' ? std::string(words.name) : name, what, words);
}

SqliteConnection::SqliteConnection(const std::filesystem::path& file, Mode mode, const SqliteWords& words)
    : words_(words) {
  const int access = mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(file.c_str(), &db_, access | SQLITE_OPEN_NOMUTEX, nullptr) == SQLITE_OK) return;
  try {
    fail_on_file(db_, file.string(), fmt::format("cannot open {}", words.name), words);
  } catch (...) {
    sqlite3_close(db_);
    throw;
  }
}

SqliteConnection::~SqliteConnection() {
  sqlite3_close(db_);
}

void SqliteConnection::exec(std::string_view sql) {
  if (sqlite3_exec(db_, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail_sqlite(db_, fmt::format("cannot read or write {}", words_.name), words_);
}

int SqliteConnection::user_version() {
  Statement statement(*this, "PRAGMA user_version");
  return statement.step() ? static_cast<int>(statement.integer(0)) : 0;
}

Statement::Statement(sqlite3* db, std::string_view sql, const SqliteWords& words) : db_(db), words_(words) {
  if (sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) != SQLITE_OK) {
    fail_sqlite(db, fmt::format("cannot prepare a statement on {}", words.name), words);
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
  fail_sqlite(db_, fmt::format("cannot read or write {}", words_.name), words_);
}

bool Statement::null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
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

std::optional<std::int64_t> Statement::integer_or_null(int column) const {
  return null(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<double> Statement::real_or_null(int column) const {
  return null(column) ? std::nullopt : std::optional(real(column));
}

std::string select_text(std::string_view table, std::span<const std::string_view> columns,
                        std::span<const std::string_view> keys) {
  std::string where;
  for (std::size_t i = 0; i < keys.size(); ++i)
    where += fmt::format(" {} {} = ?{}", i == 0 ? "WHERE" : "AND", keys[i], i + 1);
  const std::string list = fmt::format("{}", fmt::join(columns, ", "));
  return fmt::format("SELECT {} FROM {}{} ORDER BY {}", list, table, where, list);
}

void replace_database(const std::filesystem::path& file, const SqliteWords& words,
                      const std::function<void(SqliteConnection&)>& fill) {
  std::filesystem::path beside = file;
  beside += ".partial";
  std::error_code ignored;
  std::filesystem::remove(beside, ignored);
  try {
    SqliteConnection connection(beside, SqliteConnection::Mode::kCreate, words);
    connection.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; BEGIN");
    fill(connection);
    connection.exec("COMMIT");
  } catch (...) {
    std::filesystem::remove(beside, ignored);
    throw;
  }
  base::File::open_read(beside).sync();
  base::rename_durably(beside, file);
}

}  // namespace voyager::format
