#include "connectors/mysql/row_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace voyager::mysql {
namespace {

bool is_float(Form form) {
  return form == Form::kFloat || form == Form::kDouble;
}

// In these every byte, or every text that can be stored, is a character.
bool has_no_holes(std::string_view charset) {
  return charset.empty() || charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "latin1" ||
         charset == "binary";
}

}  // namespace

std::string strict_text(const std::string& name) {
  const auto marks = [](const std::string& text) {
    return fmt::format("char_length({0}) - char_length(replace({0}, '?', ''))", text);
  };
  const std::string converted = fmt::format("convert({} USING utf8mb4)", name);
  return fmt::format("IF({} <=> {}, CAST({} AS BINARY), x'FF')", marks(name), marks(converted), converted);
}

std::string select_statement(const ConvertedTable& table, const std::vector<std::size_t>& columns,
                             const KeyRange& range) {
  std::string list;
  for (const std::size_t at : columns) {
    const ConvertedColumn& column = table.columns[at];
    const std::string name = quoted_name(column.source_name);
    list += list.empty() ? "" : ", ";
    // A float is shown with six digits, a sum of doubles with all of them.
    if (is_float(column.source_type.form)) {
      list += "(" + name + " + 0e0)";
    } else {
      list += column.source_type.form == Form::kText && !has_no_holes(column.charset) ? strict_text(name) : name;
    }
  }
  if (list.empty()) list = "1";
  std::string sql = fmt::format("SELECT {} FROM {}", list, quoted_name(table.source_name));
  // An index that holds all columns would be read instead where the optimiser prefers it today: the order of the rows
  // must not depend on that.
  if (range.from.empty() && range.below.empty())
    return sql + (table.table.primary_key.empty() ? " USE INDEX ()" : " FORCE INDEX (PRIMARY)");
  const std::string key = quoted_name(table.columns[static_cast<std::size_t>(table.cut_column)].source_name);
  sql += " FORCE INDEX (PRIMARY) WHERE true";
  if (!range.from.empty()) sql += fmt::format(" AND {} >= {}", key, range.from);
  if (!range.below.empty()) sql += fmt::format(" AND {} < {}", key, range.below);
  return sql;
}

RowValues::RowValues(const ConvertedTable& table, std::vector<std::size_t> columns, const std::vector<ValueRule>& rules,
                     std::string where)
    : table_(table), columns_(std::move(columns)), settler_(std::move(where)) {
  cells_.resize(columns_.size());
  scratch_.resize(columns_.size());
  for (const std::size_t at : columns_)
    rules_.push_back(rule_for(rules, table.source_name, table.columns[at].source_name));
  for (const model::Identifier& name : table.table.primary_key) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (table.columns[columns_[i]].column.name == name) key_.push_back(i);
    }
  }
}

const std::vector<Cell>* RowValues::read(const RowView& row, bool with_text) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Cell& cell = cells_[i];
    cell = {};
    if (row.values[i] == nullptr) continue;
    cell.raw = row.value(i);
    cell.as_sent = true;
    const SourceType& type = table_.columns[columns_[i]].source_type;
    if (!with_text && type.recast == Recast::kNone && (type.form == Form::kBytes || is_float(type.form))) {
      cell.text = cell.raw;
      continue;
    }
    std::string_view text;
    const char* what = canonical(type, cell.raw, scratch_[i], text);
    if (what == nullptr) {
      cell.text = text;
      if (rules_[i] != nullptr && rules_[i]->action == RuleAction::kRepair) {
        settler_.repair(
            table_, table_.columns[columns_[i]], *rules_[i], [&] { return key_text(row); }, scratch_[i], cell.text);
      }
    } else if (!settle(i, what, row)) {
      return nullptr;
    }
  }
  return &cells_;
}

// False: the whole row is left out.
bool RowValues::settle(std::size_t at, const char* what, const RowView& row) {
  const std::string_view raw = cells_[at].raw;
  cells_[at] = {};
  return settler_.settle(
      table_, table_.columns[columns_[at]], rules_[at], what, raw, [&] { return key_text(row); }, cells_[at].text);
}

std::string RowValues::key_text(const RowView& row) const {
  std::string out;
  for (const std::size_t i : key_) {
    const ConvertedColumn& column = table_.columns[columns_[i]];
    std::string scratch;
    std::string_view text;
    const bool known =
        row.values[i] != nullptr && canonical(column.source_type, row.value(i), scratch, text) == nullptr;
    append_key_part(column, known ? std::optional(text) : std::nullopt, out);
  }
  return out.empty() ? "no primary key to name it by" : out;
}

}  // namespace voyager::mysql
