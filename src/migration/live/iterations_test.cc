#include "migration/live/iterations.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

TEST(Iterations, AnotherIsMadeInPlaceOfWhatAKilledRunHasLeft) {
  const base::TemporaryFolder folder;
  format::MetaDb db(folder.path());
  db.set_json("retained_log", R"({"budget_mb":8,"stop":true})");
  db.set_json("verified", "{}");
  const fs::path next = iteration_dir(folder.path(), 1);
  fs::create_directories(next / "data");
  base::write_file_atomically(next / "data" / "left", "x");
  make_next_iteration(folder.path(), db);
  EXPECT_FALSE(fs::exists(next / "data" / "left"));
  const auto made = open_iteration(folder.path(), 1);
  EXPECT_EQ(made->json("retained_log"), R"({"budget_mb":8,"stop":true})");
  EXPECT_EQ(made->json("verified"), "");
  EXPECT_EQ(main_dir(next), folder.path());
  EXPECT_EQ(iteration_of(next), 1);
}

TEST(Iterations, AFolderThatCannotBeMadeIsNamed) {
  const base::TemporaryFolder folder;
  format::MetaDb db(folder.path());
  const fs::path next = iteration_dir(folder.path(), 1);
  base::write_file_atomically(next.parent_path().parent_path(), "a file in its place");
  try {
    make_next_iteration(folder.path(), db);
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "DIR-003");
    EXPECT_NE(error.info().exit, base::ExitCode::kInternal);
    EXPECT_NE(error.info().title.find(next.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace voyager::migration
