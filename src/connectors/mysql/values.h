// A value as the source's text protocol has it, in the text form that PostgreSQL prints. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/column_type.h"

namespace voyager::mysql {

/// Sets `out` to the target's text of `raw`, which lives as long as `raw` and `scratch`. Returns null, or what is wrong
/// with a value that the target cannot hold ("a zero date"); `out` is then undefined. Floats must have been read as
/// doubles.
const char* canonical(const SourceType& type, std::string_view raw, std::string& scratch, std::string_view& out);

/// The bits of a float or double (`raw` as `canonical` takes it), as PostgreSQL's send function gives them, in the text
/// form of bytea.
void float_bits(const SourceType& type, std::string_view raw, std::string& out);

inline constexpr std::string_view kEncodedTwice = "a text that was encoded twice";

/// A text whose characters, written in latin1 (MySQL's, which is cp1252), are UTF-8 with characters beyond ASCII: that
/// UTF-8. Nothing for all others, and for what is no text.
std::optional<std::string> repaired(const SourceType& type, std::string_view text);

/// Appends a value to a row in COPY's text form.
void append_copy_text(std::string_view value, std::string& row);

enum class RuleAction : std::uint8_t { kStop, kNull, kReplace, kReject, kRepair };

/// What is to become of values that the target cannot hold. Written TABLE.COLUMN=ACTION, where both names may be
/// patterns and ACTION is stop, null, reject, replace:VALUE or repair (of texts that were encoded twice).
struct ValueRule {
  std::string table = {};
  std::string column = {};
  RuleAction action = RuleAction::kStop;
  std::string value = {};  ///< Of kReplace: as PostgreSQL's text.
};

/// Throws Error (kUsage) on what is no rule.
std::vector<ValueRule> parse_rules(const std::vector<std::string>& texts);

/// The first rule for the column, by its names on the source; null where there is none.
const ValueRule* rule_for(const std::vector<ValueRule>& rules, std::string_view table, std::string_view column);

std::string_view word_of(RuleAction action);

}  // namespace voyager::mysql
