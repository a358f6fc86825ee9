#include "migration/optimize/tree_text.h"

#include <vector>

namespace voyager::migration {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Places in the text differ between two spellings of one statement.
bool is_place(std::string_view key) {
  return key == "location" || key == "stmt_location" || key == "stmt_len" || key == "list_start" || key == "list_end";
}

/// Either a value that is still to be written, or text that closes one.
struct Open {
  std::string_view key = {};
  element value = {};
  std::string_view close = {};
};

/// The tree of a long expression is as deep as it is long: a stack of our own.
class Writer {
 public:
  explicit Writer(const SkipPart& skip) : skip_(skip) {}

  std::string write(object root) {
    open_.push_back({.close = "}"});
    push(root);
    while (!open_.empty()) {
      const Open one = open_.back();
      open_.pop_back();
      if (!one.close.empty()) {
        text_ += one.close;
      } else {
        write_one(one);
      }
    }
    return std::move(text_);
  }

 private:
  bool skipped(std::string_view key, element value) const { return is_place(key) || (skip_ && skip_(key, value)); }

  void push(object node) {
    std::vector<Open> members;
    for (const auto member : node) {
      if (!skipped(member.key, member.value)) members.push_back({.key = member.key, .value = member.value});
    }
    open_.insert(open_.end(), members.rbegin(), members.rend());
  }

  void push_items(std::string_view list, array items) {
    std::vector<Open> kept;
    for (const element item : items) {
      if (!skipped(list, item)) kept.push_back({.value = item});
    }
    open_.insert(open_.end(), kept.rbegin(), kept.rend());
  }

  void write_one(const Open& one) {
    if (array items; one.value.get(items) == simdjson::SUCCESS) {
      const std::size_t before = open_.size();
      open_.push_back({.close = "]"});
      push_items(one.key, items);
      if (open_.size() == before + 1) {
        open_.pop_back();  // A list of which nothing is left is no list: the grammar leaves empty ones out.
        return;
      }
      (text_ += one.key) += "[";
      return;
    }
    (text_ += one.key) += ":";
    if (object node; one.value.get(node) == simdjson::SUCCESS) {
      text_ += "{";
      open_.push_back({.close = "}"});
      push(node);
    } else {
      text_ += simdjson::minify(one.value);
      text_ += ",";
    }
  }

  const SkipPart& skip_;
  std::string text_ = {};
  std::vector<Open> open_ = {};
};

}  // namespace

std::string tree_text(object root, const SkipPart& skip) {
  return Writer(skip).write(root);
}

std::optional<std::string> tree_text(std::string_view sql, const SkipPart& skip) {
  std::string text;
  const auto refused = sql::with_parse_tree(sql, [&](object root) { text = tree_text(root, skip); });
  return refused ? std::nullopt : std::optional(std::move(text));
}

}  // namespace voyager::migration
