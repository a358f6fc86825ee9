#include "report/name_hider.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>
#include <vector>

#include "base/sha256.h"
#include "base/text.h"
#include "report/anonymize/embedded.h"

namespace voyager::report {
namespace {

constexpr std::size_t kHashDigits = 10;
// Lengths and limits stay readable; what is longer may be data.
constexpr std::size_t kNumberDigitsMax = 4;
constexpr std::size_t kOddNameMin = 3;
constexpr std::string_view kHiddenText = "'…'";

using Words = std::unordered_set<std::string_view>;

Words words_of(std::string_view text) {
  Words words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) words.insert(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool is_sql_word(const std::string& folded) {
  static const Words kWords = words_of(kSqlWordsTxt);
  return kWords.contains(folded);
}

bool is_plain_word(const std::string& folded) {
  static const Words kWords = words_of(kPlainWordsTxt);
  return kWords.contains(folded);
}

/// Schemas that every database has.
bool is_common_schema(const std::string& folded) {
  return folded == "public" || folded == "pg_catalog" || folded == "information_schema";
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// Bytes of letters beyond ASCII count as letters, as they do for PostgreSQL.
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool in_word(char c) {
  return starts_word(c) || is_digit(c) || c == '$';
}

/// One that can stand in SQL without quotes.
bool is_plain_name(std::string_view whole) {
  return !whole.empty() && starts_word(whole[0]) && std::ranges::all_of(whole, in_word);
}

std::string newlines_of(std::string_view text) {
  return std::string(static_cast<std::size_t>(std::ranges::count(text, '\n')), '\n');
}

/// The place behind the closing quote of what opens at `at`; a doubled quote does not close. The end of the text where
/// nothing closes.
std::size_t behind_quote(std::string_view text, std::size_t at, bool backslashes) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (backslashes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 == text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return text.size();
}

std::size_t behind_comment(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i + 1 < text.size(); ++i) {
    if (text[i] == '/' && text[i + 1] == '*') {
      ++depth;
      ++i;
    } else if (text[i] == '*' && text[i + 1] == '/') {
      ++i;
      if (--depth == 0) return i + 1;
    }
  }
  return text.size();
}

/// "$tag$" at `at`, else empty.
std::string_view dollar_tag(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (starts_word(text[end]) || (end > at + 1 && is_digit(text[end])))) ++end;
  return end < text.size() && text[end] == '$' ? text.substr(at, end + 1 - at) : std::string_view{};
}

bool opens_literal(std::string_view word, std::string_view text, std::size_t behind) {
  if (word.size() != 1 || behind >= text.size()) return false;
  const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
  if (c == 'u') return text.substr(behind).starts_with("&'");
  return text[behind] == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n');
}

std::string unquoted(std::string_view quoted) {
  const bool closed = quoted.size() > 1 && quoted.back() == '"';
  const std::string_view content = quoted.substr(1, quoted.size() - (closed ? 2 : 1));
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    out += content[i];
    if (content[i] == '"') ++i;
  }
  return out;
}

}  // namespace

std::string NameHider::hidden(std::string_view word) const {
  const std::string folded = base::lower(word);
  if (made_.contains(folded)) return folded;
  std::string hash = "n_" + base::sha256_hex(key_ + '\0' + folded).substr(0, kHashDigits);
  made_.insert(hash);
  return hash;
}

void NameHider::learn(std::string_view whole) {
  const std::string folded = base::lower(whole);
  if (folded.empty() || made_.contains(folded)) return;
  known_.insert(folded);
  // A sign or two would be found in every sentence.
  const bool tells = whole.size() >= kOddNameMin && std::ranges::any_of(whole, in_word);
  if (tells && !is_plain_name(whole)) odd_.insert(std::string(whole));
}

std::string NameHider::name(std::string_view whole) {
  if (whole.empty() || is_common_schema(base::lower(whole))) return std::string(whole);
  learn(whole);
  return hidden(whole);
}

std::string NameHider::names(std::string_view text) {
  return scan(without_odd_names(text), Kind::kNames);
}
std::string NameHider::sql(std::string_view text) {
  return scan(text, Kind::kSql);
}

std::string NameHider::without_odd_names(std::string_view text) const {
  std::string out(text);
  for (const std::string& odd : odd_) {
    for (std::size_t at = 0; (at = out.find(odd, at)) != std::string::npos;) {
      const std::string hash = hidden(odd);
      out.replace(at, odd.size(), hash);
      at += hash.size();
    }
  }
  return out;
}

// --- SQL and names of objects ---

/// One text on its way. Each step takes what begins at `at` and writes what may be seen of it.
struct NameHider::Scan {
  NameHider& hider;
  std::string_view text;
  Kind kind;
  std::string out = {};
  std::size_t at = 0;
  std::string qualifier = {};  ///< The word before the dot before this one.

  char next(std::size_t ahead = 1) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }

  void literal(std::size_t begin, bool backslashes) {
    const std::size_t end = behind_quote(text, begin, backslashes);
    out += kHiddenText;
    out += newlines_of(text.substr(at, end - at));
    at = end;
  }

  void quoted_name() {
    const std::size_t end = behind_quote(text, at, false);
    out += hider.name(unquoted(text.substr(at, end - at)));
    at = end;
  }

  void line_comment() {
    out += "--…";
    at = std::min(text.find('\n', at), text.size());
  }

  void block_comment() {
    const std::size_t end = behind_comment(text, at);
    out += "/*…*/" + newlines_of(text.substr(at, end - at));
    at = end;
  }

  /// A routine's body is SQL too, or close enough to it.
  void dollar(std::string_view tag) {
    const std::size_t begin = at + tag.size();
    const std::size_t end = std::min(text.find(tag, begin), text.size());
    out += "$$" + hider.sql(text.substr(begin, end - begin));
    if (end < text.size()) out += "$$";
    at = std::min(end + tag.size(), text.size());
  }

  void number() {
    std::size_t end = at;
    while (end < text.size() && (is_digit(text[end]) || starts_word(text[end]) || text[end] == '.')) ++end;
    const std::string_view token = text.substr(at, end - at);
    const bool plain = std::ranges::all_of(token, [](char c) { return is_digit(c) || c == '.'; });
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(token, is_digit));
    out += plain && digits <= kNumberDigitsMax ? token : "0";
    at = end;
  }

  bool stays(const std::string& folded, bool after_dot, bool before_dot) const {
    if (hider.made_.contains(folded)) return true;
    if (after_dot) return (qualifier == "pg_catalog" || qualifier == "information_schema") && is_sql_word(folded);
    if (before_dot) {
      return is_common_schema(folded) || folded == "new" || folded == "old" || folded == "excluded";
    }
    return is_sql_word(folded);
  }

  void word() {
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    const std::string_view token = text.substr(at, end - at);
    if (opens_literal(token, text, end)) {
      const bool backslashes = token == "e" || token == "E";
      return literal(text[end] == '&' ? end + 1 : end, backslashes);
    }
    const std::string folded = base::lower(token);
    const bool after_dot = at > 0 && text[at - 1] == '.';
    const bool before_dot = end < text.size() && text[end] == '.';
    if (stays(folded, after_dot, before_dot)) {
      out += token;
    } else {
      hider.learn(token);
      out += hider.hidden(token);
    }
    qualifier = folded;
    at = end;
  }

  void step() {
    const char c = text[at];
    if (starts_word(c)) return word();
    if (is_digit(c)) return number();
    if (c == '"') return quoted_name();
    if (c == '\'') return literal(at, false);
    if (kind == Kind::kSql && c == '-' && next() == '-') return line_comment();
    if (kind == Kind::kSql && c == '/' && next() == '*') return block_comment();
    if (c == '$' && !is_digit(next())) {
      if (const std::string_view tag = dollar_tag(text, at); !tag.empty()) return dollar(tag);
    }
    if (c == '$' && is_digit(next())) {
      // A parameter: its number says nothing.
      out += c;
      for (++at; at < text.size() && is_digit(text[at]); ++at) out += text[at];
      return;
    }
    out += c;
    ++at;
  }
};

std::string NameHider::scan(std::string_view text, Kind kind) {
  Scan one{*this, text, kind};
  while (one.at < text.size()) one.step();
  return one.out;
}

// --- sentences ---

std::string NameHider::prose(std::string_view given) {
  const std::string text = without_odd_names(given);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool inside_word = at > 0 && in_word(text[at - 1]);
    if (c == '"' || (c == '\'' && !inside_word)) {
      const std::size_t end = behind_quote(text, at, false);
      out += c == '"' ? "\"…\"" : kHiddenText;
      at = end;
    } else if (c == '/' && !inside_word) {
      // Of a path its last part: what is before it is about this machine.
      const std::size_t end = std::min(text.find_first_of(" \n\t,;)", at), text.size());
      const std::string path = text.substr(at, end - at);
      out += path.find('/', 1) == std::string::npos ? path : "…" + path.substr(path.rfind('/'));
      at = end;
    } else if (starts_word(c)) {
      std::size_t end = at;
      while (end < text.size() && in_word(text[end])) ++end;
      const std::string word = text.substr(at, end - at);
      const std::string folded = base::lower(word);
      const bool hide = known_.contains(folded) && !is_sql_word(folded) && !is_plain_word(folded);
      out += hide ? hidden(word) : word;
      at = end;
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

}  // namespace voyager::report
