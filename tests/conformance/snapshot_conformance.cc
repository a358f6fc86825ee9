// What every source must hold: one picture for all readers, and ranges that cover each row once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "bench.h"

namespace voyager::conformance {
namespace {

using testing::ElementsAreArray;

class SnapshotConformance : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    bench_ = make_source_bench(GetParam());
    if (!bench_) GTEST_SKIP() << why_no_place(GetParam());
  }
  std::unique_ptr<connector::SnapshotSource> snapshot() { return bench_->entry().snapshot_source(bench_->source()); }
  static model::Table find(connector::SnapshotSource& source, const model::TableName& name) {
    const std::vector<model::Table> tables = source.tables();
    const auto at = std::ranges::find(tables, name, &model::Table::name);
    EXPECT_NE(at, tables.end());
    return *at;
  }
  std::vector<std::string> read(connector::SnapshotReader& reader, const model::Table& table, const model::Range& range,
                                std::size_t bytes = 1000) {
    reader.start(table, range, GetParam().format);
    model::RowBlock block;
    std::vector<std::string> out;
    while (reader.next(block, bytes)) {
      const std::vector<std::string> rows = rows_of(block, GetParam().format);
      EXPECT_EQ(rows.size(), block.rows);
      out.insert(out.end(), rows.begin(), rows.end());
    }
    EXPECT_EQ(block.rows, 0U);
    EXPECT_TRUE(block.bytes.empty());
    return out;
  }
  std::vector<std::string> read_in_parts(connector::SnapshotSource& source, const model::Table& table,
                                         std::uint64_t parts) {
    const model::RangeSpace space = source.range_spaces({table}).at(0);
    const auto reader = source.open_reader();
    if (space.all.begin == space.all.end) return read(*reader, table, space.all);
    std::vector<std::string> out;
    const std::uint64_t step = std::max<std::uint64_t>(1, (space.all.end - space.all.begin) / parts);
    for (std::uint64_t at = space.all.begin; at < space.all.end; at += step) {
      const std::vector<std::string> rows = read(*reader, table, {at, std::min(at + step, space.all.end)});
      out.insert(out.end(), rows.begin(), rows.end());
    }
    std::ranges::sort(out);
    return out;
  }
  static std::vector<std::string> sorted(std::vector<std::string> rows) {
    std::ranges::sort(rows);
    return rows;
  }

  std::unique_ptr<SourceBench> bench_;
};

TEST_P(SnapshotConformance, ReadersSeeThePictureOfTheSnapshot) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, numbered_rows(100));
  const auto source = snapshot();
  source->begin({}, 2);
  const model::Table table = find(*source, name);
  const auto early = source->open_reader();
  bench_->write_source(name, "101\tlate\n");
  const auto late = source->open_reader();
  EXPECT_THAT(sorted(read(*early, table, {})), ElementsAreArray(sorted(numbered_rows(100))));
  EXPECT_THAT(sorted(read(*late, table, {})), ElementsAreArray(sorted(numbered_rows(100))));
}

TEST_P(SnapshotConformance, RangesCoverEachRowOnceWhileOthersWrite) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, numbered_rows(20'000));
  const auto source = snapshot();
  source->begin({}, 2);
  const model::Table table = find(*source, name);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) bench_->write_source(name, std::to_string(100'000 + i) + "\tlate\n");
  });
  const std::vector<std::string> rows = read_in_parts(*source, table, 9);
  stop = true;
  writer.join();
  EXPECT_THAT(rows, ElementsAreArray(sorted(numbered_rows(20'000))));
}

TEST_P(SnapshotConformance, OneReaderReadsManyRanges) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, numbered_rows(3000));
  const auto source = snapshot();
  source->begin({}, 2);
  const model::Table table = find(*source, name);
  const auto reader = source->open_reader();
  EXPECT_EQ(read(*reader, table, {}).size(), 3000U);
  EXPECT_EQ(read(*reader, table, {}).size(), 3000U);
}

TEST_P(SnapshotConformance, EqualTextsMeanThatNothingWasWritten) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, numbered_rows(3));
  const std::string first = snapshot()->begin({}, 2);
  const std::string second = snapshot()->begin({}, 2);
  EXPECT_EQ(first, second);
  bench_->write_source(name, "4\tnew\n");
  EXPECT_NE(snapshot()->begin({}, 2), second);
}

TEST_P(SnapshotConformance, EmptyTablesHaveNoRows) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, {});
  const auto source = snapshot();
  source->begin({}, 2);
  const model::Table table = find(*source, name);
  const model::RangeSpace space = source->range_spaces({table}).at(0);
  EXPECT_EQ(space.all.begin, space.all.end);
  EXPECT_TRUE(read(*source->open_reader(), table, space.all).empty());
}

TEST_P(SnapshotConformance, BlocksAreAboutAsLargeAsWanted) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, numbered_rows(model::kRowsPerBlockMax + 1000));
  const auto source = snapshot();
  source->begin({}, 2);
  const auto reader = source->open_reader();
  reader->start(find(*source, name), {}, GetParam().format);
  model::RowBlock block;
  EXPECT_TRUE(reader->next(block, 1));
  EXPECT_EQ(block.rows, 1U);
  EXPECT_TRUE(reader->next(block, 1000));
  EXPECT_GE(block.bytes.size(), 1000U);
  EXPECT_LT(block.bytes.size(), 1100U);
  EXPECT_TRUE(reader->next(block, 100'000'000));
  EXPECT_EQ(block.rows, model::kRowsPerBlockMax);
}

TEST_P(SnapshotConformance, ALostSnapshotIsSaidPlainly) {
  const model::TableName name = bench_->fresh_name();
  bench_->make_source_table(name, numbered_rows(3));
  const auto source = snapshot();
  source->begin({}, 2);
  const model::Table table = find(*source, name);
  auto reader = source->open_reader();
  bench_->cut_connections(model::Side::kSource);
  model::RowBlock block;
  try {
    reader->start(table, {}, GetParam().format);
    while (reader->next(block, 100)) {
    }
    ADD_FAILURE() << "a reader whose connection is cut must throw";
  } catch (const base::Error& error) {
    EXPECT_TRUE(error.info().connection_lost);
    EXPECT_EQ(error.info().exit, base::ExitCode::kSourceUnreachable);
    EXPECT_EQ(error.info().retry, base::Retry::kNow);
  }
  reader.reset();
  // Where readers have connections of their own, each of them has to be tried.
  base::ErrorInfo last;
  for (int tries = 0; tries < 10 && last.code != "SRC-002"; ++tries) {
    try {
      read(*source->open_reader(), table, {});
      ADD_FAILURE() << "nobody can join a lost snapshot";
    } catch (const base::Error& error) {
      last = error.info();
      EXPECT_TRUE(last.connection_lost);
    }
  }
  EXPECT_EQ(last.code, "SRC-002");
  EXPECT_EQ(last.retry, base::Retry::kNever);
}

INSTANTIATE_TEST_SUITE_P(Places, SnapshotConformance,
                         testing::Values(Place{"fake", model::RowFormat::kText},
                                         Place{"postgresql", model::RowFormat::kText},
                                         Place{"postgresql_binary", model::RowFormat::kBinary},
                                         Place{"mysql", model::RowFormat::kText},
                                         Place{"mariadb", model::RowFormat::kText}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace voyager::conformance
