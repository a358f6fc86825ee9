#include "report/progress_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/secret.h"
#include "base/text.h"
#include "report/grid.h"
#include "report/numbers.h"
#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

using model::ItemProgress;
using model::WorkState;

/// A name. Not masked: a password that happens to be part of a table's name must not hide it.
std::string shown(std::string_view name, bool ascii) {
  const std::string safe = printable(name);
  return ascii ? to_ascii(safe) : safe;
}

/// Free text, which may quote anything.
std::string shown_text(std::string_view text, bool ascii) {
  return shown(base::mask_secrets(text), ascii);
}

std::string percent_text(const Pace& pace) {
  return pace.percent ? fmt::format("{} %", *pace.percent) : "";
}

std::optional<double> share_of(std::uint64_t done, std::uint64_t total, const Pace& pace) {
  if (!pace.percent) return std::nullopt;
  if (total > 0 && *pace.percent < 99) return static_cast<double>(done) / static_cast<double>(total);
  return *pace.percent / 100.0;
}

GridRow total_row(const ProgressFigures& figures, bool ascii) {
  const model::ProgressSnapshot& now = figures.now;
  const Pace& pace = figures.total;
  GridRow row{.name = "Total", .name_paint = Paint::kBold, .percent = percent_text(pace)};
  row.share = share_of(now.bytes_done, now.bytes_total, pace);
  if (now.bytes_total + now.bytes_done > 0) {
    const bool complete = figures.ended && now.bytes_done == now.bytes_total;
    row.bytes = done_of_total(now.bytes_done, complete ? 0 : now.bytes_total, now.total_is_estimate);
    row.byte_rate = pace.bytes_per_s > 0 ? byte_rate(pace.bytes_per_s) : "";
  }
  row.row_rate = pace.rows_per_s > 0 ? row_rate(pace.rows_per_s) : "";
  if (figures.ended) row.eta = "in " + base::format_duration(figures.elapsed_s);
  if (pace.eta_s) row.eta = eta_words(*pace.eta_s) + " left";
  if (!figures.ended) row.reason = shown_text(figures.reason, ascii);
  return row;
}

GridRow item_row(const ProgressFigures& figures, std::size_t index, bool ascii) {
  const ItemProgress& item = figures.now.items[index];
  const Pace& pace = figures.items[index];
  GridRow row{.name = " " + shown(item.name, ascii)};
  const std::string note = shown_text(item.note, ascii);
  if (item.state != WorkState::kRunning || !pace.percent) {
    row.message = note.empty() ? to_string(item.state) : fmt::format("{}: {}", to_string(item.state), note);
    if (item.state == WorkState::kRunning) row.message += " for " + base::format_duration(pace.active_s);
    return row;
  }
  row.percent = percent_text(pace);
  row.share = share_of(item.bytes_done, item.bytes_total, pace);
  if (item.bytes_total > 0) {
    row.bytes = done_of_total(item.bytes_done, item.bytes_total, item.total_is_estimate);
    row.byte_rate = pace.bytes_per_s > 0 ? byte_rate(pace.bytes_per_s) : "";
  }
  if (pace.eta_s) row.eta = eta_words(*pace.eta_s);
  row.mark = figures.slowest == index ? "slowest" : note;
  return row;
}

bool at_work(WorkState state) {
  return state == WorkState::kRunning || state == WorkState::kWaiting || state == WorkState::kPaced;
}

/// The items to show, in the board's order so that lines keep their place; when there are too many, those with the most
/// work left.
std::vector<std::size_t> items_to_show(const model::ProgressSnapshot& now, std::size_t most) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < now.items.size(); ++i) {
    if (at_work(now.items[i].state)) out.push_back(i);
  }
  if (out.size() <= most) return out;
  const auto left = [&](std::size_t i) {
    return now.items[i].bytes_total - std::min(now.items[i].bytes_total, now.items[i].bytes_done);
  };
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) { return left(a) > left(b); });
  out.resize(most);
  std::sort(out.begin(), out.end());
  return out;
}

struct Part {
  std::string text = {};
  Paint paint = Paint::kNone;
  bool can_go = false;  ///< Left out when room is short.
};

std::vector<Part> count_parts(const model::ProgressSnapshot& now, std::size_t not_shown, bool ascii) {
  const auto count = [](int number, const char* word) {
    return fmt::format("{} {}", base::format_count(static_cast<std::uint64_t>(std::max(0, number))), word);
  };
  std::vector<Part> parts;
  if (!now.stage.empty() && now.stage != "rows") parts.push_back({shown_text(now.stage, ascii), Paint::kBold});
  parts.push_back({count(now.done, "done")});
  parts.push_back({count(now.running, "running") + (not_shown > 0 ? fmt::format(" ({} not shown)", not_shown) : "")});
  parts.push_back({count(now.queued, "queued"), Paint::kNone, now.queued == 0});
  parts.push_back({count(now.failed, "failed"), now.failed > 0 ? Paint::kBad : Paint::kNone, now.failed == 0});
  if (now.rows_set_aside > 0) {
    parts.push_back({base::format_count(now.rows_set_aside) + " rows set aside", Paint::kWarn});
  }
  return parts;
}

struct CountText {
  std::string painted = {};
  std::size_t width = 0;
};

CountText joined(const std::vector<Part>& parts, bool all, const ViewOptions& options) {
  CountText out{" ", 1};
  const std::string separator = options.ascii ? ", " : " · ";
  bool first = true;
  for (const Part& part : parts) {
    if (part.can_go && !all) continue;
    if (!first) {
      out.painted += separator;
      out.width += display_width(separator);
    }
    first = false;
    out.painted += report::painted(part.text, part.paint, options.colour);
    out.width += display_width(part.text);
  }
  return out;
}

std::string count_line(const ProgressFigures& figures, std::size_t not_shown, const ViewOptions& options) {
  const auto room = static_cast<std::size_t>(options.width - 1);
  const std::vector<Part> parts = count_parts(figures.now, not_shown, options.ascii);
  const std::vector<std::string> hints =
      options.stopping ? std::vector<std::string>{"stopping: batches in hand are finished, ^C again = stop now",
                                                  "stopping, ^C again = now", ""}
                       : std::vector<std::string>{"^C once = pause safely", "^C = pause", ""};
  for (const std::string& hint : hints) {
    for (const bool all : {true, false}) {
      const CountText counts = joined(parts, all, options);
      const std::size_t needed = counts.width + (hint.empty() ? 0 : hint.size() + 2);
      if (needed > room) continue;
      const std::string blanks(hint.empty() ? 0 : room - counts.width - hint.size(), ' ');
      return counts.painted + blanks + painted(hint, options.stopping ? Paint::kWarn : Paint::kDim, options.colour);
    }
  }
  return fit(joined(parts, false, {.ascii = options.ascii}).painted, room, options.ascii);
}

std::string title_line(const ViewOptions& options) {
  const std::string title = shown_text(options.title, options.ascii);
  return painted(fit(title, static_cast<std::size_t>(options.width - 1), options.ascii), Paint::kBold, options.colour);
}

ViewOptions usable(const ViewOptions& options) {
  ViewOptions out = options;
  out.width = std::max(out.width, 20);
  return out;
}

}  // namespace

std::vector<std::string> live_lines(const ProgressFigures& figures, const ViewOptions& given) {
  const ViewOptions options = usable(given);
  const std::size_t budget = static_cast<std::size_t>(std::max(options.height - 6, 2));
  const bool title = !options.title.empty() && budget >= 4;
  const std::size_t room = budget - 2 - (title ? 1 : 0);
  const std::vector<std::size_t> items = items_to_show(figures.now, room);
  std::vector<GridRow> rows{total_row(figures, options.ascii)};
  for (const std::size_t i : items) rows.push_back(item_row(figures, i, options.ascii));
  std::vector<std::string> out;
  if (title) out.push_back(title_line(options));
  for (std::string& line : grid_lines(rows, options.width - 1, options.colour, options.ascii)) {
    out.push_back(std::move(line));
  }
  const std::size_t at_work_count = static_cast<std::size_t>(std::count_if(
      figures.now.items.begin(), figures.now.items.end(), [](const ItemProgress& one) { return at_work(one.state); }));
  out.push_back(count_line(figures, at_work_count - items.size(), options));
  return out;
}

std::string ended_item_line(const ProgressFigures& figures, std::size_t item, const ViewOptions& given) {
  const ViewOptions options = usable(given);
  const ItemProgress& one = figures.now.items[item];
  const Paint paint = one.state == WorkState::kDone      ? Paint::kGood
                      : one.state == WorkState::kSkipped ? Paint::kDim
                      : one.state == WorkState::kFailed  ? Paint::kBad
                                                         : Paint::kWarn;
  std::string line =
      painted(pad_right(to_string(one.state), 8), paint, options.colour) + shown(one.name, options.ascii);
  const bool skipped = one.state == WorkState::kSkipped;
  const std::uint64_t rows = skipped ? one.rows_before : one.rows_moved();
  const std::uint64_t bytes = skipped ? one.bytes_before : one.bytes_moved();
  if (rows > 0) line += fmt::format("  {} rows", base::format_count(rows));
  if (bytes > 0) line += "  " + short_bytes(static_cast<double>(bytes));
  if (!skipped && one.rows_before > 0) line += "  resumed at " + base::format_count(one.rows_before);
  if (one.rows_set_aside > 0) line += fmt::format("  {} rows set aside", base::format_count(one.rows_set_aside));
  if (figures.items[item].active_s >= 1) line += "  in " + base::format_duration(figures.items[item].active_s);
  if (!one.note.empty()) line += "  " + shown_text(one.note, options.ascii);
  return line;
}

std::vector<std::string> closing_lines(const ProgressFigures& figures, const ViewOptions& given) {
  const ViewOptions options = usable(given);
  std::vector<std::string> out;
  if (!options.title.empty()) out.push_back(title_line(options));
  for (std::string& line :
       grid_lines({total_row(figures, options.ascii)}, options.width - 1, options.colour, options.ascii)) {
    out.push_back(std::move(line));
  }
  out.push_back(joined(count_parts(figures.now, 0, options.ascii), true, options).painted);
  return out;
}

}  // namespace voyager::report
