// Bucket hashes of one table, gathered from both sides.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "connector/comparison.h"

namespace voyager::migration {

/// Rows and hash sum per bucket. Sums are kept modulo 2^64: as good a fingerprint as the sum itself.
class SideTally {
 public:
  void add(const std::vector<connector::BucketHash>& part);
  std::uint64_t rows() const;
  /// Buckets whose rows or sums differ, ascending.
  static std::vector<std::uint32_t> differing(const SideTally& a, const SideTally& b);

 private:
  struct Sum {
    std::uint64_t rows = 0;
    std::uint64_t hash = 0;
    bool operator==(const Sum&) const = default;
  };
  std::map<std::uint32_t, Sum> buckets_ = {};
};

}  // namespace voyager::migration
