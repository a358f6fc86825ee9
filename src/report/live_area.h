// The bytes that keep a few lines at the bottom of a terminal up to date.
#pragma once

#include <string>
#include <vector>

namespace voyager::report {

/// Knows what it drew last. The cursor rests on the line below the area and is hidden only inside one returned string,
/// which is written at once: whatever ends the process, the cursor is visible and on a line of its own. Used by one
/// thread.
class LiveArea {
 public:
  /// Prints `lines` above the area and replaces the area by `live`. `columns` is the terminal's width now: lines that a
  /// narrower terminal has wrapped are counted as such. Empty when there is nothing to do.
  std::string update(const std::vector<std::string>& lines, const std::vector<std::string>& live, int columns);
  /// Takes the area off the screen, for a question or the end.
  std::string clear(int columns);

 private:
  std::vector<std::string> drawn_ = {};
};

}  // namespace voyager::report
