// How names and texts are written for MySQL, and what its names become: testdata/dialect.expected has all of it. Run
// with VOY_REWRITE=1 to write it anew, then read the difference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/files.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/names.h"

namespace voyager::mysql {
namespace {

TEST(Dialect, WritesWhatTheFileHas) {
  std::string found = "-- names: as the catalogue has them, quoted, folded for the target\n";
  for (const char* name : {"orders", "Orders", "two words", "a`b", "a\"b", "GRÖSSE", "select"})
    found += fmt::format("{} | {} | {}\n", name, quoted_name(name), folded(name));
  found += "-- names that are too long or taken\n";
  NameSpace space;
  const std::string longer(70, 'x');
  for (const std::string& name : {std::string("i"), std::string("i"), longer, longer})
    found += space.take(name, "table t, " + std::to_string(found.size())) + "\n";
  found += "-- texts\n";
  for (const char* text : {"", "it's", "a\\b", "\"", "line\nbreak"}) found += quoted_text(text) + "\n";
  const std::filesystem::path expected = std::filesystem::path(VOY_FOLDER) / "testdata" / "dialect.expected";
  if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(expected, found);
  EXPECT_EQ(found, base::read_file(expected));
}

}  // namespace
}  // namespace voyager::mysql
