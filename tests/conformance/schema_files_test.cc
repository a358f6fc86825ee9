// A schema on its way from the text of pg_dump, as PostgreSQL's connector reads it, to the files below schema/. Cases
// in text files: NAME.sql is a dump and NAME.expected the files it becomes. Run with VOY_REWRITE=1 to write the
// expectations anew, then read the difference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "connectors/postgresql/dump_reader.h"
#include "migration/schema/object_files.h"
#include "migration/schema/object_types.h"

namespace voyager::conformance {
namespace {

namespace fs = std::filesystem;

/// A first line "-- types: TABLE, VIEW" or "-- not types: ..." chooses what is exported, "-- schemas:" from where.
std::vector<std::string> chosen(const std::string& text, const std::string& mark) {
  if (!text.starts_with(mark)) return {};
  return base::split(text.substr(mark.size(), text.find('\n') - mark.size()), ',');
}

std::string files_of(const fs::path& file) {
  const std::string dump = base::read_file(file);
  std::vector<std::string> types = migration::types_to_export(chosen(dump, "-- types:"), chosen(dump, "-- not types:"));
  for (const char* type : {"OWNER", "GRANT"}) types.emplace_back(type);
  const migration::SchemaFiles files =
      migration::sort_into_files(postgresql::read_dump(dump, chosen(dump, "-- schemas:")), {.types = types});
  std::string found = fmt::format("uncategorized: {}\n", files.uncategorized);
  for (const migration::FiledObject& one : files.objects) {
    // Nothing is dropped without a word.
    EXPECT_NE(one.file.empty(), one.reason.empty()) << file << " " << one.kind << " " << one.name;
    if (!one.reason.empty())
      found += fmt::format("left out: {} {} ({}): {}\n", one.kind, one.name, one.key, one.reason);
    if (!one.change.empty()) found += fmt::format("changed: {} {} ({}): {}\n", one.kind, one.name, one.key, one.change);
  }
  for (const auto& [name, text] : files.text) found += fmt::format("======== {}\n{}", name, text);
  return found;
}

TEST(SchemaFiles, OfDumps) {
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(VOY_DUMPS)) {
    if (entry.path().extension() != ".sql") continue;
    const fs::path expected = fs::path(entry.path()).replace_extension(".expected");
    const std::string found = files_of(entry.path());
    if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(expected, found);
    EXPECT_EQ(found, base::read_file(expected)) << expected;
    ++cases;
  }
  EXPECT_GT(cases, 5U);
}

// Of two extensions in a schema that is not exported each may be left out.
TEST(SchemaFiles, AnExtensionThatIsLeftOutTakesNoSchemaFromAnother) {
  const std::string dump =
      "--\n-- TOC entry 2 (class 3079 OID 11)\n-- Name: one; Type: EXTENSION; Schema: -; Owner: -\n--\n\n"
      "CREATE EXTENSION IF NOT EXISTS one WITH SCHEMA other;\n\n"
      "--\n-- TOC entry 3 (class 3079 OID 12)\n-- Name: two; Type: EXTENSION; Schema: -; Owner: -\n--\n\n"
      "CREATE EXTENSION IF NOT EXISTS two WITH SCHEMA other;\n";
  const migration::SchemaFiles files =
      migration::sort_into_files(postgresql::read_dump(dump, {"app"}),
                                 {.types = {"EXTENSION"}, .left_out = {{"3079/11", "it needs what is not exported"}}});
  ASSERT_EQ(files.text.size(), 1U);
  const std::string& text = files.text.begin()->second;
  EXPECT_NE(text.find("CREATE SCHEMA IF NOT EXISTS other;"), std::string::npos) << text;
  EXPECT_LT(text.find("CREATE SCHEMA IF NOT EXISTS other;"), text.find("CREATE EXTENSION IF NOT EXISTS two"));
  EXPECT_EQ(text.find("EXISTS one"), std::string::npos);
}

}  // namespace
}  // namespace voyager::conformance
