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
  model::Colocation colocation = {};
  std::vector<model::RedundantIndex> redundant = {};
};

/// What the sizing of an assessment recommends.
model::Colocation colocation_of(const std::optional<model::Sizing>& sizing);

/// What the assessment of this migration has kept. Throws Error when the file is not there or damaged.
model::Colocation assessed_colocation(const std::filesystem::path& assessment_db);

/// What the JSON report says that a user names: it may be of another export directory. Throws Error when it is not
/// there, is no such report or is damaged.
model::Colocation reported_colocation(const std::filesystem::path& report_file);

/// The names under which a comparison of objects lists the indexes that export schema took out and that still stand in
/// its file; none when there is no file.
std::set<std::string> facts_of_indexes_taken_out(const std::filesystem::path& schema_folder);

/// Adds the redundant indexes of assessment.db; none when there is no such file. Throws Error when it is damaged.
void read_redundant_indexes(const std::filesystem::path& assessment_db, Recommendations& recommendations);

}  // namespace voyager::migration
