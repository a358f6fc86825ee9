#include "format/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"

namespace voyager::format {
namespace {

namespace fs = std::filesystem;
using model::BeforeKind;
using model::ChangeKind;
using model::Identifier;
using model::Position;

Position at(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8U) bytes[static_cast<std::size_t>(i)] = static_cast<char>(number & 0xFFU);
  return {bytes};
}

class SegmentTest : public testing::Test {
 protected:
  // Transaction `n`: one insert of "n" and `width` bytes into each of some tables, which it describes when they are
  // new.
  std::string transaction(std::uint64_t n, std::size_t width = 20) {
    std::string bytes;
    model::ChangeWriter out(bytes);
    for (std::uint32_t table = 1; table <= 3; ++table) {
      if (described_.insert(table).second)
        out.table(table, {.name = {Identifier("s"), Identifier("t" + std::to_string(table))},
                          .columns = {{Identifier("id"), "bigint", true}, {Identifier("v"), "text", false}}});
    }
    out.begin(std::to_string(n), 0);
    for (std::uint32_t table = 1; table <= 3; ++table) {
      if (n % table != 0) continue;
      out.begin_row(ChangeKind::kInsert, table, BeforeKind::kNone);
      out.begin_tuple(2);
      out.text(std::to_string(n));
      out.text(std::string(width, static_cast<char>('a' + n % 26)));
      out.end_row();
    }
    out.commit();
    return bytes;
  }

  // The first values of all changes, with their numbers, from a fresh block on.
  std::vector<std::pair<std::int64_t, std::string>> read(SegmentReader& reader) {
    std::vector<std::pair<std::int64_t, std::string>> out;
    model::ChangeTables& tables = known_;
    SegmentBlock block;
    while (reader.next(block)) {
      if (block.fresh) tables.clear();
      model::ChangeReader changes(block.records, tables);
      model::Change change;
      std::int64_t vsn = block.first_vsn;
      while (changes.next(change)) {
        if (change.numbered())
          out.emplace_back(vsn++, change.table->name.name.catalog_text() + ":" + std::string(change.after[0].text));
      }
      EXPECT_FALSE(changes.fault()) << changes.fault()->what;
      EXPECT_EQ(vsn, block.first_vsn + block.changes);
    }
    return out;
  }

  const base::TemporaryFolder own_ = {};
  const fs::path folder_ = own_.path();
  const fs::path path_ = folder_ / "segment.0";
  const SegmentHeader header_ = {.first_vsn = 11, .migration = "uuid", .exporter_role = "source_db_exporter"};
  std::set<std::uint32_t> described_ = {};
  model::ChangeTables known_ = {};
};

TEST_F(SegmentTest, WhatIsSyncedIsReadAndNothingElse) {
  SegmentWriter writer = SegmentWriter::create(path_, header_);
  SegmentReader reader(path_);
  EXPECT_EQ(reader.header().exporter_role, "source_db_exporter");
  EXPECT_TRUE(read(reader).empty());
  writer.append(transaction(6), at(6));
  EXPECT_TRUE(read(reader).empty());
  const SegmentEnd end = writer.sync();
  EXPECT_EQ(end.next_vsn, 14);
  EXPECT_EQ(end.position, at(6));
  EXPECT_THAT(read(reader), testing::ElementsAre(std::pair(11, "t1:6"), std::pair(12, "t2:6"), std::pair(13, "t3:6")));
  EXPECT_FALSE(reader.finished());
  writer.append(transaction(7), at(7));
  writer.close();
  EXPECT_THAT(read(reader), testing::ElementsAre(std::pair(14, "t1:7")));
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(reader.totals(), (SegmentTotals{.changes = 4, .inserts = 4}));
}

TEST_F(SegmentTest, ASyncWithoutNewsWritesNothing) {
  SegmentWriter writer = SegmentWriter::create(path_, header_);
  writer.append(transaction(1), at(1));
  const std::uint64_t bytes = writer.sync().bytes;
  EXPECT_EQ(writer.sync().bytes, bytes);
  EXPECT_EQ(fs::file_size(path_), bytes);
}

// Reading can begin at any fresh block; what is read from there on is the end of what is read from the start.
TEST_F(SegmentTest, SeekingFindsAPlaceFromWhichEverythingCanBeRead) {
  SegmentWriter writer = SegmentWriter::create(path_, header_);
  for (std::uint64_t n = 1; n <= 3'000; ++n) {
    writer.append(transaction(n, n % 500 == 0 ? 700'000 : 8'000), at(n));
    if (n % 97 == 0) writer.sync();
  }
  for (const bool closed : {false, true}) {
    closed ? writer.close() : static_cast<void>(writer.sync());
    SegmentReader whole(path_);
    const auto all = read(whole);
    std::set<std::size_t> starts;
    for (const std::int64_t vsn :
         {std::int64_t{0}, all[0].first, all[1'000].first, all[3'000].first, all.back().first}) {
      SegmentReader reader(path_);
      reader.seek(vsn);
      const auto part = read(reader);
      ASSERT_LE(part.size(), all.size());
      EXPECT_TRUE(std::equal(part.rbegin(), part.rend(), all.rbegin()));
      EXPECT_LE(part.front().first, std::max(vsn, all[0].first));
      starts.insert(part.size());
    }
    EXPECT_GE(starts.size(), 3U) << "seeking never left the start";
  }
}

// Cut at any byte, as a crash may do, a file is taken up with whole appends, all of those that were synced among them.
TEST_F(SegmentTest, ATornTailIsCutAndNothingSafeIsLost) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> safe;  // bytes -> transactions
  {
    SegmentWriter writer = SegmentWriter::create(path_, header_);
    for (std::uint64_t n = 1; n <= 40; ++n) {
      writer.append(transaction(n, n == 20 ? 600'000 : 50), at(n));
      if (n % 7 == 0) safe.emplace_back(writer.sync().bytes, n);
    }
    writer.append(transaction(41, 300'000) + transaction(42, 300'000), at(42));  // One append of several blocks.
    writer.sync();
  }
  const std::string bytes = base::read_file(path_);
  std::mt19937 random(7);
  for (int i = 0; i < 60; ++i) {
    const std::size_t cut = 100 + random() % (bytes.size() - 100);
    const fs::path torn = folder_ / "torn";
    std::ofstream(torn, std::ios::binary) << bytes.substr(0, cut);
    std::uint64_t expected = 0, safe_bytes = 0;
    for (const auto& [size, transactions] : safe) {
      if (size <= cut) std::tie(safe_bytes, expected) = std::pair(size, transactions);
    }
    described_.clear();
    // A reader that has been through it, and has looked at what will be cut off.
    SegmentReader follower(torn);
    auto followed = read(follower);
    SegmentWriter writer = SegmentWriter::resume(torn, safe_bytes);
    const Position end = writer.end().position;
    EXPECT_GE(end, expected == 0 ? Position{} : at(expected));
    std::uint64_t reached = 0;
    while (reached < 42 && at(reached + 1) <= end) ++reached;
    EXPECT_NE(reached, 41U) << "half an append was kept";
    // Going on as the source would: everything after the position once more.
    for (std::uint64_t n = reached + 1; n <= 42; ++n) writer.append(transaction(n), at(n));
    writer.close();
    follower.expect(writer.end().bytes);
    std::ranges::copy(read(follower), std::back_inserter(followed));
    EXPECT_TRUE(follower.finished());
    SegmentReader reader(torn);
    const auto all = read(reader);
    EXPECT_EQ(followed, all);
    std::vector<std::string> names;
    std::int64_t vsn = 11;
    for (const auto& [number, name] : all) {
      EXPECT_EQ(number, vsn++);
      names.push_back(name);
    }
    std::vector<std::string> wanted;
    for (int n = 1; n <= 42; ++n) {
      for (int table = 1; table <= 3; ++table) {
        if (n % table == 0) wanted.push_back("t" + std::to_string(table) + ":" + std::to_string(n));
      }
    }
    ASSERT_EQ(names, wanted) << cut;
  }
}

TEST_F(SegmentTest, DamageBeforeTheSafeEndIsAnErrorForWriterAndReader) {
  std::uint64_t safe = 0;
  {
    SegmentWriter writer = SegmentWriter::create(path_, header_);
    for (std::uint64_t n = 1; n <= 5; ++n) {
      writer.append(transaction(n), at(n));
      safe = writer.sync().bytes;
    }
  }
  const std::string good = base::read_file(path_);
  int refused = 0;
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
    std::size_t found = 0;
    try {
      SegmentReader reader(path_);
      reader.expect(safe);
      found = read(reader).size();
    } catch (const base::Error& error) {
      ++refused;
      EXPECT_THAT(error.info().code, testing::AnyOf("DIR-006", "DIR-007"));
    }
    EXPECT_LT(found, 8U) << i;
    EXPECT_THROW(SegmentWriter::resume(path_, safe), base::Error) << i;
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
  }
  EXPECT_GT(refused, 100);
}

TEST_F(SegmentTest, TheNextSegmentDescribesTheTablesThatItSpeaksOf) {
  SegmentWriter first = SegmentWriter::create(path_, header_);
  first.append(transaction(6), at(6));
  first.close();
  SegmentWriter second =
      SegmentWriter::create(folder_ / "segment.1", {.number = 1, .first_vsn = first.next_vsn()}, &first);
  second.append(transaction(12), at(12));
  second.close();
  SegmentReader reader(folder_ / "segment.1");
  EXPECT_THAT(read(reader),
              testing::ElementsAre(std::pair(14, "t1:12"), std::pair(15, "t2:12"), std::pair(16, "t3:12")));
}

}  // namespace
}  // namespace voyager::format
