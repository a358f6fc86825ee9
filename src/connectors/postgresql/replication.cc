#include "connectors/postgresql/replication.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"

namespace voyager::postgresql {
namespace {

constexpr char kData = 'w';
constexpr char kKeepalive = 'k';
constexpr std::size_t kMostTakenIn = 4 * 1024 * 1024;
constexpr std::size_t kDataHeader = 1 + 3 * sizeof(std::uint64_t);
// The protocol counts time from 2000.
constexpr std::chrono::seconds kEpoch{946'684'800};

std::uint64_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint64_t out = 0;
  for (const char byte : bytes.substr(offset, sizeof out)) out = (out << 8U) | static_cast<unsigned char>(byte);
  return out;
}

void put(std::string& out, std::uint64_t number) {
  for (unsigned shift = 64; shift > 0; shift -= 8) out += static_cast<char>((number >> (shift - 8)) & 0xFFU);
}

Connection::Extras walsender() {
  return {.replication = true};
}

}  // namespace

ReplicationStream::ReplicationStream(const model::ConnectionOptions& options) : connection_(options, walsender()) {
  // What knows no encoding cannot be converted; the server would refuse every other byte.
  if (connection_.raw_bytes()) connection_.run("SET client_encoding = 'SQL_ASCII'", "set up the session");
}

LogIdentity ReplicationStream::identify() {
  const Result row = connection_.ask("IDENTIFY_SYSTEM", "tell which server it is");
  return {.system = row.string(0, 0), .timeline = static_cast<std::uint32_t>(row.number(0, 1))};
}

std::string ReplicationStream::timeline_history(std::uint32_t timeline) {
  return connection_.ask(fmt::format("TIMELINE_HISTORY {}", timeline), "read the history of its timeline").string(0, 1);
}

void ReplicationStream::start(const std::string& slot, const std::string& publication, Lsn from, bool uncommitted) {
  connection_.copy_both(fmt::format("START_REPLICATION SLOT {} LOGICAL {} ({}, publication_names {})",
                                    model::quoted(model::Identifier(slot)), lsn_text(from),
                                    uncommitted ? "proto_version '2', streaming 'on'" : "proto_version '1'",
                                    connection_.literal(model::quoted(model::Identifier(publication)))),
                        "stream changes");
  connection_.narrow_window();
  open_ = true;
}

ReplicationStream::Got ReplicationStream::next(std::string_view& message, std::chrono::milliseconds budget) {
  buffer_.clear();
  if (!connection_.copy_both_message(buffer_, budget)) return Got::kNothing;
  if (buffer_.size() >= kDataHeader && buffer_[0] == kData) {
    server_end_ = std::max(server_end_, number_at(buffer_, 1 + sizeof(std::uint64_t)));
    sent_at_micros_ = std::chrono::microseconds(kEpoch).count() +
                      static_cast<std::int64_t>(number_at(buffer_, 1 + 2 * sizeof(std::uint64_t)));
    message = std::string_view(buffer_).substr(kDataHeader);
    return Got::kMessage;
  }
  constexpr std::size_t kKeepaliveSize = 1 + 2 * sizeof(std::uint64_t) + 1;
  if (buffer_.size() < kKeepaliveSize || buffer_[0] != kKeepalive)
    base::fail(base::ExitCode::kInternal, "the source sent a message of replication that the protocol does not have");
  server_end_ = std::max(server_end_, number_at(buffer_, 1));
  wants_answer_ = wants_answer_ || buffer_[kKeepaliveSize - 1] != '\0';
  return Got::kKeepalive;
}

void ReplicationStream::take_in() {
  connection_.take_in(kMostTakenIn);
}

void ReplicationStream::report(Lsn flushed) {
  std::string status = "r";
  for (int i = 0; i < 3; ++i) put(status, flushed);  // written, flushed, applied
  const auto since =
      std::chrono::duration_cast<std::chrono::microseconds>(base::system_clock().wall().time_since_epoch() - kEpoch);
  put(status, static_cast<std::uint64_t>(since.count()));
  status += '\0';
  connection_.copy_both_send(status);
  wants_answer_ = false;
}

}  // namespace voyager::postgresql
