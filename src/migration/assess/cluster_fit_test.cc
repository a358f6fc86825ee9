#include "migration/assess/cluster_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "migration/assess/sizing_testing_test.h"

namespace voyager::migration {
namespace {

using enum Place;
using testing::Each;
using testing::ElementsAre;

TEST(TabletsOf, EveryPhaseAtItsEdges) {
  // Three nodes. Up to one tablet a node: one for each 0.512 GB.
  EXPECT_EQ(tablets_of(3, 0), 0) << "an empty table has none yet";
  EXPECT_EQ(tablets_of(3, 0.0001), 1);
  EXPECT_EQ(tablets_of(3, 0.512), 1);
  EXPECT_EQ(tablets_of(3, 0.513), 2);
  EXPECT_EQ(tablets_of(3, 1.536), 3);
  EXPECT_EQ(tablets_of(3, 1.537), 3) << "4 by size, but one a node until they hold 10 GB each";
  EXPECT_EQ(tablets_of(3, 30), 3);
  EXPECT_EQ(tablets_of(3, 30.1), 4);
  EXPECT_EQ(tablets_of(3, 40), 4);
  EXPECT_EQ(tablets_of(3, 720), 72) << "3 + (720 − 30) / 10: 24 a node";
  EXPECT_EQ(tablets_of(3, 720.1), 72);
  EXPECT_EQ(tablets_of(3, 2400), 72);
  // Behind 24 × 100 GB the published rule counts 100 GB a tablet from 24 × 3 × 100 GB on, and so falls back first.
  EXPECT_EQ(tablets_of(3, 2401), 25) << "72 + (2401 − 7200) / 100 = 24.01";
  EXPECT_EQ(tablets_of(3, 7200), 72);
  EXPECT_EQ(tablets_of(3, 76'800), 768) << "256 a node";
  EXPECT_EQ(tablets_of(3, 76'801), 257) << "256 + (76,801 − 76,800) / 100";
  // One node, where the rule has no step.
  EXPECT_EQ(tablets_of(1, 2400), 24);
  EXPECT_EQ(tablets_of(1, 2401), 25);
  EXPECT_EQ(tablets_of(1, 25'600), 256);
  EXPECT_EQ(tablets_of(1, 25'601), 257);
}

/// Round figures: one core does 100 reads or 10 writes where colocated, 200 or 20 where not.
const Throughput kColocatedFigures = {.vcpus = 4,
                                      .selects_per_core = 100,
                                      .inserts_per_core = 10,
                                      .select_connections = 8,
                                      .insert_connections = 12,
                                      .size_limit_gb = 10,
                                      .object_limit = 5};
const Throughput kShardedFigures = {.vcpus = 4,
                                    .selects_per_core = 200,
                                    .inserts_per_core = 20,
                                    .select_connections = 6,
                                    .insert_connections = 20,
                                    .object_limit = 12};

SizedTable table(const char* name, double gb, std::size_t indexes = 0) {
  return {.name = name, .gb = gb, .index_gb = std::vector<double>(indexes, 0.0), .total_gb = gb};
}

SizedTable busy(const char* name, double reads, double writes) {
  return {.name = name, .reads_per_second = reads, .writes_per_second = writes};
}

ClusterFit colocate(const std::vector<SizedTable>& tables) {
  return fit_cluster(tables, true, kColocatedFigures, kShardedFigures);
}
ClusterFit shard(const std::vector<SizedTable>& tables) {
  return fit_cluster(tables, false, kColocatedFigures, kShardedFigures);
}

TEST(Colocation, SizeUpToTheLimit) {
  EXPECT_THAT(colocate({table("a", 3), table("b", 7)}).places, Each(kColocated)) << "exactly 10 GB";
  EXPECT_THAT(colocate({table("a", 3), table("b", 7.01), table("c", 0.5)}).places,
              ElementsAre(kColocated, kTooLarge, kAfterMisfit))
      << "all behind the first that does not fit are sharded";
}

TEST(Colocation, SizesOfIndexesCount) {
  SizedTable one = table("a", 9);
  one.index_gb = {1.5};
  one.total_gb = 10.5;
  EXPECT_THAT(colocate({one}).places, ElementsAre(kTooLarge));
}

TEST(Colocation, ObjectsUpToTheLimit) {
  EXPECT_THAT(colocate({table("a", 0, 2), table("b", 0, 1)}).places, Each(kColocated)) << "5 objects";
  EXPECT_THAT(colocate({table("a", 0, 2), table("b", 0, 2), table("c", 0)}).places,
              ElementsAre(kColocated, kTooManyObjects, kAfterMisfit));
}

TEST(Colocation, MoreThanTwoIndexesNever) {
  const ClusterFit fit = colocate({table("a", 0, 3), table("b", 1, 2), table("c", 9.5), table("d", 9.6, 3)});
  EXPECT_THAT(fit.places, ElementsAre(kManyIndexes, kColocated, kTooLarge, kManyIndexes))
      << "they take no room from the others";
}

TEST(Colocation, LoadUpToOneNode) {
  EXPECT_THAT(colocate({busy("a", 200, 0), busy("b", 0, 20)}).places, Each(kColocated)) << "exactly 4 cores";
  EXPECT_THAT(colocate({busy("a", 200, 0), busy("b", 1, 20), busy("c", 0, 0)}).places,
              ElementsAre(kColocated, kTooBusy, kAfterTooBusy));
}

TEST(Nodes, ByLoad) {
  EXPECT_EQ(shard({}).nodes, 3) << "one for each copy";
  EXPECT_EQ(shard({}).cores, 12);
  const ClusterFit exact = shard({busy("a", 2400, 0)});
  EXPECT_EQ(exact.nodes, 3);
  EXPECT_EQ(exact.cores, 12);
  const ClusterFit above = shard({busy("a", 2400, 1)});
  EXPECT_EQ(above.cores, 13);
  EXPECT_EQ(above.nodes, 4);
}

TEST(Nodes, OneMoreForTheSharedTablet) {
  const ClusterFit fit = colocate({busy("a", 0, 0), busy("b", 2400, 0)});
  EXPECT_THAT(fit.places, ElementsAre(kColocated, kTooBusy));
  EXPECT_EQ(fit.nodes, 4);
  EXPECT_EQ(fit.cores, 16);
  EXPECT_EQ(colocate({busy("a", 0, 0)}).nodes, 3) << "three in any case";
}

TEST(Nodes, ByTablets) {
  // 12 tablets a node. 0.4 GB: 1 tablet, × 6. Six of them: 36, three nodes; seven: 42, four nodes.
  std::vector<SizedTable> tables(6, table("t", 0.4));
  EXPECT_EQ(shard(tables).nodes, 3);
  tables.push_back(table("t", 0.4));
  EXPECT_EQ(shard(tables).nodes, 4);
  EXPECT_EQ(shard(tables).cores, 16) << "all of the nodes";
  tables.back() = table("t", 0, 1);
  tables.back().index_gb = {0.4};
  EXPECT_EQ(shard(tables).nodes, 4) << "an index is split like a table";
}

TEST(Nodes, TabletsOfColocatedTablesDoNotCount) {
  EXPECT_EQ(colocate(std::vector<SizedTable>(5, table("t", 1.5))).nodes, 3);
  EXPECT_EQ(shard(std::vector<SizedTable>(5, table("t", 1.5))).nodes, 8) << "15 × 6 / 12 = 7.5";
}

TEST(Connections, TheLesserOfBothKinds) {
  EXPECT_EQ(shard({}).select_connections, 6);
  EXPECT_EQ(shard({}).insert_connections, 20);
  EXPECT_EQ(colocate({table("a", 0)}).select_connections, 6);
  EXPECT_EQ(colocate({table("a", 0)}).insert_connections, 12);
}

TEST(ObjectLimit, OfShardedTables) {
  EXPECT_TRUE(shard(std::vector<SizedTable>(4, table("t", 0, 2))).fits()) << "12 objects";
  const ClusterFit fit = shard(std::vector<SizedTable>(13, table("t", 0)));
  EXPECT_FALSE(fit.fits());
  EXPECT_THAT(fit.failure, testing::HasSubstr("13 tables and indexes"));
  EXPECT_TRUE(colocate(std::vector<SizedTable>(13, table("t", 0))).fits()) << "5 of them are colocated";
  EXPECT_FALSE(colocate(std::vector<SizedTable>(18, table("t", 0))).fits());
}

// --- the better of several

const Throughput kSmall = {.vcpus = 4};
const Throughput kLarge = {.vcpus = 8};

ClusterFit cluster(const Throughput& kind, std::int64_t nodes, std::int64_t cores, bool fits = true) {
  ClusterFit fit{.sharded_figures = &kind, .cores = cores, .nodes = nodes};
  if (!fits) fit.failure = "too small";
  return fit;
}

TEST(BestFit, FewestCoresThenTheLargerNode) {
  EXPECT_EQ(best_fit(std::vector{cluster(kSmall, 8, 30), cluster(kLarge, 4, 31)}).vcpus(), 4);
  EXPECT_EQ(best_fit(std::vector{cluster(kSmall, 8, 30), cluster(kLarge, 4, 30)}).vcpus(), 8);
  EXPECT_EQ(best_fit(std::vector{cluster(kSmall, 8, 31), cluster(kLarge, 4, 30)}).vcpus(), 8);
}

TEST(BestFit, WhatDoesNotFitLoses) {
  EXPECT_EQ(best_fit(std::vector{cluster(kSmall, 0, 0, false), cluster(kLarge, 9, 72)}).vcpus(), 8);
  EXPECT_EQ(best_fit(std::vector{cluster(kSmall, 9, 36), cluster(kLarge, 0, 0, false)}).vcpus(), 4);
  EXPECT_EQ(best_fit(std::vector{cluster(kSmall, 0, 0, false), cluster(kLarge, 0, 9, false)}).vcpus(), 8)
      << "none fits: the largest";
}

TEST(BetterStrategy, WithNodesOfOneKind) {
  const ClusterFit three = cluster(kSmall, 3, 12), four = cluster(kSmall, 4, 16), other_three = cluster(kSmall, 3, 12);
  EXPECT_EQ(&better_strategy(three, four), &three);
  EXPECT_EQ(&better_strategy(four, three), &three);
  EXPECT_EQ(&better_strategy(three, other_three), &other_three) << "equals go to the one without colocation";
}

TEST(BetterStrategy, WithNodesOfTwoKinds) {
  const ClusterFit small_3 = cluster(kSmall, 3, 12), large_3 = cluster(kLarge, 3, 24), small_6 = cluster(kSmall, 6, 24);
  EXPECT_EQ(&better_strategy(small_3, large_3), &small_3) << "fewer vCPUs";
  EXPECT_EQ(&better_strategy(large_3, small_3), &small_3);
  EXPECT_EQ(&better_strategy(small_6, large_3), &large_3) << "equal vCPUs: the larger nodes";
  EXPECT_EQ(&better_strategy(large_3, small_6), &large_3);
}

TEST(BetterStrategy, WhatDoesNotFitLoses) {
  const ClusterFit fits = cluster(kLarge, 9, 72), none = cluster(kSmall, 0, 0, false),
                   other = cluster(kSmall, 0, 0, false);
  EXPECT_EQ(&better_strategy(fits, none), &fits);
  EXPECT_EQ(&better_strategy(none, fits), &fits);
  EXPECT_EQ(&better_strategy(none, other), &none) << "the one with colocation tells why";
}

}  // namespace
}  // namespace voyager::migration
