#include "connectors/mysql/captured_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/binlog_value.h"

namespace voyager::mysql {
namespace {

// Columns that MySQL makes for functional indexes are in the log of some versions.
bool is_hidden(std::string_view name) {
  return name.starts_with("!hidden!");
}

std::ptrdiff_t place_of(const std::vector<ColumnRow>& columns, std::string_view name) {
  const auto found = std::ranges::find(columns, name, &ColumnRow::name);
  return found == columns.end() ? -1 : found - columns.begin();
}

// The catalogue's column of each column in the log; -1 for one that is left out.
std::optional<std::string> match(const TableRow& row, const TableMap& log, std::vector<std::ptrdiff_t>& places) {
  if (log.names.empty()) {
    if (log.columns.size() > row.columns.size())
      return fmt::format("its rows have {} columns in the log, the table has {} now", log.columns.size(),
                         row.columns.size());
    for (std::size_t i = 0; i < log.columns.size(); ++i) places.push_back(static_cast<std::ptrdiff_t>(i));
    return std::nullopt;
  }
  std::vector<std::string> gone;
  for (const std::string& name : log.names) {
    places.push_back(place_of(row.columns, name));
    if (places.back() < 0 && !is_hidden(name)) gone.push_back(name);
  }
  // What is gone may have been renamed, and then its values belong to another name.
  const auto is_new = [&](const ColumnRow& one) { return std::ranges::find(log.names, one.name) == log.names.end(); };
  const auto added = std::ranges::find_if(row.columns, is_new);
  if (!gone.empty() && added != row.columns.end())
    return fmt::format("in the log it has a column {}, which is not there now, while {} is", gone.front(), added->name);
  return std::nullopt;
}

// What untouched rows have in a column is what it was added with, whatever its default is by now.
void make_addable(const ConvertedColumn& of, const ColumnRow& row, const ColumnHistory::Added& added,
                  model::ChangeColumn& out) {
  const auto as_added = added.find(base::lower(row.name));
  const bool named_type = of.source_type.form == Form::kEnum && of.column.type != "text";
  if (as_added == added.end() || out.key || named_type || !row.generated.empty() || row.auto_increment) return;
  ConvertedColumn then = of;
  const std::optional<std::string>& expression = as_added->second;
  const bool null = !expression || base::equals_ignoring_case(*expression, "null");
  set_constant_default(null ? std::nullopt : expression, then);
  // Without a default a column that is never null has one of the server's making.
  if (null ? of.column.not_null : !then.default_sql) return;
  out.addable = true;
  if (then.default_sql) out.add_sql = of.column.type + " DEFAULT " + *then.default_sql;
  if (then.default_sql == of.default_sql) return;
  out.then_sql = of.default_sql ? "SET DEFAULT " + *of.default_sql : "DROP DEFAULT";
}

model::ChangeColumn change_column(const ConvertedColumn& of, const ColumnRow& row, bool key,
                                  const ColumnHistory::Added& added) {
  model::ChangeColumn out{.name = of.column.name, .type = of.column.type, .key = key};
  make_addable(of, row, added, out);
  return out;
}

// It is computed on the target as well, where it is there.
model::ChangeColumn computed_column(const ConvertedColumn& of) {
  return {.name = of.column.name,
          .type = of.column.type,
          .addable = true,
          .add_sql = fmt::format("{} GENERATED ALWAYS AS {} STORED", of.column.type, of.generated_sql)};
}

}  // namespace

bool is_utf8(std::string_view charset) {
  return charset.empty() || charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "binary";
}

std::vector<std::string> key_columns(const TableRow& row) {
  const auto names_rows = [&](const IndexRow& index) {
    return index.unique && std::ranges::all_of(index.parts, [&](const IndexPart& part) {
             const std::ptrdiff_t place = place_of(row.columns, part.column);
             return part.expression.empty() && part.prefix == 0 && place >= 0 &&
                    !row.columns[static_cast<std::size_t>(place)].nullable;
           });
  };
  auto found = std::ranges::find(row.indexes, "PRIMARY", &IndexRow::name);
  if (found == row.indexes.end()) found = std::ranges::find_if(row.indexes, names_rows);
  std::vector<std::string> out;
  if (found == row.indexes.end()) return out;
  for (const IndexPart& part : found->parts) out.push_back(part.column);
  return out;
}

CaptureMatch capture_table(const ConvertedTable& converted, const TableRow& row, const TableMap* log,
                           const std::vector<ValueRule>& rules,
                           const std::function<const Charset*(const std::string&)>& charset,
                           const ColumnHistory::Added& added) {
  const auto out = std::make_shared<CapturedTable>();
  out->converted = &converted;
  out->table.name = out->table.leaf = converted.table.name;
  std::vector<std::ptrdiff_t> places;
  if (log != nullptr) {
    if (auto why = match(row, *log, places)) return {.why_not = std::move(*why)};
  } else {
    for (std::size_t i = 0; i < row.columns.size(); ++i) places.push_back(static_cast<std::ptrdiff_t>(i));
  }
  std::vector<std::string> key = key_columns(row);
  // A key that was made later names no rows of before.
  const auto in_log = [&](const std::string& name) {
    return std::ranges::find(places, place_of(row.columns, name)) != places.end();
  };
  if (!std::ranges::all_of(key, in_log)) key.clear();
  out->keyed = !key.empty();
  for (std::size_t i = 0; i < places.size(); ++i) {
    CapturedColumn& column = out->columns.emplace_back();
    if (places[i] < 0) continue;
    const ColumnRow& of = row.columns[static_cast<std::size_t>(places[i])];
    const auto found = std::ranges::find(converted.columns, of.name, &ConvertedColumn::source_name);
    if (found == converted.columns.end()) continue;  // a system-versioned table's own
    column.type = found->source_type;
    if (log != nullptr && !fits(log->columns[i], column.type))
      return {.why_not = fmt::format("column {} is of another type in the log than now ({})", of.name, of.type)};
    const bool names = std::ranges::find(key, of.name) != key.end();
    if (found->column.generated && !names) {
      out->table.computed.push_back(computed_column(*found));
      continue;
    }
    if (!of.generated.empty()) out->carries_computed = true;
    column.converted = static_cast<std::size_t>(found - converted.columns.begin());
    column.place = static_cast<int>(out->table.columns.size());
    column.rule = rule_for(rules, converted.source_name, of.name);
    if (column.type.form == Form::kText && !is_utf8(found->charset)) column.charset = charset(found->charset);
    if (of.generated.empty() && !of.auto_increment) {
      column.null_when_missing = !of.default_value && of.nullable;
      if (of.default_value && base::equals_ignoring_case(*of.default_value, "null")) column.null_when_missing = true;
      column.known_when_missing = column.null_when_missing || found->default_text.has_value();
      column.when_missing = found->default_text.value_or("");
    }
    out->table.columns.push_back(change_column(*found, of, names, added));
  }
  if (!out->keyed) {
    for (model::ChangeColumn& one : out->table.columns) one.key = true;
  }
  return {.table = out};
}

}  // namespace voyager::mysql
