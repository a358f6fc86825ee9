// Any bytes as the text of a dump: no statement is lost on the way to typed objects, and to the files below schema/.
//  - Every statement up to the end mark is one of an object or a setting of all, byte for byte, or sets something that
//    would spoil an import, or holds the option that is left out.
//  - Every statement of an object is in a file, as soon as there is a file at all.
//  - With no type chosen no file but uncategorized.sql is written.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgresql/dump_reader.h"
#include "migration/schema/object_files.h"
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
  const connector::WrittenSchema schema = postgresql::read_dump(dump, {});
  std::string read;
  for (const std::string& sql : schema.settings) read += sql + '\0';
  for (const connector::WrittenObject& one : schema.objects) {
    for (const auto* statements : {&one.statements, &one.owner_statements}) {
      for (const std::string& sql : *statements) read += sql + '\0';
    }
  }
  for (const sql::Piece& piece : sql::split_statements(dump)) {
    if (piece.leading().find("-- PostgreSQL database dump complete") != std::string_view::npos) break;
    if (piece.kind != sql::Piece::Kind::kStatement || is_setting(piece.sql())) continue;
    if (piece.sql().find("pg_attver") != std::string_view::npos) continue;
    // What stands behind \\connect is there a second time.
    check(read.find(piece.sql()) != std::string::npos || dump.find("\\connect") != std::string_view::npos);
  }
  std::vector<std::string> types = migration::types_to_export({}, {});
  types.emplace_back("OWNER");
  types.emplace_back("GRANT");
  const migration::SchemaFiles files = migration::sort_into_files(schema, {.types = types});
  std::string all;
  for (const auto& [name, text] : files.text) all += text + '\0';
  for (std::size_t i = 0; i < schema.objects.size(); ++i) {
    if (!files.objects[i].reason.empty() || !files.objects[i].change.empty()) continue;
    for (const auto* statements : {&schema.objects[i].statements, &schema.objects[i].owner_statements}) {
      for (const std::string& sql : *statements) check(all.find(sql) != std::string::npos);
    }
  }
  const migration::SchemaFiles none = migration::sort_into_files(schema, {});
  for (const auto& [name, text] : none.text) check(name == "uncategorized.sql");
  check(none.uncategorized == files.uncategorized);
  return 0;
}
