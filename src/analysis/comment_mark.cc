#include "analysis/comment_mark.h"

#include <algorithm>

#include "base/text.h"

namespace voyager::analysis {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}

/// As a word of its own: "unsupported_types" is a name.
bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const bool begins = at == 0 || !is_letter(line[at - 1]);
    const bool ends = at + word.size() == line.size() || !is_letter(line[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

void read_line(std::string_view original, CommentMarks& marks) {
  const std::string line = base::lower(base::trim(original));
  // What pg_dump writes about an object names it, whatever its name is.
  if (!line.starts_with("--") || line.starts_with("-- name:")) return;
  if (has_word(line, "unsupported")) marks.unsupported = true;
  if (line.find("please edit to match postgresql syntax") != std::string::npos) {
    const bool package = line.find("oracle package") != std::string::npos;
    (package ? marks.package : marks.edit) = true;
  }
  if (line.find("inherited types are not supported") != std::string::npos)
    marks.sentence = base::trim(base::trim(original).substr(2));
}

}  // namespace

CommentMarks read_marks(std::string_view leading) {
  CommentMarks marks;
  while (!leading.empty()) {
    const std::size_t end = std::min(leading.find('\n'), leading.size());
    read_line(leading.substr(0, end), marks);
    leading.remove_prefix(std::min(end + 1, leading.size()));
  }
  return marks;
}

}  // namespace voyager::analysis
