// What every target must hold while its schema is made: refusals are told and end nothing, and what is there is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "bench.h"

namespace voyager::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class SchemaTargetConformance : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    bench_ = make_bench(GetParam());
    if (!bench_) GTEST_SKIP() << why_no_place(GetParam());
    target_ = bench_->entry().target(bench_->target());
    schema_ = target_->schema();
    table_ = bench_->fresh_name();
    bench_->make_target_table(table_, false);
  }
  std::optional<connector::StatementFault> run(const std::string& sql) {
    std::vector<std::string> notices;
    return schema_->run(sql, notices);
  }

  std::unique_ptr<Bench> bench_;
  std::unique_ptr<connector::Target> target_;
  std::unique_ptr<connector::SchemaTarget> schema_;
  model::TableName table_;
};

TEST_P(SchemaTargetConformance, WhoMayDoAllIsToldNothingFatal) {
  const auto preflight = target_->preflight();
  const model::TargetTraits traits = preflight->traits();
  EXPECT_THAT(traits.version_text, Not(IsEmpty()));
  EXPECT_GT(traits.default_connections, 0);
  EXPECT_GT(traits.default_batch_rows, 0);
  const model::Table table{.name = table_, .root = table_};
  for (const std::vector<model::Finding>& findings :
       {preflight->check_import_schema({table_.schema}), preflight->check_import_data({table}, true),
        preflight->check_emptying({table_}), preflight->check_database({})}) {
    for (const model::Finding& one : findings) EXPECT_FALSE(one.fatal) << one.title;
  }
}

TEST_P(SchemaTargetConformance, SchemasComeAndGo) {
  const model::Identifier name("A new \"one\"");
  EXPECT_FALSE(schema_->schema_exists(name));
  schema_->create_schema(name);
  EXPECT_TRUE(schema_->schema_exists(name));
  EXPECT_TRUE(target_->schema()->schema_exists(name)) << "others see it";
  schema_->drop_schema(name);
  EXPECT_FALSE(schema_->schema_exists(name));
}

TEST_P(SchemaTargetConformance, ARefusedStatementIsToldAndTheSessionGoesOn) {
  const std::string there = bench_->statement_for_what_is_there(table_);
  const std::optional<connector::StatementFault> fault = run(there);
  ASSERT_TRUE(fault);
  EXPECT_TRUE(fault->already_exists);
  EXPECT_FALSE(fault->missing_object || fault->may_work_later || fault->missing_row || fault->not_allowed);
  EXPECT_EQ(fault->sqlstate.size(), 5U);
  EXPECT_THAT(fault->message, Not(IsEmpty()));
  const model::TableName other = bench_->fresh_name();
  EXPECT_FALSE(run("CREATE TABLE " + model::quoted(other) + " (id int)"));
  EXPECT_TRUE(run(there)) << "it is refused again";
}

// They may be set, put back and set again around any statement.
TEST_P(SchemaTargetConformance, SessionSettingsStandInNoStatementsWay) {
  const auto make = [this] { return run("CREATE TABLE " + model::quoted(bench_->fresh_name()) + " (id int)"); };
  for (const bool on : {false, true, false}) {
    schema_->check_routine_bodies(on);
    schema_->wait_for_disk(on);
    schema_->set_search_path({table_.schema});
    EXPECT_FALSE(make());
    schema_->reset_setting("search_path");
    EXPECT_FALSE(make());
  }
}

TEST_P(SchemaTargetConformance, OnlyUnfinishedIndexesAreDropped) {
  const model::TableName whole = bench_->make_index(table_, true), unfinished = bench_->make_index(table_, false);
  const model::TableName none = bench_->fresh_name();
  EXPECT_THAT(schema_->valid_indexes({whole, unfinished, none}), ElementsAre(whole));
  for (const model::TableName& one : {whole, unfinished, none}) schema_->drop_invalid_index(one);
  EXPECT_THAT(schema_->valid_indexes({whole, unfinished, none}), ElementsAre(whole));
  schema_->drop_invalid_index(unfinished);  // Safe to repeat.
  EXPECT_THAT(schema_->valid_indexes({}), IsEmpty());
}

TEST_P(SchemaTargetConformance, MaterializedViewsAreThoseOfTheSchemas) {
  const model::TableName one = bench_->make_view(table_), two = bench_->make_view(table_);
  EXPECT_THAT(schema_->materialized_views({table_.schema}), UnorderedElementsAre(one, two));
  EXPECT_THAT(schema_->materialized_views({model::Identifier("no such schema")}), IsEmpty());
  EXPECT_FALSE(schema_->refresh_materialized_view(one));
  EXPECT_FALSE(schema_->refresh_materialized_view(one)) << "once more";
}

TEST_P(SchemaTargetConformance, QueriesAreCountedWhereTheServerCounts) {
  const std::string query = "SELECT 4711 AS asked_often";
  bench_->ask_target(query, 7);
  const auto source = bench_->entry().query_statistics(bench_->target());
  EXPECT_THAT(source->version_text(), Not(IsEmpty()));
  ASSERT_THAT(source->check_queries(), IsEmpty());
  int found = 0;
  for (const model::QueryStatistics& one : source->queries()) {
    EXPECT_GT(one.calls, 0) << one.query;
    EXPECT_LE(one.min_ms, one.mean_ms * 1.001) << one.query;
    EXPECT_LE(one.mean_ms, one.max_ms * 1.001) << one.query;
    EXPECT_NEAR(one.total_ms, one.mean_ms * static_cast<double>(one.calls), 0.001 * one.total_ms + 0.001) << one.query;
    if (one.query.find("asked_often") == std::string::npos) continue;
    ++found;
    EXPECT_FALSE(one.id.empty());
    EXPECT_EQ(one.calls % 7, 0) << "each node has counted them";
  }
  EXPECT_EQ(found, 1);
}

INSTANTIATE_TEST_SUITE_P(Places, SchemaTargetConformance,
                         testing::Values(Place{"fake"}, Place{"postgresql"}, Place{"yugabytedb"}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace voyager::conformance
