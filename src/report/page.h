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
/// A link where `url` begins with https://, else the url as text.
std::string link_html(std::string_view url, std::string_view text);
/// A list of plain texts.
std::string list_html(const std::vector<std::string>& lines);
/// "a, b, c, and 12 more", escaped.
std::string names_html(const std::vector<std::string>& names, std::size_t shown_max);
/// Label and value of each fact; values are html, those that are empty are left out.
std::string facts_html(const std::vector<std::pair<std::string, std::string>>& facts);
/// Something that is folded until a reader wants it, or may be folded away. `summary` is plain text.
std::string folded_html(std::string_view summary, std::string_view html, bool open = false);
/// Before and after as lines with signs in front: told by sign and word, not by colour alone.
std::string diff_html(std::string_view before, std::string_view after);

struct Tile {
  std::string label = {};
  std::string value = {};
  std::string note = {};
  std::string picture = {};  ///< Html, in place of the value.
};

/// Collects the page from top to bottom. What is called `html` is put in as it is: whoever makes it escapes.
class Page {
 public:
  explicit Page(std::string title) : title_(std::move(title)) {}

  /// One line below the title.
  void subtitle(std::string_view text) { subtitle_ = text; }
  /// Label and value, both plain text; those without a value are left out.
  void head(const std::vector<std::pair<std::string, std::string>>& facts);
  void tiles(const std::vector<Tile>& tiles);
  /// Without a heading and not in the list of sections.
  void block(std::string_view html);
  void section(std::string_view id, std::string_view heading, std::string_view html);
  /// The whole file. Its content security policy allows the page's own style and script, by hash, and nothing else.
  std::string finish() const;

 private:
  std::string title_;
  std::string subtitle_ = {};
  std::string head_ = {};
  std::string body_ = {};
  std::string contents_ = {};
};

}  // namespace voyager::report
