#include "migration/snapshot/chunk_scheduler.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <string>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"

namespace voyager::migration {
namespace {

class ChunkSchedulerTest : public testing::Test {
 protected:
  static model::PlannedTable planned(const char* name, std::uint64_t pages, double bytes_per_page) {
    model::PlannedTable one;
    one.table.name = one.table.root = {model::Identifier("public"), model::Identifier(name)};
    one.space = {.all = {0, pages}, .bytes_per_unit = bytes_per_page};
    one.table.bytes = static_cast<std::uint64_t>(static_cast<double>(pages) * bytes_per_page);
    return one;
  }

  static ChunkLease one_of(ChunkScheduler& scheduler) {
    const std::vector<ChunkLease> leases = scheduler.next();
    EXPECT_EQ(leases.size(), 1U);
    return leases.at(0);
  }

  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
};

constexpr double kPage = 8192;

TEST_F(ChunkSchedulerTest, ChunksCoverEveryTableOnceLargestFirstAndTaper) {
  format::MetaDb db(dir_);
  // 2 GiB, 200 MiB whose bytes sit in TOAST (few pages), one that cannot be cut, one empty.
  const std::vector<model::PlannedTable> plan = {planned("big", 262'144, kPage), planned("toasted", 400, 524'288),
                                                 planned("whole", 0, 0), planned("small", 3, kPage)};
  db.save_plan(plan);
  ChunkScheduler scheduler(db, db, plan, {}, 4, true);
  std::map<std::string, std::vector<model::Range>> ranges;
  std::vector<std::uint64_t> big_sizes;
  std::string first;
  for (std::vector<ChunkLease> leases = scheduler.next(); !leases.empty(); leases = scheduler.next()) {
    for (const ChunkLease& lease : leases) {
      const std::string name = lease.chunk.table.name.catalog_text();
      if (first.empty()) first = name;
      ranges[name].push_back(lease.chunk.range);
      if (name == "big") big_sizes.push_back(lease.chunk.range.end - lease.chunk.range.begin);
    }
  }
  EXPECT_EQ(first, "big");
  for (const model::PlannedTable& table : plan) {
    const std::vector<model::Range>& parts = ranges[table.table.name.name.catalog_text()];
    ASSERT_FALSE(parts.empty());
    std::uint64_t at = table.space.all.begin;
    for (const model::Range& part : parts) {
      EXPECT_EQ(part.begin, at);
      at = part.end;
    }
    EXPECT_EQ(at, table.space.all.end);
  }
  EXPECT_GT(ranges["toasted"].size(), 4U) << "weighed by bytes, not by pages";
  EXPECT_EQ(ranges["whole"].size(), 1U);
  EXPECT_GT(big_sizes.front(), 2 * big_sizes.back()) << "the last chunks are small";
}

TEST_F(ChunkSchedulerTest, ManyWorkersHoldFewFilesEach) {
  format::MetaDb db(dir_);
  constexpr int kWorkers = 32;
  std::vector<model::PlannedTable> plan;
  for (int i = 0; i < 10'000; ++i) plan.push_back(planned(("t" + std::to_string(i)).c_str(), 0, 0));
  db.save_plan(plan);
  ChunkScheduler scheduler(db, db, plan, {}, kWorkers, true);
  std::size_t open = 0;
  for (int i = 0; i < kWorkers; ++i) open += scheduler.next().size();
  EXPECT_GT(open, std::size_t{4} * kWorkers);
  EXPECT_LT(open, 1'000U) << "a process may have 1,024 files open";
}

TEST_F(ChunkSchedulerTest, UnfinishedChunksOfAnEarlierRunComeFirst) {
  format::MetaDb db(dir_);
  db.save_plan({planned("t", 2'000, kPage)});
  ChunkLease before;
  {
    ChunkScheduler scheduler(db, db, db.plan(), {}, 1, false);
    before = one_of(scheduler);
  }
  ChunkScheduler again(db, db, db.plan(), db.leased_chunks(), 1, false);
  const ChunkLease lease = one_of(again);
  EXPECT_EQ(lease.chunk.file_name, before.chunk.file_name);
  EXPECT_EQ(lease.chunk.range, before.chunk.range);
  std::vector<std::size_t> complete = again.finish({lease});
  for (std::vector<ChunkLease> next = again.next(); !next.empty(); next = again.next()) {
    EXPECT_TRUE(complete.empty());
    complete = again.finish(next);
  }
  EXPECT_EQ(complete, std::vector<std::size_t>{0}) << "the last finished chunk closes its table";
  EXPECT_TRUE(db.leased_chunks().empty());
}

TEST_F(ChunkSchedulerTest, SizesFollowWhatChunksReallyHad) {
  format::MetaDb db(dir_);
  // Statistics say 8 KiB a page; the rows turn out ten times as large.
  db.save_plan({planned("t", 100'000, kPage)});
  ChunkScheduler scheduler(db, db, db.plan(), {}, 2, false);
  ChunkLease first = one_of(scheduler);
  const std::uint64_t pages = first.chunk.range.end - first.chunk.range.begin;
  first.chunk.raw_bytes = pages * 81'920;
  scheduler.finish({first});
  const ChunkLease second = one_of(scheduler);
  EXPECT_LT(second.chunk.range.end - second.chunk.range.begin, pages);
}

TEST_F(ChunkSchedulerTest, WhatComesFirstAndIsEmptyDoesNotMakeOneChunkOfTheRest) {
  format::MetaDb db(dir_);
  db.save_plan({planned("pieces of large objects", 100'000, kPage)});
  ChunkScheduler scheduler(db, db, db.plan(), {}, 2, false);
  const ChunkLease first = one_of(scheduler);
  scheduler.finish({first});  // No bytes.
  const ChunkLease second = one_of(scheduler);
  EXPECT_LE(second.chunk.range.end - second.chunk.range.begin, first.chunk.range.end - first.chunk.range.begin);
}

TEST_F(ChunkSchedulerTest, SmallTablesAreHandedOutAndFinishedTogether) {
  format::MetaDb db(dir_);
  std::vector<model::PlannedTable> plan = {planned("big", 20'000, kPage)};
  std::vector<std::string> names;
  for (int i = 0; i < 1'000; ++i) names.push_back("small_" + std::to_string(i));
  for (const std::string& name : names) plan.push_back(planned(name.c_str(), 1, kPage));
  db.save_plan(plan);
  ChunkScheduler scheduler(db, db, db.plan(), {}, 2, false);
  std::size_t steps = 0;
  std::map<std::size_t, int> complete;
  for (std::vector<ChunkLease> leases = scheduler.next(); !leases.empty(); leases = scheduler.next()) {
    ++steps;
    if (leases[0].table_index == 0) {
      EXPECT_EQ(leases.size(), 1U) << "what takes its time is handed out alone";
    }
    EXPECT_EQ(db.leased_chunks().size(), leases.size()) << "saved before they are handed out";
    for (const std::size_t table : scheduler.finish(leases)) ++complete[table];
  }
  EXPECT_LT(steps, 100U);
  EXPECT_EQ(complete.size(), plan.size());
  for (const auto& [table, times] : complete) EXPECT_EQ(times, 1);
  EXPECT_TRUE(db.open_tables().empty());
}

TEST_F(ChunkSchedulerTest, FewTablesAreSharedOutToAllWorkers) {
  format::MetaDb db(dir_);
  std::vector<model::PlannedTable> plan;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) plan.push_back(planned(name, 1, kPage));
  db.save_plan(plan);
  ChunkScheduler scheduler(db, db, db.plan(), {}, 4, false);
  for (int i = 0; i < 8; ++i) one_of(scheduler);
  EXPECT_TRUE(scheduler.next().empty());
}

}  // namespace
}  // namespace voyager::migration
