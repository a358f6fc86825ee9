#include "migration/changes/archive.h"

#include <gtest/gtest.h>

namespace voyager::migration {
namespace {

using format::SegmentRow;

SegmentRow segment(std::uint64_t number, const char* exporter, std::vector<std::string> imported_by,
                   bool closed = true) {
  return {.number = number, .exporter_role = exporter, .closed = closed, .imported_by = std::move(imported_by)};
}

std::vector<std::uint64_t> numbers(const std::vector<SegmentRow>& segments) {
  std::vector<std::uint64_t> out;
  for (const SegmentRow& one : segments) out.push_back(one.number);
  return out;
}

TEST(Archive, TheNewestAppliedOnesOfAnExporterStay) {
  std::vector<SegmentRow> all;
  for (std::uint64_t i = 0; i < 6; ++i) all.push_back(segment(i, "source_db_exporter", {"target_db_importer"}));
  all.push_back(segment(6, "source_db_exporter", {}, false));
  EXPECT_EQ(numbers(segments_to_put_away(all, false, 3, false)), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ(numbers(segments_to_put_away(all, false, 3, true)), (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Archive, EveryImporterThatNeedsASegmentHasToBeThroughIt) {
  const std::vector<SegmentRow> all = {
      segment(0, "source_db_exporter", {"target_db_importer", "source_replica_db_importer"}),
      segment(1, "source_db_exporter", {"target_db_importer"}),
      segment(2, "source_db_exporter", {"source_replica_db_importer"}),
      segment(3, "target_db_exporter_fb", {"source_db_importer"}),
      segment(4, "target_db_exporter_fb", {}),
      segment(5, "target_db_exporter_ff", {"source_replica_db_importer"})};
  EXPECT_EQ(numbers(segments_to_put_away(all, true, 0, false)), (std::vector<std::uint64_t>{0, 3, 5}));
  EXPECT_EQ(numbers(segments_to_put_away(all, false, 0, false)), (std::vector<std::uint64_t>{0, 1, 3, 5}));
}

TEST(Archive, WhatIsOpenOrGoneIsLeftAlone) {
  std::vector<SegmentRow> all = {segment(0, "source_db_exporter", {"target_db_importer"}),
                                 segment(1, "source_db_exporter", {"target_db_importer"}, false)};
  all[0].deleted = true;
  EXPECT_TRUE(segments_to_put_away(all, false, 0, true).empty());
}

}  // namespace
}  // namespace voyager::migration
