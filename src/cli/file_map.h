// --data-dir and --file-table-map of `import data file`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "migration/snapshot/import_data.h"

namespace voyager::cli {

/// The files that `glob:table[,glob:table...]` names below `data_dir`, in order of name within a glob. Bare table names
/// get `default_schema`. Throws Error (kUsage) for a map that cannot be read and for a glob without a file.
std::vector<migration::UserFile> mapped_files(const std::filesystem::path& data_dir, const std::string& map,
                                              const std::string& default_schema);

/// The target's name of an encoding that files may be in; empty stays empty. Throws Error (kUsage) for a name that is
/// not known, and for encodings whose characters hold bytes that look like quotes or delimiters.
std::string encoding_name(std::string_view text);

/// Throws Error (kUsage) when delimiter, quote and the text for null cannot be told apart, before the target says so.
void check_special_bytes(const model::CopyFormat& format);

/// One byte, given as itself or as \t, \n, \\, \x1f and the like. Throws Error (kUsage) naming `flag`.
char one_byte(std::string_view text, std::string_view flag);

}  // namespace voyager::cli
