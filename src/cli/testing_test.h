// What the tests of this folder share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/temporary_folder_testing.h"

namespace voyager::cli::testing {

/// A case of a text file: "== name", the input, "--", what is expected.
struct TextCase {
  std::string name = {};
  std::string input = {};
  std::string expected = {};
};

/// Reads src/cli/testdata/`file`.
std::vector<TextCase> text_cases(const std::string& file);

/// Compares with src/cli/testdata/`file`. With VOY_REWRITE_GOLDEN set it writes the file and fails.
void expect_golden(const std::string& file, const std::string& text);

std::filesystem::path source_dir();

/// A new directory, removed with everything in it.
class TemporaryDir : public base::TemporaryFolder {
 public:
  /// Writes a file below it and returns its path.
  std::filesystem::path write(const std::string& name, const std::string& text) const;
};

}  // namespace voyager::cli::testing
