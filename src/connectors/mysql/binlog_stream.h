// A connection that is sent the binary log, as a replica is.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/group.h"
#include "base/mutex.h"
#include "base/stop.h"
#include "connectors/mysql/binlog_place.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/gtid_set.h"
#include "model/connection.h"

namespace voyager::mysql {

/// The body of COM_BINLOG_DUMP: events from a position in a file on, and then as they come.
std::string dump_request(const BinlogPlace& from, std::uint32_t server_id);
/// Of COM_BINLOG_DUMP_GTID: those of all transactions but these.
std::string dump_request(const GtidSet& seen, std::uint32_t server_id);

/// A thread of its own reads what the server sends, up to a few megabytes ahead. For one thread; errors as Connection,
/// and a server that is silent for long is a lost connection.
class BinlogStream {
 public:
  /// `server_id` is what we are to the server: no other replica may have it. `name`: a UUID, likewise.
  BinlogStream(const model::ConnectionOptions& options, std::uint32_t server_id, const std::string& name);
  ~BinlogStream();
  BinlogStream(const BinlogStream&) = delete;
  BinlogStream& operator=(const BinlogStream&) = delete;

  /// Whether events have checksums, as long as the log does not say otherwise.
  bool checksums() const { return checksums_; }
  /// As server_name().
  const std::string& server() const { return server_; }
  void start(const BinlogPlace& from);
  /// Behind these transactions, wherever they are in the log. Of MariaDB behind the last of each domain.
  void start(const GtidSet& seen);
  /// The next event into `event`, valid until the next call. False when none came within `longest`.
  bool next(std::string_view& event, std::chrono::milliseconds longest);

 private:
  struct Packets {
    std::string bytes = {};
    std::vector<std::size_t> ends = {};
    void clear() {
      bytes.clear();
      ends.clear();
    }
  };
  void begin_reading();
  void read();
  [[noreturn]] void silent() const;

  const model::ConnectionOptions options_;
  const std::uint32_t server_id_;
  Connection connection_;  // the reader's while there is one
  int socket_ = -1;        // to end its wait
  bool checksums_ = false;
  std::string server_ = {};
  Packets taken_ = {};
  std::size_t used_ = 0;  // packets of taken_
  base::Clock::Instant heard_ = {};
  base::Mutex mutex_;
  std::condition_variable changed_;
  Packets come_ VOY_GUARDED_BY(mutex_) = {};
  bool ended_ VOY_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ VOY_GUARDED_BY(mutex_) = {};
  base::Stop reader_stop_ = {};
  std::unique_ptr<base::Group> reader_ = {};  // last: joined first
};

}  // namespace voyager::mysql
