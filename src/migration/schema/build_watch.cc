#include "migration/schema/build_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/error.h"
#include "base/log.h"

namespace voyager::migration {

BuildWatch::BuildWatch(std::unique_ptr<connector::TargetTables> target, model::ProgressBoard& board)
    : target_(std::move(target)), board_(board), group_(stop_) {
  group_.spawn("index progress", [this] { watch(); });
}

BuildWatch::~BuildWatch() {
  {
    const base::MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  // The group joins; what its thread may have thrown is in the log and spoils nothing.
}

void BuildWatch::set_current(std::size_t item, const model::TableName& table) {
  const base::MutexLock lock(mutex_);
  item_ = item;
  table_ = table;
  building_ = true;
}

void BuildWatch::set_none() {
  const base::MutexLock lock(mutex_);
  building_ = false;
}

void BuildWatch::watch() {
  base::MutexLock lock(mutex_);
  while (true) {
    if (!ended_) lock.wait_for(changed_, std::chrono::seconds(1));
    if (ended_) return;
    if (!building_) continue;
    lock.unlock();
    const std::vector<connector::IndexBuildProgress> builds = target_->index_builds();
    lock.lock();
    show(builds);
  }
}

// A build inside of a transaction hides the index's name from others, so the table decides.
void BuildWatch::show(const std::vector<connector::IndexBuildProgress>& builds) {
  const auto build = std::ranges::find(builds, table_, &connector::IndexBuildProgress::table);
  if (!building_ || build == builds.end()) return;
  std::string note = build->phase;
  if (build->total > 0) note += fmt::format(" {}%", std::min<std::uint64_t>(100, build->done * 100 / build->total));
  board_.set_state(item_, model::WorkState::kRunning, note);
}

}  // namespace voyager::migration
