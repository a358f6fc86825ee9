#include "connectors/mysql/binary_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iterator>

#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/column_codes.h"
#include "connectors/mysql/stored_decimal.h"

namespace voyager::mysql {
namespace {

enum Kind : std::uint8_t {
  kSmallObject = 0,
  kLargeObject = 1,
  kSmallArray = 2,
  kLargeArray = 3,
  kLiteral = 4,
  kInt16 = 5,
  kUint16 = 6,
  kInt32 = 7,
  kUint32 = 8,
  kInt64 = 9,
  kUint64 = 10,
  kDouble = 11,
  kString = 12,
  kOpaque = 15,
};

// The server allows 100.
constexpr int kDepthMax = 128;

// The fewest digits that name the number, in the server's form: without an exponent from 1e-15 up to 1e15.
void append_double(double number, std::string& out) {
  if (!std::isfinite(number)) number = 0;
  std::array<char, 40> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), std::fabs(number), std::chars_format::scientific);
  const std::string_view whole(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
  const std::size_t e = whole.find('e');
  std::string digits(whole.substr(0, 1));
  if (e > 2) digits += whole.substr(2, e - 2);
  int exponent = 0;
  const std::size_t first = whole[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(whole.data() + first, whole.data() + whole.size(), exponent);
  const int point = exponent + 1;  // digits in front of the point
  if (std::signbit(number)) out += '-';
  constexpr int kPlainMax = 15;
  const auto count = static_cast<int>(digits.size());
  if (number == 0) {
    out += "0.0";
  } else if (point > kPlainMax || point < -kPlainMax + 1) {
    out += digits[0];
    if (count > 1) (out += '.') += digits.substr(1);
    fmt::format_to(std::back_inserter(out), "e{}", exponent);
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else if (count <= point) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
    out += ".0";
  } else {
    out += digits.substr(0, static_cast<std::size_t>(point));
    out += '.';
    out += digits.substr(static_cast<std::size_t>(point));
  }
}

// In lines, as the server makes them; the end of a line is a character of the text.
void append_base64(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kBytesOfLine = 57;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    if (at > 0 && at % kBytesOfLine == 0) out += "\\n";
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (unsigned i = 0; i < 4; ++i) out += i <= count ? kDigits[(group >> (18 - 6 * i)) & 63U] : '=';
  }
}

class Writer {
 public:
  Writer(std::string& out, std::size_t longest) : out_(out), longest_(longest) {}

  bool value(std::uint8_t kind, std::string_view bytes, int depth) {
    ByteReader in(bytes);
    switch (kind) {
      case kSmallObject:
        return container(bytes, true, 2, depth);
      case kLargeObject:
        return container(bytes, true, 4, depth);
      case kSmallArray:
        return container(bytes, false, 2, depth);
      case kLargeArray:
        return container(bytes, false, 4, depth);
      case kLiteral: {
        constexpr std::array<std::string_view, 3> kNames = {"null", "true", "false"};
        const std::uint8_t literal = in.byte();
        if (!in.good() || literal >= kNames.size()) return false;
        out_ += kNames.at(literal);
        return true;
      }
      case kInt16:
        return number(in.signed_number(2), in);
      case kUint16:
        return number(in.number(2), in);
      case kInt32:
        return number(in.signed_number(4), in);
      case kUint32:
        return number(in.number(4), in);
      case kInt64:
        return number(in.signed_number(8), in);
      case kUint64:
        return number(in.number(8), in);
      case kDouble:
        append_double(std::bit_cast<double>(in.number(8)), out_);
        return in.good();
      case kString: {
        const std::string_view text = in.bytes(length(in));
        append_json_string(text, out_);
        return in.good();
      }
      case kOpaque: {
        const std::uint8_t type = in.byte();
        const std::string_view data = in.bytes(length(in));
        return in.good() && opaque(type, data);
      }
      default:
        return false;
    }
  }

 private:
  template <typename Number>
  bool number(Number number, const ByteReader& in) {
    fmt::format_to(std::back_inserter(out_), "{}", number);
    return in.good();
  }

  // Seven bits a byte, the lowest first; the highest bit says that more follow.
  static std::size_t length(ByteReader& in) {
    std::size_t out = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const std::uint8_t byte = in.byte();
      out |= static_cast<std::size_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return out;
    }
    in.fail();
    return 0;
  }

  // Keys and values are found by where they begin, counted from the container's own beginning.
  bool container(std::string_view bytes, bool object, unsigned width, int depth) {
    if (depth > kDepthMax) return false;
    ByteReader in(bytes);
    const std::uint64_t count = in.number(width);
    const std::uint64_t size = in.number(width);
    const std::uint64_t entry = (object ? width + 2 : 0) + 1 + width;
    if (!in.good() || size > bytes.size() || count * entry + 2 * width > size) return false;
    bytes = bytes.substr(0, static_cast<std::size_t>(size));
    const auto total = static_cast<std::size_t>(count);
    ByteReader keys(in.bytes(object ? total * (width + 2) : 0));
    ByteReader values(in.bytes(total * (1 + width)));
    out_ += object ? '{' : '[';
    for (std::size_t i = 0; i < total; ++i) {
      if (out_.size() > longest_) return false;
      if (i > 0) out_ += ", ";
      if (object) {
        const auto at = static_cast<std::size_t>(keys.number(width));
        const auto length = static_cast<std::size_t>(keys.number(2));
        if (at > bytes.size() || length > bytes.size() - at) return false;
        append_json_string(bytes.substr(at, length), out_);
        out_ += ": ";
      }
      const std::uint8_t kind = values.byte();
      const std::string_view place = values.bytes(width);
      const bool inlined =
          kind == kLiteral || kind == kInt16 || kind == kUint16 || (width == 4 && (kind == kInt32 || kind == kUint32));
      if (inlined) {
        if (!value(kind, place, depth + 1)) return false;
        continue;
      }
      const auto at = static_cast<std::size_t>(ByteReader(place).number(width));
      if (at < 2 * width || at >= bytes.size()) return false;
      if (!value(kind, bytes.substr(at), depth + 1)) return false;
    }
    out_ += object ? '}' : ']';
    return true;
  }

  // A value of a type that JSON does not have.
  bool opaque(std::uint8_t type, std::string_view data) {
    ByteReader in(data);
    switch (type) {
      case code::kNewDecimal: {
        const std::uint8_t precision = in.byte();
        const std::uint8_t scale = in.byte();
        std::string digits;
        if (!read_decimal(in.rest(), precision, scale, digits)) return false;
        out_ += digits;
        return true;
      }
      case code::kDate:
      case code::kDateTime:
      case code::kTimestamp:
      case code::kTime:
        return moment(type, static_cast<std::int64_t>(in.number(8))) && in.good();
      default:
        out_ += fmt::format("\"base64:type{}:", type);
        append_base64(data, out_);
        out_ += '"';
        return true;
    }
  }

  bool moment(std::uint8_t type, std::int64_t stored) {
    const bool negative = stored < 0;
    const std::uint64_t packed =
        negative ? ~static_cast<std::uint64_t>(stored) + 1 : static_cast<std::uint64_t>(stored);
    const std::uint64_t fraction = packed & 0xFF'FFFFU;
    const std::uint64_t whole = packed >> 24U;
    const std::uint64_t clock = type == code::kTime ? whole : whole & 0x1'FFFFU;
    const std::string time =
        fmt::format("{:02}:{:02}:{:02}.{:06}", type == code::kTime ? (clock >> 12U) & 1023U : clock >> 12U,
                    (clock >> 6U) & 63U, clock & 63U, fraction);
    if (type == code::kTime) {
      out_ += fmt::format("\"{}{}\"", negative ? "-" : "", time);
      return true;
    }
    const std::uint64_t day = whole >> 17U;
    const std::uint64_t months = day >> 5U;
    const std::string date = fmt::format("{:04}-{:02}-{:02}", months / 13, months % 13, day & 31U);
    out_ += type == code::kDate ? fmt::format("\"{}\"", date) : fmt::format("\"{} {}\"", date, time);
    return true;
  }

  std::string& out_;
  const std::size_t longest_;  // Containers that share keys or parts would make a text without end of a few bytes.
};

// The most that a byte becomes: a control character in a string, or the entry of an inlined value.
constexpr std::size_t kTextOfByte = 8;

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr std::string_view kNamed = "\b\t\f\n\r\"\\", kNames = "btfnr\"\\";
    if (byte >= 0x20 && c != '"' && c != '\\') {
      out += c;
    } else if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kNames[at];
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    }
  }
  out += '"';
}

bool append_json_text(std::string_view bytes, std::string& out) {
  // An empty value is what a server that does not mind writes into a column without a default.
  if (bytes.empty()) {
    out += "null";
    return true;
  }
  return Writer(out, out.size() + kTextOfByte * (bytes.size() + 8))
      .value(static_cast<std::uint8_t>(bytes[0]), bytes.substr(1), 0);
}

}  // namespace voyager::mysql
