#include "migration/finish/backup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBytes = 1 << 20;
constexpr const char* kPartial = ".voyager-partial";

void fail_when_draining(const base::Stop& stop) {
  if (!stop.draining()) return;
  throw base::Error({.exit = base::ExitCode::kInterrupted,
                     .title = "stopped while moving files into the backup folder",
                     .then = "run end migration again: it goes on where it stopped"});
}

void sync_folder(const fs::path& folder) {
  base::File::open_read(folder).sync();
}

void make_folder(const fs::path& folder) {
  std::error_code fault;
  fs::create_directories(folder, fault);
  if (fault) base::fail(base::ExitCode::kFailure, "cannot create the folder " + folder.string(), fault.message());
}

bool same_content(const fs::path& a, const fs::path& b) {
  const base::File one = base::File::open_read(a);
  const base::File other = base::File::open_read(b);
  if (one.size() != other.size()) return false;
  std::vector<char> left(kCopyBytes);
  std::vector<char> right(kCopyBytes);
  for (std::uint64_t at = 0; at < one.size(); at += kCopyBytes) {
    const std::size_t got = one.read_at(at, left.data(), left.size());
    if (got != other.read_at(at, right.data(), right.size())) return false;
    if (std::memcmp(left.data(), right.data(), got) != 0) return false;
  }
  return true;
}

void copy_durably(const fs::path& from, const fs::path& to) {
  fs::path partial = to;
  partial += kPartial;
  const base::File source = base::File::open_read(from);
  base::File copy = base::File::create(partial);
  std::vector<char> buffer(kCopyBytes);
  for (std::uint64_t at = 0;;) {
    const std::size_t got = source.read_at(at, buffer.data(), buffer.size());
    if (got == 0) break;
    copy.write({buffer.data(), got});
    at += got;
  }
  copy.sync();
  copy.close();
  base::rename_durably(partial, to);
}

void remove_file(const fs::path& path) {
  std::error_code fault;
  fs::remove(path, fault);
  if (fault) base::fail(base::ExitCode::kFailure, "cannot remove " + path.string(), fault.message());
}

// True when the rename took place; false when the two are on different file systems.
bool renamed(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) {
    sync_folder(to.parent_path());
    return true;
  }
  if (errno == EXDEV) return false;
  base::fail(base::ExitCode::kFailure, fmt::format("cannot move {} to {}", from.string(), to.string()),
             std::strerror(errno), {"make both folders writable for the user that runs yb-voyager"});
}

// The first of name, name.1, name.2, ... that is not there, or that holds the same bytes (a move that was killed before
// it could remove the original).
fs::path free_name(const fs::path& from, const fs::path& to) {
  fs::path candidate = to;
  for (int number = 1; fs::exists(candidate) && !(fs::is_regular_file(candidate) && same_content(from, candidate));
       ++number) {
    candidate = to;
    candidate += fmt::format(".{}", number);
  }
  return candidate;
}

void move_file(const fs::path& from, const fs::path& to, WhenPresent when_present, const base::Stop& stop) {
  fail_when_draining(stop);
  if (when_present == WhenPresent::kLeave && fs::exists(to)) return;
  const bool link = fs::is_symlink(fs::symlink_status(from));
  const fs::path target = free_name(from, to);
  if (!fs::exists(target)) {
    if (!link && renamed(from, target)) return;
    copy_durably(from, target);
  }
  remove_file(from);
}

void move_folder(const fs::path& from, const fs::path& to, WhenPresent when_present, const base::Stop& stop) {
  const bool link = fs::is_symlink(fs::symlink_status(from));
  if (!link && !fs::exists(to) && renamed(from, to)) return;
  make_folder(to);
  std::vector<fs::path> children;
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) children.push_back(entry.path());
  for (const fs::path& child : children) move_to_backup(child, to / child.filename(), when_present, stop);
  std::error_code ignored;  // What was left in it (kLeave) keeps the folder alive.
  fs::remove(from, ignored);
}

}  // namespace

void move_to_backup(const fs::path& from, const fs::path& to, WhenPresent when_present, const base::Stop& stop) {
  if (!fs::exists(fs::symlink_status(from))) return;
  if (!fs::exists(from)) {  // A link to nothing has nothing to keep.
    remove_file(from);
    return;
  }
  make_folder(to.parent_path());
  if (fs::is_directory(from)) {
    move_folder(from, to, when_present, stop);
  } else if (fs::is_regular_file(from)) {
    move_file(from, to, when_present, stop);
  }
}

std::uint64_t bytes_to_copy(const fs::path& from, const fs::path& backup_dir) {
  struct stat ours = {};
  struct stat theirs = {};
  if (::stat(from.c_str(), &ours) != 0 || ::stat(backup_dir.c_str(), &theirs) != 0) return 0;
  if (S_ISDIR(ours.st_mode)) {
    std::uint64_t sum = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(from))
      sum += bytes_to_copy(entry.path(), backup_dir);
    return sum;
  }
  const bool copied = ours.st_dev != theirs.st_dev || fs::is_symlink(fs::symlink_status(from));
  return copied ? static_cast<std::uint64_t>(ours.st_size) : 0;
}

}  // namespace voyager::migration
