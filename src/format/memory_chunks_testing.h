// Chunk files in memory, for tests: what was not kept is gone, as after a kill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/mutex.h"
#include "format/chunk_store.h"

namespace voyager::format {

class MemoryChunks final : public ChunkStore {
 public:
  std::unique_ptr<ChunkOutput> create(const std::string& name) override { return std::make_unique<Output>(name); }

  void keep(std::span<const std::unique_ptr<ChunkOutput>> files) override {
    const base::MutexLock lock(mutex_);
    for (const std::unique_ptr<ChunkOutput>& one : files) {
      auto& output = static_cast<Output&>(*one);
      files_[output.place()] = std::make_shared<const std::string>(std::move(output.bytes));
    }
  }

  std::unique_ptr<ChunkInput> open(const std::string& name) const override {
    const base::MutexLock lock(mutex_);
    const auto found = files_.find(name);
    if (found == files_.end()) base::fail(base::ExitCode::kFailure, "cannot open " + name, "No such file or directory");
    return std::make_unique<Input>(name, found->second);
  }

  void remove(const std::string& name) override {
    const base::MutexLock lock(mutex_);
    files_.erase(name);
  }

  void clear() override {
    const base::MutexLock lock(mutex_);
    files_.clear();
  }

  // What only tests look at, and do.

  /// Names of those that are kept, with their bytes.
  std::map<std::string, std::string> kept() const {
    const base::MutexLock lock(mutex_);
    std::map<std::string, std::string> out;
    for (const auto& [name, bytes] : files_) out[name] = *bytes;
    return out;
  }
  /// Keeps a file of these bytes, in place of one of that name.
  void put(const std::string& name, std::string bytes) {
    const base::MutexLock lock(mutex_);
    files_[name] = std::make_shared<const std::string>(std::move(bytes));
  }

 private:
  class Output final : public ChunkOutput {
   public:
    explicit Output(std::string name) : name_(std::move(name)) {}
    void write(std::string_view more) override { bytes += more; }
    std::string place() const override { return name_; }
    std::string bytes = {};

   private:
    const std::string name_;
  };

  class Input final : public ChunkInput {
   public:
    Input(std::string name, std::shared_ptr<const std::string> bytes)
        : name_(std::move(name)), bytes_(std::move(bytes)) {}
    std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const override {
      return offset > bytes_->size() ? 0 : bytes_->copy(out, size, offset);
    }
    std::string place() const override { return name_; }

   private:
    const std::string name_;
    const std::shared_ptr<const std::string> bytes_;
  };

  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const std::string>> files_ VOY_GUARDED_BY(mutex_) = {};
};

}  // namespace voyager::format
