// What a statement in the log does, as far as a capture of rows has to know. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::mysql {

struct StatementTable {
  std::string schema = {};
  std::string table = {};
  bool operator==(const StatementTable&) const = default;
};

struct LogStatement {
  enum class Kind : std::uint8_t {
    kBegin,
    kCommit,
    kRollback,
    kRollbackToSavepoint,
    kXaBegin,     ///< XA START
    kXaEnd,       ///< XA END: it is prepared next.
    kXaCommit,    ///< Of an XA transaction that was prepared.
    kXaRollback,  ///< Likewise.
    kTruncate,
    kAlter,
    kCreate,         ///< CREATE TABLE
    kDrop,           ///< DROP TABLE
    kRename,         ///< RENAME TABLE, or ALTER TABLE ... RENAME
    kDropPartition,  ///< ALTER TABLE ... that takes rows away, or exchanges them
    kDropSchema,
    kRowsAsStatement,  ///< INSERT and the like, which the log should have as rows.
    kOther,            ///< Nothing that concerns rows or the form of tables.
  };
  Kind kind = Kind::kOther;
  std::vector<StatementTable> tables = {};  ///< Those named; of a kRowsAsStatement every name that may be one.
  bool opens_transaction = false;           ///< CREATE TABLE ... START TRANSACTION
};

/// `schema` is where names without one are looked up.
LogStatement read_statement(std::string_view sql, std::string_view schema);

}  // namespace voyager::mysql
