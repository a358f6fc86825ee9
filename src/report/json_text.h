// A large JSON report as text, without ever holding it as a tree: a tree takes many times the text's memory.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace voyager::report {

/// The members of one object in the order of the calls, indented as told. Bytes that are no text become U+FFFD.
class JsonText {
 public:
  /// A level is indented by `width` times `mark`.
  explicit JsonText(int width = 1, char mark = '\t')
      : width_(width),
        mark_(mark),
        member_line_("\n" + std::string(static_cast<std::size_t>(width), mark)),
        element_line_("\n" + std::string(2 * static_cast<std::size_t>(width), mark)) {}

  void member(std::string_view key, const nlohmann::ordered_json& value) {
    begin(key);
    append(value, member_line_);
  }
  /// A list whose elements are made one at a time; null when there are none.
  template <typename List, typename Make>
  void list(std::string_view key, const List& elements, const Make& make) {
    begin(key);
    bool any = false;
    for (const auto& one : elements) {
      text_ += any ? "," : "[";
      text_ += element_line_;
      append(make(one), element_line_);
      any = true;
    }
    text_ += any ? member_line_ + "]" : "null";
  }
  /// Ends the object; to be called once.
  std::string finish() && { return std::move(text_ += first_ ? "{}\n" : "\n}\n"); }

 private:
  void begin(std::string_view key) {
    text_ += first_ ? "{" : ",";
    first_ = false;
    text_ += member_line_;
    text_ += nlohmann::ordered_json(key).dump();
    text_ += ": ";
  }
  /// Line ends within strings are escaped, so each one in the text is between values.
  void append(const nlohmann::ordered_json& value, std::string_view line_end) {
    for (const char c : value.dump(width_, mark_, false, nlohmann::ordered_json::error_handler_t::replace)) {
      if (c == '\n') {
        text_ += line_end;
      } else {
        text_ += c;
      }
    }
  }

  const int width_;
  const char mark_;
  const std::string member_line_;   ///< What a member begins with: a line end and a level.
  const std::string element_line_;  ///< The same of a list's element: two levels.
  std::string text_ = {};
  bool first_ = true;
};

}  // namespace voyager::report
