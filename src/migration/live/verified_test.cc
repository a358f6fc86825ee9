#include "migration/live/verified.h"

#include <gtest/gtest.h>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"

namespace voyager::migration {
namespace {

TEST(Verified, OnlyARecentComparisonOfAllTablesThatFoundThemEqualCounts) {
  const base::TemporaryFolder folder;
  format::MetaDb db(folder.path());
  const auto why = [&](bool from_source, std::int64_t now) {
    return why_not_verified(last_verified(db), from_source, now);
  };
  EXPECT_NE(why(true, 0), "");
  note_verified(db, {.at = "a", .unix_seconds = 1'000, .equal = true, .all_tables = false});
  EXPECT_NE(why(true, 1'000), "") << "some tables say nothing about the rest";
  note_verified(db, {.at = "b", .unix_seconds = 1'000, .equal = true});
  EXPECT_EQ(why(true, 1'000 + kVerifiedForSeconds), "");
  EXPECT_NE(why(true, 1'001 + kVerifiedForSeconds), "");
  EXPECT_NE(why(false, 1'000), "") << "of the way there, not of the way back";
  note_verified(db, {.at = "c", .unix_seconds = 2'000, .equal = true, .all_tables = false});
  EXPECT_EQ(why(true, 2'000), "");
  note_verified(db, {.at = "d", .unix_seconds = 3'000, .equal = false, .all_tables = false});
  EXPECT_NE(why(true, 3'000), "") << "a difference in some tables is one";
}

}  // namespace
}  // namespace voyager::migration
