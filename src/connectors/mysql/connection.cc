#include "connectors/mysql/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <mysql.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"

// The library's own, for programs that read the log; its headers do not have it.
extern "C" unsigned long STDCALL mysql_net_read_packet(MYSQL* mysql);

namespace voyager::mysql {
namespace {

constexpr unsigned kConnectSeconds = 10;
constexpr int kDefaultPort = 3306;
constexpr unsigned kTlsError = 2026;
constexpr unsigned kUnknownDatabase = 1049;
constexpr unsigned kNoSocket = 2002;
const std::string kSystemAuthorities = "/etc/ssl/certs";

}  // namespace

std::uint64_t Result::number(int row, int column) const {
  const std::string text = string(row, column);
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::int64_t Result::signed_number(int row, int column) const {
  const std::string text = string(row, column);
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string quoted_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out += c;
    out += c;
  }
  return out + "`";
}

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string describe_server(const model::ConnectionOptions& options) {
  return fmt::format("{}@{}:{}/{}", options.user, options.host.empty() ? "localhost" : options.host,
                     options.port == 0 ? kDefaultPort : options.port, options.database);
}

void Connection::Close::operator()(st_mysql* handle) const {
  mysql_close(handle);
}
// What is left of the answer would be read to its end, however long that is.
void Connection::Free::operator()(st_mysql_res* result) const {
  mysql_free_result(result);
}

Connection::Connection(const model::ConnectionOptions& options) : options_(options), where_(describe_server(options)) {
  connect();
  set_up_session();
}

Connection::~Connection() {
  // An answer that is cut off ends with its connection: reading the rest could take hours.
  if (result_ && handle_) {
    const int socket = static_cast<int>(mysql_get_socket(handle_.get()));
    if (socket >= 0) ::shutdown(socket, 2);
  }
}
namespace {

// As a line of a message; empty where the user may see none.
std::string databases_there(MYSQL* handle) {
  if (mysql_query(handle, "SHOW DATABASES") != 0) return {};
  const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> rows(mysql_store_result(handle), mysql_free_result);
  std::string out;
  for (MYSQL_ROW row = rows ? mysql_fetch_row(rows.get()) : nullptr; row != nullptr;
       row = mysql_fetch_row(rows.get())) {
    const std::string_view name = row[0] == nullptr ? "" : row[0];
    if (name == "information_schema" || name == "performance_schema" || name == "mysql" || name == "sys") continue;
    out += (out.empty() ? "\nthere are: " : ", ") + std::string(name);
  }
  return out;
}

}  // namespace

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

void Connection::connect() {
  const std::string& mode = options_.ssl_mode;
  const bool wants_tls = mode != "disable" && mode != "allow";
  const bool needs_tls = wants_tls && mode != "prefer";
  // The client library would look at no certificate and say nothing of it.
  if (mode.starts_with("verify") && options_.ssl_root_cert.empty()) {
    base::fail(base::ExitCode::kUsage, fmt::format("--source-ssl-mode {} needs an authority", mode), {},
               {"--source-ssl-root-cert FILE, or --source-ssl-root-cert system"});
  }
  std::string host = options_.host;
  std::string socket;
  if (host.starts_with('/')) {
    std::error_code ignored;
    socket = std::filesystem::is_directory(host, ignored) ? host + "/mysqld.sock" : host;
    host.clear();
  }
  const bool library_rule = (host == "localhost" || host.empty()) && socket.empty();
  const bool default_port = options_.port == 0 || options_.port == kDefaultPort;
  if (library_rule) host = default_port ? "localhost" : "127.0.0.1";
  std::optional<ServerFault> fault = attempt(wants_tls, host, socket);
  if (fault && fault->number == kNoSocket && host == "localhost") {
    host = "127.0.0.1";
    fault = attempt(wants_tls, host, socket);
  }
  if (fault && fault->number == kTlsError && !needs_tls) fault = attempt(false, host, socket);
  if (!fault) return;
  healthy_ = false;
  base::ErrorInfo info = error_info(*fault, "cannot connect to the source", where_, options_);
  if (fault->number == kUnknownDatabase) {
    options_.database.clear();
    std::optional<ServerFault> closed = attempt(wants_tls, host, socket);
    if (closed && !needs_tls) closed = attempt(false, host, socket);
    if (!closed) info.cause += databases_there(handle_.get());
  }
  throw base::Error(std::move(info));
}

namespace {

/// The library loads the ways to log in by name. A package that brings the library has them beside it, as no system
/// would find them there; empty where the system's own are used.
std::string login_methods() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path folder = program.parent_path().parent_path() / "lib/yb-voyager/mariadb";
  return !error && std::filesystem::is_directory(folder, error) ? folder.string() : std::string();
}

}  // namespace

std::optional<ServerFault> Connection::attempt(bool tls, const std::string& host, const std::string& socket) {
  handle_.reset(mysql_init(nullptr));
  if (!handle_) throw std::bad_alloc();
  MYSQL* handle = handle_.get();
  mysql_options(handle, MYSQL_READ_DEFAULT_GROUP, "yb-voyager");
  if (const std::string folder = login_methods(); !folder.empty())
    mysql_options(handle, MYSQL_PLUGIN_DIR, folder.c_str());
  mysql_options(handle, MYSQL_OPT_NONBLOCK, nullptr);
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectSeconds);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned off = 0;
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &off);
  const unsigned long packet_max = 1UL << 30U;
  mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_max);
  if (tls) {
    const my_bool yes = 1;
    const my_bool verify = options_.ssl_mode == "verify-full" ? 1 : 0;
    mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    const auto file = [&](mysql_option option, const std::string& path) {
      if (!path.empty()) mysql_options(handle, option, path.c_str());
    };
    file(MYSQL_OPT_SSL_CERT, options_.ssl_cert);
    file(MYSQL_OPT_SSL_KEY, options_.ssl_key);
    // An authority is a promise to look at the certificate, which only the two modes that say so make.
    const bool system = options_.ssl_root_cert == "system";
    if (options_.ssl_mode.starts_with("verify") && !system) file(MYSQL_OPT_SSL_CA, options_.ssl_root_cert);
    if (options_.ssl_mode.starts_with("verify") && system) file(MYSQL_OPT_SSL_CAPATH, kSystemAuthorities);
    file(MYSQL_OPT_SSL_CRL, options_.ssl_crl);
  }
  const std::string password = options_.password.reveal();
  const auto or_null = [](const std::string& text) { return text.empty() ? nullptr : text.c_str(); };
  if (mysql_real_connect(handle, or_null(host), or_null(options_.user), or_null(password), or_null(options_.database),
                         static_cast<unsigned>(options_.port), or_null(socket), CLIENT_REMEMBER_OPTIONS) != nullptr) {
    mariadb_ = mariadb_connection(handle) != 0;
    return std::nullopt;
  }
  return fault();
}

void Connection::set_up_session() {
  run("SET NAMES utf8mb4", "set up the session");
  run("SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = 31536000, net_read_timeout = 31536000, "
      "wait_timeout = 31536000, sql_select_limit = 18446744073709551615, sql_quote_show_create = 1",
      "set up the session");
  run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "set up the session");
  // Each is known to some servers only.
  for (const char* setting : {"max_statement_time = 0", "max_execution_time = 0", "information_schema_stats_expiry = 0",
                              "show_create_table_skip_secondary_engine = 0"})
    (void)try_run(std::string("SET SESSION ") + setting, "set up the session");
}

// Waits for what the client library waits for, with an ear for the stop.
int Connection::wait(int events) {
  while (true) {
    std::array<pollfd, 2> polled = {
        {{.fd = static_cast<int>(mysql_get_socket(handle_.get())), .events = 0, .revents = 0},
         {.fd = options_.stop == nullptr ? -1 : options_.stop->cancel_descriptor(), .events = POLLIN, .revents = 0}}};
    if ((events & MYSQL_WAIT_READ) != 0) polled[0].events |= POLLIN;
    if ((events & MYSQL_WAIT_WRITE) != 0) polled[0].events |= POLLOUT;
    if ((events & MYSQL_WAIT_EXCEPT) != 0) polled[0].events |= POLLPRI;
    ::poll(polled.data(), polled.size(), 500);
    if (polled[1].revents != 0) {
      // The server undoes what it does when it notices the closed socket.
      healthy_ = false;
      ::shutdown(polled[0].fd, 2);
      return events;
    }
    if (polled[0].revents != 0) {
      int ready = 0;
      if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) ready |= MYSQL_WAIT_READ;
      if ((polled[0].revents & POLLOUT) != 0) ready |= MYSQL_WAIT_WRITE;
      if ((polled[0].revents & POLLPRI) != 0) ready |= MYSQL_WAIT_EXCEPT;
      return ready;
    }
  }
}

ServerFault Connection::fault() const {
  return {.number = mysql_errno(handle_.get()),
          .sqlstate = mysql_sqlstate(handle_.get()),
          .message = mysql_error(handle_.get())};
}

void Connection::raise(const ServerFault& fault, std::string_view what) {
  if (judge(fault.number).connection_lost) healthy_ = false;
  if (options_.stop != nullptr && options_.stop->cancelled())
    base::throw_if_draining(*options_.stop, "the work on the source was given up", "run the same command again");
  throw base::Error(error_info(fault, fmt::format("the server refused to {}", what), where_, options_));
}

std::optional<ServerFault> Connection::send(std::string_view sql) {
  VOY_ASSERT(!result_);
  int failed = 0;
  int status = mysql_real_query_start(&failed, handle_.get(), sql.data(), sql.size());
  while (status != 0) status = mysql_real_query_cont(&failed, handle_.get(), wait(status));
  return failed == 0 ? std::nullopt : std::optional(fault());
}

std::optional<ServerFault> Connection::collect(Result& result) {
  result_.reset(mysql_use_result(handle_.get()));
  if (!result_) {
    if (mysql_field_count(handle_.get()) == 0) return std::nullopt;
    return fault();
  }
  const unsigned columns = mysql_num_fields(result_.get());
  while (true) {
    MYSQL_ROW row = nullptr;
    int status = mysql_fetch_row_start(&row, result_.get());
    while (status != 0) status = mysql_fetch_row_cont(&row, result_.get(), wait(status));
    if (row == nullptr) break;
    const unsigned long* lengths = mysql_fetch_lengths(result_.get());
    auto& out = result.rows_.emplace_back();
    for (unsigned i = 0; i < columns; ++i)
      out.push_back(row[i] == nullptr ? std::nullopt : std::optional(std::string(row[i], lengths[i])));
  }
  const bool broken = mysql_errno(handle_.get()) != 0;
  const ServerFault seen = fault();
  result_.reset();
  return broken ? std::optional(seen) : std::nullopt;
}

Result Connection::query(std::string_view sql, std::string_view what) {
  Result result;
  if (const auto refused = send(sql)) raise(*refused, what);
  if (const auto broken = collect(result)) raise(*broken, what);
  return result;
}

std::optional<ServerFault> Connection::try_run(std::string_view sql, std::string_view what) {
  Result result;
  std::optional<ServerFault> found = send(sql);
  if (!found) found = collect(result);
  if (found && judge(found->number).connection_lost) raise(*found, what);
  return found;
}

std::optional<Result> Connection::try_query(std::string_view sql, std::string_view what) {
  Result result;
  std::optional<ServerFault> found = send(sql);
  if (!found) found = collect(result);
  if (found && judge(found->number).connection_lost) raise(*found, what);
  return found ? std::nullopt : std::optional(std::move(result));
}

void Connection::start_rows(const std::string& sql, std::string_view what) {
  reading_for_ = what;
  if (const auto refused = send(sql)) raise(*refused, what);
  result_.reset(mysql_use_result(handle_.get()));
  if (!result_) raise(fault(), what);
}

bool Connection::next_row(RowView& row) {
  MYSQL_ROW values = nullptr;
  int status = mysql_fetch_row_start(&values, result_.get());
  while (status != 0) status = mysql_fetch_row_cont(&values, result_.get(), wait(status));
  if (values != nullptr) {
    row = {.values = values, .lengths = mysql_fetch_lengths(result_.get())};
    return true;
  }
  const bool broken = mysql_errno(handle_.get()) != 0;
  const ServerFault seen = fault();
  result_.reset();
  if (broken) raise(seen, reading_for_);
  return false;
}

std::uint64_t Connection::number() {
  if (number_ == 0) number_ = query("SELECT connection_id()", "tell its number").number(0, 0);
  return number_;
}

bool Connection::stop_reading(Connection& other) noexcept {
  constexpr int kTries = 2;
  try {
    if (number_ == 0) return false;
    if (other.try_run(fmt::format("KILL QUERY {}", number_), "break off a statement")) return false;
    try {
      RowView row;
      while (next_row(row)) {
      }
    } catch (const base::Error&) {  // That is what was asked for.
    }
    // An order that came when the statement had just ended breaks off the next one.
    for (int i = 0; healthy_ && i < kTries; ++i) {
      if (!try_run("DO 0", "look whether it is there")) return true;
    }
  } catch (const base::Error&) {  // Not even that could be asked.
  }
  return false;
}

void Connection::send_command(std::uint8_t command, std::string_view body, std::string_view what) {
  VOY_ASSERT(!result_);
  reading_for_ = what;
  MYSQL* const handle = handle_.get();
  const my_bool no_answer = 1;
  if (handle->methods->db_command(handle, static_cast<enum_server_command>(command), body.data(), body.size(),
                                  no_answer, nullptr) != 0)
    raise(fault(), what);
}

std::string_view Connection::read_packet() {
  constexpr unsigned long kFailed = 0xFFFF'FFFF;  // the library's packet_error, an unsigned int
  const unsigned long size = mysql_net_read_packet(handle_.get());
  if (size >= kFailed) raise(fault(), reading_for_);
  return {reinterpret_cast<const char*>(handle_->net.read_pos), size};
}

int Connection::second_socket() const {
  return ::fcntl(static_cast<int>(mysql_get_socket(handle_.get())), F_DUPFD_CLOEXEC, 0);
}

unsigned long Connection::version() const {
  return mysql_get_server_version(handle_.get());
}

std::string Connection::version_text() const {
  std::string text = mysql_get_server_info(handle_.get());
  text = text.substr(0, text.find('-'));
  return (mariadb_ ? "MariaDB " : "MySQL ") + text;
}

}  // namespace voyager::mysql
