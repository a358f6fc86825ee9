// What a target is asked that gets changes without a snapshot.
#include <gtest/gtest.h>

#include <memory>

#include "base/error.h"
#include "base/stop.h"
#include "connectors/fake/entry.h"
#include "format/memory_state_testing.h"
#include "migration/live/live_import.h"
#include "migration/state/import_record.h"
#include "migration/state/migration_record.h"
#include "model/answers_testing.h"

namespace voyager::migration {
namespace {

constexpr const char* kMigration = "a migration";

// Of two directories one is a copy of the other, or of before it was put back.
class ChangesOnly : public testing::Test {
 protected:
  ChangesOnly() {
    for (format::MemoryState* db : {&db_, &copy_})
      change_record(*db, [](MigrationRecord& record) { record.exported = true; });
  }
  std::string prepare(format::MigrationState& db, bool start_clean) {
    model::ProgressBoard board("import-data");
    base::Stop stop;
    try {
      prepare_for_changes(product_, options_, kMigration, start_clean, db, 1, {board, answers_, base::system_clock(), stop});
    } catch (const base::Error& error) {
      return error.info().code;
    }
    return "";
  }
  std::string noted() { return admin_->noted_run(std::string(kTargetImporter)); }

  const std::shared_ptr<fake::FakeWorld> world_ = std::make_shared<fake::FakeWorld>();
  const connector::ConnectorEntry product_ = connectors::fake_entry(world_);
  const model::ConnectionOptions options_ = {.side = model::Side::kTarget};
  const std::unique_ptr<connector::Target> target_ = product_.target(options_);
  const std::unique_ptr<connector::ImportAdmin> admin_ = target_->admin(kMigration);
  model::Answers answers_;
  format::MemoryState db_ = {};
  format::MemoryState copy_ = {};
};

TEST_F(ChangesOnly, WhoBeginsAnewTakesTheTargetOverAndForgetsWhatWasApplied) {
  ASSERT_TRUE(admin_->note_run(std::string(kTargetImporter), "of another copy", ""));
  const std::string batches = fake::FakeWorld::batches_of(model::Side::kTarget, kMigration);
  world_->bookkeeping[batches].insert({"f", 1, 1});
  EXPECT_EQ(prepare(db_, false), "IMP-007");
  EXPECT_EQ(noted(), "of another copy") << "nothing was changed";
  EXPECT_EQ(prepare(db_, true), "");
  EXPECT_NE(noted(), "of another copy");
  EXPECT_TRUE(world_->bookkeeping[batches].empty());
  EXPECT_EQ(prepare(db_, false), "") << "its own run";
  EXPECT_EQ(prepare(copy_, false), "IMP-007");
}

// Without a snapshot there is nothing that changes could begin anew on.
TEST_F(ChangesOnly, WhereChangesWereAppliedNothingBeginsAnew) {
  ASSERT_EQ(prepare(db_, true), "");
  const std::string run = noted();
  db_.save_lanes(kTargetImporter, {.lanes = 4});
  EXPECT_EQ(prepare(db_, true), "IMP-006");
  EXPECT_EQ(noted(), run);
}

}  // namespace
}  // namespace voyager::migration
