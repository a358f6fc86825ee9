// The text of CREATE INDEX with conditions added.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace voyager::analysis {

/// A column's name as SQL, quoted where it has to be.
std::string quoted_name(std::string_view name);
/// A value as SQL: numbers and booleans bare when the column's type is one, else as a string.
std::string literal(std::string_view value, std::string_view base_type);
/// `statement` is CREATE INDEX; its condition, if it has one, and all of `conditions` are joined with AND.
std::string with_conditions(std::string_view statement, std::span<const std::string> conditions);

}  // namespace voyager::analysis
