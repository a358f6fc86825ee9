// The few lines around SQLite that keep handles, bindings and errors in one place.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::format {

/// How messages speak of a file, and what a user can do when it is damaged.
struct SqliteWords {
  std::string_view name = {};  ///< "the state of the migration"
  std::string_view damaged_code = {};
  /// `{}` stands for the file's path.
  std::vector<std::string_view> damaged_fix = {};
};
const SqliteWords& state_words();

/// Throws base::Error for the last failure of `db`. A damaged file gets the words' code and says what to do.
[[noreturn]] void fail_sqlite(sqlite3* db, const std::string& what, const SqliteWords& words = state_words());

/// One connection to one file; used by one thread. `words` must outlive it.
class SqliteConnection {
 public:
  enum class Mode : std::uint8_t { kReadOnly, kCreate };
  SqliteConnection(const std::filesystem::path& file, Mode mode, const SqliteWords& words);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  /// Any number of statements without parameters and results.
  void exec(std::string_view sql);
  int user_version();
  sqlite3* handle() const { return db_; }
  const SqliteWords& words() const { return words_; }

 private:
  sqlite3* db_ = nullptr;
  const SqliteWords& words_;
};

/// One prepared statement: bind in order, step, read columns, reset for the next use. Lives no longer than its
/// connection.
class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql, const SqliteWords& words = state_words());
  Statement(const SqliteConnection& connection, std::string_view sql)
      : Statement(connection.handle(), sql, connection.words()) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Resets, then binds all arguments to ?1, ?2, ... An empty optional is NULL.
  template <typename... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  /// For statements whose number of parameters is known at run time: after reset(), one call a parameter; what is left
  /// out is NULL.
  template <typename Value>
  void bind_at(int index, const Value& value) {
    bind_one(index, value);
  }
  void reset();
  /// True when a row is there.
  bool step();
  /// For statements that return no rows.
  void run() {
    while (step()) {
    }
  }

  bool null(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  double real(int column) const;
  std::optional<std::int64_t> integer_or_null(int column) const;
  std::optional<double> real_or_null(int column) const;

 private:
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view value);
  template <std::integral Integer>
  void bind_one(int index, Integer value) {
    bind_one(index, static_cast<std::int64_t>(value));
  }
  template <typename Value>
  void bind_one(int index, const std::optional<Value>& value) {
    if (value) bind_one(index, *value);
  }

  sqlite3* db_ = nullptr;
  const SqliteWords& words_;
  sqlite3_stmt* statement_ = nullptr;
};

/// SELECT of `columns` from the rows of `table` whose `keys` are ?1, ?2, ..., ordered by the columns from left to
/// right.
std::string select_text(std::string_view table, std::span<const std::string_view> columns,
                        std::span<const std::string_view> keys);

/// Calls `fill` with a connection to a new file beside `file`, and gives that file its name when `fill` returns:
/// readers see the old or the new one. On any error the file that was there stays. Nothing is synced before the end, so
/// a crash leaves only the file beside.
void replace_database(const std::filesystem::path& file, const SqliteWords& words,
                      const std::function<void(SqliteConnection&)>& fill);

}  // namespace voyager::format
