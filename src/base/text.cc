#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>

namespace voyager::base {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return lower(a) == lower(b);
}

namespace {

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    const bool blank = kBlanks.find(c) != std::string_view::npos;
    if (!blank || line.back() != ' ') line += blank ? ' ' : c;
  }
  return line;
}

std::string_view beginning(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && continues_character(text[end])) --end;
  return text.substr(0, end);
}

namespace {

// Takes one character off the front: a whole UTF-8 sequence, or one byte where the text is none.
std::string_view take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  size = std::min(size, text.size());
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues_character(text[i])) size = 1;
  }
  const std::string_view character = text.substr(0, size);
  text.remove_prefix(size);
  return character;
}

// Takes one `[...]` class off the front of `pattern` and tells whether `character` is in it. A class without its
// closing bracket is the bracket itself; a closing bracket that comes first is one of the class.
bool match_class(std::string_view& pattern, std::string_view character) {
  const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  const std::size_t close = pattern.find(']', negated ? 3 : 2);
  if (close == std::string_view::npos) {
    pattern.remove_prefix(1);
    return character == "[";
  }
  const std::size_t begin = negated ? 2 : 1;
  std::string_view body = pattern.substr(begin, close - begin);
  pattern.remove_prefix(close + 1);
  bool found = false;
  while (!body.empty()) {
    const std::string_view first = take_character(body);
    std::string_view last = first;
    if (body.size() > 1 && body[0] == '-') {
      body.remove_prefix(1);
      last = take_character(body);
    }
    found |= first <= character && character <= last;  // The order of UTF-8 bytes is that of the code points.
  }
  return found != negated;
}

// Takes one element other than `*` off both fronts; false when they do not match.
bool match_one(std::string_view& pattern, std::string_view& text) {
  if (pattern[0] == '[') return match_class(pattern, take_character(text));
  const std::string_view wanted = take_character(pattern);
  return take_character(text) == wanted || wanted == "?";
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  // After a `*` that fails further on, only the last one has to try again one character later: time stays a product.
  std::optional<std::pair<std::string_view, std::string_view>> star;
  while (true) {
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      star = {pattern, text};
      continue;
    }
    if (pattern.empty() && text.empty()) return true;
    if (!pattern.empty() && !text.empty() && match_one(pattern, text)) continue;
    if (!star || star->second.empty()) return false;
    take_character(star->second);
    std::tie(pattern, text) = *star;
  }
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(lower(word), lower(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(text);
  for (const char* yes : {"true", "t", "y", "yes", "1"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "f", "n", "no", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::string new_uuid() {
  std::random_device device;
  std::uint64_t high = (static_cast<std::uint64_t>(device()) << 32) | device();
  std::uint64_t low = (static_cast<std::uint64_t>(device()) << 32) | device();
  high = (high & ~0xF000ULL) | 0x4000ULL;      // version 4
  low = (low & ~(3ULL << 62)) | (2ULL << 62);  // RFC 4122 variant
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFFFFFFFFFFULL);
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB"}) {
    if (value < 1023.95) break;  // Else it would read "1024.0".
    value /= 1024;
    unit = next;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

std::string format_count(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string format_duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds < 0 ? 0 : seconds);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole % 3600 / 60);
}

}  // namespace voyager::base
