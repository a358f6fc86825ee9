// What changed between two texts, line by line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::report {

enum class LineChange : std::uint8_t { kKept, kRemoved, kAdded };
struct DiffLine {
  LineChange change = LineChange::kKept;
  std::string text = {};
};

/// Removed lines stand before the added ones that replace them. Texts of more than a few hundred lines that differ in
/// the middle are told as removed and added whole: finding the least difference would take too long.
std::vector<DiffLine> line_diff(std::string_view before, std::string_view after);
/// Lines with "-", "+" or a blank in front; every line of both texts. Empty when they are equal.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace voyager::report
