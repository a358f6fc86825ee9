// Changes on their way from a source's log to a target: one run of bytes that is written once, where they are decoded,
// and read in place, where they are applied. The same bytes lie in the queue's segments (docs/formats/segment.md).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/identifier.h"

namespace voyager::model {

/// A place in a source's log. Only the connector that made it knows what the bytes mean; it makes them so that their
/// order as bytes is the order of the log. Empty: before everything.
struct Position {
  std::string bytes = {};
  auto operator<=>(const Position&) const = default;
};

struct ChangeColumn {
  Identifier name = {};
  std::string type = {};  ///< As the source prints it.
  bool key = false;       ///< Part of what names the row: of the tuple before an update or a delete.
  /// Rows that nothing has happened to since the column was added have one value in it, so it can be added elsewhere.
  bool addable = false;
  /// What stands behind the name where it is added, when the type alone is not enough: "text DEFAULT 'red'".
  std::string add_sql = {};
  /// What ALTER COLUMN has to do then: "SET DEFAULT now()"; empty: nothing.
  std::string then_sql = {};
  /// Stays with the column whatever it is called, and is never given to another one of the table; of a partition, that
  /// of its root. 0: not known.
  std::uint32_t number = 0;
  bool gone = false;  ///< Dropped at the source since: what its values were is of no matter any more.
  bool operator==(const ChangeColumn&) const = default;
};

/// A table as it was when the changes behind it were made. A change of its columns makes a new one.
struct ChangeTable {
  TableName name = {};  ///< The topmost partitioned table of a partition; else the table itself.
  TableName leaf = {};  ///< The table that the source wrote to.
  std::vector<ChangeColumn> columns = {};
  std::uint64_t number = 0;  ///< Of the table `name`; stays with it whatever it is called. 0: not known.
  /// Columns that the source computes and that changes do not have.
  std::vector<ChangeColumn> computed = {};
  bool operator==(const ChangeTable&) const = default;
};

enum class ValueKind : std::uint8_t {
  kNull,
  kUnchanged,  ///< The row keeps the value that it has: a source need not repeat one that is stored out of line.
  kText,       ///< In PostgreSQL's text form.
};

struct ChangeValue {
  ValueKind kind = ValueKind::kNull;
  std::string_view text = {};
  bool operator==(const ChangeValue&) const = default;
};

enum class ChangeKind : std::uint8_t {
  kTable = 1,   ///< Not a change: says what the number of a table means from here on.
  kBegin = 2,   ///< A transaction of the source begins.
  kCommit = 3,  ///< It was committed.
  kInsert = 4,  ///< Numbered from here on: these are what users call events.
  kUpdate = 5,
  kDelete = 6,
  kTruncate = 7,
  kControl = 8,  ///< Ours: cutover.target and the like.
  kCascade = 9,  ///< What foreign keys did to other rows because one was changed, where the source logs only that one.
};

/// A foreign key that changes rows by itself. Tables and columns are places: among the tables that belong to it, and in
/// the columns of those.
struct ActingKey {
  enum class Act : std::uint8_t {
    kNothing,
    kDelete,   ///< Rows that refer to a row go with it.
    kSetNull,  ///< What refers to it becomes null.
    kFollow,   ///< What refers to it gets the new value; of an update only.
  };
  std::uint32_t table = 0;
  std::uint32_t parent = 0;
  std::vector<std::uint32_t> columns = {};
  std::vector<std::uint32_t> parent_columns = {};  ///< As many.
  Act on_delete = Act::kNothing;
  Act on_update = Act::kNothing;
  bool operator==(const ActingKey&) const = default;
};

/// What the tuple before a change holds.
enum class BeforeKind : std::uint8_t {
  kNone,  ///< Nothing: the row is named by the key columns of the tuple after.
  kKey,   ///< The key columns; the others are null.
  kFull,  ///< Every column.
};

/// One change, valid until its reader goes on. `table` lives as long as the reader.
struct Change {
  ChangeKind kind = ChangeKind::kBegin;
  const ChangeTable* table = nullptr;  ///< kInsert, kUpdate, kDelete; of kTable what it says.
  std::uint32_t table_number = 0;      ///< With `table`.
  BeforeKind before_kind = BeforeKind::kNone;
  /// By column; empty when there is none. kCascade: of the first of `tables`, whose row was changed; only what keys
  /// refer to is set.
  std::span<const ChangeValue> before = {};
  std::span<const ChangeValue> after = {};      ///< By column; empty for kDelete, and for a kCascade of one.
  std::vector<const ChangeTable*> tables = {};  ///< kTruncate, kCascade.
  std::vector<ActingKey> acting_keys = {};      ///< kCascade: between `tables`.
  bool cascade = false;                         ///< kTruncate.
  bool restart_identity = false;                ///< kTruncate.
  std::string_view text = {};            ///< kBegin: the transaction's name at the source. kControl: what it says.
  std::int64_t committed_at_micros = 0;  ///< kBegin: since 1970, by the source's clock; 0 = not known.
  std::string_view bytes = {};           ///< The record itself, to be copied.

  bool numbered() const { return kind >= ChangeKind::kInsert; }
};

/// Appends records to a run of bytes. Rows are written value by value, between `begin_row` and `end_row`, so that a
/// decoder copies each value once. One thread.
class ChangeWriter {
 public:
  explicit ChangeWriter(std::string& out) : out_(out) {}

  void table(std::uint32_t number, const ChangeTable& table);
  void begin(std::string_view transaction, std::int64_t committed_at_micros);
  void commit();
  void truncate(std::span<const std::uint32_t> tables, bool cascade, bool restart_identity);
  void control(std::string_view text);
  /// `after` is empty where the row was deleted. What is not set is kUnchanged.
  void cascade(std::span<const std::uint32_t> tables, std::span<const ActingKey> keys,
               std::span<const ChangeValue> before, std::span<const ChangeValue> after);

  /// A row: begin_row, then for each tuple (`before` first, where before_kind is not kNone; `after` unless kDelete)
  /// begin_tuple with the number of values and that many values, then end_row.
  void begin_row(ChangeKind kind, std::uint32_t table, BeforeKind before_kind);
  void begin_tuple(std::uint32_t values);
  void null() { out_ += '\0'; }
  void unchanged() { out_ += '\1'; }
  void text(std::string_view value);
  void end_row();
  /// Forgets the row that was begun.
  void undo_row();

 private:
  void begin_record(ChangeKind kind);
  void end_record();
  void number(std::uint64_t value);
  void string(std::string_view value);
  void column(const ChangeColumn& column);
  void tuple(std::span<const ChangeValue> values);

  std::string& out_;
  std::size_t record_ = 0;  // where the record in hand begins
};

/// Why bytes are not a run of records, and where.
struct ChangeFault {
  std::size_t offset = 0;
  std::string what = {};
};

/// The tables that a run of bytes may speak of, by number; kept from one run to the next of a stream.
using ChangeTables = std::map<std::uint32_t, std::shared_ptr<const ChangeTable>>;

/// Reads a run of records in place, without throwing and without trusting a length. One thread. `bytes` and `tables`
/// outlive it; a kTable record sets its entry of `tables`, and tables that earlier changes point to stay alive as long
/// as the reader.
class ChangeReader {
 public:
  ChangeReader(std::string_view bytes, ChangeTables& tables) : bytes_(bytes), tables_(tables) {}

  /// The next record into `change`. False at the end, or at a fault, which is then in `fault()`.
  [[nodiscard]] bool next(Change& change);
  const std::optional<ChangeFault>& fault() const { return fault_; }

 private:
  bool fail(const char* what);
  bool number(std::uint64_t& out);
  bool string(std::string_view& out);
  bool tuple(std::vector<ChangeValue>& values, std::size_t columns);
  bool read_columns(std::vector<ChangeColumn>& columns);
  bool read_table(Change& change);
  bool read_row(Change& change);
  bool read_truncate(Change& change);
  bool read_cascade(Change& change);
  bool read_tables(Change& change);
  bool find(std::uint64_t table, Change& change);

  const std::string_view bytes_;
  ChangeTables& tables_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // of the record in hand
  std::vector<ChangeValue> before_ = {};
  std::vector<ChangeValue> after_ = {};
  std::vector<std::shared_ptr<const ChangeTable>> replaced_ = {};
  std::optional<ChangeFault> fault_ = {};
};

/// Where the next record of `bytes` ends, its kind, and the table that it speaks of, without looking further; nothing
/// when the bytes are no record. For copying records without reading them.
struct ChangeOutline {
  std::size_t size = 0;
  ChangeKind kind = ChangeKind::kBegin;
  std::uint32_t table = 0;  ///< kTable, kInsert, kUpdate, kDelete.
};
std::optional<ChangeOutline> outline(std::string_view bytes);

}  // namespace voyager::model
