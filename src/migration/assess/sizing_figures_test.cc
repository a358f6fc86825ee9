#include "migration/assess/sizing_figures.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "base/error.h"
#include "base/temporary_folder_testing.h"
#include "format/sqlite.h"
#include "migration/assess/sizing_testing_test.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

class SizingFiguresTest : public testing::Test {
 protected:
  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
};

TEST_F(SizingFiguresTest, EveryVersionIsComplete) {
  for (const char* version : {"2024.1.0.0", "2024.2.0.0", "2025.2.0.0"}) {
    const SizingFigures& figures = figures_for(version);
    EXPECT_EQ(figures.version, version);
    EXPECT_EQ(figures.memory_gib_per_core, 4);
    ASSERT_EQ(figures.colocated.size(), 3U);
    ASSERT_EQ(figures.sharded.size(), 3U);
    const std::int64_t colocated_objects[] = {2000, 5000, 5000}, sharded_objects[] = {992, 2140, 4316};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(figures.colocated[i].vcpus, 4 << i);
      EXPECT_EQ(figures.sharded[i].vcpus, 4 << i);
      EXPECT_EQ(figures.colocated[i].object_limit, colocated_objects[i]);
      EXPECT_EQ(figures.sharded[i].object_limit, sharded_objects[i]);
      EXPECT_DOUBLE_EQ(figures.colocated[i].size_limit_gb, 113);
      EXPECT_EQ(figures.colocated[i].insert_connections, 12 << i);
      EXPECT_EQ(figures.sharded[i].select_connections, 10 << i);
      EXPECT_GT(figures.sharded[i].selects_per_core, figures.sharded[i].inserts_per_core);
    }
    EXPECT_EQ(figures.colocated_load.size(), 15U);
    EXPECT_EQ(figures.sharded_load.size(), 15U);
    EXPECT_EQ(figures.index_factors.size(), 15U);
    EXPECT_EQ(figures.column_factors.size(), 18U);
    EXPECT_EQ(figures.node_throughput.size(), 9U);
  }
}

TEST_F(SizingFiguresTest, HasTheMeasuredNumbers) {
  const SizingFigures& figures = figures_for("2025.2.3.0");
  EXPECT_DOUBLE_EQ(figures.sharded[1].selects_per_core, 2271.7);
  EXPECT_DOUBLE_EQ(figures.colocated[2].inserts_per_core, 1171);
  EXPECT_EQ(figures.colocated_load[9].vcpus, 8);
  EXPECT_DOUBLE_EQ(figures.colocated_load[9].csv_gb, 113);
  EXPECT_DOUBLE_EQ(figures.colocated_load[9].seconds, 7147.33);
  EXPECT_DOUBLE_EQ(figures.sharded_load[14].rows, 600e6);
  EXPECT_EQ(figures.index_factors[3].colocated, std::nullopt) << "10 indexes on 4 vCPUs were not measured";
  EXPECT_EQ(figures.index_factors[3].sharded, 7.06);
  EXPECT_DOUBLE_EQ(figures.node_throughput[8].mbps, 118.98);
}

TEST_F(SizingFiguresTest, WithoutATargetVersionTheDefaultCounts) {
  EXPECT_EQ(figures_for("").version, "2025.2.0.0");
  EXPECT_EQ(figures_for("newest").version, "2025.2.0.0");
}

TEST_F(SizingFiguresTest, TheDatabaseIsLeftForReaders) {
  const fs::path file = dir_ / "yb_experiment_data_source.db";
  std::ofstream(file) << "something else";
  make_sizing_figures(file, "2025.2.3.0");
  format::SqliteConnection db(file, format::SqliteConnection::Mode::kReadOnly, format::state_words());
  format::Statement rows(db,
                         "SELECT count(*) FROM sharded_sizing s JOIN experiment_data_yb_versions USING "
                         "(yb_version_id) WHERE is_default AND dimension = 'MaxThroughput'");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.integer(0), 3);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(SizingFiguresTest, AFolderThatIsNotThereIsToldSo) {
  try {
    make_sizing_figures(dir_ / "missing" / "figures.db", "");
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "DIR-003");
    EXPECT_NE(error.info().where.find("figures.db"), std::string::npos);
  }
}

}  // namespace
}  // namespace voyager::migration
