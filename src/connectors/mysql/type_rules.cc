#include "connectors/mysql/type_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace voyager::mysql {
namespace {

// A name of a type and the numbers behind it; -1: none.
struct Wanted {
  std::string name = {};
  int first = -1;
  int second = -1;
};

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : base::trim(text)) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  return base::lower(out);
}

std::optional<Wanted> parse_wanted(std::string_view text) {
  std::string name = squeezed(text);
  Wanted out;
  if (const std::size_t open = name.find('('); open != std::string::npos) {
    const std::size_t close = name.find(')', open);
    if (close == std::string::npos) return std::nullopt;
    const auto read = [](std::string_view digits, int& into) {
      digits = base::trim(digits);
      const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
      return fault == std::errc() && end == digits.data() + digits.size() && into >= 0;
    };
    const std::string inside = name.substr(open + 1, close - open - 1);
    const std::size_t comma = inside.find(',');
    if (!read(std::string_view(inside).substr(0, comma), out.first)) return std::nullopt;
    if (comma != std::string::npos && !read(std::string_view(inside).substr(comma + 1), out.second))
      return std::nullopt;
    name = squeezed(name.substr(0, open) + name.substr(close + 1));
  }
  struct Alias {
    std::string_view name = {};
    std::string_view full = {};
  };
  constexpr std::array kAliases = {
      Alias{"bool", "boolean"},
      Alias{"int", "integer"},
      Alias{"int2", "smallint"},
      Alias{"int4", "integer"},
      Alias{"int8", "bigint"},
      Alias{"decimal", "numeric"},
      Alias{"varchar", "character varying"},
      Alias{"timestamptz", "timestamp with time zone"},
      Alias{"timestamp", "timestamp without time zone"},
  };
  const auto* const alias = std::ranges::find(kAliases, std::string_view(name), &Alias::name);
  out.name = alias == kAliases.end() ? name : std::string(alias->full);
  return out;
}

// Digits of the largest number of the type.
int digits_of(const SourceType& type) {
  switch (whole_of(type)) {
    case Whole::kSmallint:
      return 5;
    case Whole::kInteger:
    case Whole::kBigint:
      return type.name == "bigint" ? 19 : 10;
    case Whole::kNumeric:
      break;
  }
  return 20;
}

std::optional<Recasted> whole_target(const SourceType& type, const Wanted& wanted) {
  struct Size {
    std::string_view name = {};
    Whole whole = Whole::kSmallint;
    Recast recast = Recast::kNone;
  };
  constexpr std::array kSizes = {Size{"smallint", Whole::kSmallint, Recast::kSmallint},
                                 Size{"integer", Whole::kInteger, Recast::kInteger},
                                 Size{"bigint", Whole::kBigint, Recast::kBigint}};
  const auto* const size = std::ranges::find(kSizes, std::string_view(wanted.name), &Size::name);
  if (size == kSizes.end() || wanted.first >= 0) return std::nullopt;
  const bool fits = type.form == Form::kYear || (type.form == Form::kInteger && whole_of(type) <= size->whole);
  return Recasted{target_type(size->whole), fits ? Recast::kNone : size->recast};
}

std::optional<Recasted> number_target(const SourceType& type, const Wanted& wanted) {
  if (wanted.name == "boolean" && type.form == Form::kInteger) return Recasted{{"boolean", "bool"}, Recast::kTruth};
  const bool whole = type.form != Form::kDecimal || type.scale == 0;
  if (auto found = whole ? whole_target(type, wanted) : std::nullopt) return found;
  if (wanted.name != "numeric") return std::nullopt;
  if (wanted.first < 0) return Recasted{{"numeric", "numeric"}};
  const int digits = type.form == Form::kDecimal ? type.length : digits_of(type);
  const int scale = std::max(wanted.second, 0);
  if (wanted.first < digits || scale != type.scale) return std::nullopt;
  return Recasted{{fmt::format("numeric({},{})", wanted.first, scale), "numeric"}};
}

// Characters, which in UTF-8 begin with other bytes than they go on with.
int characters_of(std::string_view text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// What the longest value takes as a text; -1: not known.
int longest_text(const SourceType& type) {
  switch (type.form) {
    case Form::kText:
      return type.length > 0 ? type.length : -1;
    case Form::kInteger: {
      const int sign = type.is_unsigned ? 0 : 1;
      if (type.name == "tinyint") return 3 + sign;
      if (type.name == "smallint") return 5 + sign;
      if (type.name == "mediumint") return 8;  // 16777215, -8388608
      return digits_of(type) + sign;
    }
    case Form::kDecimal:  // A zero in front of the point, where all digits are behind it.
      return type.length + (type.scale > 0 ? 1 : 0) + (type.scale == type.length ? 1 : 0) + (type.is_unsigned ? 0 : 1);
    case Form::kYear:
      return 4;
    case Form::kEnum:
    case Form::kSet: {
      int most = 0, all = -1;
      for (const std::string& label : type.labels) {
        most = std::max(most, characters_of(label));
        all += characters_of(label) + 1;
      }
      return type.form == Form::kEnum ? most : std::max(all, 0);
    }
    default:
      return -1;
  }
}

std::optional<Recasted> text_target(const SourceType& type, const Wanted& wanted) {
  if (wanted.name == "text" && wanted.first < 0) return Recasted{{"text", ""}};
  if (wanted.name != "character varying") return std::nullopt;
  if (wanted.first < 0) return Recasted{{"character varying", ""}};
  const int longest = longest_text(type);
  if (longest < 0 || wanted.first < longest || wanted.first == 0) return std::nullopt;
  return Recasted{{fmt::format("character varying({})", wanted.first), ""}};
}

std::string with_digits(const SourceType& type, std::string_view zone) {
  return fmt::format("timestamp({}) {}", std::max(type.length, 0), zone);
}

}  // namespace

std::vector<TypeRule> parse_type_rules(const std::vector<std::string>& texts) {
  std::vector<std::string> whole;
  int open = 0;
  for (const std::string& text : texts) {
    if (open > 0) {
      whole.back() += "," + text;
    } else {
      whole.push_back(text);
    }
    open += static_cast<int>(std::ranges::count(text, '(') - std::ranges::count(text, ')'));
  }
  std::vector<TypeRule> rules;
  for (const std::string& text : whole) {
    const std::size_t equals = text.rfind('=');
    const std::string left = equals == std::string::npos ? "" : std::string(base::trim(text.substr(0, equals)));
    const std::size_t colon = std::min(left.find(':'), left.size());
    const std::string names = left.substr(0, colon);
    const std::size_t dot = names.find('.');
    TypeRule rule{.source_type = colon < left.size() ? squeezed(left.substr(colon + 1)) : "",
                  .target = equals == std::string::npos ? "" : squeezed(text.substr(equals + 1)),
                  .text = text};
    const bool named = dot != std::string::npos && dot > 0 && dot + 1 < names.size();
    if (rule.target.empty() || !(named || (names.empty() && !rule.source_type.empty()))) {
      base::fail(
          base::ExitCode::kUsage, fmt::format("--type-rules: \"{}\" is no rule", text),
          "a rule is TABLE.COLUMN=TYPE, :SOURCE-TYPE=TYPE, or TABLE.COLUMN:SOURCE-TYPE=TYPE",
          {"for instance: --type-rules 'orders.paid=boolean,*.is_*:tinyint(1)=boolean,:bigint*unsigned=bigint'"});
    }
    if (named) {
      rule.table = names.substr(0, dot);
      rule.column = names.substr(dot + 1);
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

const TypeRule* type_rule_for(const std::vector<TypeRule>& rules, std::string_view table, std::string_view column,
                              std::string_view source_type) {
  const auto matches = [](const std::string& pattern, std::string_view name) {
    return pattern.empty() || base::glob_match(base::lower(pattern), base::lower(name));
  };
  const auto found = std::ranges::find_if(rules, [&](const TypeRule& one) {
    return matches(one.table, table) && matches(one.column, column) && matches(one.source_type, source_type);
  });
  return found == rules.end() ? nullptr : &*found;
}

std::vector<std::string> unused_type_rules(const Catalog& catalog) {
  const std::vector<TypeRule> rules = parse_type_rules(catalog.type_rules);
  std::set<const TypeRule*> used;
  for (const TableRow& table : catalog.tables) {
    for (const ColumnRow& column : table.columns)
      used.insert(type_rule_for(rules, table.name, column.name, column.type));
  }
  std::vector<std::string> out;
  for (const TypeRule& rule : rules) {
    if (!used.contains(&rule)) out.push_back(rule.text);
  }
  return out;
}

std::optional<Recasted> recast(const SourceType& type, std::string_view text) {
  const std::optional<Wanted> wanted = parse_wanted(text);
  if (!wanted) return std::nullopt;
  const bool bare = wanted->first < 0;
  switch (type.form) {
    case Form::kInteger:
    case Form::kYear:
    case Form::kDecimal:
      if (auto found = number_target(type, *wanted)) return found;
      return text_target(type, *wanted);
    case Form::kText:
      if (wanted->name == "uuid" && bare) return Recasted{{"uuid", ""}, Recast::kUuid};
      return text_target(type, *wanted);
    case Form::kEnum:
    case Form::kSet:
      return text_target(type, *wanted);
    case Form::kBytes:
      if (wanted->name == "uuid" && bare && type.name == "binary" && type.length == 16)
        return Recasted{{"uuid", ""}, Recast::kUuid};
      return std::nullopt;
    case Form::kDateTime:
      if (wanted->name != "timestamp with time zone") return std::nullopt;
      return Recasted{{with_digits(type, "with time zone"), ""}, Recast::kMoment};
    case Form::kTimestamp:
      if (wanted->name != "timestamp without time zone") return std::nullopt;
      return Recasted{{with_digits(type, "without time zone"), ""}, Recast::kLocal};
    case Form::kTime:
      if (wanted->name == "interval" && bare) return Recasted{{"interval", ""}, Recast::kDuration};
      return std::nullopt;
    case Form::kJson:
      return wanted->name == "text" && bare ? std::optional(Recasted{{"text", ""}}) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string recasts_of(const SourceType& type) {
  const int longest = longest_text(type);
  const std::string texts =
      "text, varchar" + (longest > 0 ? fmt::format(" (of {} characters or more)", longest) : std::string());
  switch (type.form) {
    case Form::kInteger:
      return "boolean, smallint, integer, bigint, numeric of enough digits, " + texts;
    case Form::kYear:
      return "smallint, integer, bigint, numeric, " + texts;
    case Form::kDecimal:
      return (type.scale == 0 ? "smallint, integer, bigint, " : "") +
             ("numeric of the same scale and enough digits, " + texts);
    case Form::kText:
      return texts + ", uuid";
    case Form::kEnum:
    case Form::kSet:
      return texts;
    case Form::kBytes:
      return type.name == "binary" && type.length == 16 ? "uuid" : "no other type";
    case Form::kDateTime:
      return "timestamp with time zone (its values are read as UTC)";
    case Form::kTimestamp:
      return "timestamp without time zone (in UTC)";
    case Form::kTime:
      return "interval";
    case Form::kJson:
      return "text";
    default:
      return "no other type";
  }
}

}  // namespace voyager::mysql
