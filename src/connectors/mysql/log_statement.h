// What a statement in the log does, as far as a capture of rows has to know. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::mysql {

struct StatementTable {
  std::string schema = {};
  std::string table = {};
  bool operator==(const StatementTable&) const = default;
};

/// What an ALTER TABLE does to a table's columns. Names are in small letters.
struct ColumnChanges {
  struct Added {
    std::string name = {};
    /// Its default as an expression of MySQL; nothing: none is named.
    std::optional<std::string> default_value = {};
    bool operator==(const Added&) const = default;
  };
  std::vector<Added> added = {};
  std::vector<std::string> left = {};   ///< Names that a column had and has no more: dropped, or called otherwise.
  std::vector<std::string> taken = {};  ///< Names that a column has now and had not: added, or called so.
  bool moves = false;                   ///< Columns behind others stand in other places now.
  bool names_rows = false;              ///< A key was made, dropped or made of other columns.
  bool redefines = false;               ///< Columns may have other labels, another sign or another character set now.
  bool operator==(const ColumnChanges&) const = default;
};

struct LogStatement {
  enum class Kind : std::uint8_t {
    kBegin,
    kCommit,
    kRollback,
    kRollbackToSavepoint,
    kXaBegin,     ///< XA START
    kXaEnd,       ///< XA END: it is prepared next.
    kXaCommit,    ///< Of an XA transaction that was prepared, or of one in one phase.
    kXaRollback,  ///< Likewise.
    kTruncate,
    kAlter,
    kCreate,         ///< CREATE TABLE
    kDrop,           ///< DROP TABLE
    kRename,         ///< RENAME TABLE, or ALTER TABLE ... RENAME
    kDropPartition,  ///< ALTER TABLE ... that takes rows away, or exchanges them
    kDropSchema,
    kRowsAsStatement,  ///< INSERT, a call and the like, which the log should have as rows.
    kOther,            ///< Nothing that concerns rows or the form of tables.
  };
  Kind kind = Kind::kOther;
  std::vector<StatementTable> tables = {};  ///< Those named; of a kRowsAsStatement every name that may be one.
  ColumnChanges columns = {};               ///< kAlter
  std::string xid = {};                     ///< kXaCommit, kXaRollback: as xid_text() writes it.
  bool opens_transaction = false;           ///< CREATE TABLE ... START TRANSACTION
  bool empties = false;                     ///< kRowsAsStatement: DELETE of all rows of its one table.
  bool if_not_exists = false;               ///< kCreate: nothing is made where the table is there.
  bool makes_acting_key = false;            ///< ALTER TABLE: adds a foreign key with CASCADE or SET NULL.
  bool drops_foreign_key = false;           ///< ALTER TABLE: drops one, or what may be one.
};

/// `schema` is where names without one are looked up.
LogStatement read_statement(std::string_view sql, std::string_view schema);

/// The name of an XA transaction, of its parts.
std::string xid_text(std::string_view global, std::string_view branch, std::string_view format);

/// The statement's beginning with ? for the values in it, and without its comments.
std::string without_values(std::string_view sql);

}  // namespace voyager::mysql
