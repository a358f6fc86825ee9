#include "cli/testing_test.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace voyager::cli::testing {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

std::filesystem::path source_dir() {
  return std::filesystem::path(VOY_FOLDER);
}

std::vector<TextCase> text_cases(const std::string& file) {
  std::vector<TextCase> cases;
  std::istringstream lines(read(source_dir() / "testdata" / file));
  bool in_expected = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("== ")) {
      cases.push_back({.name = line.substr(3)});
      in_expected = false;
    } else if (line == "--") {
      in_expected = true;
    } else if (!cases.empty()) {
      (in_expected ? cases.back().expected : cases.back().input) += line + "\n";
    }
  }
  return cases;
}

void expect_golden(const std::string& file, const std::string& text) {
  const std::filesystem::path path = source_dir() / "testdata" / file;
  if (std::getenv("VOY_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    FAIL() << "rewrote " << path << "; look at the difference and run again without VOY_REWRITE_GOLDEN";
  }
  EXPECT_EQ(text, read(path)) << path;
}

std::filesystem::path TemporaryDir::write(const std::string& name, const std::string& text) const {
  std::ofstream(path() / name) << text;
  return path() / name;
}

}  // namespace voyager::cli::testing
