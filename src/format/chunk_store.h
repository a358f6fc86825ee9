// Where the rows of a snapshot lie between export and import: chunk files by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace voyager::format {

/// A chunk file that is being written. Nobody can open it before its store keeps it. One thread.
class ChunkOutput {
 public:
  virtual ~ChunkOutput() = default;
  virtual void write(std::string_view bytes) = 0;
  /// For messages: where it lies.
  virtual std::string place() const = 0;
};

/// A chunk file that is kept. Thread-safe.
class ChunkInput {
 public:
  virtual ~ChunkInput() = default;
  /// Up to `size` bytes at `offset` into `out`; fewer only at the end.
  virtual std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const = 0;
  virtual std::string place() const = 0;
};

/// Names are those of chunk_file_name(). Whatever cannot be done throws Error. Thread-safe, but for one name.
class ChunkStore {
 public:
  virtual ~ChunkStore() = default;
  /// Begins a file anew: what an earlier attempt left under this name, and is not kept, is gone.
  virtual std::unique_ptr<ChunkOutput> create(const std::string& name) = 0;
  /// Outputs of this store that are whole. When it returns, all of them can be opened under their names, also after a
  /// crash of the machine; one that was kept before is replaced. A kill in between leaves each kept or not.
  virtual void keep(std::span<const std::unique_ptr<ChunkOutput>> files) = 0;
  /// One that is kept.
  virtual std::unique_ptr<ChunkInput> open(const std::string& name) const = 0;
  /// Kept or not; it need not be there. Who has opened it reads on.
  virtual void remove(const std::string& name) = 0;
  /// Removes all files.
  virtual void clear() = 0;
};

/// Files in a folder, under a name with ".partial" behind until they are kept: see docs/formats/chunk-file.md. The
/// folder holds others' folders too, which stay.
class FolderChunkStore : public ChunkStore {
 public:
  /// The folder is there before the first file.
  explicit FolderChunkStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::unique_ptr<ChunkOutput> create(const std::string& name) override;
  void keep(std::span<const std::unique_ptr<ChunkOutput>> files) override;
  std::unique_ptr<ChunkInput> open(const std::string& name) const override;
  void remove(const std::string& name) override;
  void clear() override;

 private:
  const std::filesystem::path folder_;
};

}  // namespace voyager::format
