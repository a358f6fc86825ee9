#include "connectors/mysql/column_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <ranges>

#include "base/text.h"

namespace voyager::mysql {
namespace {

struct Name {
  std::string_view name = {};
  Form form = Form::kText;
};

constexpr std::array kNames = {
    Name{"tinyint", Form::kInteger},
    Name{"smallint", Form::kInteger},
    Name{"mediumint", Form::kInteger},
    Name{"int", Form::kInteger},
    Name{"integer", Form::kInteger},
    Name{"bigint", Form::kInteger},
    Name{"decimal", Form::kDecimal},
    Name{"numeric", Form::kDecimal},
    Name{"float", Form::kFloat},
    Name{"double", Form::kDouble},
    Name{"real", Form::kDouble},
    Name{"bit", Form::kBits},
    Name{"char", Form::kText},
    Name{"varchar", Form::kText},
    Name{"tinytext", Form::kText},
    Name{"text", Form::kText},
    Name{"mediumtext", Form::kText},
    Name{"longtext", Form::kText},
    Name{"binary", Form::kBytes},
    Name{"varbinary", Form::kBytes},
    Name{"tinyblob", Form::kBytes},
    Name{"blob", Form::kBytes},
    Name{"mediumblob", Form::kBytes},
    Name{"longblob", Form::kBytes},
    Name{"vector", Form::kBytes},
    Name{"date", Form::kDate},
    Name{"datetime", Form::kDateTime},
    Name{"timestamp", Form::kTimestamp},
    Name{"time", Form::kTime},
    Name{"year", Form::kYear},
    Name{"enum", Form::kEnum},
    Name{"set", Form::kSet},
    Name{"json", Form::kJson},
    Name{"geometry", Form::kGeometry},
    Name{"point", Form::kGeometry},
    Name{"linestring", Form::kGeometry},
    Name{"polygon", Form::kGeometry},
    Name{"multipoint", Form::kGeometry},
    Name{"multilinestring", Form::kGeometry},
    Name{"multipolygon", Form::kGeometry},
    Name{"geometrycollection", Form::kGeometry},
    Name{"geomcollection", Form::kGeometry},
    Name{"uuid", Form::kOther},
    Name{"inet4", Form::kOther},
    Name{"inet6", Form::kOther},
};

int number(std::string_view digits) {
  int out = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

// 'a','b''c' with quotes doubled inside.
std::vector<std::string> read_labels(std::string_view list) {
  std::vector<std::string> labels;
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at] != '\'') continue;
    std::string& label = labels.emplace_back();
    for (++at; at < list.size(); ++at) {
      if (list[at] == '\'' && (at + 1 >= list.size() || list[at + 1] != '\'')) break;
      if (list[at] == '\'') ++at;
      label += list[at];
    }
  }
  return labels;
}

std::string with_digits(std::string_view before, int digits, std::string_view after = {}) {
  return digits > 0 ? fmt::format("{}({}){}", before, digits, after) : fmt::format("{}(0){}", before, after);
}

}  // namespace

std::optional<SourceType> parse_type(std::string_view column_type) {
  const std::size_t name_end = std::min(column_type.find_first_of(" ("), column_type.size());
  SourceType type{.name = base::lower(column_type.substr(0, name_end))};
  const auto* const known = std::ranges::find(kNames, std::string_view(type.name), &Name::name);
  if (known == kNames.end()) return std::nullopt;
  type.form = known->form;
  std::string_view rest = column_type.substr(name_end);
  if (rest.starts_with('(')) {
    // Labels may hold parentheses; what follows the list holds none.
    const std::size_t close = rest.rfind(')');
    const std::string_view inside = rest.substr(1, close - 1);
    rest.remove_prefix(std::min(close + 1, rest.size()));
    if (type.form == Form::kEnum || type.form == Form::kSet) {
      type.labels = read_labels(inside);
    } else {
      const std::size_t comma = std::min(inside.find(','), inside.size());
      type.length = number(inside.substr(0, comma));
      if (comma < inside.size()) type.scale = number(inside.substr(comma + 1));
    }
  }
  type.is_unsigned = rest.find("unsigned") != std::string_view::npos;
  type.zerofill = rest.find("zerofill") != std::string_view::npos;
  if (type.form == Form::kBits && type.length <= 1) type.form = Form::kBoolean;
  if (type.form == Form::kDecimal && type.length < 0) type.length = 10;
  return type;
}

Whole whole_of(const SourceType& type) {
  if (type.name == "tinyint" || (type.name == "smallint" && !type.is_unsigned)) return Whole::kSmallint;
  if (type.name == "bigint") return type.is_unsigned ? Whole::kNumeric : Whole::kBigint;
  if ((type.name == "int" || type.name == "integer") && type.is_unsigned) return Whole::kBigint;
  return Whole::kInteger;
}

int bits_of(const SourceType& type) {
  return std::max({1, type.length, type.bits});
}

const char* key_obstacle(const SourceType& child, const SourceType& parent) {
  const auto is_bits = [](const SourceType& one) { return one.form == Form::kBits || one.form == Form::kBoolean; };
  if (is_bits(child) && is_bits(parent)) return nullptr;
  const bool named = child.form == Form::kOther && child.name != parent.name;
  if (child.form != parent.form || named) return "of two kinds, which the target does not compare";
  const std::vector<std::string>& shorter = child.labels.size() < parent.labels.size() ? child.labels : parent.labels;
  const std::vector<std::string>& longer = &shorter == &child.labels ? parent.labels : child.labels;
  if (!std::ranges::equal(shorter, longer | std::views::take(shorter.size())))
    return "compared by the places of their labels on the source, by the labels on the target, and these differ";
  return nullptr;
}

TargetType target_type(Whole whole) {
  switch (whole) {
    case Whole::kSmallint:
      return {"smallint", "int2"};
    case Whole::kInteger:
      return {"integer", "int4"};
    case Whole::kBigint:
      return {"bigint", "int8"};
    case Whole::kNumeric:
      break;
  }
  return {"numeric(20,0)", "numeric"};
}

TargetType target_type(const SourceType& type) {
  switch (type.form) {
    case Form::kInteger:
      return target_type(whole_of(type));
    case Form::kDecimal:
      return {fmt::format("numeric({},{})", type.length, type.scale), "numeric"};
    case Form::kFloat:
      return {"real", "float4"};
    case Form::kDouble:
      return {"double precision", "float8"};
    case Form::kBoolean:
      return {"boolean", "bool"};
    case Form::kBits:
      return {fmt::format("bit({})", bits_of(type)), ""};
    case Form::kText:
      // A text of no character at all is no type of PostgreSQL's.
      if (type.length <= 0) return {"text", ""};
      return {fmt::format("{}({})", type.name == "char" ? "character" : "character varying", type.length), ""};
    case Form::kBytes:
      return {"bytea", "bytea"};
    case Form::kDate:
      return {"date", ""};
    case Form::kDateTime:
      return {with_digits("timestamp", type.length, " without time zone"), ""};
    case Form::kTimestamp:
      return {with_digits("timestamp", type.length, " with time zone"), ""};
    case Form::kTime:
      return {with_digits("time", type.length, " without time zone"), ""};
    case Form::kYear:
      return {"smallint", "int2"};
    case Form::kJson:
      return {"json", ""};
    case Form::kOther:
      return {type.name == "uuid" ? "uuid" : "text", ""};
    case Form::kEnum:
    case Form::kSet:
    case Form::kGeometry:
      break;
  }
  return {"text", ""};
}

}  // namespace voyager::mysql
