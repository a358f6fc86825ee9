#include "cli/file_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "model/table_list.h"

namespace voyager::cli {
namespace {

namespace fs = std::filesystem;
using base::ExitCode;

// The colon between file and table: the last one outside of double quotes, since file names hold colons more often.
std::size_t find_colon(const std::string& entry) {
  std::size_t found = std::string::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < entry.size(); ++i) {
    if (entry[i] == '"') quoted = !quoted;
    if (entry[i] == ':' && !quoted) found = i;
  }
  return found;
}

std::vector<fs::path> matching_files(const fs::path& data_dir, const std::string& glob) {
  const fs::path pattern = (data_dir / glob).lexically_normal();
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(pattern.parent_path(), ignored)) {
    if (entry.is_regular_file(ignored) &&
        base::glob_match(pattern.filename().string(), entry.path().filename().string())) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::vector<migration::UserFile> mapped_files(const fs::path& data_dir, const std::string& map,
                                              const std::string& default_schema) {
  std::vector<migration::UserFile> files;
  for (const std::string& entry : model::split_table_list(map)) {
    const std::size_t colon = find_colon(entry);
    if (colon == std::string::npos || colon == 0 || colon + 1 == entry.size()) {
      base::fail(ExitCode::kUsage, fmt::format("--file-table-map: \"{}\" is not file:table", entry), {},
                 {"for instance --file-table-map 'orders*.csv:public.orders,customers.csv:customers'"});
    }
    model::TableName table = model::parse_table_name(entry.substr(colon + 1));
    if (table.schema.empty()) table.schema = model::Identifier(default_schema);
    const std::string glob(base::trim(entry.substr(0, colon)));
    const std::vector<fs::path> found = matching_files(data_dir, glob);
    if (found.empty()) {
      base::fail(ExitCode::kUsage,
                 fmt::format("--file-table-map: no file in {} matches \"{}\"", data_dir.string(), glob));
    }
    for (const fs::path& file : found) files.push_back({.path = file, .table = table});
  }
  if (files.empty()) base::fail(ExitCode::kUsage, "--file-table-map names no file");
  return files;
}

char one_byte(std::string_view text, std::string_view flag) {
  if (text.size() == 1) return text[0];
  constexpr std::pair<std::string_view, char> kEscapes[] = {{"\\t", '\t'},  {"\\n", '\n'}, {"\\r", '\r'},
                                                            {"\\b", '\b'},  {"\\f", '\f'}, {"\\v", '\v'},
                                                            {"\\\\", '\\'}, {"\\\"", '"'}, {"\\'", '\''}};
  for (const auto& [escape, byte] : kEscapes) {
    if (text == escape) return byte;
  }
  unsigned value = 0;
  if (text.size() == 4 && text.starts_with("\\x")) {
    const auto [end, fault] = std::from_chars(text.data() + 2, text.data() + 4, value, 16);
    if (fault == std::errc() && end == text.data() + 4) return static_cast<char>(value);
  }
  base::fail(ExitCode::kUsage, fmt::format("--{} needs exactly one byte, not \"{}\"", flag, text), {},
             {"a tab is written \\t"});
}

}  // namespace voyager::cli
