#include "connectors/mysql/binlog_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <iterator>

#include "connectors/mysql/binary_json.h"
#include "connectors/mysql/column_codes.h"
#include "connectors/mysql/compression.h"
#include "connectors/mysql/stored_decimal.h"

namespace voyager::mysql {
namespace {

template <typename Number>
std::string_view printed(Number number, std::string& scratch) {
  scratch.resize(40);
  const auto end = std::to_chars(scratch.data(), scratch.data() + scratch.size(), number);
  return {scratch.data(), static_cast<std::size_t>(end.ptr - scratch.data())};
}

// Rows of the snapshot are read as sums, which have none.
double without_sign_of_zero(double number) {
  return number + 0.0;
}

std::string_view whole(ByteReader& in, unsigned size, bool is_unsigned, std::string& scratch) {
  return is_unsigned ? printed(in.number(size), scratch) : printed(in.signed_number(size), scratch);
}

void put_digits(char* to, unsigned number, unsigned digits) {
  for (unsigned i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

// " 12:34:56" and the like are written in place: these are the bulk of many rows.
void append_digits(std::string& out, unsigned number, unsigned digits) {
  const std::size_t at = out.size();
  out.resize(at + digits);
  put_digits(out.data() + at, number, digits);
}

void append_date(std::string& out, unsigned year, unsigned month, unsigned day) {
  append_digits(out, year, 4);
  out += '-';
  append_digits(out, month, 2);
  out += '-';
  append_digits(out, day, 2);
}

void append_clock(std::string& out, unsigned hours, unsigned minutes, unsigned seconds) {
  append_digits(out, hours, hours > 99 ? 3 : 2);
  out += ':';
  append_digits(out, minutes, 2);
  out += ':';
  append_digits(out, seconds, 2);
}

// A fraction of so many digits takes half as many bytes, rounded up.
unsigned fraction_bytes(unsigned digits) {
  return (digits + 1) / 2;
}

// The stored number has an even number of digits.
void append_fraction(std::string& out, std::uint64_t stored, unsigned digits) {
  if (digits == 0) return;
  out += '.';
  if (digits % 2 == 1) stored /= 10;
  append_digits(out, static_cast<unsigned>(stored), digits);
}

// The proleptic Gregorian calendar, by days since 1970-01-01.
void append_day(std::string& out, std::int64_t days) {
  days += 719'468;
  const auto era = static_cast<unsigned>(days / 146'097);
  const auto of_era = static_cast<unsigned>(days % 146'097);
  const unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * of_year + 2) / 153;
  const unsigned day = of_year - (153 * shifted + 2) / 5 + 1;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  append_date(out, year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

void read_timestamp(std::uint64_t seconds, std::uint64_t fraction, unsigned digits, std::string& out) {
  constexpr unsigned kDay = 86'400;
  out.clear();
  if (seconds == 0 && fraction == 0) {
    out = "0000-00-00 00:00:00";
  } else {
    append_day(out, static_cast<std::int64_t>(seconds / kDay));
    const auto rest = static_cast<unsigned>(seconds % kDay);
    out += ' ';
    append_clock(out, rest / 3600, rest / 60 % 60, rest % 60);
  }
  append_fraction(out, fraction, digits);
}

void read_date_time(ByteReader& in, unsigned digits, std::string& out) {
  constexpr std::uint64_t kSign = 0x80'0000'0000ULL;
  const std::uint64_t packed = in.big_endian(5) & ~kSign;
  const std::uint64_t fraction = in.big_endian(fraction_bytes(digits));
  const auto months = static_cast<unsigned>(packed >> 22U);
  const auto part = [&](unsigned shift, unsigned mask) { return static_cast<unsigned>(packed >> shift) & mask; };
  out.clear();
  append_date(out, months / 13, months % 13, part(17, 31));
  out += ' ';
  append_clock(out, part(12, 31), part(6, 63), part(0, 63));
  append_fraction(out, fraction, digits);
}

// Seconds and fraction are one number, stored with an offset that makes all of them positive.
void read_time(ByteReader& in, unsigned digits, std::string& out) {
  const unsigned more = fraction_bytes(digits);
  const std::int64_t stored = static_cast<std::int64_t>(in.big_endian(3 + more)) - (0x80'0000LL << (8 * more));
  const auto packed = static_cast<std::uint64_t>(stored < 0 ? -stored : stored);
  const std::uint64_t fraction = packed & ((1ULL << (8 * more)) - 1);
  const std::uint64_t clock = packed >> (8 * more);
  out = stored < 0 ? "-" : "";
  append_clock(out, static_cast<unsigned>(clock >> 12U) & 1023U, static_cast<unsigned>(clock >> 6U) & 63U,
               static_cast<unsigned>(clock) & 63U);
  append_fraction(out, fraction, digits);
}

// The place among the labels, from 1; 0 is the error value.
bool read_enum(ByteReader& in, unsigned size, const SourceType& type, std::string_view& raw) {
  const std::uint64_t place = in.number(size);
  if (place > type.labels.size()) return false;
  raw = place == 0 ? std::string_view() : std::string_view(type.labels[static_cast<std::size_t>(place) - 1]);
  return true;
}

bool read_set(ByteReader& in, unsigned size, const SourceType& type, std::string& out) {
  const std::uint64_t bits = in.number(size);
  out.clear();
  bool first = true;
  for (unsigned i = 0; i < 64; ++i) {
    if (((bits >> i) & 1U) == 0) continue;
    if (i >= type.labels.size()) return false;
    if (!first) out += ',';
    first = false;
    out += type.labels[i];
  }
  return true;
}

// MariaDB stores its parts so that they sort by time, the last group first, unless the version or variant is not one of
// a standard's.
std::string_view uuid_text(std::string_view stored, std::string& scratch) {
  constexpr std::size_t kBytes = 16;
  std::array<char, kBytes> bytes{};
  const auto at = [&](std::size_t i) { return i < stored.size() ? stored[i] : '\0'; };
  const auto as_byte = [&](std::size_t i) { return static_cast<unsigned char>(at(i)); };
  // Stored: node (6), clock (2), time_high (2), time_mid (2), time_low (4).
  const bool swapped = (as_byte(6) & 0x80U) != 0 && as_byte(8) > 0 && as_byte(8) < 0x60;
  constexpr std::array<std::size_t, kBytes> kPlaces = {12, 13, 14, 15, 10, 11, 8, 9, 6, 7, 0, 1, 2, 3, 4, 5};
  for (std::size_t i = 0; i < kBytes; ++i) bytes.at(i) = swapped ? at(kPlaces.at(i)) : at(i);
  scratch.clear();
  for (std::size_t i = 0; i < kBytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) scratch += '-';
    fmt::format_to(std::back_inserter(scratch), "{:02x}", static_cast<unsigned char>(bytes.at(i)));
  }
  return scratch;
}

std::string_view inet4_text(std::string_view stored, std::string& scratch) {
  scratch.clear();
  for (std::size_t i = 0; i < 4; ++i)
    fmt::format_to(std::back_inserter(scratch), "{}{}", i == 0 ? "" : ".",
                   i < stored.size() ? static_cast<unsigned char>(stored[i]) : 0U);
  return scratch;
}

// The longest run of zero groups is left out, the first of equal ones; addresses of version 4 keep their form.
std::string_view inet6_text(std::string_view stored, std::string& scratch) {
  constexpr std::size_t kGroups = 8;
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < 2 * kGroups; ++i) {
    const unsigned byte = i < stored.size() ? static_cast<unsigned char>(stored[i]) : 0U;
    groups.at(i / 2) = (groups.at(i / 2) << 8U) | byte;
  }
  std::size_t gap = kGroups, gap_size = 0;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t size = 0;
    while (i + size < kGroups && groups.at(i + size) == 0) ++size;
    if (size > gap_size) {
      gap = i;
      gap_size = size;
    }
  }
  if (gap_size < 2) gap = kGroups;
  scratch.clear();
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      scratch += i == 0 ? "::" : ":";
      i += gap_size - 1;
      continue;
    }
    const bool version4 = gap == 0 && i == 6 && (gap_size == 6 || (gap_size == 5 && groups[5] == 0xFFFF));
    if (version4) {
      fmt::format_to(std::back_inserter(scratch), "{}.{}.{}.{}", groups[6] >> 8U, groups[6] & 255U, groups[7] >> 8U,
                     groups[7] & 255U);
      break;
    }
    fmt::format_to(std::back_inserter(scratch), "{:x}", groups.at(i));
    if (i + 1 < kGroups) scratch += ':';
  }
  return scratch;
}

// char(n), binary(n) and what MariaDB stores as such.
std::string_view fixed_text(std::string_view stored, const SourceType& type, std::string& scratch) {
  if (type.form == Form::kBytes && type.length >= 0 && stored.size() < static_cast<std::size_t>(type.length)) {
    // Zeros at the end are not stored.
    scratch = stored;
    scratch.resize(static_cast<std::size_t>(type.length), '\0');
    return scratch;
  }
  if (type.name == "uuid") return uuid_text(stored, scratch);
  if (type.name == "inet4") return inet4_text(stored, scratch);
  if (type.name == "inet6") return inet6_text(stored, scratch);
  return stored;
}

}  // namespace

ValueFault read_value(ByteReader& in, const LogColumn& column, const SourceType& type, std::string& scratch,
                      std::string_view& raw) {
  bool valid = true;
  const auto from_scratch = [&] { raw = scratch; };
  switch (column.type) {
    case code::kTiny:
      raw = whole(in, 1, type.is_unsigned, scratch);
      break;
    case code::kShort:
      raw = whole(in, 2, type.is_unsigned, scratch);
      break;
    case code::kInt24:
      raw = whole(in, 3, type.is_unsigned, scratch);
      break;
    case code::kLong:
      raw = whole(in, 4, type.is_unsigned, scratch);
      break;
    case code::kLongLong:
      raw = whole(in, 8, type.is_unsigned, scratch);
      break;
    case code::kFloat:
      raw = printed(without_sign_of_zero(std::bit_cast<float>(static_cast<std::uint32_t>(in.number(4)))), scratch);
      break;
    case code::kDouble:
      raw = printed(without_sign_of_zero(std::bit_cast<double>(in.number(8))), scratch);
      break;
    case code::kNewDecimal:
      valid = read_decimal(in.bytes(decimal_bytes(column.meta & 0xFFU, column.meta >> 8U)), column.meta & 0xFFU,
                           column.meta >> 8U, scratch);
      from_scratch();
      break;
    case code::kYear: {
      const auto year = static_cast<unsigned>(in.byte());
      scratch.clear();
      append_digits(scratch, year == 0 ? 0 : 1900 + year, 4);
      from_scratch();
      break;
    }
    case code::kDate: {
      const auto packed = static_cast<unsigned>(in.number(3));
      scratch.clear();
      append_date(scratch, packed >> 9U, (packed >> 5U) & 15U, packed & 31U);
      from_scratch();
      break;
    }
    case code::kTime: {
      const std::int64_t stored = in.signed_number(3);
      const auto packed = static_cast<unsigned>(stored < 0 ? -stored : stored);
      scratch = stored < 0 ? "-" : "";
      append_clock(scratch, packed / 10'000, packed / 100 % 100, packed % 100);
      from_scratch();
      break;
    }
    case code::kDateTime: {
      const std::uint64_t packed = in.number(8);
      const auto day = static_cast<unsigned>(packed / 1'000'000 % 100'000'000);
      const auto clock = static_cast<unsigned>(packed % 1'000'000);
      scratch.clear();
      append_date(scratch, day / 10'000, day / 100 % 100, day % 100);
      scratch += ' ';
      append_clock(scratch, clock / 10'000, clock / 100 % 100, clock % 100);
      from_scratch();
      break;
    }
    case code::kTimestamp:
      read_timestamp(in.number(4), 0, 0, scratch);
      from_scratch();
      break;
    case code::kTimestamp2: {
      if (column.meta > 6) return ValueFault::kBroken;
      const std::uint64_t seconds = in.big_endian(4);
      const std::uint64_t fraction = in.big_endian(fraction_bytes(column.meta));
      read_timestamp(seconds, fraction, column.meta, scratch);
      from_scratch();
      break;
    }
    case code::kDateTime2:
      if (column.meta > 6) return ValueFault::kBroken;
      read_date_time(in, column.meta, scratch);
      from_scratch();
      break;
    case code::kTime2:
      if (column.meta > 6) return ValueFault::kBroken;
      read_time(in, column.meta, scratch);
      from_scratch();
      break;
    case code::kBit:
      raw = in.bytes((column.meta >> 8U) + ((column.meta & 0xFFU) != 0 ? 1U : 0U));
      break;
    case code::kEnum:
      if (column.meta > 2) return ValueFault::kBroken;
      valid = read_enum(in, column.meta, type, raw);
      break;
    case code::kSet:
      if (column.meta > 8) return ValueFault::kBroken;
      valid = read_set(in, column.meta, type, scratch);
      from_scratch();
      break;
    case code::kVarchar:
    case code::kVarString:
      raw = in.bytes(static_cast<std::size_t>(in.number(column.meta > 255 ? 2 : 1)));
      break;
    case code::kVarcharCompressed: {
      const std::string_view stored = in.bytes(static_cast<std::size_t>(in.number(column.meta > 255 ? 2 : 1)));
      valid = inflate_column(stored, scratch, raw);
      break;
    }
    case code::kString:
      raw = fixed_text(in.bytes(static_cast<std::size_t>(in.number(column.meta > 255 ? 2 : 1))), type, scratch);
      break;
    case code::kTinyBlob:
    case code::kMediumBlob:
    case code::kLongBlob:
    case code::kBlob:
    case code::kGeometry:
    case code::kVector:
    case code::kBlobCompressed:
    case code::kJson: {
      if (column.meta == 0 || column.meta > 4) return ValueFault::kBroken;
      raw = in.bytes(static_cast<std::size_t>(in.number(column.meta)));
      if (column.type == code::kBlobCompressed) valid = inflate_column(raw, scratch, raw);
      if (column.type == code::kJson) {
        scratch.clear();
        valid = append_json_text(raw, scratch);
        from_scratch();
      }
      break;
    }
    default:
      return ValueFault::kUnknown;
  }
  return in.good() && valid ? ValueFault::kNone : ValueFault::kBroken;
}

bool fits(const LogColumn& column, const SourceType& type) {
  const auto is = [&](std::initializer_list<std::uint8_t> codes) {
    return std::ranges::find(codes, column.type) != codes.end();
  };
  const auto whole_code = [&]() -> std::uint8_t {
    if (type.name == "tinyint") return code::kTiny;
    if (type.name == "smallint") return code::kShort;
    if (type.name == "mediumint") return code::kInt24;
    return type.name == "bigint" ? code::kLongLong : code::kLong;
  };
  const auto digits = static_cast<unsigned>(std::max(type.length, 0));
  switch (type.form) {
    case Form::kInteger:
      return column.type == whole_code();
    case Form::kDecimal:
      return column.type == code::kNewDecimal && (column.meta & 0xFFU) == digits &&
             (column.meta >> 8U) == static_cast<unsigned>(type.scale);
    case Form::kFloat:
      return column.type == code::kFloat;
    case Form::kDouble:
      return column.type == code::kDouble;
    case Form::kBoolean:
    case Form::kBits:
      return column.type == code::kBit && (column.meta >> 8U) * 8 + (column.meta & 0xFFU) == std::max(digits, 1U);
    case Form::kDate:
      return column.type == code::kDate;
    case Form::kDateTime:
      return (column.type == code::kDateTime2 && column.meta == digits) || column.type == code::kDateTime;
    case Form::kTimestamp:
      return (column.type == code::kTimestamp2 && column.meta == digits) || column.type == code::kTimestamp;
    case Form::kTime:
      return (column.type == code::kTime2 && column.meta == digits) || column.type == code::kTime;
    case Form::kYear:
      return column.type == code::kYear;
    case Form::kEnum:
      return column.type == code::kEnum;
    case Form::kSet:
      return column.type == code::kSet;
    case Form::kJson:
      return is({code::kJson, code::kBlob, code::kLongBlob, code::kMediumBlob, code::kTinyBlob, code::kBlobCompressed});
    case Form::kGeometry:
      return is({code::kGeometry, code::kBlob});
    case Form::kOther:
      return column.type == code::kString;
    case Form::kText:
    case Form::kBytes:
      break;
  }
  if (type.name == "char" || type.name == "binary") return is({code::kString});
  if (type.name.starts_with("var")) return is({code::kVarchar, code::kVarString, code::kVarcharCompressed});
  return is({code::kBlob, code::kTinyBlob, code::kMediumBlob, code::kLongBlob, code::kVector, code::kBlobCompressed});
}

}  // namespace voyager::mysql
