#include "migration/finish/end_migration.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/lock_file.h"
#include "base/temporary_folder_testing.h"
#include "migration/finish/backup.h"
#include "migration/finish/other_commands.h"
#include "model/answers_testing.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// A target whose only ability is to forget a migration; it leaves a file as its trace.
class TraceAdmin : public connector::ImportAdmin {
 public:
  TraceAdmin(fs::path trace, std::string migration) : trace_(std::move(trace)), migration_(std::move(migration)) {}
  void drop_bookkeeping() override { base::write_file_atomically(trace_, migration_); }
  void create_bookkeeping() override {}
  void wait_for_earlier_batches() override {}
  void remove_large_objects(const connector::Fence&) override {}
  void clear_bookkeeping(const connector::Fence&) override {}
  std::string noted_run(const std::string&) override { return {}; }
  bool note_run(const std::string&, const std::string&, const std::string&) override { return true; }
  std::vector<model::Table> describe(const std::vector<model::TableName>&) override { return {}; }
  std::vector<model::TableName> non_empty(const std::vector<model::TableName>&) override { return {}; }
  void truncate(const connector::Fence&, const std::vector<model::TableName>&,
                const std::function<void(const std::string&)>&) override {}
  void forget_batches(const connector::Fence&, const std::vector<model::TableName>&) override {}
  void set_sequences(const std::vector<model::Sequence>&) override {}
  void advance_sequences(const std::vector<model::TableName>&) override {}
  std::vector<std::string> relations_like(const model::Identifier&) override { return {}; }
  std::optional<KeyRebuild> primary_key_rebuild(const model::TableName&) override { return {}; }
  std::vector<connector::IndexBuildProgress> index_builds() override { return {}; }
  connector::LoadHooks load_hooks(const std::vector<model::TableName>&, bool) override { return {}; }
  std::vector<connector::RowDependence> row_dependences(const std::vector<model::TableName>&) override { return {}; }

 private:
  fs::path trace_;
  std::string migration_;
};

class TraceTarget : public connector::Target {
 public:
  explicit TraceTarget(fs::path trace) : trace_(std::move(trace)) {}
  std::unique_ptr<connector::ImportAdmin> admin(const std::string& migration) override {
    return std::make_unique<TraceAdmin>(trace_, migration);
  }
  std::unique_ptr<connector::TargetPreflight> preflight() override { return nullptr; }
  std::unique_ptr<connector::SchemaTarget> schema() override { return nullptr; }
  std::unique_ptr<connector::SnapshotTarget> loader(const std::string&, const connector::Fence&) override {
    return nullptr;
  }
  std::optional<connector::ClusterLoad> load() override { return {}; }

 private:
  fs::path trace_;
};

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> out;
  if (!fs::exists(folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) out.insert(entry.path().lexically_relative(folder).string());
  }
  return out;
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  base::write_file_atomically(path, text);
}

class EndMigrationTest : public testing::Test {
 protected:
  void SetUp() override {
    make_export_dir();
    backup_ = root_ / "backup";
    fs::create_directories(backup_);
    options_ = {.export_dir = export_dir_,
                .backup_dir = backup_,
                .backup_schema = true,
                .backup_data = true,
                .backup_logs = true,
                .save_reports = true};
    product_.product = "fake";
    product_.target = [this](const model::ConnectionOptions&) {
      return std::make_unique<TraceTarget>(root_ / "dropped");
    };
  }
  void make_export_dir() {
    export_dir_ = root_ / "export";
    put(export_dir_ / "schema/tables/table.sql", "create table t();");
    put(export_dir_ / "schema/failed.sql", "oops");
    put(export_dir_ / "data/t_data.sql.1.zst", "rows");
    put(export_dir_ / "data/errors/table::t/errors.csv", "bad row");
    put(export_dir_ / "data/export_status.json", "{}");
    put(export_dir_ / "logs/yb-voyager-export-data.log", "log");
    put(export_dir_ / "reports/schema_analysis_report.html", "<html>");
    put(export_dir_ / "reports/own-notes.txt", "not one of ours");
    put(export_dir_ / "temp/schema.sql", "dump");
    put(export_dir_ / "metainfo/dataFileDescriptor.json", "{}");
    put(export_dir_ / "metainfo/meta.db", "state");
    put(export_dir_ / "metainfo/meta.db-wal", "wal");
    put(export_dir_ / "my own file.txt", "the user's");
    put(export_dir_ / "my own folder/x", "the user's");
  }

  void end(const std::string& migration = "uuid") {
    const model::ConnectionOptions target;
    end_on(&product_, &target, migration);
  }
  void end_on(const connector::ConnectorEntry* product, const model::ConnectionOptions* target,
              const std::string& migration) {
    const EndMigration ending(options_, context_);
    ending.begin();
    put(export_dir_ / "reports/export-data-status-report.json", "[1]");
    put(export_dir_ / "reports/import-data-status-report.json", "[2]");
    ending.back_up();
    for (const fs::path& iteration : options_.iterations) ending.remove_iteration(iteration);
    ending.clean_target(product, target, migration);
    ending.empty_export_dir();
  }

  // In a process of its own, as faults kill. 0 = ended, 1 = an Error (its title in error_), or 128 + signal.
  int end_in_child(const char* fault) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (fault != nullptr) ::setenv("YB_VOYAGER_FAULT", fault, 1);
      try {
        end();
      } catch (const base::Error& error) {
        put(root_ / "error", error.info().title);
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  void expect_all_kept() {
    EXPECT_THAT(files_in(backup_),
                UnorderedElementsAre("schema/tables/table.sql", "schema/failed.sql", "data/t_data.sql.1.zst",
                                     "data/errors/table::t/errors.csv", "logs/yb-voyager-export-data.log",
                                     "reports/schema_analysis_report.html", "reports/export_data_status_report.json",
                                     "reports/import_data_status_report.json"));
    EXPECT_EQ(base::read_file(backup_ / "data/t_data.sql.1.zst"), "rows");
    EXPECT_EQ(base::read_file(backup_ / "reports/import_data_status_report.json"), "[2]");
  }
  void expect_only_users_files_left() {
    EXPECT_THAT(files_in(export_dir_), UnorderedElementsAre("my own file.txt", "my own folder/x"));
    std::set<std::string> top;
    for (const auto& entry : fs::directory_iterator(export_dir_)) top.insert(entry.path().filename().string());
    EXPECT_THAT(top, UnorderedElementsAre("my own file.txt", "my own folder"));
  }

  const base::TemporaryFolder folder_ = {};
  const fs::path root_ = folder_.path();
  fs::path export_dir_ = {};
  fs::path backup_ = {};
  EndMigrationOptions options_ = {};
  connector::ConnectorEntry product_ = {};
  model::Answers dialogue_ = {};
  base::Stop stop_;
  model::ProgressBoard board_{"end-migration"};
  const model::FlowContext context_{board_, dialogue_, base::system_clock(), stop_};
};

// The first test of the program: a fault is read once a process, at the first fault point that it meets.
TEST_F(EndMigrationTest, KilledAtEachPointASecondRunComesToTheSameEnd) {
  for (const char* fault : {"end.after_reports", "end.after_backup", "end.after_target", "end.before_state_removed"}) {
    SCOPED_TRACE(fault);
    ASSERT_EQ(end_in_child(fault), 128 + SIGKILL);
    EXPECT_TRUE(fs::exists(export_dir_ / "metainfo/meta.db")) << "what a second run needs";
    ASSERT_EQ(end_in_child(nullptr), 0);
    expect_all_kept();
    expect_only_users_files_left();
    EXPECT_EQ(base::read_file(root_ / "dropped"), "uuid");
    fs::remove_all(export_dir_);
    fs::remove_all(backup_);
    fs::remove(root_ / "dropped");
    fs::create_directories(backup_);
    make_export_dir();
  }
}

TEST_F(EndMigrationTest, AsksOnceAndSeverely) {
  end();
  EXPECT_TRUE(dialogue_.all_severe);
  EXPECT_THAT(dialogue_.questions, ElementsAre(HasSubstr("cannot be continued")));
  expect_all_kept();
  expect_only_users_files_left();
}

TEST_F(EndMigrationTest, NothingChangesOnNo) {
  dialogue_.answer = false;
  const auto before = files_in(export_dir_);
  try {
    end();
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kNoAnswer);
  }
  EXPECT_EQ(files_in(export_dir_), before);
  EXPECT_THAT(files_in(backup_), IsEmpty());
  EXPECT_FALSE(fs::exists(root_ / "dropped"));
}

TEST_F(EndMigrationTest, KeepsOnlyWhatWasAskedFor) {
  options_.backup_data = options_.backup_logs = options_.save_reports = false;
  end();
  EXPECT_THAT(files_in(backup_), UnorderedElementsAre("schema/tables/table.sql", "schema/failed.sql"));
  expect_only_users_files_left();
}

TEST_F(EndMigrationTest, NothingKeptNeedsNoFolderAndTheQuestionSaysSo) {
  options_ = {.export_dir = export_dir_};
  end();
  EXPECT_THAT(dialogue_.questions, ElementsAre(HasSubstr("nothing is backed up")));
  expect_only_users_files_left();
}

TEST_F(EndMigrationTest, WithoutAnImportNoTargetIsAsked) {
  end_on(nullptr, nullptr, "uuid");
  EXPECT_FALSE(fs::exists(root_ / "dropped"));
  expect_only_users_files_left();
}

TEST_F(EndMigrationTest, AnUnreachableTargetLeavesTheStateForTheNextRun) {
  product_.target = [](const model::ConnectionOptions&) -> std::unique_ptr<connector::Target> {
    base::fail(base::ExitCode::kTargetUnreachable, "cannot connect to the target");
  };
  EXPECT_THROW(end(), base::Error);
  EXPECT_TRUE(fs::exists(export_dir_ / "metainfo/meta.db"));
  EXPECT_TRUE(fs::exists(export_dir_ / "logs/yb-voyager-export-data.log"));
}

TEST_F(EndMigrationTest, ABackupFolderThatWouldBeRemovedIsRefused) {
  for (const fs::path& inside :
       {export_dir_, export_dir_ / "data", export_dir_ / "data/errors", export_dir_ / "logs"}) {
    options_.backup_dir = inside;
    EXPECT_THROW(end(), base::Error) << inside;
  }
  options_.backup_dir = root_ / "absent";
  EXPECT_THROW(end(), base::Error);
  options_.backup_dir = export_dir_ / "my own folder";
  end();
  EXPECT_EQ(base::read_file(export_dir_ / "my own folder/schema/failed.sql"), "oops");
}

TEST_F(EndMigrationTest, AReportThatIsThereStaysOtherFilesAreKeptBeside) {
  put(backup_ / "reports/import_data_status_report.json", "earlier");
  put(backup_ / "schema/failed.sql", "of another migration");
  put(backup_ / "schema/failed.sql.1", "oops");
  end();
  EXPECT_EQ(base::read_file(backup_ / "reports/import_data_status_report.json"), "earlier");
  EXPECT_EQ(base::read_file(backup_ / "schema/failed.sql"), "of another migration");
  EXPECT_EQ(base::read_file(backup_ / "schema/failed.sql.1"), "oops") << "the same bytes are not kept twice";
  EXPECT_FALSE(fs::exists(backup_ / "schema/failed.sql.2"));
}

TEST_F(EndMigrationTest, UsersFilesBehindLinksAreCopiedAndStay) {
  put(root_ / "user/rows.csv", "1,2");
  fs::create_symlink(root_ / "user/rows.csv", export_dir_ / "data/u_data.sql");
  fs::create_symlink(root_ / "user/gone", export_dir_ / "data/broken.sql");
  end();
  EXPECT_EQ(base::read_file(backup_ / "data/u_data.sql"), "1,2");
  EXPECT_FALSE(fs::is_symlink(backup_ / "data/u_data.sql"));
  EXPECT_EQ(base::read_file(root_ / "user/rows.csv"), "1,2");
  expect_only_users_files_left();
}

TEST_F(EndMigrationTest, AnotherFileSystemIsCopiedTo) {
  struct stat here = {};
  struct stat there = {};
  std::string name = "/dev/shm/voy_end_XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) GTEST_SKIP() << "no second file system at /dev/shm";
  ::stat(root_.c_str(), &here);
  ::stat(name.c_str(), &there);
  if (here.st_dev == there.st_dev) {
    fs::remove_all(name);
    GTEST_SKIP() << "/dev/shm is the file system of the temporary folder";
  }
  const fs::path second = backup_;
  fs::remove_all(backup_);
  options_.backup_dir = backup_ = name;
  EXPECT_EQ(bytes_to_copy(export_dir_ / "data/errors", backup_), std::string("bad row").size());
  // As after a kill between copy and removal, and one in the middle of a copy.
  put(backup_ / "schema/failed.sql", "oops");
  put(backup_ / "data/t_data.sql.1.zst.voyager-partial", "ro");
  end();
  expect_all_kept();
  expect_only_users_files_left();
  fs::remove_all(name);
}

TEST_F(EndMigrationTest, ADrainStopsBetweenFilesAndTheNextRunGoesOn) {
  stop_.request_drain(SIGINT);
  EXPECT_THROW(end(), base::Error);
  EXPECT_TRUE(fs::exists(export_dir_ / "metainfo/meta.db"));
  ASSERT_EQ(fs::exists(root_ / "dropped"), false);
}

// A child that holds a lock as a running command does; it ends on the n-th SIGTERM.
class OtherCommand {
 public:
  OtherCommand(const fs::path& folder, const std::string& id, int signals_wanted) {
    std::array<int, 2> ready = {};
    VOY_ASSERT(::pipe(ready.data()) == 0);
    child_ = ::fork();
    if (child_ == 0) {
      sigset_t terms;
      sigemptyset(&terms);
      sigaddset(&terms, SIGTERM);
      sigprocmask(SIG_BLOCK, &terms, nullptr);
      {
        const base::LockFile lock(folder, id);
        [[maybe_unused]] const ssize_t written = ::write(ready[1], "x", 1);
        int number = 0;
        for (int i = 0; i < signals_wanted; ++i) sigwait(&terms, &number);
      }
      ::_exit(0);
    }
    char byte = 0;
    VOY_ASSERT(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~OtherCommand() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  pid_t process() const { return child_; }

 private:
  pid_t child_ = -1;
};

TEST_F(EndMigrationTest, OtherCommandsAreNamedInTheQuestionAndStopped) {
  const base::LockFile ours(export_dir_, "end-migration");
  const OtherCommand other(export_dir_, "import-data", 1);
  put(export_dir_ / ".export-dataLockfile.lck", "999999");  // Of a dead owner.
  put(export_dir_ / ".usersLockfile.txt", "the user's");
  end();
  EXPECT_THAT(dialogue_.questions.at(0),
              HasSubstr("import-data is running (process " + std::to_string(other.process())));
  EXPECT_THAT(dialogue_.questions.at(0), Not(HasSubstr("export-data is running")));
  EXPECT_THAT(dialogue_.questions.at(0), Not(HasSubstr("end-migration is running")));
  EXPECT_FALSE(fs::exists(export_dir_ / ".import-dataLockfile.lck"));
  EXPECT_FALSE(fs::exists(export_dir_ / ".export-dataLockfile.lck"));
  EXPECT_TRUE(fs::exists(export_dir_ / ".end-migrationLockfile.lck"));
  EXPECT_TRUE(fs::exists(export_dir_ / ".usersLockfile.txt"));
}

TEST_F(EndMigrationTest, OtherCommandsGoOnAfterANo) {
  const OtherCommand other(export_dir_, "import-data", 1);
  dialogue_.answer = false;
  EXPECT_THROW(end(), base::Error);
  EXPECT_THAT(running_commands(export_dir_), testing::SizeIs(1));
}

TEST_F(EndMigrationTest, ASlowCommandGetsASecondSignalAndADeafOneIsNamed) {
  const OtherCommand slow(export_dir_, "export-data", 2);
  stop_commands(running_commands(export_dir_), {std::chrono::milliseconds(200), std::chrono::milliseconds(5000)},
                stop_);
  EXPECT_THAT(running_commands(export_dir_), IsEmpty());
  const OtherCommand deaf(export_dir_, "import-data", 99);
  try {
    stop_commands(running_commands(export_dir_), {std::chrono::milliseconds(150), std::chrono::milliseconds(150)},
                  stop_);
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kState);
    EXPECT_THAT(error.info().cause, HasSubstr("import-data (process " + std::to_string(deaf.process())));
  }
}

}  // namespace
}  // namespace voyager::migration
