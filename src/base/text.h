// Small helpers on text that the standard library lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::base {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);
/// Runs of white space as one blank, none at either end.
std::string one_line(std::string_view text);
/// The beginning of UTF-8 text: as many whole characters as `bytes_max` bytes hold.
std::string_view beginning(std::string_view text, std::size_t bytes_max);
/// ASCII letters only: identifiers are folded as PostgreSQL folds them.
std::string lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
/// Shell-style pattern: `*`, `?`, `[a-z]`, `[!a-z]` (characters are UTF-8); the whole text must match.
bool glob_match(std::string_view pattern, std::string_view text);
/// The candidate with the fewest edits to `word`, when that is at most a third of its length (at least 1); else
/// nothing.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);
/// true t y yes 1 / false f n no 0, in any case; nothing else.
std::optional<bool> parse_bool(std::string_view text);
/// A random version 4 UUID in lower-case text form.
std::string new_uuid();
/// "1.4 GiB", "512 B": IEC units, one decimal from KiB on.
std::string format_bytes(std::uint64_t bytes);
/// "1,234,567".
std::string format_count(std::uint64_t number);
/// "12s", "4m 05s", "2h 07m".
std::string format_duration(double seconds);

}  // namespace voyager::base
