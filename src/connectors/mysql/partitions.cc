#include "connectors/mysql/partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/text.h"
#include "connectors/mysql/tokens.h"

namespace voyager::mysql {
namespace {

using Column = std::function<std::optional<KeyColumn>(const std::string&)>;

// How the whole numbers of a bound become values of the key's column.
enum class Scale { kNumber, kYear, kDay, kSecond };

struct Key {
  std::vector<KeyColumn> columns = {};
  Scale scale = Scale::kNumber;
};

Partitioning refused(std::string why) {
  return {.why_not = std::move(why)};
}

std::string date_text(std::chrono::sys_days day, const KeyColumn& column) {
  const std::chrono::year_month_day date(day);
  const std::string text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return column.kind == KeyColumn::Kind::kDate ? "'" + text + "'" : "'" + text + " 00:00:00'";
}

// The first moment that belongs to the number; nothing when no date of both sides does.
std::optional<std::string> moment(std::int64_t number, Scale scale, const KeyColumn& column) {
  using std::chrono::days;
  using std::chrono::sys_days;
  if (scale == Scale::kYear) {
    if (number < 1 || number > 9999) return std::nullopt;
    return date_text(sys_days(std::chrono::year(static_cast<int>(number)) / 1 / 1), column);
  }
  if (scale == Scale::kDay) {
    constexpr std::int64_t kDayOf1970 = 719528;            // to_days('1970-01-01')
    constexpr std::int64_t kFirst = 366, kLast = 3652424;  // of the years 1 to 9999
    if (number < kFirst || number > kLast) return std::nullopt;
    return date_text(sys_days(days(number - kDayOf1970)), column);
  }
  if (number < 0) return std::nullopt;
  const std::chrono::sys_seconds at{std::chrono::seconds(number)};
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::hh_mm_ss time(at - day);
  const std::chrono::year_month_day date(day);
  return fmt::format("'{:04}-{:02}-{:02} {:02}:{:02}:{:02}+00'", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::optional<Key> read_key(const std::string& expression, const Column& column) {
  const std::vector<Token> tokens = tokens_of(expression);
  const auto is_name = [&](std::size_t at) {
    return at < tokens.size() && (tokens[at].kind == Token::Kind::kName || tokens[at].kind == Token::Kind::kWord);
  };
  Key key;
  const auto add = [&](const std::string& name) {
    const std::optional<KeyColumn> found = column(name);
    if (found) key.columns.push_back(*found);
    return found.has_value();
  };
  // year(`d`)
  if (tokens.size() == 5 && tokens[0].kind == Token::Kind::kWord && tokens[1].text == "(" && is_name(2) &&
      tokens[3].text == ")") {
    const std::string function = base::lower(tokens[0].text);
    if (!add(tokens[2].text)) return std::nullopt;
    const KeyColumn::Kind kind = key.columns[0].kind;
    const bool day = kind == KeyColumn::Kind::kDate || kind == KeyColumn::Kind::kDateTime;
    if (function == "year" && day) key.scale = Scale::kYear;
    if (function == "to_days" && day) key.scale = Scale::kDay;
    if (function == "unix_timestamp" && kind == KeyColumn::Kind::kTimestamp) key.scale = Scale::kSecond;
    return key.scale == Scale::kNumber ? std::nullopt : std::optional(key);
  }
  for (std::size_t at = 0; is_name(at); at += 2) {
    if (!add(tokens[at].text)) return std::nullopt;
    if (tokens[at + 1].kind == Token::Kind::kEnd) return key;
    if (tokens[at + 1].text != ",") return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> value(const Token& token, bool negative, const KeyColumn& column, Scale scale) {
  if (token.kind == Token::Kind::kWord && base::equals_ignoring_case(token.text, "maxvalue")) return "MAXVALUE";
  if (token.kind == Token::Kind::kNumber && scale != Scale::kNumber) {
    std::int64_t number = 0;
    std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
    return moment(negative ? -number : number, scale, column);
  }
  if (token.kind == Token::Kind::kNumber && column.kind == KeyColumn::Kind::kWhole)
    return (negative ? "-" : "") + token.text;
  const bool date = column.kind == KeyColumn::Kind::kDate || column.kind == KeyColumn::Kind::kDateTime;
  if (token.kind == Token::Kind::kText && date && !token.text.starts_with("0000")) return literal(token.text);
  return std::nullopt;
}

// The values of a bound, one a column of the key; for lists one after the other.
std::optional<std::vector<std::string>> values(const std::string& description, const Key& key, bool list) {
  const std::vector<Token> tokens = tokens_of(description);
  std::vector<std::string> out;
  for (std::size_t at = 0; tokens[at].kind != Token::Kind::kEnd; ++at) {
    if (tokens[at].text == ",") continue;
    const bool negative = tokens[at].text == "-" && tokens[at].kind == Token::Kind::kSymbol;
    if (negative) ++at;
    const KeyColumn& column = key.columns[list ? 0 : std::min(out.size(), key.columns.size() - 1)];
    if (list && tokens[at].kind == Token::Kind::kWord && base::equals_ignoring_case(tokens[at].text, "null")) {
      out.emplace_back("NULL");
      continue;
    }
    const auto one = value(tokens[at], negative, column, key.scale);
    if (!one) return std::nullopt;
    out.push_back(*one);
  }
  return out;
}

Partitioning by_range(const TableRow& table, const Key& key, std::string names) {
  for (const KeyColumn& column : key.columns) {
    if (column.nullable) return refused("rows with a null in the partition key have no range on the target");
  }
  Partitioning out{.by = "RANGE (" + std::move(names) + ")"};
  std::string from = "MINVALUE";
  for (std::size_t i = 1; i < key.columns.size(); ++i) from += ", MINVALUE";
  for (const PartitionRow& part : table.partitions) {
    const auto bound = values(part.description, key, false);
    if (!bound || bound->size() != key.columns.size())
      return refused(fmt::format("the bound {} of partition {} has no certain form", part.description, part.name));
    const std::string to = base::join(*bound, ", ");
    out.parts.push_back({part.name, fmt::format("FOR VALUES FROM ({}) TO ({})", from, to)});
    from = to;
  }
  return out;
}

Partitioning by_list(const TableRow& table, const Key& key, std::string names) {
  if (key.columns.size() != 1) return refused("lists over several columns");
  if (key.scale != Scale::kNumber) return refused("lists of an expression");
  Partitioning out{.by = "LIST (" + std::move(names) + ")"};
  for (const PartitionRow& part : table.partitions) {
    const auto list = values(part.description, key, true);
    if (!list)
      return refused(fmt::format("the values {} of partition {} have no certain form", part.description, part.name));
    out.parts.push_back({part.name, fmt::format("FOR VALUES IN ({})", base::join(*list, ", "))});
  }
  return out;
}

// Which row goes where differs from the source, but each goes to exactly one of as many.
Partitioning by_hash(const TableRow& table, const Key& key, std::string names) {
  if (key.scale != Scale::kNumber) return refused("hashes of an expression");
  Partitioning out{.by = "HASH (" + std::move(names) + ")"};
  for (std::size_t i = 0; i < table.partitions.size(); ++i) {
    out.parts.push_back({table.partitions[i].name,
                         fmt::format("FOR VALUES WITH (MODULUS {}, REMAINDER {})", table.partitions.size(), i)});
  }
  return out;
}

}  // namespace

Partitioning convert_partitions(const TableRow& table, const Column& column) {
  const std::string method = table.partitions.front().method;
  std::string expression = table.partitions.front().expression;
  // KEY() without columns goes by the primary key.
  if (expression.empty()) {
    for (const IndexRow& index : table.indexes) {
      if (index.name != "PRIMARY") continue;
      for (const IndexPart& part : index.parts) expression += (expression.empty() ? "`" : ",`") + part.column + "`";
    }
  }
  const std::optional<Key> key = read_key(expression, column);
  if (!key || key->columns.empty()) return refused(fmt::format("{} by {}", method, expression));
  std::string names;
  for (const KeyColumn& one : key->columns) {
    if (one.narrow_text && method.find("HASH") == std::string::npos && method.find("KEY") == std::string::npos)
      return refused("texts sort by another collation on the target");
    names += (names.empty() ? "" : ", ") + one.sql;
  }
  if (method.starts_with("RANGE")) return by_range(table, *key, std::move(names));
  if (method.starts_with("LIST")) return by_list(table, *key, std::move(names));
  return by_hash(table, *key, std::move(names));
}

}  // namespace voyager::mysql
