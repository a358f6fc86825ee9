// Files and folders: the few operations that the program needs, each throwing base::Error with path and errno text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::base {

/// An open file descriptor. Moved, not copied; closed by the destructor (without sync).
class File {
 public:
  static File open_read(const std::filesystem::path& path);
  /// Creates or empties.
  static File create(const std::filesystem::path& path);
  static File open_append(const std::filesystem::path& path);

  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  /// Writes all of `bytes`. A full disk throws an Error whose title says so and whose fix names the folder.
  void write(std::string_view bytes);
  /// Reads up to `size` bytes at `offset` into `out`; fewer only at the end of the file. Thread-safe.
  std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;
  /// Begins to write what is not on the disk yet, and does not wait: several files are synced faster after each has
  /// begun. Promises nothing.
  void start_sync();
  /// Data and size reach the disk.
  void sync();
  std::uint64_t size() const;
  void close();
  bool is_open() const { return fd_ >= 0; }
  int descriptor() const { return fd_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  File(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  int fd_ = -1;
  std::filesystem::path path_ = {};
};

std::string read_file(const std::filesystem::path& path);
/// Temp file beside `path`, sync, rename, sync of the folder: readers see the old or the new text, never a part.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);
/// rename(2), then sync of the folder: when it returns the new name survives a crash of the machine.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);
struct Rename {
  std::filesystem::path from = {}, to = {};
};
/// As above for files of one folder, which is synced once.
void rename_durably(const std::vector<Rename>& files);
/// Free bytes for us on the file system that holds `path`.
std::uint64_t free_bytes(const std::filesystem::path& path);

}  // namespace voyager::base
