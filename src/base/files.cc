#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace voyager::base {
namespace {

[[noreturn]] void fail_errno(const std::string& what, const std::filesystem::path& path) {
  const int number = errno;
  ErrorInfo info{.title = what + " " + path.string(), .cause = std::strerror(number)};
  if (number == ENOSPC || number == EDQUOT) {
    info.code = "DIR-002";
    info.title = "the disk is full: " + info.title;
    info.fix = {"free space on the file system of " + path.parent_path().string() + " (df -h " +
                path.parent_path().string() + ")"};
    info.then = "run the same command again: what was finished is kept";
  } else if (number == EACCES || number == EROFS || number == EPERM) {
    info.code = "DIR-003";
    info.fix = {"make " + path.parent_path().string() + " writable for the user that runs yb-voyager"};
  }
  throw Error(std::move(info));
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail_errno("cannot open the folder", folder);
  const int result = ::fsync(fd);
  ::close(fd);
  if (result != 0) fail_errno("cannot sync the folder", folder);
}

int open_or_fail(const std::filesystem::path& path, int flags, const char* what) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) fail_errno(what, path);
  return fd;
}

}  // namespace

File File::open_read(const std::filesystem::path& path) {
  return {open_or_fail(path, O_RDONLY, "cannot open"), path};
}

File File::create(const std::filesystem::path& path) {
  return {open_or_fail(path, O_RDWR | O_CREAT | O_TRUNC, "cannot create"), path};
}

File File::open_append(const std::filesystem::path& path) {
  return {open_or_fail(path, O_WRONLY | O_CREAT | O_APPEND, "cannot open for appending"), path};
}

File::~File() {
  close();
}

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}

void File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_errno("cannot write", path_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::size_t File::read_at(std::uint64_t offset, char* out, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_, out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      fail_errno("cannot read", path_);
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void File::start_sync() {
  ::sync_file_range(fd_, 0, 0, SYNC_FILE_RANGE_WRITE);  // A hint: what it cannot do, sync() does.
}

void File::sync() {
  if (::fsync(fd_) != 0) fail_errno("cannot sync", path_);
}

std::uint64_t File::size() const {
  struct stat status = {};
  if (::fstat(fd_, &status) != 0) fail_errno("cannot stat", path_);
  return static_cast<std::uint64_t>(status.st_size);
}

void File::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string read_file(const std::filesystem::path& path) {
  const File file = File::open_read(path);
  std::string text(file.size(), '\0');
  text.resize(file.read_at(0, text.data(), text.size()));
  return text;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::path temp = path;
  temp += ".tmp." + std::to_string(::getpid());
  try {
    File file = File::create(temp);
    file.write(text);
    file.sync();
    file.close();
    rename_durably(temp, path);
  } catch (const Error&) {
    ::unlink(temp.c_str());
    throw;
  }
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  rename_durably({{.from = from, .to = to}});
}

void rename_durably(const std::vector<Rename>& files) {
  if (files.empty()) return;
  for (const auto& [from, to] : files) {
    if (::rename(from.c_str(), to.c_str()) != 0) fail_errno("cannot rename " + from.string() + " to", to);
  }
  const std::filesystem::path folder = files[0].to.parent_path();
  sync_folder(folder.empty() ? std::filesystem::path(".") : folder);
}

std::uint64_t free_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(path, error);
  if (error) fail(ExitCode::kFailure, "cannot ask for the free space of " + path.string(), error.message());
  return space.available;
}

}  // namespace voyager::base
