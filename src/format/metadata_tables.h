// Which columns the CSV files of a source's metadata have.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace voyager::format {

enum class MetadataValue {
  kKey,      ///< Text, never empty.
  kText,     ///< Text or NULL.
  kInteger,  ///< Or NULL.
  kReal,     ///< Or NULL.
};

struct MetadataColumn {
  std::string_view name = {};
  MetadataValue value = MetadataValue::kText;
};

/// A table of assessment.db that is filled as the file has it. Its first column is source_node.
struct MetadataTable {
  std::string_view name = {};
  std::span<const MetadataColumn> columns = {};  ///< Without source_node.
  bool needed = false;                           ///< An assessment without this file of the primary says nothing.
  bool repeats = false;                          ///< A second row of one key is passed over; else it is damage.
};

std::span<const MetadataTable> metadata_tables();

/// The table that a file fills: "table-index-iops-final.csv" is table_index_iops. The queries' is not in
/// metadata_tables(): they are merged first.
std::string table_of_file(std::string_view file_name);

}  // namespace voyager::format
