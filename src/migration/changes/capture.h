// From a source's log into the queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/stop.h"
#include "connector/changes.h"
#include "migration/changes/queue_writer.h"

namespace voyager::migration {

/// What ends a capture from outside, asked about once a second.
struct CaptureOrders {
  /// "cutover.target" and the like: everything that the source has committed by now is captured, then this text ends
  /// the segment and the capture. Empty: go on.
  std::string cutover = {};
};

struct CapturePolicy {
  std::size_t bytes_per_poll = 1 << 20U;
  std::uint64_t bytes_between_syncs = 16U << 20U;
  std::chrono::milliseconds longest_unsynced{200};
  /// Between two times that the state and the source are told of what is safe, while changes come.
  std::chrono::milliseconds notes_every{50};
  std::chrono::milliseconds patience{100};  ///< For the source, when it has nothing.
  std::chrono::milliseconds orders_every{1'000};
  std::filesystem::path queue_dir = {};  ///< When given, less free space than the next says there makes it wait.
  std::uint64_t free_bytes_min = 0;
  std::chrono::milliseconds tables_every{10'000};  ///< Between two looks at the source's tables.
  std::uint64_t retained_bytes_max = 0;            ///< Of its log, that the source may keep for us. 0: any.
  bool stop_at_retained_max = false;               ///< Else it is only told.
};

/// What a capture tells while it runs.
struct CaptureProgress {
  std::uint64_t changes = 0;        ///< Of this run.
  std::uint64_t changes_total = 0;  ///< Of all runs of this exporter.
  std::int64_t next_vsn = 1;
  std::int64_t committed_at_micros = 0;  ///< Of the last transaction, by the source's clock.
  bool caught_up = false;
  bool waits_for_space = false;  ///< The disk of the queue is nearly full: nothing is read until there is space again.
  connector::SourceLag lag = {};
  /// Why the source's changes cannot be read now; tried again.
  std::string trouble = {};
  bool retains_too_much = false;  ///< The source keeps more of its log for us than it may.
  /// The source's tables as of the last look; nothing before the first.
  std::optional<connector::CapturedTables> tables = {};
  std::vector<connector::ValueChange> value_changes = {};          ///< Of this run.
  std::map<model::TableName, format::ChangeCounts> by_table = {};  ///< Of this run, as of the last note.
};

enum class CaptureEnd { kCutover, kStopped };

/// Runs until a cutover is ordered or `stop` drains; either way everything captured is safe and confirmed when it
/// returns, or comes again. A lost connection is opened again, as often as `retry` says; each success begins the count
/// anew. Main thread.
class Capture {
 public:
  /// Where it begins, as long as nothing is in the queue.
  struct Start {
    model::Position position = {};
    connector::CaptureScope scope = {};
  };
  Capture(connector::ChangeSource& source, QueueWriter& queue, Start start, const CapturePolicy& policy,
          const base::Clock& clock, const base::Stop& stop)
      : source_(source), queue_(queue), start_(std::move(start)), policy_(policy), clock_(clock), stop_(stop) {}

  CaptureEnd run(const std::function<CaptureOrders()>& orders,
                 const std::function<void(const CaptureProgress&)>& progress);

 private:
  void step(connector::ChangeBatch& batch);
  void make_safe(const connector::ChangeBatch& batch);
  bool disk_is_full();
  void look_at_tables();
  [[noreturn]] void give_up(std::uint64_t retained_bytes);
  CaptureProgress progress_of(const connector::ChangeBatch& batch);

  connector::ChangeSource& source_;
  QueueWriter& queue_;
  const Start start_;
  const CapturePolicy policy_;
  const base::Clock& clock_;
  const base::Stop& stop_;
  base::Clock::Instant unsynced_since_ = {};
  base::Clock::Instant noted_at_ = {};
  base::Clock::Instant space_seen_at_ = {};
  bool waits_for_space_ = false;
  bool open_ = false;
  base::Clock::Instant next_look_at_tables_ = {};
  std::optional<connector::CapturedTables> tables_ = {};
};

}  // namespace voyager::migration
