// A large JSON report as text, without ever holding it as a tree: a tree takes many times the text's memory.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace voyager::report {

/// The members of one object in the order of the calls, indented by tabs. Bytes that are no text become U+FFFD.
class JsonText {
 public:
  void member(std::string_view key, const nlohmann::ordered_json& value) {
    begin(key);
    append(value, "\n\t");
  }
  /// A list whose elements are made one at a time; null when there are none.
  template <typename List, typename Make>
  void list(std::string_view key, const List& elements, const Make& make) {
    begin(key);
    std::string_view before = "[\n\t\t";
    for (const auto& one : elements) {
      text_ += before;
      append(make(one), "\n\t\t");
      before = ",\n\t\t";
    }
    text_ += before.front() == '[' ? "null" : "\n\t]";
  }
  /// Ends the object; to be called once.
  std::string finish() && { return std::move(text_ += first_ ? "{}\n" : "\n}\n"); }

 private:
  void begin(std::string_view key) {
    text_ += first_ ? "{\n\t" : ",\n\t";
    first_ = false;
    text_ += nlohmann::ordered_json(key).dump();
    text_ += ": ";
  }
  /// Line ends within strings are escaped, so each one in the text is between values.
  void append(const nlohmann::ordered_json& value, std::string_view line_end) {
    for (const char c : value.dump(1, '\t', false, nlohmann::ordered_json::error_handler_t::replace)) {
      if (c == '\n') {
        text_ += line_end;
      } else {
        text_ += c;
      }
    }
  }

  std::string text_ = {};
  bool first_ = true;
};

}  // namespace voyager::report
