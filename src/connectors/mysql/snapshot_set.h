// Several connections that see the source as it is at one moment.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "connectors/mysql/binlog_place.h"
#include "connectors/mysql/connection.h"
#include "model/connection.h"

namespace voyager::mysql {

/// The anchor of a snapshot with which a capture begins (connector::CaptureStart).
constexpr const char* kBetweenPrepared = "while no XA transaction is prepared";

/// Opens its connections at once, as only then can they see the same: under a lock of all tables that is held for as
/// long as that takes. Where the user may not lock there is one connection only, and users take turns. Thread-safe but
/// for `catalog`.
class SnapshotSet {
 public:
  enum class Moment : std::uint8_t {
    kAny,
    kNonePrepared,  ///< No XA transaction is prepared: changes can be captured from there on. Throws where some stay
                    ///< so.
  };
  SnapshotSet(const model::ConnectionOptions& options, int connections, Moment moment = Moment::kAny);

  /// For the catalogue, which no snapshot covers. One thread.
  Connection& catalog() { return *catalog_; }

  /// A connection for as long as this lives. One that is not healthy any more is not lent again; an answer that was not
  /// read to its end is broken off.
  class Lease {
   public:
    explicit Lease(SnapshotSet& set);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& connection() { return *connection_; }

   private:
    SnapshotSet& set_;
    std::unique_ptr<Connection> connection_;
  };

  /// Where the source's log of changes was at that moment; empty when it has none, or the user may not know.
  const std::string& position() const { return position_; }
  /// The same as a place in its files; file 0 where it is not known: without a log, or, of MySQL, without a lock.
  const BinlogPlace& place() const { return place_; }
  /// How the moment was had, for people.
  const std::string& how() const { return how_; }
  bool single() const { return single_; }

 private:
  std::unique_ptr<Connection> take() VOY_EXCLUDES(mutex_);
  void give_back(std::unique_ptr<Connection> connection) VOY_EXCLUDES(mutex_);
  void break_off(Connection& connection) const;
  using Connections = std::vector<std::unique_ptr<Connection>>;
  std::size_t take_moment(Connection& locker, Connections& opened, Moment moment);
  bool lock_tables(Connection& locker);
  [[noreturn]] void lost() const;

  const model::ConnectionOptions options_;
  std::unique_ptr<Connection> catalog_;
  std::string position_ = {};
  BinlogPlace place_ = {};
  std::string how_ = {};
  bool single_ = false;
  base::Mutex mutex_;
  std::condition_variable changed_;
  Connections idle_ VOY_GUARDED_BY(mutex_) = {};
  int alive_ VOY_GUARDED_BY(mutex_) = 0;
};

}  // namespace voyager::mysql
