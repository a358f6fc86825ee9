// The binary log of MySQL (5.7 to 9) and MariaDB (10.5 and later): its events, read in place. Pure. No length is
// trusted: what a function returns as a text is why the bytes are not what the format allows.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html,
// https://mariadb.com/kb/en/replication-protocol/
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::mysql {

enum class EventType : std::uint8_t {
  kQuery = 2,
  kStop = 3,
  kRotate = 4,
  kFormatDescription = 15,
  kXid = 16,
  kExecuteLoad = 18,
  kTableMap = 19,
  kWriteRowsV1 = 23,
  kUpdateRowsV1 = 24,
  kDeleteRowsV1 = 25,
  kIncident = 26,
  kHeartbeat = 27,
  kWriteRows = 30,
  kUpdateRows = 31,
  kDeleteRows = 32,
  kGtid = 33,
  kAnonymousGtid = 34,
  kPreviousGtids = 35,
  kXaPrepare = 38,
  kPartialUpdateRows = 39,
  kTransactionPayload = 40,
  kHeartbeatV2 = 41,
  kTaggedGtid = 42,
  // MariaDB's own
  kMariaGtid = 162,
  kStartEncryption = 164,
  kQueryCompressed = 165,
  kWriteRowsCompressedV1 = 166,
  kUpdateRowsCompressedV1 = 167,
  kDeleteRowsCompressedV1 = 168,
  kWriteRowsCompressed = 169,
  kUpdateRowsCompressed = 170,
  kDeleteRowsCompressed = 171,
};

struct Event {
  std::uint32_t seconds = 0;  ///< Since 1970, by the server's clock.
  EventType type = EventType::kStop;
  std::uint32_t server_id = 0;
  std::uint32_t size = 0;           ///< In the log.
  std::uint32_t next_position = 0;  ///< Behind it, without what is beyond 32 bits; 0: it is in no log.
  bool artificial = false;          ///< Made for the connection.
  std::string_view body = {};       ///< Without header and checksum.
};

/// Takes events apart, and their checksums off. One for each stream. A stream is given the server's present setting,
/// which holds until the first format description.
class EventFrame {
 public:
  explicit EventFrame(bool checksums) : checksums_(checksums) {}
  [[nodiscard]] std::optional<std::string> read(std::string_view bytes, Event& event);
  bool checksums() const { return checksums_; }

 private:
  bool checksums_;
};

/// The first bytes of a log's file; events follow.
inline constexpr std::string_view kLogMagic =
    "\xfe"
    "bin";

struct Rotate {
  std::uint64_t position = 0;
  std::string_view file = {};
};
[[nodiscard]] std::optional<std::string> read_rotate(const Event& event, Rotate& out);

struct Query {
  std::string_view schema = {};  ///< The session's database.
  std::string_view sql = {};
};
/// `scratch` holds the statement where it was compressed.
[[nodiscard]] std::optional<std::string> read_query(const Event& event, std::string& scratch, Query& out);

struct Gtid {
  /// "0-1-57", "3e11fa47-71ca-11e1-9e33-c80aa9429562:23", "3e11fa47-71ca-11e1-9e33-c80aa9429562:tag:5"; empty where
  /// there is none.
  std::string text = {};
  std::int64_t committed_at_micros = 0;
  bool alone = false;  ///< MariaDB: one statement follows, no transaction.
  bool prepared_xa = false;
};
[[nodiscard]] std::optional<std::string> read_gtid(const Event& event, Gtid& out);

struct XaPrepare {
  bool prepared = false;  ///< Else it was committed at once.
  std::string_view global = {};
  std::string_view branch = {};
  std::uint32_t format = 0;
};
[[nodiscard]] std::optional<std::string> read_xa_prepare(const Event& event, XaPrepare& out);

struct LogColumn {
  std::uint8_t type = 0;   ///< As the server numbers types; of a string the type that it is really of.
  std::uint16_t meta = 0;  ///< What the type needs: bytes, digits, precision and scale.
  bool operator==(const LogColumn&) const = default;
};

/// What a table is called and made of when the rows behind it were written. With binlog_row_metadata=FULL its columns
/// have names.
struct TableMap {
  std::uint64_t number = 0;
  std::string schema = {};
  std::string table = {};
  std::vector<LogColumn> columns = {};
  std::vector<std::string> names = {};  ///< Empty, or one for each column.
  bool operator==(const TableMap&) const = default;
};
[[nodiscard]] std::optional<std::string> read_table_map(const Event& event, TableMap& out);

enum class RowsKind : std::uint8_t { kInsert, kUpdate, kDelete };

struct Rows {
  RowsKind kind = RowsKind::kInsert;
  std::uint64_t table = 0;
  bool ends_statement = false;
  bool foreign_keys_off = false;
  bool partial_json = false;
  std::size_t columns = 0;
  /// A bit a column: whether it is in the rows. Of an insert `before` is empty, of a delete `after`.
  std::string_view before = {};
  std::string_view after = {};
  std::string_view rows = {};
};
/// `scratch` holds the rows where they were compressed.
[[nodiscard]] std::optional<std::string> read_rows(const Event& event, std::string& scratch, Rows& out);
bool is_rows(EventType type);

inline bool has_bit(std::string_view bits, std::size_t place) {
  return place / 8 < bits.size() && ((static_cast<unsigned char>(bits[place / 8]) >> (place % 8)) & 1U) != 0;
}

/// The events of a transaction that MySQL has compressed, one after the other, in little memory.
class PayloadReader {
 public:
  PayloadReader();
  ~PayloadReader();
  PayloadReader(const PayloadReader&) = delete;
  PayloadReader& operator=(const PayloadReader&) = delete;

  /// The event lives until the last `next`.
  [[nodiscard]] std::optional<std::string> start(const Event& event);
  /// True with the next event, whose bytes live until the next call; false at the end or at a fault.
  bool next(Event& event, std::optional<std::string>& fault);

 private:
  bool fill(std::size_t wanted, std::optional<std::string>& fault);
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace voyager::mysql
