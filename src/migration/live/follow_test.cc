#include "migration/live/follow.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"
#include "format/queue_ledger.h"

namespace voyager::migration {
namespace {

using std::chrono::milliseconds;

// Both sides, as one story: what they answer at a time.
struct Story {
  std::function<bool()> captured = [] { return true; };
  std::function<std::uint64_t()> behind_bytes = [] { return 1'000; };
  std::function<std::int64_t()> applied = [] { return 0; };
  std::function<std::uint64_t()> inserts = [] { return 0; };
};

class FakeWatch : public connector::CaptureWatch {
 public:
  explicit FakeWatch(const Story& story) : story_(story) {}
  model::Position end_of_log() override { return {}; }
  bool captured(const model::Position&) override { return story_.captured(); }
  connector::SourceLag lag() override { return {.behind_bytes = story_.behind_bytes()}; }
  std::vector<model::Finding> open_transactions() override { return {}; }
  std::string display(const model::Position&) override { return "0/1"; }

 private:
  const Story& story_;
};

class FakeCounts : public connector::ImportedCounts {
 public:
  explicit FakeCounts(const Story& story) : story_(story) {}
  std::vector<connector::ImportedTable> imported() override { return {{.inserts = story_.inserts()}}; }
  std::int64_t applied() override { return story_.applied(); }
  std::map<model::TableName, std::uint64_t> count(const std::vector<model::TableName>&) override { return {}; }

 private:
  const Story& story_;
};

class FollowTest : public testing::Test {
 protected:
  std::string wait() {
    Follower follower(
        {.export_dir = folder_.path(), .exporter_role = "source_db_exporter", .importer_role = "importer"},
        std::make_unique<FakeWatch>(story_), std::make_unique<FakeCounts>(story_));
    return follower.wait_until_applied([this] { ++checks_; }, milliseconds(120'000), clock_, stop_);
  }
  std::string refusal() {
    try {
      return "none, but " + wait();
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().code, "CUT-006");
      return error.info().title;
    }
  }
  double seconds() const { return std::chrono::duration<double>(clock_.now().time_since_epoch()).count(); }
  void capture_one_change() {
    format::MetaDb ledger(folder_.path());
    ledger.add_segment(0, 1, "source_db_exporter", {});
    ledger.note_synced({.number = 0, .exporter_role = "source_db_exporter", .first_vsn = 1, .next_vsn = 2}, "run", {});
  }
  base::TemporaryFolder folder_;
  format::MetaDb db_{folder_.path()};
  base::ManualClock clock_;
  base::Stop stop_;
  Story story_;
  int checks_ = 0;
  int written_ = -1;
};

TEST_F(FollowTest, WhatIsCapturedAndAppliedIsThere) {
  EXPECT_EQ(wait(), "0/1");
}

TEST_F(FollowTest, NothingMovesForTooLong) {
  story_.captured = [] { return false; };
  // The source writes, and nobody reads.
  story_.behind_bytes = [this] { return static_cast<std::uint64_t>(1'000 * seconds()); };
  EXPECT_NE(refusal().find("nothing has moved for 120 s"), std::string::npos);
  EXPECT_GT(checks_, 100);
}

TEST_F(FollowTest, ALargeTransactionThatIsReadMoves) {
  story_.captured = [this] { return seconds() > 1000; };
  // The log goes on; what is confirmed goes on faster, a step at a time.
  story_.behind_bytes = [this] { return static_cast<std::uint64_t>(9'000 - 100 * static_cast<int>(seconds() / 100)); };
  EXPECT_EQ(wait(), "0/1");
}

TEST_F(FollowTest, ALargeTransactionThatFillsTheQueueMoves) {
  const std::filesystem::path kept = folder_.path() / "data" / "queue" / "uncommitted" / "1";
  std::filesystem::create_directories(kept.parent_path());
  story_.captured = [this, &kept] {
    const int now = static_cast<int>(seconds() / 100);
    if (now != written_) base::write_file_atomically(kept, std::string(static_cast<std::size_t>(written_ = now), 'x'));
    return seconds() > 1000;
  };
  EXPECT_EQ(wait(), "0/1");
}

TEST_F(FollowTest, ALargeTransactionThatIsAppliedMoves) {
  capture_one_change();
  story_.applied = [this] { return seconds() > 1000 ? 1 : 0; };
  story_.inserts = [this] { return static_cast<std::uint64_t>(seconds() / 100); };
  EXPECT_EQ(wait(), "0/1");
}

TEST_F(FollowTest, AppliedChangesThatStandStillAreTold) {
  capture_one_change();
  EXPECT_NE(refusal().find("nothing has moved"), std::string::npos);
}

}  // namespace
}  // namespace voyager::migration
