// Where chunk files lie: a folder and memory keep the same promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "format/chunk_store.h"
#include "format/memory_chunks_testing.h"

namespace voyager::format {
namespace {

enum class Kept : std::uint8_t { kInFolder, kInMemory };

std::ostream& operator<<(std::ostream& out, Kept kept) {
  return out << (kept == Kept::kInFolder ? "folder" : "memory");
}

class ChunkStoreConformance : public ::testing::TestWithParam<Kept> {
 protected:
  ChunkStoreConformance() {
    if (GetParam() == Kept::kInFolder) {
      store_ = std::make_unique<FolderChunkStore>(folder_.path());
    } else {
      store_ = std::make_unique<MemoryChunks>();
    }
  }

  std::unique_ptr<ChunkOutput> written(const std::string& name, const std::string& bytes) {
    std::unique_ptr<ChunkOutput> file = store_->create(name);
    file->write(bytes.substr(0, bytes.size() / 2));
    file->write(bytes.substr(bytes.size() / 2));
    return file;
  }
  void keep(const std::string& name, const std::string& bytes) {
    const std::array files = {written(name, bytes)};
    store_->keep(files);
  }
  static std::string read(const ChunkInput& file, std::uint64_t offset = 0, std::size_t size = 100) {
    std::string out(size, '?');
    out.resize(file.read_at(offset, out.data(), size));
    return out;
  }
  std::string read(const std::string& name) const { return read(*store_->open(name)); }
  bool is_kept(const std::string& name) const {
    try {
      (void)store_->open(name);
    } catch (const base::Error& error) {
      EXPECT_NE(error.info().title.find(name), std::string::npos) << error.what();
      return false;
    }
    return true;
  }

  const base::TemporaryFolder folder_ = {};
  std::unique_ptr<ChunkStore> store_ = {};
};

INSTANTIATE_TEST_SUITE_P(Everywhere, ChunkStoreConformance, ::testing::Values(Kept::kInFolder, Kept::kInMemory),
                         [](const auto& place) { return place.param == Kept::kInFolder ? "Folder" : "Memory"; });

TEST_P(ChunkStoreConformance, WhatIsNotKeptCannotBeOpened) {
  std::vector<std::unique_ptr<ChunkOutput>> files;
  files.push_back(written("a.sql", "one\ntwo\n"));
  files.push_back(written("b.sql", ""));
  EXPECT_FALSE(is_kept("a.sql"));
  store_->keep(files);
  EXPECT_EQ(read("a.sql"), "one\ntwo\n");
  EXPECT_EQ(read("b.sql"), "");
  EXPECT_FALSE(is_kept("c.sql"));
}

TEST_P(ChunkStoreConformance, AnyPartIsRead) {
  keep("a.sql", "0123456789");
  const std::unique_ptr<ChunkInput> file = store_->open("a.sql");
  EXPECT_EQ(read(*file, 3, 4), "3456");
  EXPECT_EQ(read(*file, 8, 4), "89");
  EXPECT_EQ(read(*file, 10, 4), "");
  EXPECT_EQ(read(*file, 50, 4), "");
  EXPECT_NE(file->place().find("a.sql"), std::string::npos);
}

// A worker that failed in the middle begins the file again, before it gives the first one up.
TEST_P(ChunkStoreConformance, AFileIsBegunAnew) {
  std::unique_ptr<ChunkOutput> file = written("a.sql", "half");
  file = written("a.sql", "whole");
  EXPECT_NE(file->place().find("a.sql"), std::string::npos);
  store_->keep({&file, 1});
  EXPECT_EQ(read("a.sql"), "whole");
}

TEST_P(ChunkStoreConformance, TheLaterOneCounts) {
  keep("a.sql", "earlier");
  const std::unique_ptr<ChunkInput> before = store_->open("a.sql");
  keep("a.sql", "later");
  EXPECT_EQ(read("a.sql"), "later");
  EXPECT_EQ(read(*before), "earlier");
}

TEST_P(ChunkStoreConformance, WhatIsRemovedIsGoneAndReadToItsEnd) {
  keep("a.sql", "rows");
  keep("b.sql", "others");
  const std::unique_ptr<ChunkInput> open = store_->open("a.sql");
  const std::unique_ptr<ChunkOutput> unfinished = written("c.sql", "x");
  for (const char* name : {"a.sql", "c.sql", "never there"}) store_->remove(name);
  EXPECT_EQ(read(*open), "rows");
  EXPECT_FALSE(is_kept("a.sql"));
  EXPECT_TRUE(is_kept("b.sql"));
}

TEST_P(ChunkStoreConformance, NothingIsLeftOfAStoreThatIsCleared) {
  keep("a.sql", "rows");
  { const std::unique_ptr<ChunkOutput> unfinished = written("b.sql", "x"); }
  store_->clear();
  EXPECT_FALSE(is_kept("a.sql"));
  store_->clear();
  keep("a.sql", "again");
  EXPECT_EQ(read("a.sql"), "again");
}

TEST(FolderChunkStore, LeavesOthersAloneAndNothingOfItsOwn) {
  const base::TemporaryFolder folder;
  FolderChunkStore store(folder.path());
  std::filesystem::create_directory(folder.path() / "queue");
  std::unique_ptr<ChunkOutput> file = store.create("a.sql");
  file->write("rows");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "a.sql.partial"));
  store.keep({&file, 1});
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.sql.partial"));
  EXPECT_EQ(base::read_file(folder.path() / "a.sql"), "rows");
  (void)store.create("b.sql");
  store.clear();
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    left.push_back(entry.path().filename().string());
  EXPECT_THAT(left, ::testing::ElementsAre("queue"));
  FolderChunkStore nowhere(folder.path() / "not there");
  EXPECT_NO_THROW(nowhere.clear());
}

}  // namespace
}  // namespace voyager::format
