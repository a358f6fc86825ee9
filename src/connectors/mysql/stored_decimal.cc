#include "connectors/mysql/stored_decimal.h"

#include <algorithm>
#include <array>

#include "connectors/mysql/byte_reader.h"

namespace voyager::mysql {
namespace {

constexpr unsigned kGroup = 9;
constexpr unsigned kPrecisionMax = 65;
constexpr std::array<unsigned, 10> kBytes = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};  // for so many digits
constexpr std::array<unsigned, 10> kPowers = {1,       10,        100,        1000,        10'000,
                                              100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

}  // namespace

std::size_t decimal_bytes(unsigned precision, unsigned scale) {
  if (scale > precision || precision > kPrecisionMax) return 0;
  const unsigned whole = precision - scale;
  return kBytes.at(whole % kGroup) + whole / kGroup * 4 + scale / kGroup * 4 + kBytes.at(scale % kGroup);
}

// Groups of nine digits in four bytes, most significant first; the first and the last group may have fewer. The highest
// bit is set for what is not negative, and all bits of negative ones are turned round.
bool read_decimal(std::string_view bytes, unsigned precision, unsigned scale, std::string& out) {
  out.clear();
  if (bytes.empty() || bytes.size() != decimal_bytes(precision, scale)) return false;
  std::array<char, 32> turned{};
  std::ranges::copy(bytes, turned.begin());
  const bool negative = (static_cast<unsigned char>(turned[0]) & 0x80U) == 0;
  turned[0] = static_cast<char>(static_cast<unsigned char>(turned[0]) ^ 0x80U);
  if (negative) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      turned.at(i) = static_cast<char>(~static_cast<unsigned char>(turned.at(i)));
  }
  ByteReader groups({turned.data(), bytes.size()});
  bool valid = true;
  const auto group = [&](unsigned digits) {
    auto value = static_cast<unsigned>(groups.big_endian(kBytes.at(digits)));
    valid &= value < kPowers.at(digits);
    const std::size_t at = out.size();
    out.resize(at + digits);
    for (unsigned i = digits; i-- > 0; value /= 10) out[at + i] = static_cast<char>('0' + value % 10);
  };
  const unsigned whole = precision - scale;
  group(whole % kGroup);
  for (unsigned i = 0; i < whole / kGroup; ++i) group(kGroup);
  out.erase(0, std::min(out.find_first_not_of('0'), out.size()));
  if (out.empty()) out = "0";
  if (scale > 0) {
    out += '.';
    for (unsigned i = 0; i < scale / kGroup; ++i) group(kGroup);
    group(scale % kGroup);
  }
  if (negative) out.insert(out.begin(), '-');
  return valid;
}

}  // namespace voyager::mysql
