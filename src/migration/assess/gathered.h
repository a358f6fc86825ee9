// What was noted beside the CSV files when they were gathered (docs/formats/assessment-metadata.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/assessment.h"

namespace voyager::migration {

struct Gathered {
  std::int64_t load_interval = 0;   ///< Seconds.
  std::string server_version = {};  ///< "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)"
  std::string database = {};
  std::vector<std::string> schemas = {};
  std::vector<model::NotLookedAt> not_gathered = {};  ///< What the source does not tell.
};

/// Of the primary. Nothing when other programs gathered and noted none. Throws Error (ASM-011) for a damaged file.
std::optional<Gathered> read_gathered(const std::filesystem::path& metadata);

}  // namespace voyager::migration
