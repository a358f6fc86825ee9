// What a MySQL or MariaDB server says of one database, as rows. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace voyager::mysql {

/// How texts of the catalogue are to be read.
enum class Flavor : std::uint8_t { kMySql, kMariaDb };

struct ColumnRow {
  std::string name = {};
  std::string type = {};  ///< COLUMN_TYPE: "int(10) unsigned zerofill", "enum('a','b')".
  /// An expression of MySQL: literals are quoted. Nothing: no default.
  std::optional<std::string> default_value = {};
  bool nullable = true;
  bool auto_increment = false;
  bool on_update_now = false;  ///< ON UPDATE CURRENT_TIMESTAMP
  std::string generated = {};  ///< Expression; empty: an ordinary column.
  bool invisible = false;      ///< SELECT * does not show it.
  bool system = false;         ///< ROW START and ROW END of a system-versioned table.
  std::string charset = {};    ///< Empty for what is no text.
  std::string collation = {};
  std::string comment = {};
};

struct IndexPart {
  std::string column = {};      ///< Empty for an expression.
  std::string expression = {};  ///< Of a functional index.
  int prefix = 0;               ///< Characters (bytes of binary ones); 0: all of the value.
  bool descending = false;
};

struct IndexRow {
  std::string name = {};
  bool unique = false;
  std::string type = {};  ///< BTREE, HASH, FULLTEXT, SPATIAL
  std::string comment = {};
  std::vector<IndexPart> parts = {};
};

struct ForeignKeyRow {
  std::string name = {};
  std::vector<std::string> columns = {};
  std::string other_schema = {};
  std::string other_table = {};
  std::vector<std::string> other_columns = {};
  std::string on_update = {};  ///< "CASCADE", "SET NULL", "NO ACTION", "RESTRICT"
  std::string on_delete = {};
};

struct CheckRow {
  std::string name = {};
  std::string clause = {};
  bool enforced = true;
};

struct PartitionRow {
  std::string name = {};
  std::string method = {};       ///< "RANGE", "LIST COLUMNS", "KEY", ...
  std::string expression = {};   ///< Of the whole table.
  std::string description = {};  ///< The partition's bound.
  bool has_subpartitions = false;
};

struct TableRow {
  std::string name = {};
  std::string engine = {};
  std::string comment = {};
  bool system_versioned = false;
  std::uint64_t auto_increment = 0;  ///< The next value; 0: none.
  std::uint64_t bytes = 0;
  std::uint64_t estimated_rows = 0;
  std::vector<ColumnRow> columns = {};
  std::vector<IndexRow> indexes = {};  ///< The primary key is called PRIMARY.
  std::vector<ForeignKeyRow> foreign_keys = {};
  std::vector<CheckRow> checks = {};
  std::vector<PartitionRow> partitions = {};
};

/// CREATE SEQUENCE of MariaDB.
struct SequenceRow {
  std::string name = {};
  std::int64_t next = 1, least = 1, most = 0, start = 1, increment = 1;
  bool cycle = false;
};

struct ViewRow {
  std::string name = {};
  std::string definition = {};    ///< Empty where the user may not see it.
  std::string check_option = {};  ///< "LOCAL", "CASCADED", else "NONE" or empty.
  bool by_invoker = false;        ///< SQL SECURITY INVOKER
  std::vector<ColumnRow> columns = {};
};

/// A trigger, procedure, function, event or package.
struct CodeRow {
  std::string kind = {};  ///< "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE", "PACKAGE BODY"
  std::string name = {};
  std::string table = {};      ///< Of a trigger.
  std::string text = {};       ///< CREATE ...; empty where the user may not see it.
  std::string collation = {};  ///< Of the database then: that of texts in it which have none of their own.
  std::string sql_mode = {};   ///< Under which the text was made: "STRICT_TRANS_TABLES,ANSI_QUOTES".
};

struct Catalog {
  Flavor flavor = Flavor::kMariaDb;
  std::string database = {};
  std::string user = {};                     ///< 'mig'@'%', for GRANT statements.
  std::vector<std::string> type_rules = {};  ///< Of the user: see type_rules.h.
  std::vector<TableRow> tables = {};
  std::vector<SequenceRow> sequences = {};
  std::vector<ViewRow> views = {};
  std::vector<CodeRow> code = {};
};

}  // namespace voyager::mysql
