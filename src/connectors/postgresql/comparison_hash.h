// The statements that hash rows, shaped for a table. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connector/comparison.h"
#include "model/table.h"

namespace voyager::postgresql {

/// Which rows of the table to read: heap pages [begin, end). An absent end (0) means up to the last page, also when the
/// table has grown; begin and end 0 mean all.
struct PageRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool none = false;  ///< Nothing at all: another slice has everything.
};

/// The pages of `slice` of a table of `pages` pages (for a partitioned table: of its largest leaf).
PageRange pages_of(const connector::Slice& slice, std::uint64_t pages);

/// SQL for the 64-bit hash of one value; `seed` tells equal values of different columns apart. Never null.
std::string value_hash(const model::Column& column, std::uint32_t seed, bool as_utf8 = false);

/// SELECT bucket, rows, sum. `only` leaves children by inheritance out.
std::string bucket_query(const connector::HashRequest& request, const PageRange& pages, bool only);

/// SELECT number, bucket, rows, sum of several whole tables; `number` is a table's place in `requests`.
std::string buckets_query(const std::vector<const connector::HashRequest*>& requests, const std::vector<bool>& only);

/// SELECT key, hash of the rows whose bucket is in $1 (int4[]).
std::string row_query(const connector::HashRequest& request, bool only);

}  // namespace voyager::postgresql
