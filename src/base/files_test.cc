#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/temporary_folder_testing.h"

namespace voyager::base {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  const TemporaryFolder temporary_ = {};
  const std::filesystem::path folder_ = temporary_.path();
};

TEST_F(FilesTest, WritesAndReadsAtAnyPlace) {
  File file = File::create(folder_ / "f");
  file.write("hello ");
  file.write("world");
  file.sync();
  EXPECT_EQ(file.size(), 11U);
  char buffer[16] = {};
  EXPECT_EQ(file.read_at(6, buffer, sizeof buffer), 5U);
  EXPECT_STREQ(buffer, "world");
  EXPECT_EQ(file.read_at(100, buffer, 1), 0U);
  EXPECT_EQ(read_file(folder_ / "f"), "hello world");
}

TEST_F(FilesTest, AppendsAndEmpties) {
  File::open_append(folder_ / "f").write("a");
  File::open_append(folder_ / "f").write("b");
  EXPECT_EQ(read_file(folder_ / "f"), "ab");
  File::create(folder_ / "f").close();
  EXPECT_EQ(read_file(folder_ / "f"), "");
}

TEST_F(FilesTest, MovesLeaveNothingOpenBehind) {
  File first = File::create(folder_ / "f");
  const int descriptor = first.descriptor();
  File second = std::move(first);
  EXPECT_FALSE(first.is_open());  // NOLINT: the moved-from state is the contract here
  EXPECT_EQ(second.descriptor(), descriptor);
  second = File::create(folder_ / "g");
  EXPECT_TRUE(second.is_open());
  second.close();
  EXPECT_FALSE(second.is_open());
}

TEST_F(FilesTest, AtomicWritingReplacesAndLeavesNoTemporaryFile) {
  write_file_atomically(folder_ / "f", "old");
  write_file_atomically(folder_ / "f", "new");
  EXPECT_EQ(read_file(folder_ / "f"), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_THROW(write_file_atomically(folder_ / "missing" / "f", "x"), Error);
}

TEST_F(FilesTest, ErrorsNameTheFileAndTheReason) {
  try {
    read_file(folder_ / "absent");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.info().title, ::testing::HasSubstr("absent"));
    EXPECT_EQ(error.info().cause, "No such file or directory");
  }
}

TEST_F(FilesTest, AFullDiskIsSaidPlainly) {
  File full = File::open_append("/dev/full");
  try {
    full.write("x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.info().code, "DIR-002");
    EXPECT_THAT(error.info().title, ::testing::StartsWith("the disk is full"));
    EXPECT_THAT(error.info().then, ::testing::HasSubstr("again"));
  }
}

TEST_F(FilesTest, FreeSpaceIsKnown) {
  EXPECT_GT(free_bytes(folder_), 0U);
  EXPECT_THROW(free_bytes(folder_ / "absent"), Error);
}

}  // namespace
}  // namespace voyager::base
