// The hash of a row that a comparison is made of, for products that cannot compute it in their server. It is what
// PostgreSQL's functions hashtextextended, hashint4extended and hash_array_extended give, so that one side may be
// hashed by a server and the other one here.
#pragma once

#include <cstdint>
#include <string_view>

namespace voyager::connector {

/// hashtextextended(text COLLATE "C", seed), also of any bytes.
std::uint64_t hash_text(std::string_view text, std::uint64_t seed);
/// hashint4extended(number, seed)
std::uint64_t hash_int4(std::int32_t number, std::uint64_t seed);
/// hash_array_extended(ARRAY[bytes], seed)
std::uint64_t hash_bytes_in_array(std::string_view bytes, std::uint64_t seed);
/// The same of ARRAY[NULL], which is no null.
inline constexpr std::uint64_t kNullInArray = 31;
/// What a null adds to its row: any constant of its own for each column.
std::int64_t null_hash(std::uint32_t seed);
/// The bucket of a row among `buckets`, from the hash that it goes by.
std::uint32_t bucket_of_hash(std::uint64_t hash, std::uint32_t buckets);

}  // namespace voyager::connector
