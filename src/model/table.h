// What the catalog says of a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/identifier.h"

namespace voyager::model {

enum class Identity : std::uint8_t { kNone, kAlways, kByDefault };

struct Column {
  Identifier name = {};
  std::string type = {};  ///< As the server prints it, with modifiers: numeric(10,2), public.color[].
  /// Name of the built-in type that values have on the wire after looking through domains ("int4", "_text"); "enum" for
  /// an enum; empty when the type is composite, from an extension, or otherwise not known to be the same everywhere.
  /// Tables whose columns all have equal non-empty wire types on both servers may travel in binary.
  std::string wire_type = {};
  bool not_null = false;
  bool generated = false;  ///< GENERATED ALWAYS AS (...) STORED: computed by the target, never sent.
  Identity identity = Identity::kNone;
  std::string collation = {};  ///< Only when not the type's default.
  /// The type that values have after looking through domains, as printed and with modifiers: "numeric(10,2)",
  /// "timestamp(3) without time zone[]"; the bare name of a type that is not built in.
  std::string value_type = {};
  /// Tells whether the column's values are still of the same type; comparable within one database only.
  std::string type_identity = {};
};

enum class TableKind : std::uint8_t {
  kPlain,
  kPartitionRoot,     ///< Holds no rows itself.
  kLeafPartition,     ///< Rows are read from it and belong to `root`.
  kMaterializedView,  ///< Only compared, never moved: it is filled on the target.
  // Large objects as rows; no tables of the catalogue. Loaded in this order.
  kLargeObjects,       ///< One row an object, with its first bytes.
  kLargeObjectPieces,  ///< What longer objects have beyond these.
  kLargeObjectRights,  ///< Owner, rights and comment of each.
};

inline bool is_large_objects(TableKind kind) {
  return kind >= TableKind::kLargeObjects;
}

struct Table {
  TableName name = {};
  TableKind kind = TableKind::kPlain;
  TableName root = {};               ///< Topmost partitioned ancestor of a leaf; else equal to `name`.
  std::vector<Column> columns = {};  ///< In attribute order, dropped ones left out. May be empty.
  std::vector<Identifier> primary_key = {};
  std::uint64_t bytes = 0;           ///< Heap and TOAST, without indexes.
  std::uint64_t estimated_rows = 0;  ///< From statistics; 0 when never analysed.
  bool unlogged = false;
  bool row_security_hides_rows = false;  ///< Row security applies to us: reading would silently miss rows.
};

/// A sequence and where it stands.
struct Sequence {
  TableName name = {};
  std::int64_t last_value = 0;
  bool is_called = false;      ///< False: the next value is last_value itself.
  TableName owner_table = {};  ///< Empty name when no column owns or uses it.
  Identifier owner_column = {};
  std::int64_t increment = 1;  ///< Negative: the sequence counts down.
};

}  // namespace voyager::model
