#include "format/byte_masks.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace voyager::format {
namespace {

constexpr std::uint64_t kLowBits = 0x0101010101010101U;

// One bit for each of 8 bytes that equals the byte repeated in `wanted`.
std::uint64_t equal_bits(std::uint64_t word, std::uint64_t wanted) {
  constexpr std::uint64_t kSeven = 0x7F * kLowBits;
  const std::uint64_t differing = word ^ wanted;
  const std::uint64_t high_bit_where_equal = ~(((differing & kSeven) + kSeven) | differing | kSeven);
  return (high_bit_where_equal * 0x0002040810204081U) >> 56;  // Gathers the eight high bits in order.
}

std::uint64_t load_little_endian(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

void classify_portable(const char* bytes, std::size_t count, const ByteTargets& targets, ByteMasks* out) {
  const auto repeated = [](char c) { return static_cast<unsigned char>(c) * kLowBits; };
  const std::uint64_t toggle = repeated(targets.toggle);
  const std::uint64_t escape = repeated(targets.escape);
  const std::uint64_t marker = repeated(targets.marker);
  for (; count > 0; --count, ++out) {
    *out = {};
    for (unsigned shift = 0; shift < kBlockBytes; shift += 8, bytes += 8) {
      const std::uint64_t word = load_little_endian(bytes);
      out->lf |= equal_bits(word, '\n' * kLowBits) << shift;
      out->cr |= equal_bits(word, '\r' * kLowBits) << shift;
      out->toggle |= equal_bits(word, toggle) << shift;
      out->escape |= equal_bits(word, escape) << shift;
      out->marker |= equal_bits(word, marker) << shift;
    }
  }
}

#if defined(__x86_64__)
struct Four {
  __m128i part[4];
};

std::uint64_t mask_sse2(const Four& block, __m128i wanted) {
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const int bits = _mm_movemask_epi8(_mm_cmpeq_epi8(block.part[i], wanted));
    mask |= static_cast<std::uint64_t>(static_cast<unsigned>(bits)) << (16 * i);
  }
  return mask;
}

void classify_sse2(const char* bytes, std::size_t count, const ByteTargets& targets, ByteMasks* out) {
  const __m128i lf = _mm_set1_epi8('\n');
  const __m128i cr = _mm_set1_epi8('\r');
  const __m128i toggle = _mm_set1_epi8(targets.toggle);
  const __m128i escape = _mm_set1_epi8(targets.escape);
  const __m128i marker = _mm_set1_epi8(targets.marker);
  for (; count > 0; --count, ++out, bytes += kBlockBytes) {
    Four block;
    for (unsigned i = 0; i < 4; ++i) {
      block.part[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
    }
    *out = {.lf = mask_sse2(block, lf),
            .cr = mask_sse2(block, cr),
            .toggle = mask_sse2(block, toggle),
            .escape = mask_sse2(block, escape),
            .marker = mask_sse2(block, marker)};
  }
}

__attribute__((target("avx2"))) inline std::uint64_t mask_avx2(__m256i low, __m256i high, __m256i wanted) {
  const auto first = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto second = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return first | (static_cast<std::uint64_t>(second) << 32);
}

__attribute__((target("avx2"))) void classify_avx2(const char* bytes, std::size_t count, const ByteTargets& targets,
                                                   ByteMasks* out) {
  const __m256i lf = _mm256_set1_epi8('\n');
  const __m256i cr = _mm256_set1_epi8('\r');
  const __m256i toggle = _mm256_set1_epi8(targets.toggle);
  const __m256i escape = _mm256_set1_epi8(targets.escape);
  const __m256i marker = _mm256_set1_epi8(targets.marker);
  for (; count > 0; --count, ++out, bytes += kBlockBytes) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
    out->lf = mask_avx2(low, high, lf);
    out->cr = mask_avx2(low, high, cr);
    out->toggle = mask_avx2(low, high, toggle);
    out->escape = mask_avx2(low, high, escape);
    out->marker = mask_avx2(low, high, marker);
  }
}
#endif

}  // namespace

ByteClassifier::ByteClassifier(const ByteTargets& targets, Instructions instructions)
    : targets_(targets), function_(classify_portable) {
#if defined(__x86_64__)
  const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (instructions == Instructions::kBest) instructions = has_avx2 ? Instructions::kAvx2 : Instructions::kSse2;
  if (instructions == Instructions::kSse2) function_ = classify_sse2;
  if (instructions == Instructions::kAvx2 && has_avx2) function_ = classify_avx2;
#else
  (void)instructions;
#endif
}

Hidden hidden_in_csv(const ByteMasks& masks, bool in_quote) {
  const std::uint64_t inside = prefix_xor(masks.toggle) ^ (in_quote ? ~0ULL : 0ULL);
  return {.bytes = inside, .in_quote = (inside >> 63) != 0};
}

Hidden hidden_in_csv_with_escape(const ByteMasks& masks, bool in_quote, bool escaped) {
  // Escapes count only inside quotes and only right before their byte, so runs of both have to be walked. Blocks
  // without either, which are most, fall through with one XOR.
  std::uint64_t toggles = 0;
  bool inside = in_quote;
  int expected = 0;  // Where a byte must stand for `escaped` to concern it.
  for (std::uint64_t left = masks.toggle | masks.escape; left != 0; left &= left - 1) {
    const int at = std::countr_zero(left);
    const bool is_escape = ((masks.escape >> at) & 1U) != 0;
    if (at != expected) escaped = false;
    if (is_escape) {
      escaped = inside && !escaped;
    } else if (escaped) {
      escaped = false;
    } else {
      inside = !inside;
      toggles |= 1ULL << at;
    }
    expected = at + 1;
  }
  if (expected != static_cast<int>(kBlockBytes)) escaped = false;
  return {.bytes = prefix_xor(toggles) ^ (in_quote ? ~0ULL : 0ULL), .in_quote = inside, .escaped = escaped};
}

Hidden hidden_in_text(const ByteMasks& masks, bool escaped) {
  // In a run of backslashes every second one is escaped. Adding the runs' odd starts to the runs carries a bit to the
  // end of each, whose parity then says which bytes are escaped (the method of simdjson's find_escaped).
  constexpr std::uint64_t kEven = 0x5555555555555555U;
  const std::uint64_t before = escaped ? 1U : 0U;
  const std::uint64_t backslash = masks.toggle & ~before;
  if (backslash == 0) return {.bytes = before};
  const std::uint64_t follows = (backslash << 1) | before;
  const std::uint64_t odd_starts = backslash & ~kEven & ~follows;
  std::uint64_t sum = 0;
  const bool carried = __builtin_add_overflow(odd_starts, backslash, &sum);
  return {.bytes = (kEven ^ (sum << 1)) & follows, .escaped = carried};
}

}  // namespace voyager::format
