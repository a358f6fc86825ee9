// One connection to a PostgreSQL-like server: a thin owner of libpq's handles that throws base::Error.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/stop.h"
#include "connectors/postgresql/errors.h"
#include "model/connection.h"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

namespace voyager::postgresql {

/// Rows of an answer, in text form.
class Result {
 public:
  explicit Result(PGresult* result = nullptr) : result_(result) {}
  int rows() const;
  bool is_null(int row, int column) const;
  /// Valid as long as the result lives; empty for null.
  std::string_view text(int row, int column) const;
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  model::Identifier identifier(int row, int column) const { return model::Identifier(string(row, column)); }
  std::int64_t number(int row, int column) const;  ///< 0 for null.
  double real(int row, int column) const;          ///< 0 for null.
  bool boolean(int row, int column) const;         ///< False for null.
  /// Rows that the command touched, from its tag ("COPY 5", "INSERT 0 5").
  std::uint64_t affected() const;

 private:
  friend class Connection;
  friend class Pipeline;
  struct Free {
    void operator()(PGresult* result) const;
  };
  std::unique_ptr<PGresult, Free> result_;
};

/// A query parameter in text form; nothing means null.
using Param = std::optional<std::string>;

/// 'text' as PostgreSQL's array literal, for parameters that are cast to text[] or oid[].
std::string array_literal(std::span<const std::string> values);
std::string array_literal(std::span<const model::Identifier> values);
std::string array_literal(std::span<const std::int64_t> values);

/// model::Column::type_identity: the type that values have after looking through domains, and its modifier.
std::string type_identity(std::int64_t type, std::int64_t modifier);

/// "user@host:port/database", never with a password.
std::string describe_server(const model::ConnectionOptions& options);
/// True for a host that is this machine (empty, a socket folder, localhost, 127.x, ::1).
bool is_loopback(const std::string& host);

/// One thread at a time. Every failure throws base::Error with the class of errors.h. A dead peer is noticed by TCP
/// keep-alive and user timeout (about a minute). Whatever waits for the server polls the options' stop beside the
/// socket: once the stop gives the work up the server is asked, once, to give up what it does, its refusal (57014) is
/// thrown, and from then on it has `patience` for each answer before the connection counts as lost. Only connecting
/// itself is deaf, for at most PGCONNECT_TIMEOUT (10 s) an address.
class Connection {
 public:
  enum class GiveUp : std::uint8_t { kWhenCancelled, kWhenDraining };
  struct Extras {
    Judge judge = &postgresql::judge;
    int default_port = 5432;
    const char* default_database = "";  ///< When the options name none; empty = the client library's rule.
    GiveUp give_up = GiveUp::kWhenCancelled;
    std::chrono::milliseconds patience{5'000};
    bool replication = false;  ///< A walsender: `run`, `try_run` and the replication commands, no parameters.
  };

  /// Connects with client_encoding UTF8 and no statement, lock or idle timeouts. An empty password leaves PGPASSFILE to
  /// the client library.
  explicit Connection(const model::ConnectionOptions& options) : Connection(options, Extras{}) {}
  Connection(const model::ConnectionOptions& options, const Extras& extras);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// One statement with $1, $2, ... The error's title is "the server refused: <what>".
  Result query(std::string_view sql, std::span<const Param> params, std::string_view what);
  Result query(std::string_view sql, std::string_view what) { return query(sql, std::span<const Param>{}, what); }
  Result query(std::string_view sql, std::initializer_list<Param> params, std::string_view what) {
    return query(sql, std::span<const Param>(params.begin(), params.size()), what);
  }
  /// Any number of statements in one message, without parameters.
  void run(const std::string& sql, std::string_view what);
  /// As `run`, but a refusal is returned. A lost connection still throws.
  [[nodiscard]] std::optional<ServerFault> try_run(const std::string& sql, std::string_view what);
  /// Rows that the last statement of the last `run` or `try_run` touched, or that a COPY TO sent, as the server
  /// counted.
  std::uint64_t last_affected() const { return last_affected_; }
  /// The columns of the last answer with rows of the last `run` or `try_run`, each as its type_identity.
  const std::vector<std::string>& last_column_types() const { return last_column_types_; }
  /// As `query`, but a refusal gives nothing. Not inside a transaction block.
  std::optional<Result> try_query(std::string_view sql, std::span<const Param> params, std::string_view what);

  /// Starts COPY ... TO STDOUT; then `copy_out_row` until it returns false, which means that the server confirmed the
  /// end.
  void copy_out(const std::string& sql, std::string_view what);
  /// Appends one row as the server sent it to `out`. False at the confirmed end.
  [[nodiscard]] bool copy_out_row(std::string& out);
  /// Sends statements of which the last one is COPY ... FROM STDIN.
  void copy_in(const std::string& sql, std::string_view what);
  /// As `copy_in`, but a refusal is returned. A lost connection throws.
  [[nodiscard]] std::optional<ServerFault> try_copy_in(const std::string& sql, std::string_view what);
  void copy_in_data(std::string_view bytes);
  /// Ends COPY FROM: the row count, or what the server refused. A lost connection throws.
  [[nodiscard]] std::variant<std::uint64_t, ServerFault> copy_in_end();
  /// Gives a started COPY FROM up; the transaction is left failed. Never throws.
  void copy_in_abort(const char* reason) noexcept;

  /// Sends START_REPLICATION; messages flow both ways afterwards, until the connection ends.
  void copy_both(const std::string& sql, std::string_view what);
  /// Appends the next message to `out`, if there is one by `budget`. False: none came. The server's end of the stream
  /// is an error.
  [[nodiscard]] bool copy_both_message(std::string& out, std::chrono::milliseconds budget);
  void copy_both_send(std::string_view message);
  /// Lets the server send no more ahead of what was read than the distance to it asks for. Nothing where the connection
  /// is not TCP.
  void narrow_window();
  /// Takes in what the server has sent until there is nothing more, or about `most` bytes.
  void take_in(std::size_t most);
  /// The answer of the last statement of `sql`, without parameters: also where only the simple protocol is understood.
  Result ask(const std::string& sql, std::string_view what);

  std::string literal(std::string_view value) const;  ///< 'quoted for SQL'; for statements that take no parameters.
  /// The database knows no encoding (SQL_ASCII).
  bool raw_bytes() const;
  int version() const;  ///< 150020 for 15.20.
  int major() const { return version() / 10000; }
  std::string user() const;  ///< The user that is logged in.
  std::string database() const;
  const std::string& where() const { return where_; }
  model::Side side() const { return side_; }
  bool healthy() const;  ///< As far as the client library knows, and no error has said otherwise.
  bool in_transaction() const;
  /// Waits before a new try. False: the run ends, so there should be none.
  [[nodiscard]] bool pause(std::chrono::milliseconds duration) const;
  /// Leaves any transaction block, also a failed one. Never throws.
  void rollback() noexcept;
  /// Server notices since the last call, as the server wrote them.
  std::vector<std::string> take_notices();

  [[noreturn]] void raise(const ServerFault& fault, std::string_view what) const;
  /// Throws when the connection was lost. A fault that was told before it broke is no reason for that.
  void raise_if_lost(const ServerFault& fault, std::string_view what) const;
  [[noreturn]] void raise_as(const ServerFault& fault, Verdict verdict, std::string_view what) const;
  Verdict verdict_of(const ServerFault& fault) const { return extras_.judge(fault); }

 private:
  friend class Pipeline;
  struct Close {
    void operator()(PGconn* connection) const;
  };
  static bool is_refusal(const PGresult* result);
  ServerFault fault_of(const PGresult* result) const;
  ServerFault broken() const;
  void send(std::string_view sql, std::span<const Param> params, std::string_view what);
  Result receive(std::string_view what);
  std::optional<ServerFault> drain(Result* last);
  PGresult* next_result();
  int next_copy_row(std::string& out);
  void begin(int sent, std::string_view what);
  void flush();
  void wait_for(short events, std::chrono::milliseconds longest = std::chrono::milliseconds(500));
  void ask_to_cancel();

  std::unique_ptr<PGconn, Close> connection_;
  std::unique_ptr<std::vector<std::string>> notices_;  // on the heap: libpq keeps its address
  const base::Stop* stop_;
  Extras extras_;
  bool asked_to_cancel_ = false;
  mutable bool given_up_ = false;                          // what it said means that only another connection can help
  std::chrono::steady_clock::time_point last_heard_ = {};  // or last spoken to
  model::Side side_;
  std::string copying_ = {};  // what the COPY in hand is for
  std::string where_;
  std::uint64_t last_affected_ = 0;
  std::vector<std::string> last_column_types_;
};

}  // namespace voyager::postgresql
