#include "base/secret.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/mutex.h"

namespace voyager::base {
namespace {

constexpr std::size_t kShortestThatIsNoWord = 8;
constexpr std::size_t kShortestMaskedEverywhere = 3;
constexpr std::string_view kMask = "********";

/// A form of a secret's value.
struct Form {
  std::string text = {};
  bool word = false;  ///< It may stand in a text without being a secret.
};

// The one process-wide registry: a sink has to mask secrets that were made before it was opened.
struct Registry {
  Mutex mutex;
  std::vector<Form> forms VOY_GUARDED_BY(mutex);
};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_word_character(char c) {
  return is_letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool could_be_a_word(std::string_view value) {
  return value.size() < kShortestMaskedEverywhere || std::ranges::all_of(value, is_letter) ||
         (value.size() < kShortestThatIsNoWord && std::ranges::all_of(value, is_word_character));
}

bool names_a_password(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.ends_with("password") || lower.ends_with("pwd") || lower.ends_with("passwd");
}

/// True when a secret can stand at `at` of `text`, by what is before it.
bool may_be_a_secret(std::string_view text, std::size_t at, std::size_t size) {
  const std::size_t end = at + size;
  if (end < text.size() && is_word_character(text[end])) return false;
  if (at > 0 && text[at - 1] == ':' && end < text.size() && text[end] == '@') return true;
  std::string_view before = text.substr(0, at);
  const std::size_t apart = before.find_last_not_of(" \t'\"\\:");
  if (apart == std::string_view::npos) return false;
  before = before.substr(0, apart + 1);
  if (before.back() == '=') return true;
  if (before.size() == at) return false;
  std::size_t word = before.size();
  while (word > 0 && is_word_character(before[word - 1])) --word;
  return names_a_password(before.substr(word));
}

Registry& registry() {
  static Registry instance;
  return instance;
}

std::string url_encoded(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string with_backslashes(std::string_view text, std::string_view before) {
  std::string out;
  for (const char c : text) {
    if (before.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string with_doubled_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
  if (value_.empty()) return;
  const bool word = could_be_a_word(value_);
  Registry& all = registry();
  const MutexLock lock(all.mutex);
  // As it is, in a URL, in JSON, in a connection string and in an SQL literal.
  for (std::string form : {value_, url_encoded(value_), with_backslashes(value_, "\\\""),
                           with_backslashes(value_, "\\'"), with_doubled_quotes(value_)}) {
    if (std::ranges::find(all.forms, form, &Form::text) == all.forms.end())
      all.forms.push_back({.text = std::move(form), .word = word});
  }
  // Longest first: a secret that contains another is replaced whole.
  std::ranges::sort(all.forms, [](const Form& a, const Form& b) { return a.text.size() > b.text.size(); });
}

std::string mask_secrets(std::string_view text) {
  std::string out(text);
  Registry& all = registry();
  const MutexLock lock(all.mutex);
  for (const Form& form : all.forms) {
    std::size_t at = out.find(form.text);
    while (at != std::string::npos) {
      const bool secret = !form.word || may_be_a_secret(out, at, form.text.size());
      if (secret) out.replace(at, form.text.size(), kMask);
      at = out.find(form.text, at + (secret ? kMask.size() : form.text.size()));
    }
  }
  return out;
}

}  // namespace voyager::base
