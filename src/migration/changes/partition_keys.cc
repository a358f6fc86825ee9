#include "migration/changes/partition_keys.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

using By = PartitionKey::By;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  base::fail(base::ExitCode::kUsage, fmt::format("--cdc-partition-key-overrides: \"{}\" {}", text, why), "",
             {"--cdc-partition-key-overrides 'schema.table:pk;schema.other:table;schema.third:(column1,column2)'"});
}

std::optional<By> by_word(std::string_view word) {
  if (word == "auto") return By::kAuto;
  if (word == "pk") return By::kKey;
  if (word == "table") return By::kTable;
  return std::nullopt;
}

// The pieces of `text` between separators that stand in no quoted name.
std::vector<std::string> pieces(std::string_view text, char separator) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == separator && !quoted) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

// As SQL reads a name: folded, unless it is quoted.
model::Identifier identifier(std::string_view text) {
  text = base::trim(text);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return model::Identifier(base::lower(text));
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '"' && text[i + 1] == '"' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return model::Identifier(out);
}

PartitionKey key_of(std::string_view text, std::string_view whole) {
  text = base::trim(text);
  if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
    PartitionKey key{.by = By::kColumns};
    for (const std::string& column : pieces(text.substr(1, text.size() - 2), ',')) {
      if (base::trim(column).empty()) refuse(whole, "has an empty column");
      key.columns.push_back(identifier(column));
    }
    return key;
  }
  const std::optional<By> by = by_word(text);
  if (!by || *by == By::kAuto) refuse(whole, "says neither pk nor table nor columns in brackets");
  return {.by = *by};
}

}  // namespace

PartitionKeys parse_partition_keys(std::string_view word, std::string_view overrides) {
  PartitionKeys out;
  const std::optional<By> by = by_word(word);
  if (!by) base::fail(base::ExitCode::kUsage, fmt::format("--cdc-partition-key is \"{}\": auto, pk or table", word));
  out.others.by = *by;
  for (const std::string& one : pieces(overrides, ';')) {
    if (base::trim(one).empty()) continue;
    const std::vector<std::string> parts = pieces(one, ':');
    const std::vector<std::string> names = pieces(parts.front(), '.');
    if (parts.size() != 2 || names.size() != 2) refuse(one, "is not schema.table:key");
    const model::TableName table{identifier(names[0]), identifier(names[1])};
    if (!out.tables.emplace(table, key_of(parts[1], one)).second) refuse(one, "names a table again");
  }
  return out;
}

}  // namespace voyager::migration
