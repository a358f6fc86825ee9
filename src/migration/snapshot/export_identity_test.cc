#include "migration/snapshot/export_identity.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "base/error.h"
#include "connectors/fake/entry.h"
#include "format/memory_state_testing.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_ledger.h"

namespace voyager::migration {
namespace {

constexpr const char* kCommand = "import data";

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const base::Error& error) {
    return error.info().code;
  }
  return "";
}

class ExportIdentity : public testing::Test {
 protected:
  connector::LoadingRun take_over(format::MigrationState& db) {
    return take_import_over(db, *admin_, kTargetImporter, kCommand);
  }
  static void load_something(format::MigrationState& db) {
    db.add_imported(kTargetImporter, {.file_name = "t_data.sql", .rows = 1});
  }
  bool lost(format::MigrationState& db) { return lost_its_runs(db, *admin_, kTargetImporter); }

  const std::shared_ptr<fake::FakeWorld> world_ = std::make_shared<fake::FakeWorld>();
  const connector::ConnectorEntry product_ = connectors::fake_entry(world_);
  const std::unique_ptr<connector::Target> target_ = product_.target({});
  const std::unique_ptr<connector::ImportAdmin> admin_ = target_->admin("a migration");
  format::MemoryState db_ = {};
};

TEST_F(ExportIdentity, ARunIsNotedOnBothSides) {
  const connector::LoadingRun run = take_over(db_);
  EXPECT_EQ(run.importer, kTargetImporter);
  EXPECT_EQ(admin_->noted_run(run.importer), run.run);
  EXPECT_NE(take_over(db_).run, run.run) << "each run is another";
  EXPECT_EQ(code_of([&] { refuse_other_copy(db_, *admin_, kTargetImporter, kCommand); }), "");
}

TEST_F(ExportIdentity, BookkeepingThatIsGoneIsMissedByWhoHasLoaded) {
  take_over(db_);
  EXPECT_FALSE(lost(db_));
  admin_->drop_bookkeeping();
  EXPECT_FALSE(lost(db_)) << "nothing was loaded";
  load_something(db_);
  EXPECT_TRUE(lost(db_));
  take_over(db_);
  EXPECT_FALSE(lost(db_));
}

// The directory knows a run before the database does, and whoever is killed in between has lost nothing.
TEST_F(ExportIdentity, ARunThatNeverReachedTheDatabaseIsNoLostMark) {
  class Refusing final : public connector::ImportRuns {
   public:
    void wait_for_earlier_batches() override {}
    std::string noted_run(const std::string&) override { return {}; }
    bool note_run(const std::string&, const std::string&, const std::string&) override {
      base::fail(base::ExitCode::kFailure, "killed");
    }
  } killed;
  EXPECT_THROW(take_import_over(db_, killed, kTargetImporter, kCommand), base::Error);
  load_something(db_);
  EXPECT_FALSE(lost(db_));
  take_over(db_);
  admin_->drop_bookkeeping();
  EXPECT_TRUE(lost(db_)) << "this one has";
}

TEST_F(ExportIdentity, AnotherCopyIsRefusedUnlessItBeginsAnew) {
  take_over(db_);
  format::MemoryState copy;
  EXPECT_EQ(code_of([&] { refuse_other_copy(copy, *admin_, kTargetImporter, kCommand); }), "IMP-007");
  EXPECT_EQ(code_of([&] { take_over(copy); }), "IMP-007");
  const connector::LoadingRun anew = take_import_over_anew(copy, *admin_, kTargetImporter, kCommand);
  EXPECT_EQ(admin_->noted_run(anew.importer), anew.run);
  EXPECT_EQ(code_of([&] { take_over(db_); }), "IMP-007") << "now this one is the other";
  EXPECT_EQ(code_of([&] { take_over(copy); }), "");
}

// Two that begin at the same moment: the second one reads what the first is about to replace.
TEST_F(ExportIdentity, OfTwoThatBeginAnewAtOnceOneGivesWay) {
  class Overtaken final : public connector::ImportRuns {
   public:
    explicit Overtaken(connector::ImportRuns& runs) : runs_(runs) {}
    void wait_for_earlier_batches() override {}
    std::string noted_run(const std::string& importer) override { return runs_.noted_run(importer); }
    bool note_run(const std::string& importer, const std::string& run, const std::string& last) override {
      EXPECT_TRUE(runs_.note_run(importer, "the first", last));
      return runs_.note_run(importer, run, last);
    }

   private:
    connector::ImportRuns& runs_;
  } runs(*admin_);
  EXPECT_THROW(take_import_over_anew(db_, runs, kTargetImporter, kCommand), base::Error);
  EXPECT_EQ(admin_->noted_run(std::string(kTargetImporter)), "the first");
}

}  // namespace
}  // namespace voyager::migration
