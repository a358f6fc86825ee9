#include "connectors/postgresql/uncommitted.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace voyager::postgresql {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr const char* kPrefix = "uncommitted.";
constexpr std::size_t kNumber32 = sizeof(std::uint32_t);
constexpr std::size_t kNumber64 = sizeof(std::uint64_t);

std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t out = 0;
  for (const char byte : bytes.substr(offset, size)) out = (out << 8U) | static_cast<unsigned char>(byte);
  return out;
}

std::uint32_t transaction_at(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(number_at(bytes, offset, kNumber32));
}

void put_size(std::string& out, std::size_t size) {
  for (unsigned shift = 32; shift > 0; shift -= 8) out += static_cast<char>((size >> (shift - 8)) & 0xFFU);
}

// Inside of a block these carry the transaction behind their kind.
bool names_transaction(char kind) {
  return std::string_view("RYIUDTM").find(kind) != std::string_view::npos;
}

[[noreturn]] void fail(const fs::path& path, const std::error_code& fault) {
  throw base::Error({.code = "DIR-003", .title = "cannot write " + path.string(), .cause = fault.message()});
}

void remove_all_of(const fs::path& folder) {
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    if (entry.path().filename().string().starts_with(kPrefix)) fs::remove(entry.path(), none);
  }
}

}  // namespace

UncommittedTransactions::UncommittedTransactions(fs::path folder) : folder_(std::move(folder)) {
  std::error_code fault;
  fs::create_directories(folder_, fault);
  if (fault) fail(folder_, fault);
  remove_all_of(folder_);
}

UncommittedTransactions::~UncommittedTransactions() {
  remove_all_of(folder_);
}

fs::path UncommittedTransactions::path(std::uint32_t transaction) const {
  return folder_ / (kPrefix + std::to_string(transaction));
}

UncommittedTransactions::Taken UncommittedTransactions::take(std::string_view message) {
  const char kind = message.empty() ? '\0' : message[0];
  const std::string_view rest = message.substr(std::min<std::size_t>(1, message.size()));
  bool good = true;
  if (kind == 'S') {
    good = start(rest);
  } else if (kind == 'E') {
    good = rest.empty() && stop();
  } else if (kind == 'A') {
    good = abort(rest);
  } else if (kind == 'c') {
    good = commit(rest);
  } else if (open_) {
    good = keep(message);
  } else {
    return {};
  }
  if (good) return {.taken = true};
  return {.taken = true,
          .fault = fmt::format("a message of kind {} out of place, or cut off, while a transaction is "
                               "sent before its commit",
                               static_cast<int>(static_cast<unsigned char>(kind)))};
}

bool UncommittedTransactions::start(std::string_view rest) {
  if (open_ || rest.size() != kNumber32 + 1) return false;
  open_ = transaction_at(rest, 0);
  transactions_.try_emplace(*open_);
  file_ = base::File::open_append(path(*open_));
  buffer_.clear();
  return true;
}

bool UncommittedTransactions::stop() {
  if (!open_) return false;
  flush();
  file_.close();
  open_.reset();
  return true;
}

void UncommittedTransactions::flush() {
  file_.write(buffer_);
  buffer_.clear();
}

// In the file each message, without its transaction, comes behind its size in four bytes.
bool UncommittedTransactions::keep(std::string_view message) {
  Transaction& transaction = transactions_[*open_];
  const char kind = message[0];
  std::string_view rest = message.substr(1);
  if (names_transaction(kind)) {
    if (rest.size() < kNumber32) return false;
    const std::uint32_t part = transaction_at(rest, 0);
    rest.remove_prefix(kNumber32);
    if (part != *open_ && part != transaction.last && transaction.begins.try_emplace(part, transaction.bytes).second)
      transaction.parts.push_back({.subtransaction = part, .begins = transaction.bytes});
    transaction.last = part;
  }
  const std::size_t before = buffer_.size();
  put_size(buffer_, 1 + rest.size());
  buffer_ += kind;
  buffer_ += rest;
  transaction.bytes += buffer_.size() - before;
  if (buffer_.size() >= kBufferBytes) flush();
  return true;
}

// What came behind the first change of a subtransaction that is rolled back was done in it, or in one inside of it.
bool UncommittedTransactions::abort(std::string_view rest) {
  if (open_ || rest.size() < 2 * kNumber32) return false;
  const std::uint32_t number = transaction_at(rest, 0);
  const std::uint32_t part = transaction_at(rest, kNumber32);
  const auto found = transactions_.find(number);
  if (found == transactions_.end()) return true;
  if (part == number) {
    forget(number);
    return true;
  }
  Transaction& transaction = found->second;
  const auto begins = transaction.begins.find(part);
  if (begins == transaction.begins.end()) return true;
  transaction.bytes = begins->second;
  while (!transaction.parts.empty() && transaction.parts.back().begins >= transaction.bytes) {
    transaction.begins.erase(transaction.parts.back().subtransaction);
    transaction.parts.pop_back();
  }
  transaction.last = number;
  std::error_code fault;
  fs::resize_file(path(number), transaction.bytes, fault);
  if (fault) fail(path(number), fault);
  return true;
}

bool UncommittedTransactions::commit(std::string_view rest) {
  constexpr std::size_t kSize = kNumber32 + 1 + 3 * kNumber64;
  if (open_ || rest.size() != kSize) return false;
  const std::uint32_t number = transaction_at(rest, 0);
  const auto found = transactions_.find(number);
  if (found == transactions_.end()) return false;
  const std::string_view flags_and_places = rest.substr(kNumber32);
  const std::string_view commit = flags_and_places.substr(1, kNumber64);
  const std::string_view time = flags_and_places.substr(1 + 2 * kNumber64);
  ready_ = Ready{.transaction = number,
                 .bytes = found->second.bytes,
                 .begin = fmt::format("B{}{}{}", commit, time, rest.substr(0, kNumber32)),
                 .commit = fmt::format("C{}", flags_and_places),
                 .file = base::File::open_read(path(number))};
  buffer_.clear();
  used_ = 0;
  return true;
}

std::string_view UncommittedTransactions::read(std::size_t size) {
  if (buffer_.size() - used_ < size) {
    buffer_.erase(0, std::exchange(used_, 0));
    const std::size_t have = buffer_.size();
    const auto left = static_cast<std::size_t>(ready_->bytes - ready_->read);
    buffer_.resize(have + std::min(left, std::max(size - have, kBufferBytes)));
    const std::size_t got = ready_->file.read_at(ready_->read, buffer_.data() + have, buffer_.size() - have);
    ready_->read += got;
    buffer_.resize(have + got);
    if (buffer_.size() < size)
      base::fail(base::ExitCode::kState, ready_->file.path().string() + " is shorter than what was written to it");
  }
  const std::string_view out = std::string_view(buffer_).substr(used_, size);
  used_ += size;
  return out;
}

std::string_view UncommittedTransactions::next() {
  if (!ready_->begin.empty()) {
    buffer_ = std::exchange(ready_->begin, {});
    used_ = buffer_.size();
    return buffer_;
  }
  if (ready_->read == ready_->bytes && used_ == buffer_.size()) {
    buffer_ = std::move(ready_->commit);
    const std::uint32_t number = ready_->transaction;
    ready_.reset();
    forget(number);
    return buffer_;
  }
  return read(number_at(read(kNumber32), 0, kNumber32));
}

void UncommittedTransactions::forget(std::uint32_t transaction) {
  transactions_.erase(transaction);
  std::error_code none;
  fs::remove(path(transaction), none);
}

}  // namespace voyager::postgresql
