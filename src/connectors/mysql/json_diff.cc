#include "connectors/mysql/json_diff.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/mysql/binary_json.h"
#include "connectors/mysql/byte_reader.h"

namespace voyager::mysql {
namespace {

constexpr int kDepthMax = 130;

struct Node {
  enum class Kind : std::uint8_t { kScalar, kObject, kArray } kind = Kind::kScalar;
  std::string text = {};               // of a scalar
  std::vector<std::string> keys = {};  // of an object, in the server's order; as many as there are parts
  std::vector<Node> parts = {};
};

// Shorter keys first.
bool before(const std::string& one, const std::string& other) {
  return std::tuple(one.size(), std::string_view(one)) < std::tuple(other.size(), std::string_view(other));
}

/// Reads texts of our own making, and the names in paths.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool value(Node& out, int depth) {
    if (depth > kDepthMax || at_end()) return false;
    const bool object = text_[at_] == '{';
    if (object || text_[at_] == '[') return container(out, object, depth);
    const std::size_t begin = at_;
    if (text_[at_] == '"') {
      std::string ignored;
      if (!string(ignored)) return false;
    } else {
      at_ = std::min(text_.find_first_of(",]}", at_), text_.size());
    }
    out.text = text_.substr(begin, at_ - begin);
    return true;
  }

  // In quotes, as JSON has it.
  bool string(std::string& out) {
    if (!take('"')) return false;
    while (!at_end()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_end()) return false;
      constexpr std::string_view kNames = "btfnr\"\\/", kNamed = "\b\t\f\n\r\"\\/";
      const char name = text_[at_++];
      if (const std::size_t which = kNames.find(name); which != std::string_view::npos) {
        out += kNamed[which];
        continue;
      }
      unsigned code = 0;
      const std::string_view digits = text_.substr(at_, 4);
      // The server writes control characters so, and nothing else.
      if (name != 'u' || digits.size() != 4 ||
          std::from_chars(digits.data(), digits.data() + 4, code, 16).ptr != digits.data() + 4 || code > 0x7F)
        return false;
      out += static_cast<char>(code);
      at_ += 4;
    }
    return false;
  }

  // A name without quotes, up to the next part of the path.
  std::string name() {
    const std::size_t end = std::min(text_.find_first_of(".[", at_), text_.size());
    const std::string_view out = text_.substr(at_, end - at_);
    at_ = end;
    return std::string(out);
  }
  bool number(std::size_t& out) {
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), out);
    if (read.ec != std::errc()) return false;
    at_ = static_cast<std::size_t>(read.ptr - text_.data());
    return true;
  }

 private:
  bool container(Node& out, bool object, int depth) {
    out.kind = object ? Node::Kind::kObject : Node::Kind::kArray;
    ++at_;
    const char end = object ? '}' : ']';
    if (take(end)) return true;
    do {
      take(' ');
      if (object) {
        out.keys.emplace_back();
        if (!string(out.keys.back()) || !take(':') || !take(' ')) return false;
      }
      if (!value(out.parts.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take(end);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

void write(const Node& node, std::string& out) {
  if (node.kind == Node::Kind::kScalar) {
    out += node.text;
    return;
  }
  const bool object = node.kind == Node::Kind::kObject;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    if (i > 0) out += ", ";
    if (object) {
      append_json_string(node.keys[i], out);
      out += ": ";
    }
    write(node.parts[i], out);
  }
  out += object ? '}' : ']';
}

using Leg = std::variant<std::string, std::size_t>;  // a key, or a place in an array

// $.key."other key"[3]
bool read_path(std::string_view text, std::vector<Leg>& out) {
  Reader in(text);
  if (!in.take('$')) return false;
  while (!in.at_end()) {
    if (in.take('[')) {
      std::size_t place = 0;
      if (!in.number(place) || !in.take(']')) return false;
      out.emplace_back(place);
      continue;
    }
    if (!in.take('.')) return false;
    std::string key;
    if (Reader quoted = in; quoted.string(key)) {
      (void)in.string(key.erase());
    } else {
      key = in.name();
    }
    out.emplace_back(std::move(key));
  }
  return true;
}

// The place of the part that the leg names; nothing where there is none.
std::optional<std::size_t> find(const Node& in, const Leg& leg) {
  if (const auto* key = std::get_if<std::string>(&leg)) {
    if (in.kind != Node::Kind::kObject) return std::nullopt;
    const auto at = std::ranges::find(in.keys, *key);
    if (at == in.keys.end()) return std::nullopt;
    return static_cast<std::size_t>(at - in.keys.begin());
  }
  const std::size_t place = std::get<std::size_t>(leg);
  return in.kind == Node::Kind::kArray && place < in.parts.size() ? std::optional(place) : std::nullopt;
}

bool insert(Node& in, const Leg& leg, Node what) {
  std::size_t at = 0;
  if (const auto* key = std::get_if<std::string>(&leg)) {
    if (in.kind != Node::Kind::kObject || find(in, leg)) return false;
    at = static_cast<std::size_t>(std::ranges::lower_bound(in.keys, *key, before) - in.keys.begin());
    in.keys.insert(in.keys.begin() + static_cast<std::ptrdiff_t>(at), *key);
  } else {
    if (in.kind != Node::Kind::kArray) return false;
    at = std::min(std::get<std::size_t>(leg), in.parts.size());
  }
  in.parts.insert(in.parts.begin() + static_cast<std::ptrdiff_t>(at), std::move(what));
  return true;
}

enum Operation : std::uint8_t { kReplace = 0, kInsert = 1, kRemove = 2 };

bool apply(Node& document, std::uint8_t operation, const std::vector<Leg>& path, Node what) {
  if (path.empty()) {
    document = std::move(what);
    return operation == kReplace;
  }
  Node* parent = &document;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto place = find(*parent, path[i]);
    if (!place) return false;
    parent = &parent->parts[*place];
  }
  if (operation == kInsert) return insert(*parent, path.back(), std::move(what));
  const auto place = find(*parent, path.back());
  if (!place) return false;
  if (operation == kReplace) {
    parent->parts[*place] = std::move(what);
    return true;
  }
  const auto at = static_cast<std::ptrdiff_t>(*place);
  parent->parts.erase(parent->parts.begin() + at);
  if (parent->kind == Node::Kind::kObject) parent->keys.erase(parent->keys.begin() + at);
  return true;
}

}  // namespace

bool apply_json_diffs(std::string_view document, std::string_view diffs, std::string& out) {
  Node root;
  if (!Reader(document).value(root, 0)) return false;
  ByteReader in(diffs);
  while (!in.at_end()) {
    const std::uint8_t operation = in.byte();
    std::vector<Leg> path;
    if (operation > kRemove || !read_path(in.bytes(static_cast<std::size_t>(in.packed())), path)) return false;
    Node what;
    if (operation != kRemove) {
      std::string text;
      if (!append_json_text(in.bytes(static_cast<std::size_t>(in.packed())), text) || !Reader(text).value(what, 0))
        return false;
    }
    if (!in.good() || !apply(root, operation, path, std::move(what))) return false;
  }
  out.clear();
  write(root, out);
  return in.good();
}

}  // namespace voyager::mysql
