#include "report/text_width.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace voyager::report {

namespace {

struct Decoded {
  char32_t point = 0;
  std::size_t length = 1;
  bool valid = false;
};

/// The first character of `text`, which is not empty. Overlong forms and surrogates are invalid.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {lead, 1, false};
  char32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {lead, 1, false};
    point = (point << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kLeast[length] || point > 0x10FFFF || surrogate) return {lead, 1, false};
  return {point, length, true};
}

std::size_t columns_of(const Decoded& one) {
  // Up to here every character takes one; control characters are shown as something else.
  if (!one.valid || one.point < 0x300) return 1;
  return static_cast<std::size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(one.point)));
}

/// Length of the colour sequence at the front of `text`, or 0.
std::size_t colour_sequence(std::string_view text) {
  if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[') return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

bool is_control(const Decoded& one) {
  return one.point < 0x20 || (one.point >= 0x7F && one.point < 0xA0);
}

/// Marks that turn the direction of the text that follows can hide what a name really is.
bool turns_direction(char32_t point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

const char* ascii_sign(char32_t point) {
  switch (point) {
    case U'→':
      return "->";
    case U'…':
      return "...";
    case U'–':
    case U'—':
      return "-";
    case U'✓':
      return "ok";
    case U'✗':
      return "x";
    case U'•':
      return "*";
    case U'≤':
      return "<=";
    case U'≥':
      return ">=";
    case U'─':
    case U'━':
    case U'═':
      return "-";
    case U'│':
    case U'┃':
    case U'║':
      return "|";
    default:
      break;
  }
  if (point >= 0x2500 && point <= 0x257F) return "+";
  if (point == U'░') return ".";
  if (point >= 0x2580 && point <= 0x259F) return "#";
  return "?";
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    if (const std::size_t sequence = colour_sequence(text); sequence > 0) {
      text.remove_prefix(sequence);
      continue;
    }
    const Decoded one = decode(text);
    width += columns_of(one);
    text.remove_prefix(one.length);
  }
  return width;
}

std::string printable(std::string_view text, bool keep_colour) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (const std::size_t sequence = keep_colour ? colour_sequence(text) : 0; sequence > 0) {
      out += text.substr(0, sequence);
      text.remove_prefix(sequence);
      continue;
    }
    const Decoded one = decode(text);
    if (one.valid && (one.point == '\n' || one.point == '\t' || one.point == '\r')) {
      out += one.point == '\n' ? "\\n" : one.point == '\t' ? "\\t" : "\\r";
    } else if (!one.valid || is_control(one)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(one.point));
    } else if (turns_direction(one.point)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(one.point));
    } else {
      out += text.substr(0, one.length);
    }
    text.remove_prefix(one.length);
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    out += printable(text.substr(0, end));
    out += text.substr(end, 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string fit(std::string_view text, std::size_t width, bool ascii) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const Decoded one = decode(text);
    if (used + columns_of(one) > width - 1) break;
    used += columns_of(one);
    out += text.substr(0, one.length);
    text.remove_prefix(one.length);
  }
  return out + (ascii ? "~" : "…");
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string to_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded one = decode(text);
    if (one.point == U'·' && one.valid) {
      // "a · b" reads "a, b".
      if (!out.empty() && out.back() == ' ') out.pop_back();
      out += ',';
    } else if (one.valid && one.point < 0x80) {
      out += static_cast<char>(one.point);
    } else {
      out += one.valid ? ascii_sign(one.point) : "?";
    }
    text.remove_prefix(one.length);
  }
  return out;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (const std::string& word : base::split(text, ' ')) {
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
      if (word.empty()) continue;
    }
    if (!line.empty() || (word.empty() && lines.empty())) line += ' ';
    line += word;
  }
  lines.push_back(std::move(line));
  return lines;
}

}  // namespace voyager::report
