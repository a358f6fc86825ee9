// Rates, per cents and remaining times out of successive progress snapshots.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "model/progress.h"

namespace voyager::report {

/// How fast something moves and how long it still needs.
struct Pace {
  std::optional<int> percent = {};  ///< Floored; 99 at most until it is done. Nothing when no total is known.
  double bytes_per_s = 0;           ///< Moving average over 30 s.
  double rows_per_s = 0;
  std::optional<double> eta_s = {};  ///< After 1 % and 10 s; nothing beyond 99 h or when nothing moves.
  double active_s = 0;               ///< Since it left the queue in this run.
};

/// All that the views show. `items` are parallel to `now.items`. The totals in `now` are corrected by what is known
/// better than the estimate: an item that is done has the size it turned out to have, and none has less than is already
/// done.
struct ProgressFigures {
  model::ProgressSnapshot now = {};
  double elapsed_s = 0;
  bool ended = false;   ///< The flow is over.
  bool failed = false;  ///< It did not reach its end: nothing reads 100 % but items that are done.
  Pace total = {};      ///< Weighed by bytes. Its ETA is never less than the slowest item's.
  std::vector<Pace> items = {};
  std::optional<std::size_t> slowest = {};  ///< Of at least two running items, the one with the longest ETA.
  std::string reason = {};                  ///< Shown instead of an ETA: the flow's, or that nothing moved for 30 s.
};

/// Remembers 30 s of counters, one sample a second. What earlier runs had done moves the per cent but not the rates.
/// Used by one thread.
class ProgressHistory {
 public:
  /// `seconds` since the start of the run; never less than in the call before.
  void add(double seconds, model::ProgressSnapshot snapshot);
  void end(bool failed) {
    ended_ = true;
    failed_ = failed;
  }
  ProgressFigures figures() const;

 private:
  struct Counters {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
  };
  struct Sample {
    double seconds = 0;
    Counters total = {};
    std::vector<Counters> items = {};
  };
  struct Item {
    Counters moved = {};   ///< In this run.
    double started_s = 0;  ///< When it left the queue.
  };

  void count_moves(double seconds, const model::ProgressSnapshot& next);
  void remember(double seconds);
  Pace pace_of_item(std::size_t index) const;
  Pace pace_of_total() const;

  double first_s_ = 0;
  double now_s_ = 0;
  double moved_s_ = 0;  ///< When anything moved last.
  bool started_ = false;
  bool ended_ = false;
  bool failed_ = false;
  model::ProgressSnapshot now_ = {};
  Counters moved_ = {};
  std::vector<Item> items_ = {};
  std::deque<Sample> samples_ = {};
};

}  // namespace voyager::report
