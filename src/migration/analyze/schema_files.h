// The files below schema/ that are analysed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::migration {

struct SchemaFile {
  std::string_view object_type = {};
  std::string relative = {};  ///< tables/table.sql
  std::string text = {};
};

/// Those that exist, in the order of reports: of every product that a schema can come from. Throws Error for one that
/// cannot be read as text.
std::vector<SchemaFile> read_schema_files(const std::filesystem::path& schema_dir);

/// The place of a type in reports; types without a place of their own come last.
std::size_t report_order(std::string_view object_type);

}  // namespace voyager::migration
