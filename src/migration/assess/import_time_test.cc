#include "migration/assess/import_time.h"

#include <gtest/gtest.h>

#include "migration/assess/sizing_testing_test.h"

namespace voyager::migration {
namespace {

ImportTime time_for(int vcpus, bool colocated, const char* target = "2025.2.3.0") {
  return {.data = figures_for(target), .vcpus = vcpus, .colocated = colocated};
}

TEST(BaseSeconds, TheSlowerOfSizeAndRows) {
  const ImportTime time = time_for(4, false);
  EXPECT_DOUBLE_EQ(time.base_seconds(0, 0), 0);
  EXPECT_DOUBLE_EQ(time.base_seconds(9, 0), 535) << "534.3, rounded up";
  EXPECT_DOUBLE_EQ(time.base_seconds(0, 50e6), 535);
  EXPECT_DOUBLE_EQ(time.base_seconds(9, 100e6), 1141) << "1140.31 by rows";
  EXPECT_DOUBLE_EQ(time.base_seconds(18, 50e6), 1081) << "1140.31 × 18/19 by size";
  EXPECT_DOUBLE_EQ(time_for(4, true).base_seconds(9, 0), 783);
}

TEST(BaseSeconds, TheNearestEntryIsScaledAndTheFirstOfTwo) {
  const ImportTime time = time_for(4, false);
  EXPECT_DOUBLE_EQ(time.base_seconds(14, 0), 832) << "as near to 19 GB: 534.3 × 14/9 = 831.1";
  EXPECT_DOUBLE_EQ(time.base_seconds(14.01, 0), 841) << "1140.31 × 14.01/19 = 840.8";
  EXPECT_DOUBLE_EQ(time.base_seconds(0, 75e6), 802) << "534.3 × 75/50 = 801.5";
  EXPECT_DOUBLE_EQ(time.base_seconds(1130, 0), 96'084) << "ten times the largest";
}

TEST(IndexFactor, OfTheNearestNumber) {
  const ImportTime time = time_for(4, false);
  EXPECT_DOUBLE_EQ(time.index_factor(0), 1);
  EXPECT_DOUBLE_EQ(time.index_factor(1), 1.37);
  EXPECT_DOUBLE_EQ(time.index_factor(3), 1.87 / 2 * 3) << "2 is nearer than 5";
  EXPECT_DOUBLE_EQ(time.index_factor(4), 3.61 / 5 * 4);
  EXPECT_DOUBLE_EQ(time.index_factor(15), 7.06 / 10 * 15) << "10 comes before 20";
  EXPECT_DOUBLE_EQ(time.index_factor(40), 15.55 / 20 * 40);
}

TEST(IndexFactor, WhatWasNotMeasuredTakesTheLastThatWas) {
  EXPECT_DOUBLE_EQ(time_for(4, true).index_factor(20), 4.4 / 5 * 20);
  EXPECT_DOUBLE_EQ(time_for(8, true, "2024.2.0.0").index_factor(5), 5.83 / 2 * 5) << "5 indexes were not measured";
}

TEST(ColumnFactor, OfTheNextLargerNumber) {
  const ImportTime time = time_for(4, false);
  EXPECT_DOUBLE_EQ(time.column_factor(1), 1);
  EXPECT_DOUBLE_EQ(time.column_factor(5), 1);
  EXPECT_DOUBLE_EQ(time.column_factor(6), 1.06);
  EXPECT_DOUBLE_EQ(time.column_factor(40), 1.38);
  EXPECT_DOUBLE_EQ(time.column_factor(41), 1.87);
  EXPECT_DOUBLE_EQ(time.column_factor(160), 2.71);
  EXPECT_DOUBLE_EQ(time.column_factor(320), 2.71 * 2) << "wider than all: in proportion";
}

TEST(ColumnFactor, WhatWasNotMeasuredTakesTheLastThatWas) {
  EXPECT_DOUBLE_EQ(time_for(4, true).column_factor(81), 1.63 / 80 * 81) << "160 columns were not measured";
  EXPECT_DOUBLE_EQ(time_for(16, true).column_factor(200), 1.29 / 80 * 200);
}

TEST(NodeDivisor, FromTheNearestNumberOfNodes) {
  const ImportTime time = time_for(4, false);
  EXPECT_DOUBLE_EQ(time.node_divisor(3), 1);
  EXPECT_DOUBLE_EQ(time.node_divisor(4), 4 * 15.81 / 3 / 15.81);
  EXPECT_DOUBLE_EQ(time.node_divisor(5), 5 * 23.66 / 6 / 15.81);
  EXPECT_DOUBLE_EQ(time.node_divisor(6), 23.66 / 15.81);
  EXPECT_DOUBLE_EQ(time.node_divisor(18), 18 * 28.92 / 9 / 15.81);
  EXPECT_DOUBLE_EQ(time_for(4, true).node_divisor(9), 1) << "one tablet is on one node";
}

TEST(ImportMinutes, BothPartsAreRoundedUpAlone) {
  std::vector<SizedTable> tables = {{.name = "s.a", .rows = 1}, {.name = "s.b", .rows = 1}};
  const SizingFigures& data = figures_for("2025.2.3.0");
  ClusterFit fit{.sharded_figures = &data.sharded[0], .places = {Place::kColocated, Place::kTooBusy}, .nodes = 3};
  EXPECT_DOUBLE_EQ(import_minutes(tables, fit, data, true), 2);
  fit.places[0] = Place::kTooBusy;
  EXPECT_DOUBLE_EQ(import_minutes(tables, fit, data, true), 1);
  tables.clear();
  fit.places.clear();
  EXPECT_DOUBLE_EQ(import_minutes(tables, fit, data, true), 0);
}

TEST(ImportMinutes, RedundantIndexesCanBeLeftOut) {
  const std::vector<SizedTable> tables = {
      {.name = "s.a", .gb = 9, .index_gb = {1, 1}, .rows = 50e6, .redundant_indexes = 2}};
  const SizingFigures& data = figures_for("2025.2.3.0");
  const ClusterFit fit{.sharded_figures = &data.sharded[0], .places = {Place::kAllSharded}, .nodes = 3};
  EXPECT_DOUBLE_EQ(import_minutes(tables, fit, data, true), 17) << "535 × 1.87 / 60 = 16.7";
  EXPECT_DOUBLE_EQ(import_minutes(tables, fit, data, false), 9) << "535 / 60 = 8.9";
}

TEST(ImportMinutes, WideColocatedTablesTakeTime) {
  const std::vector<SizedTable> tables = {{.name = "s.a", .gb = 9, .rows = 50e6, .columns = 100}};
  const SizingFigures& data = figures_for("2025.2.3.0");
  const ClusterFit fit{.sharded_figures = &data.sharded[0], .places = {Place::kColocated}, .nodes = 3};
  EXPECT_DOUBLE_EQ(import_minutes(tables, fit, data, true), 27) << "783 × 1.63/80 × 100 / 60 = 26.6";
}

}  // namespace
}  // namespace voyager::migration
