// How far the running index build is.
#pragma once

#include <condition_variable>
#include <memory>
#include <vector>

#include "base/group.h"
#include "base/mutex.h"
#include "base/stop.h"
#include "connector/target.h"
#include "model/identifier.h"
#include "model/progress.h"

namespace voyager::migration {

/// Asks once a second, over a connection and on a thread of its own, and puts phase and per cent into the note of the
/// board's current item. Shows nothing when asking fails: the build itself goes on. The destructor ends the thread.
class BuildWatch {
 public:
  BuildWatch(std::unique_ptr<connector::TargetTables> target, model::ProgressBoard& board);
  ~BuildWatch();
  BuildWatch(const BuildWatch&) = delete;
  BuildWatch& operator=(const BuildWatch&) = delete;

  /// Builds on `table` belong to `item` from now on.
  void set_current(std::size_t item, const model::TableName& table);
  void set_none();

 private:
  void watch();
  void show(const std::vector<connector::IndexBuildProgress>& builds) VOY_REQUIRES(mutex_);

  std::unique_ptr<connector::TargetTables> target_;
  model::ProgressBoard& board_;
  base::Stop stop_ = {};
  base::Mutex mutex_;
  std::condition_variable changed_;
  bool ended_ VOY_GUARDED_BY(mutex_) = false;
  bool building_ VOY_GUARDED_BY(mutex_) = false;
  std::size_t item_ VOY_GUARDED_BY(mutex_) = 0;
  model::TableName table_ VOY_GUARDED_BY(mutex_) = {};
  base::Group group_;  // last: its thread uses what is above
};

}  // namespace voyager::migration
