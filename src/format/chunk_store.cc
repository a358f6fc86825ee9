#include "format/chunk_store.h"

#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"

namespace voyager::format {
namespace {

std::filesystem::path unfinished(std::filesystem::path file) {
  return file += ".partial";
}

class FolderOutput final : public ChunkOutput {
 public:
  explicit FolderOutput(std::filesystem::path path)
      : path_(std::move(path)), file_(base::File::create(unfinished(path_))) {}

  void write(std::string_view bytes) override { file_.write(bytes); }
  std::string place() const override { return file_.path().string(); }
  base::File& file() { return file_; }
  base::Rename name() const { return {.from = file_.path(), .to = path_}; }

 private:
  const std::filesystem::path path_;
  base::File file_;
};

class FolderInput final : public ChunkInput {
 public:
  explicit FolderInput(const std::filesystem::path& path) : file_(base::File::open_read(path)) {}

  std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const override {
    return file_.read_at(offset, out, size);
  }
  std::string place() const override { return file_.path().string(); }

 private:
  const base::File file_;
};

}  // namespace

std::unique_ptr<ChunkOutput> FolderChunkStore::create(const std::string& name) {
  return std::make_unique<FolderOutput>(folder_ / name);
}

// Order of durability: all synced under their temporary names, then renamed, then the folder synced.
void FolderChunkStore::keep(std::span<const std::unique_ptr<ChunkOutput>> files) {
  std::vector<FolderOutput*> outputs;
  for (const std::unique_ptr<ChunkOutput>& one : files) outputs.push_back(static_cast<FolderOutput*>(one.get()));
  for (FolderOutput* one : outputs) one->file().start_sync();
  for (FolderOutput* one : outputs) one->file().sync();
  base::fault_point<"export_data.chunk_synced">();  // the file is on disk under its temporary name
  std::vector<base::Rename> names;
  for (const FolderOutput* one : outputs) names.push_back(one->name());
  base::rename_durably(names);
}

std::unique_ptr<ChunkInput> FolderChunkStore::open(const std::string& name) const {
  return std::make_unique<FolderInput>(folder_ / name);
}

void FolderChunkStore::remove(const std::string& name) {
  for (const std::filesystem::path& path : {folder_ / name, unfinished(folder_ / name)}) {
    std::error_code error;
    std::filesystem::remove(path, error);
    if (error) base::fail(base::ExitCode::kFailure, "cannot remove " + path.string(), error.message());
  }
}

void FolderChunkStore::clear() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (!entry.is_directory(error)) std::filesystem::remove(entry.path(), error);
    if (error) base::fail(base::ExitCode::kFailure, "cannot remove " + entry.path().string(), error.message());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    base::fail(base::ExitCode::kFailure, "cannot look into " + folder_.string(), error.message());
}

}  // namespace voyager::format
