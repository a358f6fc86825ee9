// A connection that streams the write-ahead log: START_REPLICATION and its messages.
// https://www.postgresql.org/docs/current/protocol-replication.html
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/followed_log.h"
#include "connectors/postgresql/pgoutput.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// One thread. Errors as Connection.
class ReplicationStream {
 public:
  explicit ReplicationStream(const model::ConnectionOptions& options);

  /// Before `start`.
  LogIdentity identify();
  /// Before `start`: the text of the history file of a timeline above 1.
  std::string timeline_history(std::uint32_t timeline);

  /// Begins to stream what `slot` decodes for `publication` behind `from` (0: where the slot was confirmed last).
  /// `uncommitted`: large transactions come before they are committed (from PostgreSQL 14 on).
  void start(const std::string& slot, const std::string& publication, Lsn from, bool uncommitted);

  enum class Got { kNothing, kMessage, kKeepalive };
  /// The next message of the output plugin into `message`, valid until the next call. kNothing when none came within
  /// `budget`; waits on the socket while nothing is there.
  Got next(std::string_view& message, std::chrono::milliseconds budget);
  /// Takes what has gathered on the way off the network at once.
  void take_in();
  /// True when the server wants to hear from us soon; next `report` clears it.
  bool wants_answer() const { return wants_answer_; }
  /// Up to where the server has sent its log.
  Lsn server_end() const { return server_end_; }
  /// When the server sent the last message, by its clock, in µs since 1970.
  std::int64_t sent_at_micros() const { return sent_at_micros_; }
  /// Tells the server what is safe with us.
  void report(Lsn flushed);
  bool open() const { return open_; }

 private:
  Connection connection_;
  std::string buffer_ = {};
  Lsn server_end_ = 0;
  std::int64_t sent_at_micros_ = 0;
  bool wants_answer_ = false;
  bool open_ = false;
};

}  // namespace voyager::postgresql
