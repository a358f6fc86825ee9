// Any bytes as the text of a dump: no statement is lost on the way to the files below schema/.
//  - Every statement up to the end mark is in a file, byte for byte, or is a setting, or holds the option that is left
//  out, as
//    soon as there is a file at all.
//  - With no type chosen no file but uncategorized.sql is written.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migration/schema/dump_splitter.h"
#include "migration/schema/object_types.h"
#include "sql/splitter.h"

namespace {

using namespace voyager;

void check(bool holds) {
  if (!holds) std::abort();
}

bool is_setting(std::string_view sql) {
  std::string start(sql.substr(0, 3));
  std::ranges::transform(start, start.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return start == "set";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view dump(reinterpret_cast<const char*>(data), size);
  const migration::SchemaFiles files = migration::split_dump(dump, migration::types_to_export({}, {}));
  std::string all;
  for (const auto& [name, text] : files.text) all += text + '\0';
  for (const sql::Piece& piece : sql::split_statements(dump)) {
    if (piece.leading().find("-- PostgreSQL database dump complete") != std::string_view::npos) break;
    if (piece.kind != sql::Piece::Kind::kStatement || is_setting(piece.sql())) continue;
    if (piece.sql().find("pg_attver") != std::string_view::npos) continue;
    // Without a heading there is nothing but what stands in front of the first section, which goes into each file.
    check(files.text.empty() || all.find(piece.sql()) != std::string::npos);
  }
  const migration::SchemaFiles none = migration::split_dump(dump, {});
  for (const auto& [name, text] : none.text) check(name == "uncategorized.sql");
  check(none.uncategorized == files.uncategorized);
  return 0;
}
