// The CSV files of a source's metadata on their way into the tables of assessment.db.
#pragma once

#include <filesystem>

#include "format/sqlite.h"

namespace voyager::format {

/// Name of the node that writes; CSV files without a column source_node belong to it.
inline constexpr std::string_view kPrimaryNode = "primary";

/// Reads node-<name>/*.csv below `metadata`, or its own *.csv where there is no such folder, into the empty tables of
/// `db` and notes the nodes. File a-b.csv fills table a_b; files and columns that no table is known for are passed
/// over. Throws Error (ASM-010) when a file is missing that an assessment needs, (ASM-011) for a damaged one.
void load_metadata(const std::filesystem::path& metadata, SqliteConnection& db);

}  // namespace voyager::format
