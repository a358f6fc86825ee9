#include "connectors/mysql/snapshot_set.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/mysql/server_log.h"

namespace voyager::mysql {
namespace {

// A lock that waits for a long query makes every later writer wait behind it.
constexpr const char* kWaitForLock = "SET SESSION lock_wait_timeout = 10";
constexpr const char* kLock = "FLUSH TABLES WITH READ LOCK";
constexpr const char* kUnlock = "UNLOCK TABLES";
constexpr const char* kBegin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
// A connection more than there are readers: one may be lost.
constexpr int kSpare = 1;

// Two snapshots with the same text hold the same rows; empty where nobody can tell.
std::string position_of(Connection& connection) {
  const std::optional<LogStatus> status = log_status(connection);
  if (!status || status->end.file == 0 || !unlogged_writes(connection, *status).empty()) return {};
  if (connection.is_mariadb()) {
    const auto gtid = connection.try_query("SELECT @@global.gtid_binlog_pos", "tell the place in its log");
    if (gtid && !gtid->string(0, 0).empty()) return "gtid " + gtid->string(0, 0);
  } else if (const auto gtid = connection.try_query("SELECT @@global.gtid_executed", "tell the place in its log");
             gtid && !gtid->string(0, 0).empty()) {
    return "gtid " + gtid->string(0, 0);
  }
  return status->end.text();
}

// MariaDB remembers for each snapshot where it stands in the log.
BinlogPlace place_of_snapshot(Connection& connection) {
  const auto status = connection.try_query("SHOW STATUS LIKE 'binlog_snapshot_%'", "tell the place in its log");
  std::string file;
  std::uint64_t position = 0;
  for (int row = 0; status && row < status->rows(); ++row) {
    const std::string name = base::lower(status->string(row, 0));
    if (name == "binlog_snapshot_file") file = status->string(row, 1);
    if (name == "binlog_snapshot_position") position = status->number(row, 1);
  }
  return file.empty() ? BinlogPlace() : BinlogPlace::of_file(file, position);
}

}  // namespace

SnapshotSet::SnapshotSet(const model::ConnectionOptions& options, int connections, Moment moment) : options_(options) {
  catalog_ = std::make_unique<Connection>(options);
  Connections opened;
  for (int i = 0; i < connections + kSpare; ++i) {
    opened.push_back(std::make_unique<Connection>(options));
    (void)opened.back()->number();  // While it can still be asked.
  }
  Connection locker(options);
  locker.run(kWaitForLock, "set up the session");
  const std::size_t prepared = once_none_is_prepared(options.stop, [&] { return take_moment(locker, opened, moment); });
  if (prepared > 0) refuse_prepared(prepared, catalog_->where());
  if (place_.file != 0) {
    place_.server = server_name(locker);
    if (locker.is_mariadb()) place_.gtids = gtids_before(locker, place_);
  }
  base::log_info(
      fmt::format("snapshot of {}: {}, {}", catalog_->where(), how_, position_.empty() ? "no log" : position_));
  const base::MutexLock lock(mutex_);
  alive_ = static_cast<int>(opened.size());
  idle_ = std::move(opened);
}

// Returns how many were prepared, where that matters. What is prepared can neither come nor end under the lock of all
// tables; without it a look on either side has to do.
std::size_t SnapshotSet::take_moment(Connection& locker, Connections& opened, Moment moment) {
  const auto prepared = [&] { return moment == Moment::kAny ? 0 : prepared_transactions(locker).size(); };
  place_ = {};
  position_ = {};
  single_ = !lock_tables(locker);
  std::size_t found = prepared();
  if (single_) opened.resize(1);
  // Under a lock nothing of ours is on its way to the log or behind it, whatever else is.
  std::string before = position_of(locker);
  if (!single_) {
    if (const auto status = log_status(locker)) {
      place_ = status->end;
      place_.gtids = status->gtids;
    }
  }
  for (auto& one : opened) one->run(kBegin, "begin a transaction");
  if (!single_) {
    if (position_of(locker) == before) position_ = std::move(before);
  } else {
    // What is in the log need not be committed in the tables yet, so a look at the log tells nothing of a snapshot.
    place_ = place_of_snapshot(*opened.front());
    if (place_.file != 0 && !before.empty()) position_ = place_.text();
  }
  found += prepared();
  locker.run(kUnlock, "unlock its tables");
  return found;
}

// Sets how_. False: the user may not lock, or somebody else holds a lock for too long.
bool SnapshotSet::lock_tables(Connection& locker) {
  const std::optional<ServerFault> global = locker.try_run(kLock, "lock its tables");
  if (!global) {
    how_ = "one moment for all connections, by FLUSH TABLES WITH READ LOCK while they were opened";
    return true;
  }
  const Result names = locker.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'",
      "list tables");
  std::string list;
  for (int row = 0; row < names.rows(); ++row)
    list += (row == 0 ? "" : ", ") + quoted_name(names.string(row, 0)) + " READ";
  const std::optional<ServerFault> each =
      list.empty() ? global : locker.try_run("LOCK TABLES " + list, "lock its tables");
  if (!each) {
    how_ = "one moment for all connections, by LOCK TABLES while they were opened";
    return true;
  }
  how_ = fmt::format(
      "one connection reads all rows, as the tables could not be locked for the moment that several take to open ({}; "
      "{}): GRANT RELOAD ON *.* or GRANT LOCK TABLES ON {}.* lets several work",
      global->text(), each->text(), quoted_name(options_.database));
  return false;
}

void SnapshotSet::lost() const {
  throw base::Error({.code = "SRC-002",
                     .exit = base::ExitCode::kSourceUnreachable,
                     .title = "the snapshot of the source is lost",
                     .where = catalog_->where(),
                     .cause = "the connections that held it have ended",
                     .then = "run the same command again: finished chunks are kept",
                     .retry = base::Retry::kNever,
                     .connection_lost = true});
}

std::unique_ptr<Connection> SnapshotSet::take() {
  constexpr std::chrono::milliseconds kLook{200};
  base::MutexLock lock(mutex_);
  while (idle_.empty()) {
    if (alive_ == 0) lost();
    if (options_.stop != nullptr)
      base::throw_if_draining(*options_.stop, "the export was stopped", "run the same command again");
    lock.wait_for(changed_, kLook);
  }
  std::unique_ptr<Connection> out = std::move(idle_.back());
  idle_.pop_back();
  return out;
}

// A reader that wants no more rows leaves an answer half read. The connection is worth keeping: it holds the snapshot.
void SnapshotSet::break_off(Connection& connection) const {
  if (options_.stop != nullptr && options_.stop->draining()) return;  // Nobody will read any more.
  try {
    Connection other(options_);
    if (!connection.stop_reading(other))
      base::log_warn(
          fmt::format("a connection of the snapshot is lost: {} could not break its answer off", catalog_->where()));
  } catch (const base::Error& error) {  // It counts as lost.
    base::log_warn(std::string("a connection of the snapshot is lost: ") + error.what());
  }
}

void SnapshotSet::give_back(std::unique_ptr<Connection> connection) {
  if (connection->healthy() && connection->reading()) break_off(*connection);
  const base::MutexLock lock(mutex_);
  if (connection->healthy() && !connection->reading()) {
    idle_.push_back(std::move(connection));
  } else {
    --alive_;
  }
  changed_.notify_all();
}

SnapshotSet::Lease::Lease(SnapshotSet& set) : set_(set), connection_(set.take()) {}
SnapshotSet::Lease::~Lease() {
  set_.give_back(std::move(connection_));
}

}  // namespace voyager::mysql
