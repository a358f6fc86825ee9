// PostgreSQL's logical replication messages, protocol version 1, as the output plugin pgoutput writes them.
// https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/changes.h"

namespace voyager::postgresql {

/// A place in the write-ahead log.
using Lsn = std::uint64_t;

/// "16/B374D848"
std::string lsn_text(Lsn lsn);
/// 0 for what is not one.
Lsn parse_lsn(std::string_view text);

/// Where a stream of changes stands, in the order of commits. As bytes: the three numbers, big-endian.
struct LogPlace {
  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
  Lsn commit = 0;             ///< Of the transaction in hand, or of the last one.
  std::uint64_t changes = 0;  ///< Of it that came before this place; kAll: the transaction is complete.
  Lsn end = 0;                ///< Behind the commit's record, once complete: what may be confirmed. Else 0.

  auto operator<=>(const LogPlace&) const = default;
  model::Position position() const;
  /// Throws Error (kState) on bytes that are not one.
  static LogPlace of(const model::Position& position);
};

/// What a relation message says of a table.
struct Relation {
  std::uint32_t oid = 0;
  model::TableName name = {};
  char replica_identity = 'd';  ///< d default, n nothing, f full, i index
  struct Column {
    std::string name = {};
    bool key = false;
    std::uint32_t type = 0;
    std::int32_t modifier = -1;
  };
  std::vector<Column> columns = {};
  bool operator==(const Relation&) const = default;
};
bool operator==(const Relation::Column& a, const Relation::Column& b);

/// Turns messages into records of model/changes.h. It trusts no length. One thread.
class PgoutputDecoder {
 public:
  /// `describe` answers what a relation is to us: its root, its types' names. Called for each relation message, also
  /// for one like the last one of that table (a column may be another one of the same name); it may throw to end the
  /// stream there.
  using Describe = std::function<model::ChangeTable(const Relation&)>;

  /// What the server sends again up to and including `from` is skipped, and so is what transactions that were committed
  /// before a place of `held_until` did to that table.
  PgoutputDecoder(const LogPlace& from, std::map<model::TableName, Lsn> held_until, Describe describe)
      : from_(from), held_until_(std::move(held_until)), place_(from), describe_(std::move(describe)) {}

  /// One message. Records are appended to `out`. Returns why not when the message is not what the protocol allows.
  [[nodiscard]] std::optional<std::string> decode(std::string_view message, std::string& out);

  /// Behind the last message; never before `from`.
  const LogPlace& place() const { return std::max(place_, from_); }
  bool in_transaction() const { return in_transaction_; }
  /// Numbered changes so far, without those that were skipped.
  std::uint64_t changes() const { return changes_; }
  /// When the last transaction was committed, by the server's clock: µs since 1970. 0: none yet.
  std::int64_t committed_at_micros() const { return committed_at_micros_; }

 private:
  class Cursor;
  void begin(Cursor& in);
  void commit(Cursor& in);
  void relation(Cursor& in);
  void row(char kind, Cursor& in, std::string& out);
  void truncate(Cursor& in, std::string& out);
  bool skip_this();
  void say_begin(std::string& out);

  const LogPlace from_;
  const std::map<model::TableName, Lsn> held_until_;
  LogPlace place_;
  const Describe describe_;
  struct Known {
    Relation relation = {};
    model::ChangeTable table = {};
    bool said = false;  // a record of it was written
    Lsn held_until = 0;
  };
  std::map<std::uint32_t, Known> relations_ = {};
  bool in_transaction_ = false;
  bool begin_said_ = false;   // the records of this transaction have begun
  bool said_before_ = false;  // so have those before `from`, whose commit is still to be written
  std::string transaction_ = {};
  std::int64_t committed_at_micros_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace voyager::postgresql
