#include "connectors/mysql/binlog_stream.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "base/error.h"
#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/server_log.h"

namespace voyager::mysql {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kBinlogDump = 18, kBinlogDumpGtid = 30;
constexpr std::size_t kPositionAndIdBytes = 10;  // of a request; the file's name follows
constexpr std::size_t kAheadBytesMax = 4UL << 20U;
// A server that has nothing to send says so this often.
constexpr std::chrono::seconds kHeartbeat{1};
constexpr std::chrono::seconds kSilenceMax{30};

}  // namespace

std::string dump_request(const BinlogPlace& from, std::uint32_t server_id) {
  std::string out;
  append_number(out, from.asked_from(), 4);
  append_number(out, 0, 2);
  append_number(out, server_id, 4);
  return out + from.file_name();
}

std::string dump_request(const GtidSet& seen, std::uint32_t server_id) {
  constexpr std::uint16_t kByGtid = 4;
  std::string out;
  append_number(out, kByGtid, 2);
  append_number(out, server_id, 4);
  append_number(out, 0, 4);  // no file's name
  append_number(out, BinlogPlace::kFileBegin, 8);
  const std::string set = seen.encoded();
  append_number(out, set.size(), 4);
  return out + set;
}

BinlogStream::BinlogStream(const model::ConnectionOptions& options, std::uint32_t server_id, const std::string& name)
    : options_(options), server_id_(server_id), connection_(options) {
  const auto set = [this](const std::string& what) { connection_.run("SET " + what, "set up the stream of its log"); };
  const Result settings = connection_.query("SELECT @@global.binlog_checksum", "look at its log");
  checksums_ = settings.string(0, 0) != "NONE";
  server_ = server_name(connection_);
  // Each under its earlier and its present name; a server knows one of them.
  for (const char* role : {"master", "source"}) {
    set(fmt::format("@{}_binlog_checksum = @@global.binlog_checksum", role));
    set(fmt::format("@{}_heartbeat_period = {}", role, std::chrono::nanoseconds(kHeartbeat).count()));
  }
  set(fmt::format("@slave_uuid = '{0}', @replica_uuid = '{0}'", name));
  // What replicas of this version and later say: then no event is made another for us.
  if (connection_.is_mariadb()) set("@mariadb_slave_capability = 4");
}

BinlogStream::~BinlogStream() {
  {
    const base::MutexLock lock(mutex_);
    ended_ = true;
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
    changed_.notify_all();
  }
  reader_.reset();
  if (socket_ >= 0) ::close(socket_);
}

void BinlogStream::start(const BinlogPlace& from) {
  connection_.send_command(kBinlogDump, dump_request(from, server_id_), "send its log");
  begin_reading();
}

void BinlogStream::start(const GtidSet& seen) {
  if (connection_.is_mariadb()) {
    connection_.run(fmt::format("SET @slave_connect_state = '{}', @slave_gtid_strict_mode = 1", seen.text()),
                    "set up the stream of its log");
    const BinlogPlace anywhere{.begin = BinlogPlace::kFileBegin};
    const std::string request = dump_request(anywhere, server_id_);
    connection_.send_command(kBinlogDump, std::string_view(request).substr(0, kPositionAndIdBytes), "send its log");
  } else {
    connection_.send_command(kBinlogDumpGtid, dump_request(seen, server_id_), "send its log");
  }
  begin_reading();
}

void BinlogStream::begin_reading() {
  heard_ = base::system_clock().now();
  socket_ = connection_.second_socket();
  reader_ = std::make_unique<base::Group>(reader_stop_);
  reader_->spawn("binlog", [this] { read(); });
}

void BinlogStream::read() {
  std::exception_ptr failure;
  try {
    while (true) {
      const std::string_view packet = connection_.read_packet();
      constexpr char kEvent = 0, kEnd = '\xfe';
      base::MutexLock lock(mutex_);
      if (ended_) return;
      if (packet.empty() || (packet[0] == kEnd && packet.size() < 9)) break;
      if (packet[0] != kEvent) continue;
      come_.bytes.append(packet.substr(1));
      come_.ends.push_back(come_.bytes.size());
      if (come_.ends.size() == 1) changed_.notify_all();
      while (come_.bytes.size() > kAheadBytesMax && !ended_) lock.wait(changed_);
    }
  } catch (const base::Error&) {
    failure = std::current_exception();
  }
  const base::MutexLock lock(mutex_);
  ended_ = true;
  failure_ = failure;
  changed_.notify_all();
}

bool BinlogStream::next(std::string_view& event, milliseconds longest) {
  const base::Clock& clock = base::system_clock();
  if (used_ == taken_.ends.size()) {
    taken_.clear();
    used_ = 0;
    base::MutexLock lock(mutex_);
    const auto until = clock.now() + longest;
    while (come_.ends.empty() && !ended_) {
      const auto left = std::chrono::ceil<milliseconds>(until - clock.now());
      if (left <= milliseconds(0)) break;
      lock.wait_for(changed_, left);
    }
    std::swap(taken_, come_);
    changed_.notify_all();
    if (taken_.ends.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      if (ended_ || clock.now() > heard_ + kSilenceMax) silent();
      return false;
    }
    heard_ = clock.now();
  }
  const std::size_t begin = used_ == 0 ? 0 : taken_.ends[used_ - 1];
  event = std::string_view(taken_.bytes).substr(begin, taken_.ends[used_] - begin);
  ++used_;
  return true;
}

void BinlogStream::silent() const {
  throw base::Error({.exit = base::ExitCode::kSourceUnreachable,
                     .title = "the source has stopped to send its log",
                     .where = connection_.where(),
                     .retry = base::Retry::kNow,
                     .connection_lost = true});
}

}  // namespace voyager::mysql
