// The flow against a target in memory, and what it leaves in the state.
#include "migration/performance/compare_performance.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "base/text.h"
#include "format/meta_db.h"

namespace voyager::migration {
namespace {

using model::QueryStatistics;

struct FakeTarget {
  std::vector<model::Finding> findings = {};
  std::vector<QueryStatistics> queries = {};
  bool asked = false;
};

class FakeQueries : public connector::QueryStatisticsSource {
 public:
  explicit FakeQueries(FakeTarget& target) : target_(target) {}
  std::string version_text() override { return "Fake 1.0"; }
  std::vector<model::Finding> check_queries() override { return target_.findings; }
  std::vector<QueryStatistics> queries() override {
    target_.asked = true;
    return target_.queries;
  }

 private:
  FakeTarget& target_;
};

class ComparePerformance : public ::testing::Test {
 protected:
  ComparePerformance() {
    product_.product = "fake";
    product_.query_statistics = [this](const model::ConnectionOptions&) {
      return std::make_unique<FakeQueries>(target_);
    };
  }
  model::PerformanceComparison run(const std::vector<QueryStatistics>& source) {
    return compare_performance(source, product_, {.host = "yb1", .port = 5433, .database = "shop"}, stop_);
  }
  base::ErrorInfo refusal(const std::vector<QueryStatistics>& source = {{.query = "q", .calls = 1}}) {
    try {
      run(source);
    } catch (const base::Error& error) {
      return error.info();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
  }

  FakeTarget target_;
  connector::ConnectorEntry product_;
  base::Stop stop_;
};

TEST_F(ComparePerformance, MatchesRanksAndNamesTheTarget) {
  target_.queries = {{.query = "q", .calls = 2, .total_ms = 10, .mean_ms = 5}};
  const model::PerformanceComparison comparison = run({{.query = "q", .calls = 1, .total_ms = 1, .mean_ms = 1}});
  EXPECT_EQ(comparison.target_version, "Fake 1.0");
  EXPECT_EQ(comparison.target_database, "shop");
  ASSERT_EQ(comparison.all.size(), 1U);
  EXPECT_DOUBLE_EQ(comparison.all[0].impact_ms, 8);
  EXPECT_EQ(comparison.top_by_impact, std::vector<std::size_t>{0});
}

TEST_F(ComparePerformance, WhatMigrationsSendIsLeftOutOnTheTarget) {
  target_.queries = {{.query = "COPY t FROM STDIN", .calls = 9}, {.query = "q", .calls = 2}};
  const model::PerformanceComparison comparison = run({{.query = "q", .calls = 1}});
  ASSERT_EQ(comparison.all.size(), 1U);
  EXPECT_EQ(comparison.all[0].query, "q");
  target_.queries.pop_back();
  EXPECT_EQ(refusal().code, "CMP-005");
}

TEST_F(ComparePerformance, ShowsNoPassword) {
  target_.queries = {{.query = "ALTER ROLE a PASSWORD 'geheim'", .calls = 1}};
  const model::PerformanceComparison comparison = run({{.query = "q", .calls = 1}});
  ASSERT_EQ(comparison.all.size(), 2U);
  EXPECT_EQ(comparison.all[1].query, "ALTER ROLE a PASSWORD '********'");
  EXPECT_EQ(comparison.all[1].target->query, comparison.all[1].query);
}

TEST_F(ComparePerformance, RefusesATargetThatCannotTell) {
  target_.findings = {
      {.fatal = false, .title = "not installed", .cause = "no extension", .fix = {"CREATE EXTENSION x;"}}};
  const base::ErrorInfo info = refusal();
  EXPECT_EQ(info.code, "CMP-004");
  EXPECT_EQ(info.exit, base::ExitCode::kPreflight);
  EXPECT_EQ(info.cause, "no extension");
  EXPECT_EQ(info.fix, std::vector<std::string>{"CREATE EXTENSION x;"});
  EXPECT_EQ(info.where, "yb1:5433/shop");
  EXPECT_FALSE(target_.asked);
}

TEST_F(ComparePerformance, RefusesATargetWithoutQueries) {
  EXPECT_EQ(refusal().code, "CMP-005");
  product_.query_statistics = {};
  EXPECT_EQ(refusal().code, "CMP-004");
}

TEST_F(ComparePerformance, StopsWhenAsked) {
  target_.queries = {{.query = "q", .calls = 1}};
  stop_.request_drain();
  EXPECT_THROW(run({{.query = "q", .calls = 1}}), base::Error);
}

class ComparisonState : public ::testing::Test {
 protected:
  std::filesystem::path report() const { return folder_ / "report.json"; }

  const base::TemporaryFolder own_ = {};
  const std::filesystem::path folder_ = own_.path();
  format::MetaDb db_{folder_};
};

TEST_F(ComparisonState, IsDoneOnlyWhenNoted) {
  EXPECT_FALSE(comparison_done(db_));
  note_comparison(db_, true);
  EXPECT_TRUE(comparison_done(db_));
  note_comparison(db_, false);
  EXPECT_FALSE(comparison_done(db_));
}

TEST_F(ComparisonState, TheSourceIsNamedByTheStateOrTheAssessmentsReport) {
  EXPECT_EQ(compared_source(db_, report()).product, "");
  base::write_file_atomically(report(), R"({"SchemaSummary": {"DbName": "gathered", "DbVersion": "15.1"}})");
  EXPECT_EQ(compared_source(db_, report()).database, "gathered");
  EXPECT_EQ(compared_source(db_, report()).version, "15.1");
  db_.set_json("migration_status", R"({"SourceDBConf": {"db_type": "oracle", "db_name": "live"}})");
  EXPECT_EQ(compared_source(db_, report()).product, "oracle");
  EXPECT_EQ(compared_source(db_, report()).database, "live");
  for (const char* damaged : {"", "[]", "{\"SchemaSummary\": 1}", "{\"SchemaSummary\": {\"DbVersion\": 2}}"}) {
    base::write_file_atomically(report(), damaged);
    EXPECT_EQ(compared_source(db_, report()).version, "") << damaged;
  }
}

}  // namespace
}  // namespace voyager::migration
