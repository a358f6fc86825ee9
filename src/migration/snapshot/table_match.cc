#include "migration/snapshot/table_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

const model::Column* find_column(const model::Table& table, const model::Identifier& name) {
  const model::Column* alike = nullptr;
  bool several = false;
  for (const model::Column& column : table.columns) {
    if (column.name == name) return &column;
    if (!base::equals_ignoring_case(column.name.catalog_text(), name.catalog_text())) continue;
    several = alike != nullptr;
    alike = &column;
  }
  return several ? nullptr : alike;
}

/// "numeric(10,2)[]" apart.
struct Type {
  std::string name = {};
  std::vector<int> modifiers = {};
  bool array = false;
};

Type parse(std::string_view text) {
  Type out;
  while (text.ends_with("[]")) {
    out.array = true;
    text.remove_suffix(2);
  }
  const std::size_t open = text.find('(');
  const std::size_t close = text.find(')', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) {
    out.name = text;
    return out;
  }
  for (const std::string& part : base::split(text.substr(open + 1, close - open - 1), ',')) {
    const std::string_view digits = base::trim(part);
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    out.modifiers.push_back(number);
  }
  out.name = std::string(text.substr(0, open)) + std::string(text.substr(close + 1));
  return out;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_whole_number(std::string_view name) {
  return is_one_of(name, {"smallint", "integer", "bigint"});
}
bool is_time(std::string_view name) {
  return name.starts_with("time") && (name.ends_with("time zone"));
}

// Longer values are refused, but for blanks at their end, which are cut off.
bool length_holds(const Type& from, const Type& to) {
  return to.modifiers.empty() || (!from.modifiers.empty() && from.modifiers[0] <= to.modifiers[0]);
}

// More digits behind the point are rounded off; more before it are refused.
bool scale_holds(const Type& from, const Type& to) {
  if (to.modifiers.empty()) return true;
  const int there = to.modifiers.size() > 1 ? to.modifiers[1] : 0;
  if (is_whole_number(from.name)) return there >= 0;
  if (from.modifiers.empty()) return false;
  return there >= (from.modifiers.size() > 1 ? from.modifiers[1] : 0);
}

// Fractions of seconds; without a modifier there are six digits.
bool precision_holds(const Type& from, const Type& to) {
  const int most = 6;
  return (to.modifiers.empty() ? most : to.modifiers[0]) >= (from.modifiers.empty() ? most : from.modifiers[0]);
}

bool same_kind_keeps(const Type& from, const Type& to) {
  if (from.modifiers == to.modifiers) return true;
  if (to.name == "numeric") return scale_holds(from, to);
  if (to.name == "character varying") return length_holds(from, to);
  if (is_time(to.name)) return precision_holds(from, to);
  // Values of another length are refused; other types with modifiers are not known well enough.
  return is_one_of(to.name, {"bit", "bit varying"}) || (to.name == "interval" && to.modifiers.empty());
}

}  // namespace

bool keeps_values(const std::string& from_text, const std::string& to_text) {
  if (from_text == to_text) return true;
  const Type from = parse(from_text);
  const Type to = parse(to_text);
  const bool padded = is_one_of(from.name, {"character", "bpchar"});
  const bool any_text = !to.array && (to.name == "text" || (to.name == "character varying" && to.modifiers.empty()));
  if (any_text && !padded) return true;  // The text of the value.
  if (from.array != to.array) return false;
  if (from.name == to.name) return same_kind_keeps(from, to);
  // What is no value of the other type is refused.
  if (is_one_of(from.name, {"text", "character varying"}))
    return !is_one_of(to.name, {"character varying", "character", "bpchar", "\"char\"", "name"});
  if (is_whole_number(to.name)) return is_whole_number(from.name) || from.name == "numeric";
  if (to.name == "numeric") {
    if (is_whole_number(from.name)) return scale_holds(from, to);
    return to.modifiers.empty() && is_one_of(from.name, {"real", "double precision"});
  }
  if (to.name == "double precision") return is_one_of(from.name, {"real", "smallint", "integer"});
  if (to.name == "real") return from.name == "smallint";
  if (to.name == "timestamp without time zone") return from.name == "date";
  if (to.name == "bit varying") return from.name == "bit";
  return to.name == "json" && from.name == "jsonb";
}

std::vector<model::Column> columns_on_target(const model::Table& source, const model::Table& target) {
  std::vector<model::Column> out;
  std::vector<std::string> missing;
  for (const model::Column& column : source.columns) {
    if (column.generated) continue;
    if (const model::Column* there = find_column(target, column.name)) {
      out.push_back(*there);
    } else {
      missing.push_back(model::display(column.name));
    }
  }
  if (!missing.empty()) {
    base::fail(base::ExitCode::kState,
               fmt::format("the target's table {} lacks columns of the source", model::display(target.name)),
               base::join(missing, ", "), {"add them on the target, or import the schema again"});
  }
  return out;
}

void compare_columns(const model::PlannedTable& source, const model::Table& target, ColumnDoubts& doubts) {
  const auto note = [&](std::vector<std::string>& list, const model::Column& column, const std::string& what) {
    list.push_back(fmt::format("{}.{}: {}", model::display(target.name), model::display(column.name), what));
  };
  for (const model::Column& column : source.table.columns) {
    const model::Column* there = find_column(target, column.name);
    if (there == nullptr) continue;  // columns_on_target tells.
    if (column.generated != there->generated) {
      note(doubts.refused, column,
           column.generated ? "computed on the source, an ordinary column on the target, where it would stay empty"
                            : "an ordinary column on the source, computed on the target, where it cannot be loaded");
      continue;
    }
    if (column.generated) continue;
    const std::string change = fmt::format("{}, now {}", column.type, there->type);
    // Types that have no common binary form travel in binary only when the user asked for it: equal names must do then.
    const bool same_bytes =
        column.wire_type.empty() ? column.value_type == there->value_type : column.wire_type == there->wire_type;
    const bool known = !column.value_type.empty() && !there->value_type.empty();
    if (source.rows == model::RowFormat::kBinary && !same_bytes) {
      note(doubts.refused, column, change);
    } else if (known && !keeps_values(column.value_type, there->value_type)) {
      note(doubts.doubtful, column, change);
    }
  }
}

bool columns_fit(const model::PlannedTable& source, const model::Table& target) {
  const auto there = [&target](const model::Column& column) {
    return column.generated || find_column(target, column.name) != nullptr;
  };
  if (!std::ranges::all_of(source.table.columns, there)) return false;
  ColumnDoubts doubts;
  compare_columns(source, target, doubts);
  return doubts.refused.empty();
}

}  // namespace voyager::migration
