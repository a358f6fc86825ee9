// What every target must hold: a batch and its bookkeeping row are in together or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "bench.h"

namespace voyager::conformance {
namespace {

using connector::BatchOutcome;
using connector::RowFault;
using connector::RowsIn;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

class TargetConformance : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    bench_ = make_bench(GetParam());
    if (!bench_) GTEST_SKIP() << why_no_place(GetParam());
    target_ = bench_->entry().target(bench_->target());
    admin_ = target_->admin(migration_);
    admin_->create_bookkeeping();
    loader_ = target_->loader(migration_, {});
  }
  model::TableName table(bool with_key = false) {
    const model::TableName name = bench_->fresh_name();
    bench_->make_target_table(name, with_key);
    return name;
  }
  static connector::BatchRequest request(const model::TableName& name, std::int32_t number, std::uint64_t rows) {
    return {.table = name,
            .columns = {{.name = model::Identifier("id")}, {.name = model::Identifier("body")}},
            .keys = {{.file_name = "f", .number = number, .rows = rows}},
            .rows_expected = rows};
  }
  static connector::Fence fence(const std::string& run) {
    return connector::LoadingRun{.importer = "an importer", .run = run};
  }
  BatchOutcome import(const connector::BatchRequest& wanted, const std::vector<std::string>& rows) {
    TextStream stream(rows);
    return loader_->import(wanted, stream);
  }
  static base::Retry retry_of(const std::function<void()>& body) {
    try {
      body();
    } catch (const base::Error& error) {
      return error.info().retry;
    }
    ADD_FAILURE() << "no error was thrown";
    return base::Retry::kNever;
  }

  std::unique_ptr<Bench> bench_;
  const std::string migration_ = new_migration();
  std::unique_ptr<connector::Target> target_;
  std::unique_ptr<connector::ImportAdmin> admin_;
  std::unique_ptr<connector::SnapshotTarget> loader_;
};

TEST_P(TargetConformance, RowsAndBookkeepingAreInTogether) {
  const model::TableName name = table();
  const BatchOutcome outcome = import(request(name, 3, 100), numbered_rows(100));
  ASSERT_TRUE(std::holds_alternative<RowsIn>(outcome));
  EXPECT_EQ(std::get<RowsIn>(outcome).rows, 100U);
  EXPECT_EQ(bench_->target_rows(name).size(), 100U);
  EXPECT_THAT(loader_->imported(), ElementsAre(model::BatchKey{"f", 3, 100}));
  EXPECT_THAT(target_->loader(migration_, {})->imported(), ElementsAre(model::BatchKey{"f", 3, 100}));
  EXPECT_THAT(target_->loader(new_migration(), {})->imported(), IsEmpty());
  loader_->flush();
}

TEST_P(TargetConformance, ABatchThatIsInIsRefused) {
  const model::TableName name = table();
  import(request(name, 1, 3), numbered_rows(3));
  EXPECT_EQ(retry_of([&] { import(request(name, 1, 3), numbered_rows(3)); }), base::Retry::kInDoubt);
  connector::BatchRequest two = request(name, 2, 3);
  two.keys.push_back({.file_name = "f", .number = 1, .rows = 3});
  EXPECT_EQ(retry_of([&] { import(two, numbered_rows(3)); }), base::Retry::kInDoubt) << "one known key is enough";
  EXPECT_EQ(bench_->target_rows(name).size(), 3U);
  EXPECT_EQ(loader_->imported().size(), 1U);
  EXPECT_THAT(loader_->imported_among({{"f", 2, 3}, {"f", 1, 7}, {"g", 1, 3}}),
              ElementsAre(model::BatchKey{"f", 1, 3}));
  import(request(name, 4, 3), numbered_rows(3));
  EXPECT_EQ(bench_->target_rows(name).size(), 6U) << "the loader goes on";
}

TEST_P(TargetConformance, ARunThatWasTakenOverLoadsNothing) {
  const model::TableName name = table();
  const auto loader_of = [&](const std::string& run) { return target_->loader(migration_, fence(run)); };
  ASSERT_TRUE(admin_->note_run("an importer", "first", ""));
  const auto first = loader_of("first");
  TextStream three(numbered_rows(3)), again(numbered_rows(3)), other(numbered_rows(3));
  first->import(request(name, 1, 3), three);
  ASSERT_TRUE(admin_->note_run("an importer", "second", "first"));
  ASSERT_TRUE(admin_->note_run("another importer", "first", ""));
  connector::BatchRequest late = request(name, 2, 3);
  late.keys.push_back({.file_name = "f", .number = 3, .rows = 3});
  try {
    first->import(late, again);
    ADD_FAILURE() << "a run that slept through being taken over";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-009");
    EXPECT_EQ(error.info().retry, base::Retry::kNever);
  }
  EXPECT_EQ(bench_->target_rows(name).size(), 3U);
  EXPECT_THAT(loader_->imported(), ElementsAre(model::BatchKey{"f", 1, 3}));
  loader_of("second")->import(late, other);
  EXPECT_EQ(bench_->target_rows(name).size(), 6U);
}

// A process that was stopped between taking a target over and emptying it, and goes on when another has loaded.
TEST_P(TargetConformance, ARunThatWasTakenOverEmptiesAndForgetsNothing) {
  const model::TableName name = table();
  ASSERT_TRUE(admin_->note_run("an importer", "first", ""));
  ASSERT_TRUE(admin_->note_run("an importer", "second", "first"));
  import(request(name, 1, 3), numbered_rows(3));
  const auto refused = [](const std::function<void()>& change) {
    try {
      change();
      return std::string("done");
    } catch (const base::Error& error) {
      return error.info().code;
    }
  };
  const connector::Fence late = fence("first");
  EXPECT_EQ(refused([&] { admin_->truncate(late, {name}, [](const std::string&) {}); }), "IMP-009");
  EXPECT_EQ(refused([&] { admin_->remove_large_objects(late); }), "IMP-009");
  EXPECT_EQ(refused([&] { admin_->clear_bookkeeping(late); }), "IMP-009");
  EXPECT_EQ(refused([&] { admin_->forget_batches(late, {name}); }), "IMP-009");
  EXPECT_EQ(bench_->target_rows(name).size(), 3U);
  EXPECT_THAT(loader_->imported(), ElementsAre(model::BatchKey{"f", 1, 3}));
  admin_->clear_bookkeeping(fence("second"));
  EXPECT_EQ(admin_->noted_run("an importer"), "second") << "its own run goes on";
  EXPECT_THAT(loader_->imported(), IsEmpty());
  admin_->truncate(fence("second"), {name}, [](const std::string&) {});
  EXPECT_TRUE(bench_->target_rows(name).empty());
  import(request(name, 1, 3), numbered_rows(3));
  admin_->clear_bookkeeping({});
  EXPECT_EQ(admin_->noted_run("an importer"), "") << "without a fence all is forgotten";
  EXPECT_THAT(loader_->imported(), IsEmpty());
}

// The one that takes over sees all that the other has committed: it waits for what is on its way.
TEST_P(TargetConformance, ARunIsTakenOverBehindItsBatches) {
  const model::TableName name = table();
  ASSERT_TRUE(admin_->note_run("an importer", "first", ""));
  const auto loader = target_->loader(migration_, fence("first"));
  std::thread other;
  std::atomic<std::size_t> seen = 0;
  TextStream rows(numbered_rows(1000), 100, [&] {
    other = std::thread([&] {
      EXPECT_TRUE(target_->admin(migration_)->note_run("an importer", "second", "first"));
      seen = bench_->target_rows(name).size();
    });
  });
  bool loaded = true;
  try {
    loader->import(request(name, 1, 1000), rows);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-009");
    loaded = false;
  }
  other.join();
  EXPECT_EQ(seen, loaded ? 1000U : 0U);
  EXPECT_EQ(bench_->target_rows(name).size(), seen);
}

TEST_P(TargetConformance, ARefusedRowIsNamedAndNothingIsIn) {
  const model::TableName name = table();
  std::vector<std::string> rows = numbered_rows(50);
  rows[17] = bench_->refused_row(name);
  const BatchOutcome outcome = import(request(name, 1, 50), rows);
  ASSERT_TRUE(std::holds_alternative<RowFault>(outcome));
  EXPECT_EQ(std::get<RowFault>(outcome).row, 17U);
  EXPECT_TRUE(std::get<RowFault>(outcome).sqlstate.starts_with("22"));
  EXPECT_FALSE(std::get<RowFault>(outcome).message.empty());
  EXPECT_THAT(bench_->target_rows(name), IsEmpty());
  EXPECT_THAT(loader_->imported(), IsEmpty());
}

TEST_P(TargetConformance, AKeyThatIsThereIsRefusedOrPassedOver) {
  const model::TableName name = table(true);
  import(request(name, 1, 3), numbered_rows(3));
  const std::vector<std::string> rows = {"10\tten\n", "2\tother\n", "11\televen\n"};
  const BatchOutcome refused = import(request(name, 2, 3), rows);
  ASSERT_TRUE(std::holds_alternative<RowFault>(refused));
  EXPECT_EQ(std::get<RowFault>(refused).row, 1U);
  EXPECT_EQ(std::get<RowFault>(refused).sqlstate, "23505");

  connector::BatchRequest patient = request(name, 2, 3);
  patient.ignore_key_conflicts = true;
  const BatchOutcome taken = import(patient, rows);
  ASSERT_TRUE(std::holds_alternative<RowsIn>(taken));
  EXPECT_EQ(std::get<RowsIn>(taken).rows, 2U);
  EXPECT_EQ(std::get<RowsIn>(taken).skipped, 1U);
  EXPECT_THAT(bench_->target_rows(name),
              ElementsAre("1\trow 1\n", "10\tten\n", "11\televen\n", "2\trow 2\n", "3\trow 3\n"));
}

TEST_P(TargetConformance, ASenderThatThrowsLeavesNothing) {
  const model::TableName name = table();
  TextStream broken(numbered_rows(1000), 100, [] { base::fail(base::ExitCode::kFailure, "a damaged file"); });
  EXPECT_THROW(loader_->import(request(name, 1, 1000), broken), base::Error);
  EXPECT_THAT(bench_->target_rows(name), IsEmpty());
  EXPECT_THAT(loader_->imported(), IsEmpty());
  import(request(name, 1, 3), numbered_rows(3));
  EXPECT_EQ(bench_->target_rows(name).size(), 3U);
}

TEST_P(TargetConformance, AConnectionCutInTheMiddleLeavesNothing) {
  const model::TableName name = table();
  TextStream stream(numbered_rows(1000), 100, [&] { bench_->cut_connections(model::Side::kTarget); });
  try {
    loader_->import(request(name, 1, 1000), stream);
    ADD_FAILURE() << "a cut connection must throw";
  } catch (const base::Error& error) {
    EXPECT_TRUE(error.info().connection_lost);
    EXPECT_NE(error.info().retry, base::Retry::kNever);
    EXPECT_EQ(error.info().exit, base::ExitCode::kTargetUnreachable);
  }
  EXPECT_THAT(bench_->target_rows(name), IsEmpty());
  import(request(name, 1, 3), numbered_rows(3));
  EXPECT_EQ(bench_->target_rows(name).size(), 3U);
}

TEST_P(TargetConformance, FewerRowsThanExpectedAreAnError) {
  const model::TableName name = table();
  EXPECT_EQ(retry_of([&] { import(request(name, 1, 4), numbered_rows(3)); }), base::Retry::kNever);
  EXPECT_THAT(bench_->target_rows(name), IsEmpty());
}

TEST_P(TargetConformance, AMissingTableIsNoRowFault) {
  const model::TableName name = bench_->fresh_name();
  EXPECT_EQ(retry_of([&] { import(request(name, 1, 3), numbered_rows(3)); }), base::Retry::kNever);
  EXPECT_THAT(loader_->imported(), IsEmpty());
}

TEST_P(TargetConformance, TablesAreDescribedLookedIntoAndEmptied) {
  const model::TableName full = table();
  const model::TableName empty = table();
  const model::TableName missing = bench_->fresh_name();
  import(request(full, 1, 3), numbered_rows(3));
  const std::vector<model::Table> described = admin_->describe({full, empty, missing});
  ASSERT_EQ(described.size(), 2U);
  ASSERT_EQ(described[0].columns.size(), 2U);
  EXPECT_EQ(described[0].columns[0].wire_type, "int4");
  EXPECT_EQ(described[0].columns[1].type, "text");
  EXPECT_THAT(admin_->non_empty({empty, missing, full}), ElementsAre(full));
  admin_->truncate({}, {full, empty}, [](const std::string&) {});
  EXPECT_THAT(admin_->non_empty({empty, full}), IsEmpty());
}

TEST_P(TargetConformance, BookkeepingIsForgottenByMigration) {
  const model::TableName name = table();
  const std::string other = new_migration();
  import(request(name, 1, 3), numbered_rows(3));
  const auto other_loader = target_->loader(other, {});
  TextStream stream(numbered_rows(3));
  other_loader->import(request(name, 1, 3), stream);
  admin_->clear_bookkeeping({});
  EXPECT_THAT(loader_->imported(), IsEmpty());
  EXPECT_EQ(other_loader->imported().size(), 1U);
  admin_->drop_bookkeeping();
  EXPECT_EQ(other_loader->imported().size(), 1U) << "another migration still needs it";
  target_->admin(other)->drop_bookkeeping();
  admin_->create_bookkeeping();
  EXPECT_THAT(other_loader->imported(), IsEmpty());
}

TEST_P(TargetConformance, BookkeepingIsCreatedByManyAtOnce) {
  target_->admin(migration_)->drop_bookkeeping();
  std::vector<std::thread> threads;
  std::atomic<int> made = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      target_->admin(migration_)->create_bookkeeping();
      ++made;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 6);
  EXPECT_THAT(target_->loader(migration_, {})->imported(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Places, TargetConformance,
                         testing::Values(Place{"fake"}, Place{"postgresql"}, Place{"yugabytedb"}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace voyager::conformance
