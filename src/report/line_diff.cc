#include "report/line_diff.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace voyager::report {
namespace {

using Lines = std::span<const std::string>;

// A table of this many cells is made at most.
constexpr std::size_t kCellsMax = 250'000;

void add_all(std::vector<DiffLine>& out, Lines lines, LineChange change) {
  for (const std::string& line : lines) out.push_back({change, line});
}

/// Longest common subsequence: cell (i, j) is its length for what is left from line i of `a` and line j of `b` on.
std::vector<DiffLine> least_diff(Lines a, Lines b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> cells((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      cells[i * width + j] = a[i] == b[j] ? cells[(i + 1) * width + j + 1] + 1
                                          : std::max(cells[(i + 1) * width + j], cells[i * width + j + 1]);
    }
  }
  std::vector<DiffLine> out;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i] == b[j]) {
      out.push_back({LineChange::kKept, a[i]});
      ++i, ++j;
    } else if (cells[(i + 1) * width + j] >= cells[i * width + j + 1]) {
      out.push_back({LineChange::kRemoved, a[i++]});
    } else {
      out.push_back({LineChange::kAdded, b[j++]});
    }
  }
  add_all(out, a.subspan(i), LineChange::kRemoved);
  add_all(out, b.subspan(j), LineChange::kAdded);
  return out;
}

}  // namespace

std::vector<DiffLine> line_diff(std::string_view before, std::string_view after) {
  const std::vector<std::string> left = before.empty() ? std::vector<std::string>{} : base::split(before, '\n');
  const std::vector<std::string> right = after.empty() ? std::vector<std::string>{} : base::split(after, '\n');
  Lines a(left);
  Lines b(right);
  std::vector<DiffLine> out;
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    out.push_back({LineChange::kKept, a.front()});
    a = a.subspan(1), b = b.subspan(1);
  }
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[a.size() - 1 - same] == b[b.size() - 1 - same]) ++same;
  const Lines tail = a.last(same);
  a = a.first(a.size() - same), b = b.first(b.size() - same);
  if ((a.size() + 1) * (b.size() + 1) <= kCellsMax) {
    const std::vector<DiffLine> middle = least_diff(a, b);
    out.insert(out.end(), middle.begin(), middle.end());
  } else {
    add_all(out, a, LineChange::kRemoved);
    add_all(out, b, LineChange::kAdded);
  }
  add_all(out, tail, LineChange::kKept);
  return out;
}

std::string unified_diff(std::string_view before, std::string_view after) {
  if (before == after) return {};
  std::string text;
  for (const DiffLine& line : line_diff(before, after)) {
    text += line.change == LineChange::kKept ? ' ' : line.change == LineChange::kRemoved ? '-' : '+';
    text += line.text + "\n";
  }
  return text;
}

}  // namespace voyager::report
