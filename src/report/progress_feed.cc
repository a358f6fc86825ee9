#include "report/progress_feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/secret.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

using model::WorkState;

bool has_ended(WorkState state) {
  return state == WorkState::kDone || state == WorkState::kSkipped || state == WorkState::kFailed ||
         state == WorkState::kStopped;
}

/// Notes of running items change too often to be told one by one (phases of an index build).
bool note_matters(WorkState state) {
  return state == WorkState::kWaiting || state == WorkState::kPaced;
}

/// Where more work than this is listed, the totals tell of what goes well.
constexpr std::size_t kItemsTold = 200;

bool is_folded(const ProgressFigures& figures, WorkState state) {
  return figures.now.items.size() > kItemsTold && (state == WorkState::kDone || state == WorkState::kSkipped);
}

const char* item_event(WorkState state) {
  switch (state) {
    case WorkState::kDone:
    case WorkState::kSkipped:
      return "table.done";
    case WorkState::kFailed:
      return "error";
    case WorkState::kWaiting:
    case WorkState::kPaced:
      return "paced";
    default:
      return "table.progress";
  }
}

}  // namespace

std::vector<std::size_t> ProgressFeed::changed_items(const model::ProgressSnapshot& now) {
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < now.items.size(); ++i) {
    const model::ItemProgress& item = now.items[i];
    if (i >= seen_.size()) {
      seen_.push_back({item.state, item.note});
      // What earlier runs had finished is skipped, and nothing that happens now. A small table may be done before
      // anybody looks.
      if (item.state != WorkState::kQueued && item.state != WorkState::kSkipped) changed.push_back(i);
      continue;
    }
    const bool other_note = note_matters(item.state) && item.note != seen_[i].note;
    if (item.state == seen_[i].state && !other_note) continue;
    seen_[i] = {item.state, item.note};
    if (item.state != WorkState::kQueued) changed.push_back(i);
  }
  return changed;
}

ViewOptions ProgressFeed::view(const Moment& at) const {
  return {.width = at.size.columns,
          .height = at.size.lines,
          .colour = options_.colour,
          .ascii = options_.ascii,
          .stopping = at.stopping,
          .title = options_.title};
}

EventContext ProgressFeed::context(const Moment& at) const {
  return {at.timestamp, options_.migration, options_.run};
}

FeedOutput ProgressFeed::take(const Moment& at, model::ProgressSnapshot snapshot) {
  history_.add(at.seconds, std::move(snapshot));
  FeedOutput out;
  if (options_.mode == ProgressMode::kNone) return out;
  const ProgressFigures figures = history_.figures();
  switch (options_.mode) {
    case ProgressMode::kTty:
      tell_tty(figures, at, out);
      break;
    case ProgressMode::kPlain:
      tell_plain(figures, at, out);
      break;
    case ProgressMode::kJson:
      tell_json(figures, at, out);
      break;
    case ProgressMode::kNone:
      break;
  }
  begun_ = true;
  stage_ = figures.now.stage;
  reason_ = figures.reason;
  return out;
}

FeedOutput ProgressFeed::end(const Moment& at, model::ProgressSnapshot snapshot, bool failed) {
  FeedOutput out = take(at, std::move(snapshot));
  out.live.clear();
  history_.end(failed);
  const ProgressFigures figures = history_.figures();
  if (failed && figures.now.items.empty() && options_.mode != ProgressMode::kJson) return out;
  switch (options_.mode) {
    case ProgressMode::kTty:
      for (std::string& line : closing_lines(figures, view(at))) out.lines.push_back(std::move(line));
      break;
    case ProgressMode::kPlain:
      out.lines.push_back(plain_total_line(figures, at.timestamp));
      break;
    case ProgressMode::kJson:
      out.lines.push_back(json_run_event(figures, "run.end", context(at)));
      break;
    case ProgressMode::kNone:
      break;
  }
  return out;
}

void ProgressFeed::tell_tty(const ProgressFigures& figures, const Moment& at, FeedOutput& out) {
  const ViewOptions options = view(at);
  for (const std::size_t i : changed_items(figures.now)) {
    const WorkState state = figures.now.items[i].state;
    if (has_ended(state) && !is_folded(figures, state)) out.lines.push_back(ended_item_line(figures, i, options));
  }
  out.live = live_lines(figures, options);
}

void ProgressFeed::tell_plain(const ProgressFigures& figures, const Moment& at, FeedOutput& out) {
  if (!begun_) {
    next_total_s_ = at.seconds + options_.interval_s;
    if (!options_.title.empty()) {
      out.lines.push_back(
          fmt::format("{} {} {}", at.timestamp, figures.now.phase, printable(base::mask_secrets(options_.title))));
    }
  }
  if (figures.now.stage != stage_ && !figures.now.stage.empty())
    out.lines.push_back(plain_stage_line(figures, at.timestamp));
  for (const std::size_t i : changed_items(figures.now)) {
    // A table has one line, at its end, and more only where something is not as it should be.
    const WorkState state = figures.now.items[i].state;
    if (state != WorkState::kRunning && !is_folded(figures, state))
      out.lines.push_back(plain_item_line(figures, i, at.timestamp));
  }
  const bool paced_anew = !figures.now.reason.empty() && figures.reason != reason_;
  if (paced_anew || at.seconds >= next_total_s_) {
    out.lines.push_back(plain_total_line(figures, at.timestamp));
    next_total_s_ = at.seconds + options_.interval_s;
  }
}

void ProgressFeed::tell_json(const ProgressFigures& figures, const Moment& at, FeedOutput& out) {
  const EventContext who = context(at);
  if (!begun_) {
    next_total_s_ = at.seconds + options_.interval_s;
    out.lines.push_back(json_run_event(figures, "run.start", who));
  }
  if (figures.now.stage != stage_ && !figures.now.stage.empty()) {
    out.lines.push_back(json_run_event(figures, "stage.start", who));
  }
  const std::vector<std::size_t> changed = changed_items(figures.now);
  for (const std::size_t i : changed) {
    out.lines.push_back(json_item_event(figures, i, item_event(figures.now.items[i].state), who));
  }
  if (!figures.now.reason.empty() && figures.reason != reason_)
    out.lines.push_back(json_run_event(figures, "paced", who));
  if (at.seconds < next_total_s_) return;
  next_total_s_ = at.seconds + options_.interval_s;
  for (std::size_t i = 0; i < figures.now.items.size(); ++i) {
    const bool told = std::find(changed.begin(), changed.end(), i) != changed.end();
    if (figures.now.items[i].state == WorkState::kRunning && !told) {
      out.lines.push_back(json_item_event(figures, i, "table.progress", who));
    }
  }
  out.lines.push_back(json_run_event(figures, "run.progress", who));
}

std::string ProgressFeed::foreign_line(std::string_view text, const Moment& at) const {
  if (options_.mode == ProgressMode::kJson) return json_notice(history_.figures().now.phase, text, context(at));
  const std::string safe = printable(base::mask_secrets(text), options_.colour);
  return options_.ascii ? to_ascii(safe) : safe;
}

}  // namespace voyager::report
