// What a source product must be able to do for an offline migration. Small interfaces, one capability each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/comparison.h"
#include "model/changes.h"
#include "model/connection.h"
#include "model/rows.h"
#include "model/table.h"

namespace voyager::connector {

/// Checks rights, versions and settings before anything is touched. One connection of its own; one thread.
class SourcePreflight {
 public:
  virtual ~SourcePreflight() = default;
  /// "PostgreSQL 15.20".
  virtual std::string version_text() = 0;
  virtual DatabaseForm database_form() = 0;
  /// For `export schema`: server version, client programs, usage of the schemas.
  virtual std::vector<model::Finding> check_export_schema() = 0;
  /// For `export data` of `tables`: the above and the right to read every table, sequence and large object.
  virtual std::vector<model::Finding> check_export_data(const std::vector<model::Table>& tables) = 0;
};

/// An object as the source's catalogue names it, whether it is written or not.
struct CatalogueObject {
  std::string key = {};      ///< Opaque; what is written of it names it by this.
  std::string kind = {};     ///< "TABLE"
  std::string schema = {};   ///< Empty for what is in none.
  std::string name = {};     ///< With its table in front for what belongs to one.
  std::string made_by = {};  ///< Key of the object whose statement makes this one, where it may have none of its own.
  std::string needs =
      {};                ///< "TABLE other.t": something in a schema that is not exported; empty when there is nothing.
  bool exported = true;  ///< It lies in a schema that is exported, or in none.
  bool used = true;      ///< False for an extension that nothing uses.
  std::string not_kept = {};     ///< What no statement for another server keeps: "tablespace fast"; empty when nothing.
  std::string not_written = {};  ///< Why no statement for it is written; empty when one is.
  std::string statement = {};    ///< Of what is not written: what makes it, as far as it can be told.
  bool foreign_text = false;     ///< The statement is in a language of the source's that no target understands.
  std::string change = {};       ///< What of it is written otherwise than the source has it.
};

enum class SchemaContents : std::uint8_t {
  kDefinitions,  ///< What the schemas hold, without owners, rights and comments.
  kEverything,   ///< All of the database but what lies in other schemas, with the catalogue's keys.
};

/// An object as statements of PostgreSQL, or a part of one that is made apart from it, or what is said of one.
struct WrittenObject {
  std::string key = {};     ///< CatalogueObject::key; empty where there is none: then kind and name say which it is.
  std::string kind = {};    ///< "TABLE", "TABLE ATTACH", "COMMENT": migration/schema/object_types.cc knows them.
  std::string schema = {};  ///< Empty for what is in none.
  std::string name = {};    ///< With its table in front for what belongs to one.
  std::string owner = {};   ///< A role of the source; empty where it is not told.
  /// Key of the object of which this says something (a comment, rights), or which it completes: without that it is left
  /// out. Empty: it can be there alone.
  std::string said_of = {};
  std::vector<std::string> statements = {};        ///< One each, with its semicolon.
  std::vector<std::string> owner_statements = {};  ///< Those that give it its owner.
  std::string not_kept = {};                       ///< Why another server is not to have it; empty when it is.
  std::string change = {};                         ///< What of its statements is not as the source has it.
};

/// A schema as its source writes it, in an order in which it can be made.
struct WrittenSchema {
  std::string writer = {};                 ///< The program that wrote it, for people; empty when it was ours.
  std::string database_version = {};       ///< "PostgreSQL 15.20", where the text tells.
  std::vector<std::string> settings = {};  ///< Statements that set the session up for all others.
  std::vector<WrittenObject> objects = {};
  /// As `writer` wrote it, of SchemaContents::kDefinitions. What ConnectorEntry::read_schema reads.
  std::string text = {};
};

/// What becomes of a column's type.
struct TypeExplanation {
  std::string column = {};       ///< As the source names it: "shop.orders.flag".
  std::string source_type = {};  ///< "tinyint(1) unsigned"
  std::string target_type = {};
  std::string why = {};                       ///< The rule by which it is that type.
  std::vector<std::string> value_rules = {};  ///< What becomes of its values that the target cannot hold.
};

/// Writes the schema as statements of PostgreSQL. One connection of its own, whose picture of the catalogue stays the
/// same; one thread.
class SchemaSource {
 public:
  virtual ~SchemaSource() = default;
  /// The options' schemas. Statements may hold passwords: none of them reaches the disk here.
  virtual WrittenSchema written(SchemaContents contents, const base::Stop& stop) = 0;
  /// Every object of the database that its users made. None where the product cannot tell.
  virtual std::vector<CatalogueObject> objects() = 0;
  /// Statements that make the roles that the database's objects name, without their passwords. Empty when there are
  /// none.
  virtual std::string role_statements() = 0;
  /// Of a column, named as the source names it: schema (or database), table, column. Nothing where there is none. A
  /// product whose types stay what they are says nothing of any.
  virtual std::optional<TypeExplanation> explain_type(const std::vector<std::string>& name) = 0;
};

/// Values that are not as the source has them because a rule of the options (`value_rules`) says so.
struct ValueChange {
  model::TableName table = {};
  model::Identifier column = {};
  std::string what = {};    ///< "a zero date"
  std::string action = {};  ///< "null", "replace", "reject": then the whole row is left out.
  std::uint64_t rows = 0;
  std::vector<std::string> keys = {};  ///< Of the first few rows, for people.
};

/// Reads rows of one chunk after the other over one connection that sees the shared snapshot. One thread.
class SnapshotReader {
 public:
  virtual ~SnapshotReader() = default;
  /// Starts reading `range` of `table` (its non-generated columns, in order). The rows come in the same order each time
  /// that the range is read, also in another run whose SnapshotSource::begin gave an equal text.
  virtual void start(const model::Table& table, const model::Range& range, model::RowFormat format) = 0;
  /// Replaces `block` by the next whole rows, about `bytes_wanted` bytes unless one row is larger, and at most
  /// model::kRowsPerBlockMax rows. False, with an empty block, when the range is read to its end and the server's own
  /// count of rows equals ours.
  virtual bool next(model::RowBlock& block, std::size_t bytes_wanted) = 0;
  /// Of what was read since `start`.
  virtual std::vector<ValueChange> value_changes() = 0;
};

/// How a snapshot comes about, and what it shows as a whole.
class SnapshotPicture {
 public:
  virtual ~SnapshotPicture() = default;
  /// Opens the snapshot: at `anchor` (CaptureStart) where one is given, else now. Returns an opaque text; two equal
  /// texts, also from different runs, mean that nothing was written to the database in between, so that ranges read
  /// under either fit together. At most `readers` readers are at work at one time.
  virtual std::string begin(const std::string& anchor, int readers) = 0;
  /// Its place in the log of changes, where the capture gave none with its anchor and the source has such a log; else
  /// empty.
  virtual model::Position position() = 0;
  /// How the snapshot came about, where the user should know; empty where there is nothing to tell.
  virtual std::string how() = 0;
  /// The database knows no encoding: its texts are bytes, and readers give them as they are.
  virtual bool raw_bytes() = 0;
};

/// What there is to read in a snapshot.
class SnapshotTables {
 public:
  virtual ~SnapshotTables() = default;
  /// All tables of the options' schemas that can hold rows: plain tables, partition roots and leaves, sorted by name.
  virtual std::vector<model::Table> tables() = 0;
  /// The database's large objects as tables of their own kinds, in the order in which they are to be loaded; nothing
  /// when there are none. `estimated_rows` of the first is their number.
  virtual std::vector<model::Table> large_objects() = 0;
  /// All sequences of the schemas with their present values.
  virtual std::vector<model::Sequence> sequences() = 0;
  /// How the tables can be cut, in their order. None of them is rewritten by others from now on.
  virtual std::vector<model::RangeSpace> range_spaces(const std::vector<model::Table>& tables) = 0;
};

/// One consistent picture of the source. It holds its own connection with the snapshot open until it is destroyed; when
/// that connection dies the snapshot is lost, and `open_reader` says so (SRC-002), or `start` of a reader that was
/// opened with it, at once or when it is tried again. Catalog methods read inside the snapshot and belong to one
/// thread; `open_reader` may be called from any.
class SnapshotSource : public SnapshotPicture, public SnapshotTables {
 public:
  ~SnapshotSource() override = default;
  virtual std::unique_ptr<SnapshotReader> open_reader() = 0;
};

}  // namespace voyager::connector
