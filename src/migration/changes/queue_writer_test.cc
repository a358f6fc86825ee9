#include "migration/changes/queue_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"
#include "migration/changes/queue_reader.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

class QueueWriterTest : public testing::Test {
 protected:
  QueueWriterTest() { fs::create_directories(folder_ / "metainfo"); }

  std::string changes(int count) {
    std::string bytes;
    model::ChangeWriter out(bytes);
    out.table(1, {.name = {model::Identifier("s"), model::Identifier("t")},
                  .columns = {{model::Identifier("id"), "int", true}}});
    for (int i = 0; i < count; ++i) {
      out.begin_row(model::ChangeKind::kInsert, 1, model::BeforeKind::kNone);
      out.begin_tuple(1);
      out.text("1");
      out.end_row();
    }
    return bytes;
  }
  QueueWriterOptions options(const std::string& role = "source_db_exporter", std::uint64_t segment_bytes_max = 1) {
    return {.export_dir = folder_, .exporter_role = role, .run = "run", .segment_bytes_max = segment_bytes_max};
  }

  const base::TemporaryFolder own_ = {};
  const fs::path folder_ = own_.path();
};

// A source on which nothing happens: every run leaves a mark and nothing else.
TEST_F(QueueWriterTest, RunsThatWriteNothingDamageNothing) {
  for (int run = 0; run < 4; ++run) QueueWriter queue(options());
  QueueWriter queue(options());
  EXPECT_EQ(queue.next_vsn(), 1);
  queue.append(changes(3), {"place"});
  queue.sync();
  queue.note();
  EXPECT_EQ(format::MetaDb(folder_).segments().at(0).next_vsn, 4);
}

// The next segment is begun at once, and holds nothing yet: its exporter stands where the one before ended.
TEST_F(QueueWriterTest, ARestartRightAfterASegmentWasFullKnowsWhereTheSourceStands) {
  {
    QueueWriter queue(options());
    EXPECT_TRUE(queue.position().bytes.empty());
    queue.append(changes(3), {"place 1"});
    queue.sync();
  }
  QueueWriter queue(options());
  EXPECT_EQ(queue.position().bytes, "place 1");
  EXPECT_EQ(queue.next_vsn(), 4);
  EXPECT_EQ(format::MetaDb(folder_).segments().size(), 2U);
}

TEST_F(QueueWriterTest, WhatWasNotSyncedIsNotThereAndNumbersGoOn) {
  {
    QueueWriter queue(options("source_db_exporter", 1 << 20));
    queue.append(changes(2), {"place 1"});
    queue.sync();
    queue.append(changes(5), {"place 2"});
  }
  QueueWriter queue(options("source_db_exporter", 1 << 20));
  EXPECT_EQ(queue.position().bytes, "place 1");
  EXPECT_EQ(queue.next_vsn(), 3);
  const auto exported = format::MetaDb(folder_).exported("source_db_exporter");
  EXPECT_EQ(exported.at({model::Identifier("s"), model::Identifier("t")}).inserts, 2U);
}

// The state's word of a segment that is open does not wait for the disk: a crash of the machine may leave a beginning
// of SQLite's log, from the last one that did.
TEST_F(QueueWriterTest, AStateWhoseLogIsCutLearnsAgainWhatTheSegmentHolds) {
  const fs::path log = "metainfo/meta.db-wal";
  QueueWriter queue(options("source_db_exporter", 1 << 20));
  queue.append(changes(2), {"place 1"});
  queue.sync();
  queue.note();
  const std::uintmax_t before = fs::file_size(folder_ / log);
  queue.append(changes(3), {"place 2"});
  queue.sync();
  queue.note();
  const std::uintmax_t after = fs::file_size(folder_ / log);
  ASSERT_GT(after, before) << "it is the log that has grown";
  int undone = 0;
  for (const std::uintmax_t size : {after, after - 1, (before + after) / 2, before + 1, before}) {
    const base::TemporaryFolder crashed;
    fs::copy(folder_, crashed.path(), fs::copy_options::recursive);
    fs::resize_file(crashed.path() / log, size);
    undone += format::MetaDb(crashed.path()).segments().at(0).next_vsn == 3 ? 1 : 0;
    QueueWriterOptions again = options("source_db_exporter", 1 << 20);
    again.export_dir = crashed.path();
    QueueWriter next(again);
    EXPECT_EQ(next.position().bytes, "place 2");
    EXPECT_EQ(next.next_vsn(), 6);
    EXPECT_EQ(next.changes_total(), 5U);
    const auto exported = format::MetaDb(crashed.path()).exported("source_db_exporter");
    EXPECT_EQ(exported.at({model::Identifier("s"), model::Identifier("t")}).inserts, 5U) << size;
    next.append(changes(1), {"place 3"});
    next.sync();
    next.note();
    EXPECT_EQ(QueueReader(crashed.path(), {"source_db_exporter"}, "target_db_importer", 0).remaining(), 6U);
  }
  EXPECT_EQ(undone, 4) << "every cut has undone what was said last";
}

// Killed between the segment's end and the state's word of it, while a reader follows.
TEST_F(QueueWriterTest, ASegmentThatHasItsEndStaysAsItIs) {
  std::uint64_t safe = 0;
  {
    QueueWriter queue(options("source_db_exporter", 1 << 20));
    queue.append(changes(2), {"place 1"});
    queue.sync();
    queue.note();
    safe = format::MetaDb(folder_).segments().at(0).bytes_safe;
  }
  format::SegmentWriter::resume(format::segment_path(folder_, 0), safe).close();
  QueueReader reader(folder_, {"source_db_exporter"}, "target_db_importer", 0);
  format::SegmentBlock block;
  ASSERT_TRUE(reader.next(block));
  EXPECT_FALSE(reader.next(block)) << "it has been through segment 0";

  QueueWriter queue(options("source_db_exporter", 1 << 20));
  EXPECT_TRUE(format::MetaDb(folder_).segments().at(0).closed);
  EXPECT_EQ(queue.position().bytes, "place 1");
  queue.append(changes(3), {"place 2"});
  queue.sync();
  ASSERT_TRUE(reader.next(block));
  EXPECT_EQ(block.first_vsn, 3);
  EXPECT_EQ(block.changes, 3);
}

TEST_F(QueueWriterTest, AnotherExporterBeginsASegmentAndKnowsNoPlace) {
  {
    QueueWriter queue(options());
    queue.append(changes(2), {"place 1"});
    queue.control("cutover.target", {"place 2"});
    queue.close();
  }
  QueueWriter queue(options("target_db_exporter_fb"));
  EXPECT_TRUE(queue.position().bytes.empty());
  EXPECT_EQ(queue.next_vsn(), 4);
}

// What was applied on the target may be put away while the way back is open.
TEST_F(QueueWriterTest, AReaderNeedsNoSegmentsOfExportersThatItDoesNotFollow) {
  {
    QueueWriter queue(options());
    queue.append(changes(5), {"place 1"});
    queue.sync();
    queue.control("cutover.target", {"place 2"});
    queue.close();
  }
  for (const format::SegmentRow& row : format::MetaDb(folder_).segments())
    fs::remove(format::segment_path(folder_, row.number));
  QueueWriter queue(options("target_db_exporter_fb"));
  queue.append(changes(3), {"place 1"});
  queue.close();
  QueueReader reader(folder_, {"target_db_exporter_fb"}, "source_db_importer", 0);
  EXPECT_EQ(reader.remaining(), 3U) << "those of the other exporter do not count";
  format::SegmentBlock block;
  ASSERT_TRUE(reader.next(block));
  EXPECT_EQ(block.first_vsn, 7);
  EXPECT_EQ(block.changes, 3);
}

}  // namespace
}  // namespace voyager::migration
