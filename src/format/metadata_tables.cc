#include "format/metadata_tables.h"

#include <algorithm>
#include <array>

namespace voyager::format {
namespace {

using enum MetadataValue;

constexpr std::array kIops = {
    MetadataColumn{"schema_name", kKey},    MetadataColumn{"object_name", kKey},
    MetadataColumn{"object_type", kText},   MetadataColumn{"seq_reads", kInteger},
    MetadataColumn{"row_writes", kInteger}, MetadataColumn{"measurement_type", kKey},
};
constexpr std::array kSizes = {
    MetadataColumn{"schema_name", kKey},
    MetadataColumn{"object_name", kKey},
    MetadataColumn{"object_type", kText},
    MetadataColumn{"size_in_bytes", kInteger},
};
constexpr std::array kRowCounts = {
    MetadataColumn{"schema_name", kKey},
    MetadataColumn{"table_name", kKey},
    MetadataColumn{"row_count", kInteger},
};
constexpr std::array kColumnCounts = {
    MetadataColumn{"schema_name", kKey},
    MetadataColumn{"object_name", kKey},
    MetadataColumn{"object_type", kText},
    MetadataColumn{"column_count", kInteger},
};
constexpr std::array kIndexes = {
    MetadataColumn{"index_schema", kKey},
    MetadataColumn{"index_name", kKey},
    MetadataColumn{"table_schema", kKey},
    MetadataColumn{"table_name", kKey},
};
constexpr std::array kObjectTypes = {
    MetadataColumn{"schema_name", kKey},
    MetadataColumn{"object_name", kKey},
    MetadataColumn{"object_type", kText},
};
constexpr std::array kDataTypes = {
    MetadataColumn{"schema_name", kKey},
    MetadataColumn{"table_name", kKey},
    MetadataColumn{"column_name", kKey},
    MetadataColumn{"data_type", kText},
};
constexpr std::array kRedundantIndexes = {
    MetadataColumn{"redundant_schema_name", kKey}, MetadataColumn{"redundant_table_name", kKey},
    MetadataColumn{"redundant_index_name", kKey},  MetadataColumn{"existing_schema_name", kText},
    MetadataColumn{"existing_table_name", kText},  MetadataColumn{"existing_index_name", kText},
    MetadataColumn{"redundant_ddl", kText},        MetadataColumn{"existing_ddl", kText},
};
constexpr std::array kColumnStatistics = {
    MetadataColumn{"schema_name", kKey},           MetadataColumn{"table_name", kKey},
    MetadataColumn{"column_name", kKey},           MetadataColumn{"null_frac", kReal},
    MetadataColumn{"effective_n_distinct", kReal}, MetadataColumn{"most_common_freq", kReal},
    MetadataColumn{"most_common_val", kText},
};
constexpr std::array kUsage = {
    MetadataColumn{"schema_name", kKey},  MetadataColumn{"object_name", kKey},
    MetadataColumn{"object_type", kText}, MetadataColumn{"parent_table_name", kText},
    MetadataColumn{"scans", kInteger},    MetadataColumn{"inserts", kInteger},
    MetadataColumn{"updates", kInteger},  MetadataColumn{"deletes", kInteger},
};

constexpr std::array kSourceObjects = {
    MetadataColumn{"object_type", kText}, MetadataColumn{"object_name", kKey}, MetadataColumn{"outcome", kKey},
    MetadataColumn{"reason", kText},      MetadataColumn{"statement", kText},
};
constexpr std::array kUnfitValues = {
    MetadataColumn{"schema_name", kKey},    MetadataColumn{"table_name", kKey},    MetadataColumn{"column_name", kKey},
    MetadataColumn{"what", kKey},           MetadataColumn{"row_count", kInteger}, MetadataColumn{"examples", kText},
    MetadataColumn{"proposed_rule", kText},
};

// Sizes, load, statistics and usage are not there in metadata that older scripts gathered.
constexpr std::array kTables = {
    MetadataTable{.name = "table_row_counts", .columns = kRowCounts, .needed = true},
    MetadataTable{.name = "index_to_table_mapping", .columns = kIndexes, .needed = true},
    MetadataTable{.name = "object_type_mapping", .columns = kObjectTypes, .needed = true},
    MetadataTable{.name = "table_columns_count", .columns = kColumnCounts, .needed = true},
    MetadataTable{.name = "table_columns_data_types", .columns = kDataTypes, .needed = true},
    MetadataTable{.name = "table_index_sizes", .columns = kSizes},
    MetadataTable{.name = "table_index_iops", .columns = kIops},
    MetadataTable{.name = "redundant_indexes", .columns = kRedundantIndexes},
    // A table with inheriting children has statistics with and without them.
    MetadataTable{.name = "column_statistics", .columns = kColumnStatistics, .repeats = true},
    MetadataTable{.name = "table_index_usage_stats", .columns = kUsage},
    // Of sources whose schema is converted. Two triggers of two tables may have one name.
    MetadataTable{.name = "source_objects", .columns = kSourceObjects, .repeats = true},
    MetadataTable{.name = "unfit_values", .columns = kUnfitValues},
};

constexpr std::string_view kLoadTable = "table_index_iops_";

}  // namespace

std::span<const MetadataTable> metadata_tables() {
  return kTables;
}

std::string table_of_file(std::string_view file_name) {
  std::string table(file_name.substr(0, file_name.rfind('.')));
  std::ranges::replace(table, '-', '_');
  if (table.starts_with(kLoadTable)) table.resize(kLoadTable.size() - 1);
  return table;
}

}  // namespace voyager::format
