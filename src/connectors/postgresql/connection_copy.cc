// The COPY protocol of a connection.
#include <libpq-fe.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/log.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {
namespace {

// Big pieces only make libpq's own buffer grow.
constexpr std::size_t kPieceBytes = 256 * 1024;
// Of a server that sends ahead: enough for a gigabyte a second at the distance that was measured.
constexpr std::uint32_t kLeastWindow = 64 * 1024;
constexpr std::uint32_t kWindowPerMicrosecond = 1'000;
constexpr std::uint32_t kMostWindow = 1U << 30U;

}  // namespace

// The server keeps the news that the COPY has begun until there are rows.
void Connection::copy_out(const std::string& sql, std::string_view what) {
  begin(PQsendQuery(connection_.get(), sql.c_str()), what);
  copying_ = what;
  const Result first(next_result());
  if (first.result_ != nullptr && PQresultStatus(first.result_.get()) == PGRES_COPY_OUT) return;
  const ServerFault fault = fault_of(first.result_.get());
  (void)drain(nullptr);
  raise(fault, what);
}

// Appends the next row to `out` and returns its size; -1 at the end, -2 when the connection is broken.
int Connection::next_copy_row(std::string& out) {
  char* row = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection_.get(), &row, 1)) == 0) {
    if (!healthy()) return -2;
    wait_for(POLLIN);
  }
  if (size > 0) {
    out.append(row, static_cast<std::size_t>(size));
    PQfreemem(row);
  }
  return size;
}

bool Connection::copy_out_row(std::string& out) {
  const int size = next_copy_row(out);
  if (size > 0) return true;
  if (size == -2) raise(broken(), copying_);
  Result last;
  if (const std::optional<ServerFault> fault = drain(&last)) raise(*fault, copying_);
  last_affected_ = last.result_ == nullptr ? 0 : last.affected();
  return false;
}

void Connection::copy_both(const std::string& sql, std::string_view what) {
  begin(PQsendQuery(connection_.get(), sql.c_str()), what);
  copying_ = what;
  const Result first(next_result());
  if (first.result_ != nullptr && PQresultStatus(first.result_.get()) == PGRES_COPY_BOTH) return;
  const ServerFault fault = fault_of(first.result_.get());
  (void)drain(nullptr);
  raise(fault, what);
}

void Connection::narrow_window() {
  tcp_info facts = {};
  socklen_t size = sizeof facts;
  const int socket = PQsocket(connection_.get());
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &facts, &size) != 0) return;  // not TCP
  const std::uint32_t far = std::min(facts.tcpi_min_rtt, kMostWindow / kWindowPerMicrosecond) * kWindowPerMicrosecond;
  const int window = static_cast<int>(std::max(kLeastWindow, far));
  setsockopt(socket, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, sizeof window);
}

void Connection::take_in(std::size_t most) {
  std::size_t taken = 0;
  for (int there = 0; taken < most && ioctl(PQsocket(connection_.get()), FIONREAD, &there) == 0 && there > 0;) {
    taken += static_cast<std::size_t>(there);
    if (PQconsumeInput(connection_.get()) != 1) return;  // told by the next read
  }
}

bool Connection::copy_both_message(std::string& out, std::chrono::milliseconds budget) {
  std::optional<std::chrono::steady_clock::time_point> end;  // The clock is asked only when there is nothing yet.
  for (bool looked = false;; looked = true) {
    char* message = nullptr;
    const int size = PQgetCopyData(connection_.get(), &message, 1);
    if (size > 0) {
      out.append(message, static_cast<std::size_t>(size));
      PQfreemem(message);
      return true;
    }
    if (size != 0 || !healthy()) {
      // The server ends the stream when it shuts down, or says why it cannot go on.
      const std::optional<ServerFault> fault = size == -1 ? drain(nullptr) : std::nullopt;
      ServerFault end_of_stream = fault ? *fault : broken();
      if (end_of_stream.text().empty()) end_of_stream.message = "the server ended the stream";
      Verdict verdict = extras_.judge(end_of_stream);
      if (!fault) verdict = {.retry = base::Retry::kNow, .connection_lost = true};
      raise_as(end_of_stream, verdict, "the server refused to " + copying_);
    }
    const auto now = std::chrono::steady_clock::now();
    if (!end) end = now + budget;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - now);
    if (looked && left.count() <= 0) return false;
    wait_for(POLLIN, std::max(left, std::chrono::milliseconds(0)));
  }
}

void Connection::copy_both_send(std::string_view message) {
  if (PQputCopyData(connection_.get(), message.data(), static_cast<int>(message.size())) != 1)
    raise(broken(), copying_);
  flush();
}

void Connection::copy_in(const std::string& sql, std::string_view what) {
  if (const std::optional<ServerFault> fault = try_copy_in(sql, what)) raise(*fault, what);
}

std::optional<ServerFault> Connection::try_copy_in(const std::string& sql, std::string_view what) {
  begin(PQsendQuery(connection_.get(), sql.c_str()), what);
  for (;;) {
    const Result result(next_result());
    if (result.result_ == nullptr) raise(broken(), what);
    if (PQresultStatus(result.result_.get()) == PGRES_COPY_IN) return std::nullopt;
    if (!is_refusal(result.result_.get())) continue;
    ServerFault fault = fault_of(result.result_.get());
    (void)drain(nullptr);
    raise_if_lost(fault, what);
    return fault;
  }
}

void Connection::copy_in_data(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    if (PQputCopyData(connection_.get(), piece.data(), static_cast<int>(piece.size())) != 1) {
      // The server may have said why before it went away.
      const std::optional<ServerFault> fault = drain(nullptr);
      raise(fault ? *fault : broken(), "take rows");
    }
    flush();  // Or the client library's buffer would grow by what the server has not taken yet.
    bytes.remove_prefix(piece.size());
  }
}

std::variant<std::uint64_t, ServerFault> Connection::copy_in_end() {
  const int sent = PQputCopyEnd(connection_.get(), nullptr);
  Result last;
  std::optional<ServerFault> fault = drain(&last);
  if (sent != 1 && !fault) fault = broken();
  if (!fault && last.result_ == nullptr) fault = broken();
  if (!fault) return last.affected();
  raise_if_lost(*fault, "take rows");
  return *fault;
}

void Connection::copy_in_abort(const char* reason) noexcept {
  if (PQputCopyEnd(connection_.get(), reason) != 1) return;
  try {
    (void)drain(nullptr);
  } catch (const base::Error& error) {
    base::log_warn(std::string("while giving up a COPY: ") + error.what());
  }
}

}  // namespace voyager::postgresql
