// The COPY protocol of a connection.
#include <libpq-fe.h>

#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {
namespace {

// Big pieces only make libpq's own buffer grow.
constexpr std::size_t kPieceBytes = 256 * 1024;

}  // namespace

void Connection::copy_out(const std::string& sql, std::string_view what) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) raise(broken(), what);
  copy_out_begun(what);
}

// The server keeps the news that the COPY has begun until there are rows, so this is where it may take long.
void Connection::copy_out_until(const base::Stop& stop, const std::string& sql, std::string_view what) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) raise(broken(), what);
  wait_for_answer([&] { return stop.draining(); });
  copy_out_begun(what);
}

void Connection::copy_out_begun(std::string_view what) {
  const Result first(PQgetResult(connection_.get()));
  if (first.result_ != nullptr && PQresultStatus(first.result_.get()) == PGRES_COPY_OUT) return;
  const ServerFault fault = fault_of(first.result_.get());
  drain(nullptr);
  raise(fault, what);
}

bool Connection::copy_out_row(std::string& out) {
  char* row = nullptr;
  const int size = PQgetCopyData(connection_.get(), &row, 0);
  return take_copy_row(size, row, out, "read rows");
}

bool Connection::copy_out_row_until(const base::Stop& stop, std::string& out, std::string_view what) {
  bool asked = false;
  char* row = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection_.get(), &row, 1)) == 0) {
    if (!wait_for_bytes()) raise(broken(), what);
    if (asked || !stop.draining()) continue;
    asked = true;
    ask_to_cancel();
  }
  return take_copy_row(size, row, out, what);
}

// `size` and `row` are an answer of PQgetCopyData that is not "not yet".
bool Connection::take_copy_row(int size, char* row, std::string& out, std::string_view what) {
  if (size > 0) {
    out.append(row, static_cast<std::size_t>(size));
    PQfreemem(row);
    return true;
  }
  if (size == -2) raise(broken(), what);
  Result last;
  if (const std::optional<ServerFault> fault = drain(&last)) raise(*fault, what);
  last_affected_ = last.result_ == nullptr ? 0 : last.affected();
  return false;
}

void Connection::copy_in(const std::string& sql, std::string_view what) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) raise(broken(), what);
  for (;;) {
    const Result result(PQgetResult(connection_.get()));
    if (result.result_ == nullptr) raise(broken(), what);
    if (PQresultStatus(result.result_.get()) == PGRES_COPY_IN) return;
    if (!is_refusal(result.result_.get())) continue;
    const ServerFault fault = fault_of(result.result_.get());
    drain(nullptr);
    raise(fault, what);
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
  if (extras_.judge(*fault).connection_lost || !healthy()) raise(*fault, "take rows");
  return *fault;
}

void Connection::copy_in_abort(const char* reason) noexcept {
  if (PQputCopyEnd(connection_.get(), reason) != 1) return;
  while (PGresult* result = PQgetResult(connection_.get())) {
    PQclear(result);
    if (PQstatus(connection_.get()) != CONNECTION_OK) return;
  }
}

}  // namespace voyager::postgresql
