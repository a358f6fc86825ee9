// What an assessment recommends for the schema.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/assessment.h"

namespace voyager::migration {

struct Recommendations {
  /// Why nothing is said about colocation: no assessment, or one whose sizing failed. Empty when something is.
  std::string why_no_colocation = {};
  std::optional<std::vector<std::string>> sharded = {};  ///< "schema.table"; nothing: the assessment names none.
  std::optional<std::vector<std::string>> colocated = {};
  std::vector<model::RedundantIndex> redundant = {};
};

/// Adds what the JSON report of an assessment says about colocation. Throws Error when it is not there, is no such
/// report or is damaged.
void read_colocation(const std::filesystem::path& report_file, Recommendations& recommendations);

/// The names under which a comparison of objects lists the indexes that export schema took out and that still stand in
/// its file; none when there is no file.
std::set<std::string> facts_of_indexes_taken_out(const std::filesystem::path& schema_folder);

/// Adds the redundant indexes of assessment.db; none when there is no such file. Throws Error when it is damaged.
void read_redundant_indexes(const std::filesystem::path& assessment_db, Recommendations& recommendations);

}  // namespace voyager::migration
