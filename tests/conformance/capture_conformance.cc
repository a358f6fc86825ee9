// What every product whose changes are captured must hold: each committed change once, in the order of the commits, and
// from any place on where it was taken up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/temporary_folder_testing.h"
#include "bench.h"

namespace voyager::conformance {
namespace {

using connector::CaptureSnapshot;
using std::chrono::milliseconds;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

class CaptureConformance : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    bench_ = make_source_bench(GetParam());
    if (!bench_) GTEST_SKIP() << why_no_place(GetParam());
    options_ = bench_->source();
    options_.stop = &stop_;
    table_ = bench_->fresh_name();
    bench_->make_source_table(table_, {});
    described_ = {.name = table_, .root = table_};
    setup_ = bench_->entry().capture_setup(options_, migration_);
  }
  void TearDown() override {
    if (setup_) setup_->end(undo_);
  }
  void begin() {
    undo_ = setup_->undo({described_});
    start_ = setup_->begin({described_}, CaptureSnapshot::kNone);
  }
  std::unique_ptr<connector::ChangeSource> stream(const model::Position& from) {
    auto source = bench_->entry().change_source(options_, migration_, folder_.path());
    source->open(from, {.tables = {table_}, .begun_with = start_.tables});
    return source;
  }
  void write(int from, int to) {
    for (int i = from; i <= to; ++i) bench_->write_source(table_, std::to_string(i) + "\tnew\n");
  }
  /// The keys of the next inserts, and the place behind them.
  std::vector<int> take(connector::ChangeSource& source, std::size_t count, model::Position& end) {
    std::vector<int> out;
    connector::ChangeBatch batch;
    for (int polls = 0; polls < 400 && out.size() < count; ++polls) {
      source.poll(batch, milliseconds(50), 1);  // One change at a time, where they can be had so.
      add_keys(batch, out);
      end = batch.end;
    }
    return out;
  }
  void add_keys(const connector::ChangeBatch& batch, std::vector<int>& out) {
    model::ChangeReader reader(batch.records, tables_);
    model::Change change;
    while (reader.next(change)) {
      if (change.numbered()) out.push_back(std::stoi(std::string(change.after[0].text)));
    }
    EXPECT_FALSE(reader.fault());
  }
  static std::vector<int> numbers(int from, int to) {
    std::vector<int> out;
    for (int i = from; i <= to; ++i) out.push_back(i);
    return out;
  }

  std::unique_ptr<SourceBench> bench_;
  base::Stop stop_;
  const std::string migration_ = new_migration();
  const base::TemporaryFolder folder_;
  model::ConnectionOptions options_;
  model::TableName table_;
  model::Table described_;
  std::unique_ptr<connector::CaptureSetup> setup_;
  std::vector<std::string> undo_;
  connector::CaptureStart start_;
  model::ChangeTables tables_;
};

TEST_P(CaptureConformance, WhoMayDoAllIsToldNothingFatal) {
  for (const model::Finding& one : setup_->check({described_})) EXPECT_FALSE(one.fatal) << one.title << one.cause;
}

TEST_P(CaptureConformance, WhatIsCommittedComesInItsOrder) {
  write(1, 3);
  begin();
  write(4, 40);
  model::Position end;
  EXPECT_THAT(take(*stream(start_.position), 37, end), ElementsAreArray(numbers(4, 40))) << "and nothing of before";
}

TEST_P(CaptureConformance, TakenUpWhereItBrokeNothingComesTwiceOrNever) {
  begin();
  write(1, 28);
  model::Position place = start_.position;
  std::vector<int> seen;
  while (seen.size() < 28) {
    const auto source = stream(place);
    const std::vector<int> some = take(*source, 7, place);
    ASSERT_THAT(some, Not(IsEmpty())) << seen.size() << " had come";
    seen.insert(seen.end(), some.begin(), some.end());
    if (seen.size() % 2 == 0) source->confirm(place);
  }
  EXPECT_THAT(seen, ElementsAreArray(numbers(1, 28)));
}

TEST_P(CaptureConformance, TheEndOfTheLogIsSeenOnceAllBeforeItHasCome) {
  begin();
  const auto source = stream(start_.position);
  write(1, 5);
  const model::Position log_end = source->end_of_log();
  std::vector<int> seen;
  connector::ChangeBatch batch;
  for (int polls = 0; polls < 400 && !source->has_seen(log_end); ++polls) {
    source->poll(batch, milliseconds(50), 1'000'000);
    add_keys(batch, seen);
  }
  EXPECT_TRUE(source->has_seen(log_end));
  EXPECT_THAT(seen, ElementsAreArray(numbers(1, 5)));
  EXPECT_FALSE(source->lag().lost);
  EXPECT_THAT(source->value_changes(), IsEmpty());
  EXPECT_THAT(source->tables().gone, IsEmpty());
}

TEST_P(CaptureConformance, AWatchSeesFromOutsideHowFarItIs) {
  const auto make = bench_->entry().capture_watch;
  if (!make) return;  // The product table says so.
  begin();
  const auto source = stream(start_.position);
  const auto watch = make(options_, migration_, folder_.path());
  write(1, 5);
  const model::Position place = watch->end_of_log();
  EXPECT_THAT(watch->display(place), Not(IsEmpty()));
  EXPECT_FALSE(watch->captured(place));
  connector::ChangeBatch batch;
  for (int polls = 0; polls < 400 && !watch->captured(place); ++polls) {
    source->poll(batch, milliseconds(50), 1'000'000);
    source->confirm(batch.end);
  }
  EXPECT_TRUE(watch->captured(place));
  EXPECT_THAT(watch->open_transactions(), IsEmpty());
}

// After a kill it is set up again: a source that keeps its log for us goes on where it stood, another one begins now.
TEST_P(CaptureConformance, SetUpAgainItHasAllFromThereOn) {
  begin();
  write(1, 3);
  begin();
  write(4, 6);
  const auto source = stream(start_.position);
  std::vector<int> seen;
  connector::ChangeBatch batch;
  for (int polls = 0; polls < 400 && (seen.empty() || seen.back() != 6); ++polls) {
    source->poll(batch, milliseconds(50), 1'000'000);
    add_keys(batch, seen);
  }
  EXPECT_THAT(seen, testing::AnyOf(ElementsAreArray(numbers(1, 6)), ElementsAreArray(numbers(4, 6))));
}

TEST_P(CaptureConformance, EndedTwiceNothingIsKept) {
  begin();
  setup_->end(undo_);
  setup_->end(undo_);
  EXPECT_EQ(setup_->retained_bytes(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Places, CaptureConformance,
                         testing::Values(Place{"fake"}, Place{"postgresql"}, Place{"yugabytedb"}, Place{"mysql"},
                                         Place{"mariadb"}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace voyager::conformance
