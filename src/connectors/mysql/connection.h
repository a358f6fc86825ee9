// One connection to a MySQL or MariaDB server: a thin owner of libmariadb's handles that throws base::Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/stop.h"
#include "connectors/mysql/errors.h"
#include "model/connection.h"

struct st_mysql;
struct st_mysql_res;

namespace voyager::mysql {

/// All rows of an answer, in text form.
class Result {
 public:
  using Rows = std::vector<std::vector<std::optional<std::string>>>;
  Result() = default;
  explicit Result(Rows rows) : rows_(std::move(rows)) {}
  int rows() const { return static_cast<int>(rows_.size()); }
  bool is_null(int row, int column) const { return !cell(row, column).has_value(); }
  std::string string(int row, int column) const { return cell(row, column).value_or(""); }  ///< Empty for null.
  std::optional<std::string> optional(int row, int column) const { return cell(row, column); }
  std::uint64_t number(int row, int column) const;        ///< 0 for null.
  std::int64_t signed_number(int row, int column) const;  ///< 0 for null.
  bool yes(int row, int column) const { return string(row, column) == "YES"; }

 private:
  friend class Connection;
  const std::optional<std::string>& cell(int row, int column) const {
    return rows_.at(static_cast<std::size_t>(row)).at(static_cast<std::size_t>(column));
  }
  Rows rows_ = {};
};

/// `name` in MySQL's quotes.
std::string quoted_name(std::string_view name);
/// 'text' for statements of MySQL.
std::string quoted_text(std::string_view text);
/// "user@host:port/database", never with a password.
std::string describe_server(const model::ConnectionOptions& options);

/// One row of an unbuffered answer: valid until the next call.
struct RowView {
  const char* const* values = nullptr;  ///< Null for a null.
  const unsigned long* lengths = nullptr;
  std::string_view value(std::size_t column) const { return {values[column], lengths[column]}; }
};

/// One thread at a time. Every failure throws base::Error with the class of errors.h. Whatever waits for the server
/// polls the options' stop beside the socket: once the run is cancelled the connection is given up. Sessions speak
/// utf8mb4 and UTC, have no SQL mode and no time limits.
class Connection {
 public:
  explicit Connection(const model::ConnectionOptions& options);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// The error's title is "the server refused to <what>".
  Result query(std::string_view sql, std::string_view what);
  void run(std::string_view sql, std::string_view what) { query(sql, what); }
  /// A refusal is returned. A lost connection still throws.
  std::optional<ServerFault> try_run(std::string_view sql, std::string_view what);
  /// As `query`, but a refusal gives nothing.
  std::optional<Result> try_query(std::string_view sql, std::string_view what);

  /// Starts an answer that is read row by row; read it to its end before anything else is asked.
  void start_rows(const std::string& sql, std::string_view what);
  /// False at the confirmed end.
  [[nodiscard]] bool next_row(RowView& row);
  bool reading() const { return result_ != nullptr; }
  /// As the server calls this connection; asked for once.
  std::uint64_t number();
  /// Gives up the answer that is being read without reading it to its end: `other` has the server break the statement
  /// off. The transaction stays. False: this connection can be used no more.
  [[nodiscard]] bool stop_reading(Connection& other) noexcept;

  /// A command of the protocol that answers with packets, until the connection ends.
  void send_command(std::uint8_t command, std::string_view body, std::string_view what);
  /// The next packet, valid until the next call. Waits on the socket, deaf to the stop: shutdown() of `second_socket`
  /// ends it.
  std::string_view read_packet();
  /// Another descriptor of the socket, for the caller to close: what another thread may use whatever this one does.
  int second_socket() const;

  bool is_mariadb() const { return mariadb_; }
  unsigned long version() const;     ///< 101119 for 10.11.19, 80036 for 8.0.36.
  std::string version_text() const;  ///< "MariaDB 10.11.19", "MySQL 8.0.36"
  const std::string& database() const { return options_.database; }
  const std::vector<std::string>& type_rules() const { return options_.type_rules; }
  const std::string& where() const { return where_; }
  bool healthy() const { return healthy_; }

 private:
  struct Close {
    void operator()(st_mysql* handle) const;
  };
  struct Free {
    void operator()(st_mysql_res* result) const;
  };
  void connect();
  std::optional<ServerFault> attempt(bool tls, const std::string& host, const std::string& socket);
  void set_up_session();
  std::optional<ServerFault> send(std::string_view sql);
  int wait(int events);
  ServerFault fault() const;
  [[noreturn]] void raise(const ServerFault& fault, std::string_view what);
  std::optional<ServerFault> collect(Result& result);

  model::ConnectionOptions options_;
  std::string where_;
  std::unique_ptr<st_mysql, Close> handle_;
  std::unique_ptr<st_mysql_res, Free> result_;  // after the handle: freed before it
  std::string reading_for_ = {};
  std::uint64_t number_ = 0;  // 0: not asked for
  bool mariadb_ = false;
  bool healthy_ = true;
};

}  // namespace voyager::mysql
