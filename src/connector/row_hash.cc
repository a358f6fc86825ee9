#include "connector/row_hash.h"

#include <bit>
#include <cstddef>

namespace voyager::connector {
namespace {

// Bob Jenkins' lookup3 with PostgreSQL's initial value, little-endian.
struct State {
  std::uint32_t a = 0, b = 0, c = 0;

  State(std::uint32_t length, std::uint64_t seed) {
    a = b = c = 0x9e3779b9U + length + 3923095U;
    if (seed == 0) return;
    a += static_cast<std::uint32_t>(seed >> 32U);
    b += static_cast<std::uint32_t>(seed);
    mix();
  }

  void mix() {
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }

  std::uint64_t finish() {
    c ^= b, c -= std::rotl(b, 14);
    a ^= c, a -= std::rotl(c, 11);
    b ^= a, b -= std::rotl(a, 25);
    c ^= b, c -= std::rotl(b, 16);
    a ^= c, a -= std::rotl(c, 4);
    b ^= a, b -= std::rotl(a, 14);
    c ^= b, c -= std::rotl(b, 24);
    return (static_cast<std::uint64_t>(b) << 32U) | c;
  }
};

// Up to four bytes, the first one lowest.
std::uint32_t word(std::string_view bytes) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 4; ++i)
    out |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return out;
}

}  // namespace

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  State state(static_cast<std::uint32_t>(text.size()), seed);
  while (text.size() >= 12) {
    state.a += word(text);
    state.b += word(text.substr(4));
    state.c += word(text.substr(8));
    state.mix();
    text.remove_prefix(12);
  }
  state.a += word(text);
  if (text.size() > 4) state.b += word(text.substr(4));
  // The lowest byte of the last word stands for the length.
  if (text.size() > 8) state.c += word(text.substr(8)) << 8U;
  return state.finish();
}

std::uint64_t hash_int4(std::int32_t number, std::uint64_t seed) {
  State state(sizeof number, seed);
  state.a += static_cast<std::uint32_t>(number);
  return state.finish();
}

std::uint64_t hash_bytes_in_array(std::string_view bytes, std::uint64_t seed) {
  return 31 + hash_text(bytes, seed);
}

// The finaliser of splitmix64.
std::int64_t null_hash(std::uint32_t seed) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<std::int64_t>((z ^ (z >> 31)) >> 1);
}

std::uint32_t bucket_of_hash(std::uint64_t hash, std::uint32_t buckets) {
  constexpr std::uint64_t kPositive = 2147483647;
  return buckets <= 1 ? 0 : static_cast<std::uint32_t>(hash & kPositive) % buckets;
}

}  // namespace voyager::connector
