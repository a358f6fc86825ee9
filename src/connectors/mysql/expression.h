// An expression of MySQL as one of PostgreSQL that means the same, or not at all. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/tokens.h"

namespace voyager::mysql {

/// What is known of a value's type; operators mean the same on both sides only between some of them.
enum class Kind : std::uint8_t {
  kNull,
  kInteger,
  kNumber,  ///< Exact, with a fraction.
  kFloat,
  kText,
  kDate,
  kDateTime,
  kTimestamp,
  kTime,
  kBoolean,  ///< What a comparison gives.
  kEnum,
  kOther,
};

/// Whole numbers from one to another. As doubles: exact where the 32 bits end, and near enough at 64.
struct Range {
  double least = -0x1p63;
  double most = 0x1p63;

  bool holds(const Range& other) const { return least <= other.least && other.most <= most; }
};

struct Operand {
  std::string sql = {};
  Kind kind = Kind::kOther;
  bool narrow = false;       ///< An integer or a float below 64 bits: arithmetic of the target stays there.
  Range range = {};          ///< Of a whole number: what it can be on the source.
  bool is_unsigned = false;  ///< A whole number that makes unsigned what is computed of it there: an error below zero.
  bool padded = false;       ///< Its text has zeros in front there.
  bool year = false;         ///< Of the type year: a number below 100 beside it is a year of 1970 to 2069 there.
  std::string charset = {};  ///< Of a text, on the source; "several" where it may be one or another.
  double bytes_most = 0x1p32;                        ///< Of a text in UTF-8.
  int digits = 6;                                    ///< Of a moment: those behind its seconds.
  const std::vector<std::string>* labels = nullptr;  ///< Of an enum.
  std::optional<std::string> text = {};              ///< Of a text literal.
  bool aggregate = false;
  bool now = false;  ///< The present moment.
};

struct Translation {
  std::optional<Operand> value = {};
  std::string why_not = {};  ///< Names the construct.
  int line = 1;              ///< Of the text, where the construct stands.
};

/// What a name means: one part, or several from the left. Nothing: no such column.
using Resolve = std::function<std::optional<Operand>(const std::vector<std::string>&)>;

/// Of a text that is made of texts of these two.
std::string common_charset(const std::string& a, const std::string& b);

/// Texts are never compared, as the source's collations ignore case and trailing blanks: that is refused.
Translation translate(std::string_view expression, const Resolve& resolve);
/// Of tokens without an end.
Translation translate(std::span<const Token> tokens, const Resolve& resolve);

/// `value` where the target wants a truth; nothing when it is none.
std::optional<std::string> as_condition(const Operand& value);

}  // namespace voyager::mysql
