// Progress as text: the live picture of a terminal, a plain line, a JSON event. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/progress_figures.h"

namespace voyager::report {

struct ViewOptions {
  int width = 80;
  int height = 24;
  bool colour = false;
  bool ascii = false;
  bool stopping = false;   ///< A stop was asked for: the hint says what a second ^C does.
  std::string title = {};  ///< First line: what goes where, migration, run, what was resumed.
};

/// The live area: title, total, items at work, counts. At most height - 6 lines (never less than 2), each narrower than
/// `width`. Items at work that do not fit are only counted; those with the most work left are shown.
std::vector<std::string> live_lines(const ProgressFigures& figures, const ViewOptions& options);
/// What remains of an item that ended, for the scroll-back.
std::string ended_item_line(const ProgressFigures& figures, std::size_t item, const ViewOptions& options);
/// Title and total, what remains of the live area at the end.
std::vector<std::string> closing_lines(const ProgressFigures& figures, const ViewOptions& options);

/// "2026-11-20T08:00:30Z import-data total=61% bytes=413GiB/~676GiB rate=218MiB/s eta=20m tables=412/602 failed=0
/// setaside=14"
std::string plain_total_line(const ProgressFigures& figures, std::string_view timestamp);
/// "2026-11-20T08:00:31Z import-data table=public.orders state=done rows=1,234 bytes=61MiB"
std::string plain_item_line(const ProgressFigures& figures, std::size_t item, std::string_view timestamp);
/// "2026-11-20T08:00:31Z import-data stage=indexes"
std::string plain_stage_line(const ProgressFigures& figures, std::string_view timestamp);

/// What every JSON event says of its run.
struct EventContext {
  std::string timestamp = {};  ///< RFC 3339, UTC.
  std::string migration = {};
  std::string run = {};
};
/// One JSON object without its newline. Events over all items: run.start, run.progress, stage.start, paced, run.end.
std::string json_run_event(const ProgressFigures& figures, std::string_view event, const EventContext& context);
/// Events of one item: table.progress, table.done, paced, error.
std::string json_item_event(const ProgressFigures& figures, std::size_t item, std::string_view event,
                            const EventContext& context);
/// {"v", "ts", "migration", "run", "phase", "event": "notice", "message"}: a line for people, in the JSON stream.
std::string json_notice(std::string_view phase, std::string_view message, const EventContext& context);

}  // namespace voyager::report
