// The kit that report pages are built from: one self-contained file, one look.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voyager::report {

/// For text and for attribute values in double quotes. Control characters that HTML has no place for come out as
/// U+FFFD.
std::string escape_html(std::string_view text);

struct Tile {
  std::string label = {};
  std::string value = {};
  std::string note = {};
};

/// One bar: a part that is fine and a part that is not.
struct StackedBar {
  std::string label = {};
  std::size_t clean = 0;
  std::size_t hand = 0;
};

/// A picture that needs no script; every number of it has to be in a table too. `title` is read to who cannot see it.
std::string stacked_bars_svg(std::string_view title, const std::vector<StackedBar>& bars);

/// Collects the page from top to bottom. What is called `html` is put in as it is: whoever makes it escapes.
class Page {
 public:
  explicit Page(std::string title) : title_(std::move(title)) {}

  /// Label and value, both plain text.
  void head(const std::vector<std::pair<std::string, std::string>>& facts);
  void tiles(const std::vector<Tile>& tiles);
  void section(std::string_view id, std::string_view heading, std::string_view html);
  /// The whole file. Its content security policy allows the page's own style and script, by hash, and nothing else.
  std::string finish() const;

 private:
  std::string title_;
  std::string body_ = {};
};

}  // namespace voyager::report
