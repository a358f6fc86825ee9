// Cases of the analysis as text files have them: testdata/README.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/text.h"

namespace voyager::analysis {

// A release in which nothing is mended yet, so that every row of the table speaks.
inline constexpr const char* kOldTarget = "2.18.0.0";

struct Case {
  std::filesystem::path file = {};
  std::string name = {};
  std::vector<std::string> settings = {};  ///< "target 2025.1.0.0"
  std::string sql = {};
  std::vector<std::string> expected = {};
};

inline std::vector<Case> cases_of(const std::filesystem::path& file) {
  std::vector<Case> cases;
  bool in_expectations = false;
  for (const std::string& line : base::split(base::read_file(file), '\n')) {
    if (line.starts_with("== ")) {
      cases.push_back({.file = file, .name = line.substr(3)});
      in_expectations = false;
    } else if (cases.empty()) {
      continue;
    } else if (line == "----") {
      in_expectations = true;
    } else if (in_expectations) {
      if (!line.empty()) cases.back().expected.push_back(line);
    } else if (line.starts_with("@")) {
      cases.back().settings.push_back(line.substr(1));
    } else {
      cases.back().sql += line + "\n";
    }
  }
  return cases;
}

}  // namespace voyager::analysis
