// Shows a running flow's progress on stderr.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/stop.h"
#include "model/progress.h"
#include "report/terminal.h"

namespace voyager::report {

struct PainterOptions {
  ProgressMode mode = ProgressMode::kPlain;
  bool colour = false;
  bool ascii = false;
  int fd = 2;
  std::chrono::milliseconds interval{30'000};  ///< --progress-interval: total lines (plain), progress events (json).
  std::string title = {};  ///< "Import data → yb1:5433/shop    migration shop · run 3 · resumed (412 of 602 tables in)"
  std::string migration = {};
  std::string run = {};
  const base::Stop* stop = nullptr;                  ///< Only looked at, for the hint about ^C. Outlives the painter.
  const base::Clock* clock = &base::system_clock();  ///< Outlives the painter.
};

/// Asks the board for a snapshot at its own pace (10 times a second on a terminal, else 5) on a thread of its own, from
/// construction to `finish`. The terminal's size is asked at every draw. While it lives, everything else that goes to
/// the same stream goes through it. All methods are thread-safe; `board` outlives it. A stream that cannot be written
/// any more (closed pipe) silences it and never fails the flow. Secrets are masked here.
class Painter {
 public:
  Painter(const model::ProgressBoard& board, PainterOptions options);
  /// Like `finish`.
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;

  /// Prints `text` (one line or several) above the live area; in json mode as a "notice" event. Returns at once: a
  /// terminal that is held with ^S does not hold the flow.
  void print_line(std::string_view text);
  /// Last state, then silence: the total line stays (tty), the last total line (plain), run.end (json). `print_line`
  /// still works afterwards. Safe to call twice. `failed`: the flow did not reach its end.
  void finish(bool failed = false);

  /// While it lives nothing is drawn and the live area is gone: for a question on the terminal. `print_line` does
  /// not wait meanwhile; its lines come out at the end.
  class Hold {
   public:
    explicit Hold(Painter& painter);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Painter& painter_;
  };

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voyager::report
