#include "base/secret.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <vector>

namespace voyager::base {
namespace {

constexpr std::size_t kShortestMasked = 3;
constexpr std::string_view kMask = "********";

// The one process-wide registry: a sink has to mask secrets that were made before it was opened.
struct Registry {
  std::mutex mutex;
  std::vector<std::string> values;
};

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
  if (value_.size() < kShortestMasked) return;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  // As it is, in a URL, in JSON, in a connection string and in an SQL literal.
  for (std::string form : {value_, url_encoded(value_), with_backslashes(value_, "\\\""),
                           with_backslashes(value_, "\\'"), with_doubled_quotes(value_)}) {
    if (std::find(all.values.begin(), all.values.end(), form) == all.values.end())
      all.values.push_back(std::move(form));
  }
  // Longest first: a secret that contains another is replaced whole.
  std::sort(all.values.begin(), all.values.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string mask_secrets(std::string_view text) {
  std::string out(text);
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (const std::string& value : all.values) {
    for (std::size_t at = out.find(value); at != std::string::npos; at = out.find(value, at + kMask.size())) {
      out.replace(at, value.size(), kMask);
    }
  }
  return out;
}

}  // namespace voyager::base
