// The few lines around SQLite that keep handles, bindings and errors in one place.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace voyager::format {

/// Throws base::Error for the last failure of `db`. A damaged file gets code DIR-005 and says what to do.
[[noreturn]] void fail_sqlite(sqlite3* db, const std::string& what);

/// One prepared statement: bind in order, step, read columns, reset for the next use. Lives no longer than its
/// connection.
class Statement {
 public:
  Statement(sqlite3* db, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Resets, then binds all arguments to ?1, ?2, ...
  template <typename... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  /// True when a row is there.
  bool step();
  /// For statements that return no rows.
  void run() {
    while (step()) {
    }
  }

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  double real(int column) const;

 private:
  void reset();
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view value);
  template <std::integral Integer>
  void bind_one(int index, Integer value) {
    bind_one(index, static_cast<std::int64_t>(value));
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace voyager::format
