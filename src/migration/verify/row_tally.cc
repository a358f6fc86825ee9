#include "migration/verify/row_tally.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/error.h"

namespace voyager::migration {
namespace {

// Decimal text, with or without sign, modulo 2^64.
std::uint64_t wrapped(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  VOY_ASSERT(!text.empty());
  std::uint64_t value = 0;
  for (const char c : text) {
    VOY_ASSERT(c >= '0' && c <= '9');
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return negative ? 0 - value : value;
}

}  // namespace

void SideTally::add(const std::vector<connector::BucketHash>& part) {
  for (const connector::BucketHash& bucket : part) {
    Sum& sum = buckets_[bucket.bucket];
    sum.rows += bucket.rows;
    sum.hash += wrapped(bucket.sum);
  }
}

std::uint64_t SideTally::rows() const {
  std::uint64_t rows = 0;
  for (const auto& [bucket, sum] : buckets_) rows += sum.rows;
  return rows;
}

std::vector<std::uint32_t> SideTally::differing(const SideTally& a, const SideTally& b) {
  std::vector<std::uint32_t> out;
  const auto look = [&out](const SideTally& one, const SideTally& other) {
    for (const auto& [bucket, sum] : one.buckets_) {
      const auto found = other.buckets_.find(bucket);
      if (found == other.buckets_.end() || found->second != sum) out.push_back(bucket);
    }
  };
  look(a, b);
  look(b, a);
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

}  // namespace voyager::migration
