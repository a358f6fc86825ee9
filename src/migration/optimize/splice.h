// Changing places of a text and leaving all the rest as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::migration {

/// What stands at [begin, end) is replaced.
struct Splice {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text = {};
};

/// `splices` in the order of the text, not overlapping.
std::string spliced(std::string_view text, const std::vector<Splice>& splices);

bool has_semicolon(std::string_view sql);

/// A statement without its semicolon and without what stands behind it.
std::string_view without_end(std::string_view sql);

}  // namespace voyager::migration
