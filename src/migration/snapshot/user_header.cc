#include "migration/snapshot/user_header.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

constexpr std::size_t kHeaderBytesMax = 1024 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

const model::Column* find_column(const model::Table& table, const std::string& name) {
  const model::Column* alike = nullptr;
  bool several = false;
  for (const model::Column& column : table.columns) {
    const std::string& text = column.name.catalog_text();
    if (text == name) return &column;
    if (base::lower(text) != base::lower(name)) continue;
    several = alike != nullptr;
    alike = &column;
  }
  return several ? nullptr : alike;
}

std::string column_list(const model::Table& table) {
  std::string out;
  for (const model::Column& column : table.columns) out += (out.empty() ? "" : ", ") + model::display(column.name);
  return out;
}

}  // namespace

std::vector<std::string> read_header(std::string_view text, const model::CopyFormat& format) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> names(1);
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool more = at + 1 < text.size();
    if (quoted && c == format.escape && more && (text[at + 1] == format.quote || text[at + 1] == format.escape)) {
      names.back() += text[++at];
    } else if (c == format.quote) {
      quoted = !quoted;
    } else if (!quoted && (c == '\n' || c == '\r')) {
      break;
    } else if (!quoted && c == format.delimiter) {
      names.emplace_back();
    } else {
      names.back() += c;
    }
  }
  return names;
}

std::vector<model::Column> header_columns(const std::filesystem::path& file, const model::CopyFormat& format,
                                          const model::Table& table) {
  std::string text(kHeaderBytesMax, '\0');
  text.resize(base::File::open_read(file).read_at(0, text.data(), text.size()));
  std::vector<model::Column> columns;
  if (text.empty()) return columns;
  const std::vector<std::string> names = read_header(text, format);
  if (names.size() == 1 && names[0].empty()) {
    base::fail(base::ExitCode::kUsage, "the first line of " + file.string() + " is empty, where the header should be",
               {}, {"mend the file, or leave the header out with --has-header false"});
  }
  for (const std::string& name : names) {
    const model::Column* column = find_column(table, name);
    std::string wrong;
    if (column == nullptr) {
      wrong = "is no column of " + model::display(table.name) + ", which has " + column_list(table);
    } else if (column->generated) {
      wrong = "is computed by the target and cannot be loaded";
    } else if (std::ranges::find(columns, column->name, &model::Column::name) != columns.end()) {
      wrong = "stands there twice";
    }
    if (!wrong.empty()) {
      base::fail(base::ExitCode::kUsage, "the header of " + file.string() + " does not fit the table",
                 "\"" + name + "\" " + wrong, {"mend the header, or leave it out with --has-header false"});
    }
    columns.push_back(*column);
  }
  return columns;
}

}  // namespace voyager::migration
