#include "connectors/postgresql/connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/login_errors.h"

namespace voyager::postgresql {
namespace {

constexpr std::size_t kNoticesMax = 1000;

// No limit of the server's configuration may end a copy, and values must read the same in every session. A question
// about thousands of tables is compiled (jit) for longer than it runs. Settings that the server does not know are left
// out.
constexpr const char* kSessionSettings = R"(
SELECT count(pg_catalog.set_config(s.name, w.value, false))
FROM (VALUES ('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
             ('idle_session_timeout', '0'), ('transaction_timeout', '0'), ('datestyle', 'ISO'),
             ('intervalstyle', 'postgres'), ('extra_float_digits', '3'), ('bytea_output', 'hex'),
             ('xmloption', 'content'), ('lc_monetary', 'C'), ('standard_conforming_strings', 'on'),
             ('array_nulls', 'on'), ('quote_all_identifiers', 'off'), ('jit', 'off')) AS w(name, value)
JOIN pg_catalog.pg_settings s ON lower(s.name) = w.name)";

void keep_notice(void* context, const char* message) {
  auto& notices = *static_cast<std::vector<std::string>*>(context);
  if (notices.size() < kNoticesMax) notices.emplace_back(base::trim(message));
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

std::string database_of(const model::ConnectionOptions& options) {
  return options.database.empty() ? options.user : options.database;
}

template <typename T, typename F>
std::string array_of(std::span<const T> values, F&& text) {
  std::string out = "{";
  for (const T& value : values) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : text(value)) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "}";
}

[[noreturn]] void fail_without_password(const std::string& message, const std::string& where, model::Side side) {
  throw base::Error({.code = "CON-001",
                     .exit = base::ExitCode::kNoAnswer,
                     .title = fmt::format("the {} asks for a password and none was given", name_of(side)),
                     .where = where,
                     .cause = message,
                     .fix = {fmt::format("set {}, or {}.db-password in the configuration file", password_variable(side),
                                         name_of(side)),
                             "or add the server to ~/.pgpass (mode 0600), or to the file that PGPASSFILE names"}});
}

// The databases of a server that lacks the one of these parameters, as far as it lets us look; empty when it does not.
std::string databases_there(const std::vector<const char*>& names, std::vector<const char*> values) {
  for (const char* database : {"postgres", "yugabyte", "template1"}) {
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      if (std::string_view(names[i]) == "dbname") values[i] = database;
    }
    const std::unique_ptr<PGconn, void (*)(PGconn*)> other(PQconnectdbParams(names.data(), values.data(), 0), PQfinish);
    if (other == nullptr || PQstatus(other.get()) != CONNECTION_OK) continue;
    constexpr const char* kDatabases =
        "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(datname), ', ' ORDER BY datname) "
        "FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate";
    const std::unique_ptr<PGresult, void (*)(PGresult*)> found(PQexec(other.get(), kDatabases), PQclear);
    if (PQresultStatus(found.get()) == PGRES_TUPLES_OK && PQntuples(found.get()) == 1)
      return PQgetvalue(found.get(), 0, 0);
  }
  return {};
}

}  // namespace

void Result::Free::operator()(PGresult* result) const {
  PQclear(result);
}
int Result::rows() const {
  return PQntuples(result_.get());
}
bool Result::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Result::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Result::number(int row, int column) const {
  const std::string_view value = text(row, column);
  std::int64_t out = 0;
  std::from_chars(value.data(), value.data() + value.size(), out);
  return out;
}

double Result::real(int row, int column) const {
  return std::strtod(string(row, column).c_str(), nullptr);
}
bool Result::boolean(int row, int column) const {
  return text(row, column) == "t";
}

std::uint64_t Result::affected() const {
  return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10);
}

std::string array_literal(std::span<const std::string> values) {
  return array_of(values, [](const std::string& value) { return value; });
}
std::string array_literal(std::span<const model::Identifier> values) {
  return array_of(values, [](const model::Identifier& value) { return value.catalog_text(); });
}
std::string array_literal(std::span<const std::int64_t> values) {
  return array_of(values, [](std::int64_t value) { return std::to_string(value); });
}

std::string type_identity(std::int64_t type, std::int64_t modifier) {
  return std::to_string(type) + ":" + std::to_string(modifier);
}

std::string describe_server(const model::ConnectionOptions& options) {
  std::string out = options.user;
  if (!out.empty()) out += '@';
  out += options.host.empty() ? "local" : options.host;
  if (options.port != 0) out += ":" + std::to_string(options.port);
  return out + "/" + database_of(options);
}

bool is_loopback(const std::string& host) {
  return host.empty() || host.front() == '/' || host == "localhost" || host.starts_with("127.") || host == "::1";
}

void Connection::Close::operator()(PGconn* connection) const {
  PQfinish(connection);
}

Connection::Connection(const model::ConnectionOptions& options, const Extras& extras)
    : notices_(std::make_unique<std::vector<std::string>>()),
      stop_(options.stop),
      extras_(extras),
      side_(options.side) {
  model::ConnectionOptions shown = options;
  if (shown.port == 0) shown.port = extras.default_port;
  if (shown.database.empty()) shown.database = extras.default_database;
  where_ = describe_server(shown);
  const std::string port = std::to_string(shown.port);

  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;  // Not given: the client library's own rules hold (environment, files, defaults).
    names.push_back(name);
    values.push_back(value.c_str());
  };
  const std::string connect_timeout = std::getenv("PGCONNECT_TIMEOUT") == nullptr ? "10" : "";
  const std::string application = "yb-voyager", encoding = "UTF8", replication = "database", on = "1", idle = "30",
                    interval = "10", count = "3";
  add("host", shown.host);
  add("port", port);
  add("user", shown.user);
  add("password", options.password.reveal());
  add("dbname", shown.database);
  add("sslmode", shown.ssl_mode);
  add("sslcert", shown.ssl_cert);
  add("sslkey", shown.ssl_key);
  add("sslrootcert", shown.ssl_root_cert);
  add("sslcrl", shown.ssl_crl);
  if (extras.replication) add("replication", replication);
  add("application_name", application);
  add("client_encoding", encoding);
  add("connect_timeout", connect_timeout);
  add("keepalives", on);
  add("keepalives_idle", idle);
  add("keepalives_interval", interval);
  add("keepalives_count", count);
  names.push_back(nullptr);
  values.push_back(nullptr);

  connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
  if (connection_ == nullptr) throw std::bad_alloc();
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    ServerFault fault{.message = std::string(base::trim(PQerrorMessage(connection_.get())))};
    if (PQconnectionNeedsPassword(connection_.get()) != 0) fail_without_password(fault.message, where_, side_);
    base::ErrorInfo info = error_info(fault, judge_login(fault.message),
                                      fmt::format("cannot connect to the {}", name_of(side_)), where_, side_);
    explain_login(info, fault.message, shown);
    if (is_unknown_database(fault.message)) {
      const std::string there = databases_there(names, values);
      if (!there.empty()) info.cause += "\nthere are: " + there;
    }
    throw base::Error(std::move(info));
  }
  PQsetNoticeProcessor(connection_.get(), keep_notice, notices_.get());
  PQsetnonblocking(connection_.get(), 1);
  run(kSessionSettings, "set up the session");
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

bool Connection::is_refusal(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;
}

ServerFault Connection::fault_of(const PGresult* result) const {
  if (result == nullptr) return broken();
  ServerFault fault{.sqlstate = field(result, PG_DIAG_SQLSTATE),
                    .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                    .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
                    .hint = field(result, PG_DIAG_MESSAGE_HINT),
                    .context = field(result, PG_DIAG_CONTEXT)};
  if (fault.message.empty()) fault.message = std::string(base::trim(PQresultErrorMessage(result)));
  return fault;
}

ServerFault Connection::broken() const {
  return {.message = std::string(base::trim(PQerrorMessage(connection_.get())))};
}

void Connection::raise(const ServerFault& fault, std::string_view what) const {
  raise_as(fault, extras_.judge(fault), "the server refused to " + std::string(what));
}

void Connection::raise_if_lost(const ServerFault& fault, std::string_view what) const {
  if (extras_.judge(fault).connection_lost) raise(fault, what);
  if (!healthy())
    raise_as(broken(), {.retry = base::Retry::kNow, .connection_lost = true},
             "the server refused to " + std::string(what));
}

void Connection::raise_as(const ServerFault& fault, Verdict verdict, std::string_view title) const {
  if (PQstatus(connection_.get()) != CONNECTION_OK) verdict.connection_lost = true;
  given_up_ = given_up_ || verdict.connection_lost;
  throw base::Error(error_info(fault, verdict, std::string(title), where_, side_));
}

// Reads every answer of the statements that were sent; keeps the last good one and returns the first refusal. A COPY
// that nobody feeds is ended, so that the connection can be used again.
std::optional<ServerFault> Connection::drain(Result* last) {
  std::optional<ServerFault> first;
  while (PGresult* result = next_result()) {
    Result owner(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
      if (PQputCopyEnd(connection_.get(), "COPY FROM STDIN is not possible here") != 1) return first ? first : broken();
    } else if (status == PGRES_COPY_OUT) {
      std::string unwanted;
      while (next_copy_row(unwanted) > 0) unwanted.clear();
    } else if (is_refusal(result)) {
      if (!first) first = fault_of(result);
    } else if (last != nullptr) {
      *last = std::move(owner);
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK && !first) first = broken();
  }
  return first;
}

void Connection::send(std::string_view sql, std::span<const Param> params, std::string_view what) {
  std::vector<const char*> values;
  for (const Param& param : params) values.push_back(param ? param->c_str() : nullptr);
  const std::string text(sql);
  begin(PQsendQueryParams(connection_.get(), text.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                          nullptr, nullptr, 0),
        what);
}

// `sent` is the client library's word on a statement that it should send.
void Connection::begin(int sent, std::string_view what) {
  if (sent == 0) raise(broken(), what);
  last_heard_ = std::chrono::steady_clock::now();
}

Result Connection::receive(std::string_view what) {
  Result last;
  if (const std::optional<ServerFault> fault = drain(&last)) raise(*fault, what);
  if (last.result_ == nullptr) raise(broken(), what);
  return last;
}

Result Connection::query(std::string_view sql, std::span<const Param> params, std::string_view what) {
  send(sql, params, what);
  return receive(what);
}

// The next answer of the server, or null when there is none left. Waits with an ear for the stop.
PGresult* Connection::next_result() {
  flush();
  while (healthy() && PQisBusy(connection_.get()) != 0) wait_for(POLLIN);
  return PQgetResult(connection_.get());
}

// Everything that was sent has left for the server, unless the connection is broken, which the next read tells.
void Connection::flush() {
  while (PQflush(connection_.get()) == 1) wait_for(POLLIN | POLLOUT);
}

// Waits until the socket is ready for one of `events`, and takes in what the server has sent. Returns early from time
// to time; a broken connection is told by the next read.
void Connection::wait_for(short events, std::chrono::milliseconds longest) {
  int stopped = -1;  // poll(2) leaves it out
  if (stop_ != nullptr && !asked_to_cancel_)
    stopped = extras_.give_up == GiveUp::kWhenDraining ? stop_->drain_descriptor() : stop_->cancel_descriptor();
  std::array<pollfd, 2> wait = {{{.fd = PQsocket(connection_.get()), .events = events, .revents = 0},
                                 {.fd = stopped, .events = POLLIN, .revents = 0}}};
  ::poll(wait.data(), wait.size(), static_cast<int>(longest.count()));
  if (wait[1].revents != 0) ask_to_cancel();
  if (wait[0].revents != 0) {
    last_heard_ = std::chrono::steady_clock::now();
    if ((wait[0].revents & ~POLLOUT) != 0) PQconsumeInput(connection_.get());
  } else if (asked_to_cancel_ && std::chrono::steady_clock::now() > last_heard_ + extras_.patience) {
    // A server that does not even hear that it should stop. It undoes its work when it notices the closed socket.
    throw base::Error(
        {.title = "the server did not give up its work in time", .where = where_, .connection_lost = true});
  }
}

void Connection::ask_to_cancel() {
  asked_to_cancel_ = true;
  last_heard_ = std::chrono::steady_clock::now();
  PGcancel* cancel = PQgetCancel(connection_.get());
  std::array<char, 256> message = {};
  PQcancel(cancel, message.data(), static_cast<int>(message.size()));
  PQfreeCancel(cancel);
}

Result Connection::ask(const std::string& sql, std::string_view what) {
  begin(PQsendQuery(connection_.get(), sql.c_str()), what);
  return receive(what);
}

void Connection::run(const std::string& sql, std::string_view what) {
  if (const std::optional<ServerFault> fault = try_run(sql, what)) raise(*fault, what);
}

std::optional<ServerFault> Connection::try_run(const std::string& sql, std::string_view what) {
  begin(PQsendQuery(connection_.get(), sql.c_str()), what);
  Result last;
  std::optional<ServerFault> fault = drain(&last);
  last_affected_ = last.result_ == nullptr ? 0 : last.affected();
  last_column_types_.clear();
  for (int i = 0; last.result_ != nullptr && i < PQnfields(last.result_.get()); ++i) {
    last_column_types_.push_back(type_identity(PQftype(last.result_.get(), i), PQfmod(last.result_.get(), i)));
  }
  if (fault) raise_if_lost(*fault, what);
  return fault;
}

std::optional<Result> Connection::try_query(std::string_view sql, std::span<const Param> params,
                                            std::string_view what) {
  try {
    return query(sql, params, what);
  } catch (const base::Error& error) {
    if (error.info().connection_lost) throw;
    return std::nullopt;
  }
}

std::string Connection::literal(std::string_view value) const {
  char* text = PQescapeLiteral(connection_.get(), value.data(), value.size());
  if (text == nullptr) raise(broken(), "quote a value");
  std::string out = text;
  PQfreemem(text);
  return out;
}

bool Connection::raw_bytes() const {
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "SQL_ASCII";
}
int Connection::version() const {
  return PQserverVersion(connection_.get());
}
std::string Connection::user() const {
  return PQuser(connection_.get());
}
std::string Connection::database() const {
  return PQdb(connection_.get());
}
bool Connection::healthy() const {
  return !given_up_ && PQstatus(connection_.get()) == CONNECTION_OK;
}
bool Connection::in_transaction() const {
  return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

bool Connection::pause(std::chrono::milliseconds duration) const {
  const base::Stop never;
  return base::system_clock().sleep_for(duration, stop_ == nullptr ? never : *stop_);
}

void Connection::rollback() noexcept {
  if (!healthy() || PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
  try {
    (void)try_run("ROLLBACK", "undo");
  } catch (const base::Error& error) {
    base::log_warn(std::string("while undoing: ") + error.what());  // Lost, and the transaction with it.
  }
}

std::vector<std::string> Connection::take_notices() {
  return std::exchange(*notices_, {});
}

}  // namespace voyager::postgresql
