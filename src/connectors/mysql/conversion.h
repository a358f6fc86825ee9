// A MySQL database as a schema of PostgreSQL: what it is called there, what it is made of, and what of it does not
// arrive. Pure: rows of the catalogue in, values out. What the result says is said once, here, for the schema's text,
// the snapshot and the comparison.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connector/comparison.h"
#include "connector/source.h"
#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/column_type.h"
#include "model/identifier.h"
#include "model/table.h"

namespace voyager::mysql {

struct ConvertedColumn {
  std::string source_name = {};
  SourceType source_type = {};
  std::string charset = {};   ///< On the source; empty for what is no text.
  model::Column column = {};  ///< As on the target.
  std::string why = {};       ///< Why it has the type that it has, for people.
  bool by_rule = false;       ///< The user said so.
  /// A default that is the same for all rows: as the text of a value, and as the target writes it.
  std::optional<std::string> default_text = {};
  std::optional<std::string> default_sql = {};
  std::string generated_sql = {};  ///< What the target computes it by, where `column.generated`.
};

/// Sets both forms of the default where it is a literal, as the catalogue or a statement writes it; else neither.
void set_constant_default(const std::optional<std::string>& expression, ConvertedColumn& column);

struct ConvertedIndex {
  std::string source_name = {};  ///< PRIMARY, ...
  std::string name = {};         ///< As on the target.
  std::string sql = {};          ///< What makes it there.
  bool primary = false;
};

struct ConvertedPartition {
  std::string source_name = {};
  std::string name = {};
};

struct ConvertedTable {
  std::string source_name = {};
  model::Table table = {};  ///< As on the target; its columns are those below.
  std::vector<ConvertedColumn> columns = {};
  std::vector<ConvertedIndex> indexes = {};  ///< Those of keys, too.
  std::vector<ConvertedPartition> partitions = {};
  /// The first column of the primary key, when it is a whole number by which the table can be cut; -1: there is none.
  int cut_column = -1;
  bool transactional = true;  ///< Its engine takes part in snapshots.
};

struct Conversion {
  model::Identifier schema = {};
  std::vector<ConvertedTable> tables = {};  ///< By name.
  std::vector<model::Sequence> sequences = {};
  std::vector<connector::WrittenObject> written = {};
  std::vector<connector::CatalogueObject> objects = {};
  /// Keys and sequences, as verify compares them.
  std::vector<connector::ObjectFact> facts = {};
};

Conversion convert(const Catalog& catalog, const model::Identifier& schema);

/// What `convert` has written, with the settings that it needs.
connector::WrittenSchema written_schema(std::vector<connector::WrittenObject> objects);

}  // namespace voyager::mysql
