#include "connectors/mysql/row_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kKeysNamed = 5;
constexpr std::size_t kShownBytesMax = 60;

bool is_float(Form form) {
  return form == Form::kFloat || form == Form::kDouble;
}

// Dates are shown as they are; the content of texts is nobody's business but the user's.
bool may_be_shown(Form form) {
  return form == Form::kDate || form == Form::kDateTime || form == Form::kTimestamp || form == Form::kTime;
}

}  // namespace

std::string select_statement(const ConvertedTable& table, const std::vector<std::size_t>& columns,
                             const KeyRange& range) {
  std::string list;
  for (const std::size_t at : columns) {
    const ConvertedColumn& column = table.columns[at];
    const std::string name = quoted_name(column.source_name);
    list += list.empty() ? "" : ", ";
    // A float is shown with six digits, a sum of doubles with all of them.
    list += is_float(column.source_type.form) ? "(" + name + " + 0e0)" : name;
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
    : table_(table), columns_(std::move(columns)), where_(std::move(where)) {
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
    if (!with_text && (type.form == Form::kBytes || is_float(type.form))) {
      cell.text = cell.raw;
      continue;
    }
    std::string_view text;
    const char* what = canonical(type, cell.raw, scratch_[i], text);
    if (what == nullptr) {
      cell.text = text;
    } else if (!settle(i, what, row)) {
      return nullptr;
    }
  }
  return &cells_;
}

// False: the whole row is left out.
bool RowValues::settle(std::size_t at, const char* what, const RowView& row) {
  const ConvertedColumn& column = table_.columns[columns_[at]];
  const ValueRule* rule = rules_[at];
  if (rule == nullptr || rule->action == RuleAction::kStop) {
    const std::string full = table_.source_name + "." + column.source_name;
    std::string shown;
    if (may_be_shown(column.source_type.form)) shown = fmt::format(": '{}'", cells_[at].raw.substr(0, kShownBytesMax));
    throw base::Error(
        {.code = "VAL-001",
         .title = fmt::format("{} holds {}, which {} cannot hold{}", full, what, column.column.type, shown),
         .where = where_,
         .cause = fmt::format("the row with {}", key_text(row)),
         .fix = {fmt::format("decide what becomes of such values: --value-rules '{}=null' (or reject, or "
                             "replace:VALUE); each is counted and listed in reports/value-changes.json",
                             full),
                 "or change the value on the source"},
         .then = "run the same command again; tables that are complete are kept"});
  }
  const auto known = std::ranges::find_if(changes_, [&](const connector::ValueChange& one) {
    return one.column == column.column.name && one.what == what;
  });
  connector::ValueChange& change =
      known != changes_.end()
          ? *known
          : changes_.emplace_back(connector::ValueChange{.table = table_.table.name,
                                                         .column = column.column.name,
                                                         .what = what,
                                                         .action = std::string(word_of(rule->action))});
  ++change.rows;
  if (change.keys.size() < kKeysNamed) change.keys.push_back(key_text(row));
  cells_[at] = {};
  if (rule->action == RuleAction::kReplace) cells_[at].text = rule->value;
  return rule->action != RuleAction::kReject;
}

std::string RowValues::key_text(const RowView& row) const {
  std::string out;
  for (const std::size_t i : key_) {
    const ConvertedColumn& column = table_.columns[columns_[i]];
    std::string scratch;
    std::string_view text;
    if (row.values[i] == nullptr || canonical(column.source_type, row.value(i), scratch, text) != nullptr) text = "?";
    const Form form = column.source_type.form;
    const bool bare = form == Form::kInteger || form == Form::kDecimal || form == Form::kYear;
    out += fmt::format("{}{}=", out.empty() ? "" : ", ", model::display(column.column.name));
    if (bare) {
      out += text;
      continue;
    }
    // As quote_literal() of the target writes it.
    const bool escaped = text.find('\\') != std::string_view::npos;
    out += escaped ? "E'" : "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') out += c;
      out += c;
    }
    out += '\'';
  }
  return out.empty() ? "no primary key to name it by" : out;
}

}  // namespace voyager::mysql
