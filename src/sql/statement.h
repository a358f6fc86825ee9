// What one schema statement does, as far as the flows need to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/identifier.h"
#include "sql/splitter.h"

namespace voyager::sql {

/// Names a statement by its text.
std::uint64_t fingerprint(std::string_view sql);

enum class StatementKind : std::uint8_t {
  kOther,    ///< Nothing that needs special care, or refused by the grammar (then `refused` says why).
  kSession,  ///< SET ..., SELECT pg_catalog.set_config(...).
  kCreateSchema,
  kCreateTable,
  kCreateIndex,
  kCreateMaterializedView,
  kCreateRoutine,    ///< CREATE FUNCTION, CREATE PROCEDURE.
  kAddConstraint,    ///< ALTER TABLE or ALTER DOMAIN ... ADD CONSTRAINT, nothing else in the statement.
  kAddIdentity,      ///< ALTER TABLE ... ALTER COLUMN ... ADD GENERATED ...
  kAttachPartition,  ///< ALTER TABLE ... ATTACH PARTITION: `object` is the partition.
  kAttachIndex,      ///< ALTER INDEX ... ATTACH PARTITION: `object` is the partition's index, `table` the upper index.
  kUsesIndex,        ///< ALTER TABLE ... CLUSTER ON / REPLICA IDENTITY USING INDEX `object`.
  kAltersIndex,      ///< ALTER INDEX `object` ... but for ATTACH PARTITION: statistics, options, what it depends on.
  kCommentOnIndex,   ///< COMMENT ON INDEX `object`.
  kCommentOnConstraint,  ///< COMMENT ON CONSTRAINT `object` ON `table`.
  kCreateExtension,      ///< `object` is the extension.
  kCreatePolicy,         ///< `object` is the policy.
  kCreateUserMapping,    ///< `object` is the server.
  kOwner,                ///< ALTER ... OWNER TO, nothing else in the statement.
  kRights,               ///< GRANT, REVOKE, ALTER DEFAULT PRIVILEGES.
  kSetting,              ///< ALTER DATABASE, ALTER ROLE ... IN DATABASE.
};

enum class ConstraintKind : std::uint8_t { kNone, kPrimaryKey, kUnique, kExclusion, kCheck, kForeignKey, kOther };

struct CreateTableInfo {
  bool has_column_list = false;                ///< Written with a list of columns: not PARTITION OF, not OF a type.
  bool partitioned = false;                    ///< PARTITION BY.
  std::vector<model::TableName> parents = {};  ///< INHERITS, PARTITION OF.
  std::vector<std::string> time_columns = {};  ///< Of the types date, timestamp and timestamptz.
};

/// What a primary key or unique constraint that is checked at once makes an index of.
struct KeyFacts {
  std::vector<std::string> columns = {};
  std::vector<std::string> included = {};
  bool nulls_equal = false;  ///< NULLS NOT DISTINCT.
  bool operator==(const KeyFacts&) const = default;
};

/// The keys that CREATE TABLE or ALTER TABLE makes.
struct TableKeys {
  /// Columns of the primary key; empty for one that takes over an index.
  std::optional<std::vector<std::string>> primary = {};
  std::map<std::string, KeyFacts> by_name = {};  ///< By the constraint's name. Without those that take over an index.
};

struct ConstraintInfo {
  ConstraintKind kind = ConstraintKind::kNone;
  bool not_valid = false;
  bool using_index = false;  ///< Takes over an index that exists.
  bool on_domain = false;
  model::TableName references = {};  ///< Of a foreign key.
  /// The definition, "CONSTRAINT name ...", starts at this byte of the statement and reaches to its end.
  std::size_t definition = 0;
  /// A check that needs nothing beside its own table's columns, types and built-in functions.
  bool self_contained = true;
};

/// What a btree index says of its first key.
enum class KeyOrder : std::uint8_t { kNone, kUnsaid, kAscending, kDescending };

struct Statement {
  StatementKind kind = StatementKind::kOther;
  std::string refused = {};      ///< The grammar's words.
  bool alter = false;            ///< Starts with ALTER.
  model::TableName object = {};  ///< What is created, added or attached. A schema's name is in `name`.
  model::TableName table = {};   ///< That the object belongs to; for kCreateTable equal to `object`.
  std::string setting = {};      ///< kSession: the parameter that is set; empty for SET TRANSACTION and the like.
  /// That the statement gives rights or objects to, or names in another way; PUBLIC and CURRENT_USER are none.
  std::vector<std::string> roles = {};
  bool names_database = false;  ///< Speaks of a database by its name: GRANT ... ON DATABASE shop.
  bool names_schema = false;    ///< Is about a schema itself: ALTER SCHEMA.
  bool event_trigger = false;   ///< Makes or changes one, or says something of it.
  bool colocation = false;      ///< WITH (colocation = ...): only a server whose tables are spread over nodes knows it.
  bool replica_identity = false;  ///< ALTER TABLE ... REPLICA IDENTITY, nothing else in the statement.
  bool only = false;              ///< ON ONLY, ALTER TABLE ONLY: a partitioned table without its partitions.
  /// ALTER TABLE of commands that neither need nor change what a key is made of: defaults, row security, ...
  bool leaves_keys = false;
  KeyOrder first_key = KeyOrder::kNone;
  /// Tables and types in CREATE TABLE and ALTER TABLE: the own one, too, but none of pg_catalog.
  std::vector<model::TableName> mentions = {};
  CreateTableInfo create_table = {};
  ConstraintInfo constraint = {};
  TableKeys keys = {};
};

/// Never throws on account of `sql`.
Statement parse_statement(std::string_view sql);

struct FileStatement {
  Piece piece = {};
  Statement info = {};
};

/// The statement with `database` in place of the database that it names (`names_database`).
std::string with_database(std::string_view sql, const model::Identifier& database);

/// Calls `use` for each statement of a file's text (psql lines left out), parsed, in order.
void read_file_statements(std::string_view text, const std::function<void(FileStatement&&)>& use);
/// All of them. `text` must outlive the result.
std::vector<FileStatement> parse_file(std::string_view text);

}  // namespace voyager::sql
