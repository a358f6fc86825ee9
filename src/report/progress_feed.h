// What a progress mode says next, given the next snapshot.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/progress_view.h"
#include "report/terminal.h"

namespace voyager::report {

struct FeedOptions {
  ProgressMode mode = ProgressMode::kPlain;
  bool colour = false;
  bool ascii = false;
  double interval_s = 30;  ///< Between total lines (plain) and progress events (json).
  std::string title = {};  ///< See ViewOptions; in plain mode the first line.
  std::string migration = {};
  std::string run = {};
};

/// The same thing seen from the outside world at one moment.
struct Moment {
  double seconds = 0;          ///< Since the run's start, monotone.
  std::string timestamp = {};  ///< RFC 3339, UTC.
  TerminalSize size = {};
  bool stopping = false;
};

struct FeedOutput {
  std::vector<std::string> lines = {};  ///< To stay, in order, without newlines.
  std::vector<std::string> live = {};   ///< The whole live area from now on; tty mode only.
};

/// One state machine for all modes, without a clock or a file descriptor. Items that ended before they were first seen
/// (resumed runs) are counted, not told. Used by one thread.
class ProgressFeed {
 public:
  explicit ProgressFeed(FeedOptions options) : options_(std::move(options)) {}

  FeedOutput take(const Moment& at, model::ProgressSnapshot snapshot);
  /// The last output: after it the live area is empty. A flow that `failed` before it had anything to do says nothing.
  FeedOutput end(const Moment& at, model::ProgressSnapshot snapshot, bool failed);
  /// A line of someone else's in this mode's form.
  std::string foreign_line(std::string_view text, const Moment& at) const;

 private:
  struct Seen {
    model::WorkState state = model::WorkState::kQueued;
    std::string note = {};
  };

  std::vector<std::size_t> changed_items(const model::ProgressSnapshot& now);
  void tell_plain(const ProgressFigures& figures, const Moment& at, FeedOutput& out);
  void tell_json(const ProgressFigures& figures, const Moment& at, FeedOutput& out);
  void tell_tty(const ProgressFigures& figures, const Moment& at, FeedOutput& out);
  ViewOptions view(const Moment& at) const;
  EventContext context(const Moment& at) const;

  const FeedOptions options_;
  ProgressHistory history_ = {};
  std::vector<Seen> seen_ = {};
  std::string stage_ = {};
  std::string reason_ = {};
  bool begun_ = false;
  double next_total_s_ = 0;
};

}  // namespace voyager::report
