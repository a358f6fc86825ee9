#include "connector/row_hash.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace voyager::connector {
namespace {

// What PostgreSQL 15 answers: SELECT hashtextextended(text COLLATE "C", seed). Every length of the last block once.
TEST(RowHash, TextsAreHashedAsPostgresqlDoes) {
  struct Case {
    std::string text = {};
    std::int64_t seed = 0;
    std::int64_t hash = 0;
  };
  const std::vector<Case> cases = {{"", 0, -6939563903564495251},
                                   {"", 1, -150071773020461347},
                                   {"a", 1, 3325245193489759299},
                                   {"abcd", 2, -3206633111849292621},
                                   {"abcdefgh", 3, 5134089110059031058},
                                   {"abcdefghi", 4, 3055300566771027408},
                                   {"abcdefghijk", 5, -7634654662594670088},
                                   {"abcdefghijkl", 6, 106251784670409308},
                                   {"abcdefghijklmnopqrstuvwxyz", 7, 5660214235766721277},
                                   {"日本語", 4294967296, -5252049594854489902},
                                   {"日本語", -1, 721106236517436916}};
  for (const Case& one : cases)
    EXPECT_EQ(static_cast<std::int64_t>(hash_text(one.text, static_cast<std::uint64_t>(one.seed))), one.hash)
        << one.text;
}

TEST(RowHash, NumbersAndBytesAreHashedAsPostgresqlDoes) {
  EXPECT_EQ(static_cast<std::int64_t>(hash_int4(0, 0)), 4154612158245552303);
  EXPECT_EQ(static_cast<std::int64_t>(hash_int4(1, 1)), -7620678293940249823);
  EXPECT_EQ(static_cast<std::int64_t>(hash_int4(-1, 2)), 3663858691631948182);
  EXPECT_EQ(static_cast<std::int64_t>(hash_int4(2147483647, 77)), -2436146966215324841);
  EXPECT_EQ(static_cast<std::int64_t>(hash_int4(-2147483647 - 1, 5000000000)), 154251619792157373);
  EXPECT_EQ(static_cast<std::int64_t>(hash_bytes_in_array(std::string("\0\xff\\", 3), 9)), -2109645528285370897);
  EXPECT_EQ(static_cast<std::int64_t>(hash_bytes_in_array("", 1)), -150071773020461316);
  EXPECT_EQ(kNullInArray, 31U);  // hash_array_extended(ARRAY[NULL::bytea], 5)
}

TEST(RowHash, BucketsAreThoseOfTheTarget) {
  EXPECT_EQ(bucket_of_hash(static_cast<std::uint64_t>(-1), 1), 0U);
  EXPECT_EQ(bucket_of_hash(static_cast<std::uint64_t>(-1), 10), 2147483647U % 10);
}

}  // namespace
}  // namespace voyager::connector
