#include "connectors/mysql/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace voyager::mysql {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int number(std::string_view digits) {
  int out = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

void append_hex(std::string_view bytes, std::string_view digits, std::string& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

// A column with ZEROFILL pads what it shows.
std::string_view without_padding(std::string_view text) {
  std::size_t zeros = 0;
  while (zeros + 1 < text.size() && text[zeros] == '0' && is_digit(text[zeros + 1])) ++zeros;
  return text.substr(zeros);
}

// The target trims zeros at the end of a fraction, and the point when nothing is left of it.
std::string_view without_zeros(std::string_view text) {
  if (text.find('.') == std::string_view::npos) return text;
  while (text.ends_with('0')) text.remove_suffix(1);
  if (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

// Null for a date that both sides have.
const char* fault_of_date(std::string_view text) {
  if (text.size() < 10) return "no date";
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(5, 2));
  const int day = number(text.substr(8, 2));
  if (year == 0 && month == 0 && day == 0) return "a zero date";
  if (month == 0 || day == 0) return "a date with a zero month or day";
  if (year == 0) return "a date of the year 0";
  constexpr std::array<int, 13> kDays = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 0 || month < 0 || month > 12 || day < 0) return "no date";
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > kDays.at(static_cast<std::size_t>(month)) || (month == 2 && day == 29 && !leap))
    return "a day that its month does not have";
  return nullptr;
}

const char* fault_of_time(std::string_view text) {
  if (text.starts_with('-')) return "a negative time";
  const std::size_t colon = text.find(':');
  const int hours = number(text.substr(0, colon));
  // 24:00:00 is a time of the target too.
  if (hours > 24 || (hours == 24 && text.find_first_of("123456789", colon) != std::string_view::npos))
    return "a time of more than 24 hours";
  return nullptr;
}

double as_double(std::string_view raw) {
  double value = 0;
  std::from_chars(raw.data(), raw.data() + raw.size(), value);
  return value;
}

const char* shape(std::string_view raw, std::string& scratch, std::string_view& out) {
  constexpr std::size_t kHeader = 9;  // SRID, byte order, type
  if (raw.size() < kHeader || raw[4] != 1) return "a shape in an unknown form";
  const std::string_view srid = raw.substr(0, 4);
  const bool with_srid = srid != std::string_view("\0\0\0\0", 4);
  std::string type(raw.substr(5, 4));
  if (with_srid) type[3] = static_cast<char>(static_cast<unsigned char>(type[3]) | 0x20U);
  scratch.clear();
  append_hex(raw.substr(4, 1), kUpperHex, scratch);
  append_hex(type, kUpperHex, scratch);
  if (with_srid) append_hex(srid, kUpperHex, scratch);
  append_hex(raw.substr(kHeader), kUpperHex, scratch);
  out = scratch;
  return nullptr;
}

const char* fault_of_text(std::string_view text) {
  const auto bad = base::first_bad_byte(text);
  if (!bad) return nullptr;
  return text[*bad] == '\0' ? "a zero byte in a text" : "bytes that are no characters";
}

// As its form alone says.
const char* by_form(const SourceType& type, std::string_view raw, std::string& scratch, std::string_view& out) {
  out = raw;
  switch (type.form) {
    case Form::kInteger:
    case Form::kDecimal:
      if (type.zerofill) out = without_padding(raw);
      return nullptr;
    case Form::kYear:
      out = without_padding(raw);
      return nullptr;
    case Form::kFloat:
    case Form::kDouble: {
      scratch.resize(40);
      const double value = as_double(raw);
      const auto end = type.form == Form::kFloat
                           ? std::to_chars(scratch.data(), scratch.data() + scratch.size(), static_cast<float>(value))
                           : std::to_chars(scratch.data(), scratch.data() + scratch.size(), value);
      out = std::string_view(scratch.data(), static_cast<std::size_t>(end.ptr - scratch.data()));
      return nullptr;
    }
    case Form::kBoolean:
      out = !raw.empty() && raw.back() != '\0' && raw.back() != '0' ? "t" : "f";
      return nullptr;
    case Form::kBits: {
      scratch.clear();
      for (const char c : raw) {
        for (unsigned bit = 8; bit-- > 0;) scratch += ((static_cast<unsigned char>(c) >> bit) & 1U) != 0 ? '1' : '0';
      }
      const auto length = static_cast<std::size_t>(bits_of(type));
      if (scratch.size() < length) scratch.insert(0, length - scratch.size(), '0');
      out = std::string_view(scratch).substr(scratch.size() - length);
      return nullptr;
    }
    case Form::kBytes:
      scratch = "\\x";
      append_hex(raw, kHex, scratch);
      out = scratch;
      return nullptr;
    case Form::kDate:
      return fault_of_date(raw);
    case Form::kDateTime:
      out = without_zeros(raw);
      return fault_of_date(raw);
    case Form::kTimestamp:
      (scratch = without_zeros(raw)) += "+00";
      out = scratch;
      return fault_of_date(raw);
    case Form::kTime:
      out = without_zeros(raw);
      return fault_of_time(raw);
    case Form::kEnum:
      if (raw.empty() && std::ranges::find(type.labels, "") == type.labels.end()) return "an enum's error value ''";
      return fault_of_text(raw);
    case Form::kGeometry:
      return shape(raw, scratch, out);
    case Form::kText:
    case Form::kSet:
    case Form::kJson:
    case Form::kOther:
      break;
  }
  return fault_of_text(raw);
}

const char* whole_number(std::string_view digits, std::int64_t least, std::int64_t most, const char* fault) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool good = error == std::errc() && end == digits.data() + digits.size() && number >= least && number <= most;
  return good ? nullptr : fault;
}

const char* uuid(bool bytes, std::string_view raw, std::string& scratch, std::string_view& out) {
  constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};
  if (bytes) {
    if (raw.size() != 16) return "bytes that are no UUID";
    scratch.clear();
    append_hex(raw, kHex, scratch);
    for (const std::size_t at : kDashes) scratch.insert(at, 1, '-');
    out = scratch;
    return nullptr;
  }
  scratch = base::lower(raw);
  bool good = scratch.size() == 36;
  for (std::size_t i = 0; good && i < scratch.size(); ++i) {
    const bool dash = std::ranges::find(kDashes, i) != kDashes.end();
    good = dash ? scratch[i] == '-' : kHex.find(scratch[i]) != std::string_view::npos;
  }
  out = scratch;
  return good ? nullptr : "a text that is no UUID";
}

}  // namespace

const char* canonical(const SourceType& type, std::string_view raw, std::string& scratch, std::string_view& out) {
  if (type.recast == Recast::kNone) return by_form(type, raw, scratch, out);
  if (type.recast == Recast::kDuration) {
    out = without_zeros(raw);
    return nullptr;
  }
  if (type.recast == Recast::kUuid) return uuid(type.form == Form::kBytes, raw, scratch, out);
  if (const char* fault = by_form(type, raw, scratch, out); fault != nullptr) return fault;
  switch (type.recast) {
    case Recast::kTruth:
      if (out != "0" && out != "1") return "a number that is neither 0 nor 1";
      out = out == "1" ? "t" : "f";
      return nullptr;
    case Recast::kSmallint:
      return whole_number(out, std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max(),
                          "a number beyond smallint");
    case Recast::kInteger:
      return whole_number(out, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(),
                          "a number beyond integer");
    case Recast::kBigint:
      return whole_number(out, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                          "a number beyond bigint");
    case Recast::kMoment:
      scratch = std::string(out) + "+00";
      out = scratch;
      return nullptr;
    case Recast::kLocal:
      out.remove_suffix(3);
      return nullptr;
    case Recast::kNone:
    case Recast::kDuration:
    case Recast::kUuid:
      break;
  }
  return nullptr;
}

void float_bits(const SourceType& type, std::string_view raw, std::string& out) {
  const double value = as_double(raw);
  const bool single = type.form == Form::kFloat;
  const std::uint64_t bits =
      single ? std::bit_cast<std::uint32_t>(static_cast<float>(value)) : std::bit_cast<std::uint64_t>(value);
  out = "\\x";
  for (unsigned nibble = single ? 8 : 16; nibble-- > 0;) out += kHex[(bits >> (4 * nibble)) & 15U];
}

std::optional<std::string> repaired(const SourceType& type, std::string_view text) {
  if (type.form != Form::kText || type.recast != Recast::kNone) return std::nullopt;
  // Nearly all texts: nothing to look at.
  if (std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return std::nullopt;
  // U+20AC and others lie at 0x80 to 0x9F of cp1252; its five holes are the control characters of their number.
  constexpr std::array<std::uint32_t, 32> kHigh = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : (first < 0xE0 ? 2 : 3);
    if (first >= 0xF0 || at + length > text.size()) return std::nullopt;
    std::uint32_t code = length == 1 ? first : first & (length == 2 ? 0x1FU : 0x0FU);
    for (std::size_t i = 1; i < length; ++i) code = code << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    at += length;
    const auto* const high = std::ranges::find(kHigh, code);
    if (high != kHigh.end()) {
      bytes += static_cast<char>(0x80 + (high - kHigh.begin()));
    } else if (code < 0x80 || (code >= 0xA0 && code <= 0xFF)) {
      bytes += static_cast<char>(code);
    } else {
      return std::nullopt;
    }
  }
  return base::first_bad_byte(bytes) ? std::nullopt : std::optional(std::move(bytes));
}

void append_copy_text(std::string_view value, std::string& row) {
  // What stands behind the backslash, by the byte that it stands for; 0: the byte stays.
  static constexpr auto kEscape = [] {
    constexpr std::string_view kSpecial = "\\\n\r\t\b\f\v";
    constexpr std::string_view kNames = "\\nrtbfv";
    std::array<char, 256> out = {};
    for (std::size_t i = 0; i < kSpecial.size(); ++i) out[static_cast<unsigned char>(kSpecial[i])] = kNames[i];
    return out;
  }();
  std::size_t from = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char escape = kEscape[static_cast<unsigned char>(value[at])];
    if (escape == '\0') continue;
    row.append(value, from, at - from);
    (row += '\\') += escape;
    from = at + 1;
  }
  row.append(value, from, value.size() - from);
}

std::vector<ValueRule> parse_rules(const std::vector<std::string>& texts) {
  std::vector<ValueRule> rules;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::size_t dot = text.find('.');
    const std::string action = equals == std::string::npos ? "" : text.substr(equals + 1);
    ValueRule rule;
    bool good = equals != std::string::npos && dot < equals && dot > 0 && dot + 1 < equals;
    if (action == "null") {
      rule.action = RuleAction::kNull;
    } else if (action == "reject") {
      rule.action = RuleAction::kReject;
    } else if (action == "repair") {
      rule.action = RuleAction::kRepair;
    } else if (action.starts_with("replace:")) {
      rule.action = RuleAction::kReplace;
      rule.value = action.substr(std::string_view("replace:").size());
    } else {
      good &= action == "stop";
    }
    if (!good) {
      base::fail(base::ExitCode::kUsage, fmt::format("--value-rules: \"{}\" is no rule", text),
                 "a rule is TABLE.COLUMN=ACTION, and ACTION is stop, null, reject, repair or replace:VALUE",
                 {"for instance: --value-rules 'orders.shipped_at=null,*.created=replace:1970-01-01'"});
    }
    rule.table = text.substr(0, dot);
    rule.column = text.substr(dot + 1, equals - dot - 1);
    rules.push_back(std::move(rule));
  }
  return rules;
}

const ValueRule* rule_for(const std::vector<ValueRule>& rules, std::string_view table, std::string_view column) {
  const auto matches = [](const std::string& pattern, std::string_view name) {
    return base::glob_match(base::lower(pattern), base::lower(name));
  };
  const auto found = std::ranges::find_if(
      rules, [&](const ValueRule& one) { return matches(one.table, table) && matches(one.column, column); });
  return found == rules.end() ? nullptr : &*found;
}

std::string_view word_of(RuleAction action) {
  switch (action) {
    case RuleAction::kNull:
      return "null";
    case RuleAction::kReplace:
      return "replace";
    case RuleAction::kReject:
      return "reject";
    case RuleAction::kRepair:
      return "repair";
    case RuleAction::kStop:
      break;
  }
  return "stop";
}

}  // namespace voyager::mysql
