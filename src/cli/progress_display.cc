#include "cli/progress_display.h"

#include <algorithm>
#include <exception>

namespace voyager::cli {
namespace {

void note_times(OpenRun& run, const model::ProgressSnapshot& now) {
  run.in_stages_s += now.busy_s;
  run.summary.stages.insert(run.summary.stages.end(), now.stages.begin(), now.stages.end());
  run.summary.workers = std::max(run.summary.workers, now.working_max);
}

void note_rows(report::RunSummary& summary, const model::ProgressSnapshot& now) {
  summary.rows = now.rows_done - now.rows_before;
  summary.bytes = now.bytes_done - now.bytes_before;
  summary.rows_before = now.rows_before;
  summary.bytes_before = now.bytes_before;
  summary.tables = summary.tables_before = 0;
  for (const model::ItemProgress& item : now.items) {
    if (item.rows_moved() > 0 || item.state == model::WorkState::kDone) ++summary.tables;
    if (item.rows_before > 0) ++summary.tables_before;
  }
}

}  // namespace

ProgressDisplay::ProgressDisplay(Session& session, const model::ProgressBoard& board, std::string title)
    : session_(session),
      board_(board),
      exceptions_(std::uncaught_exceptions()),
      painter_(board, {.mode = session.console().mode(),
                       .colour = session.console().message_style().colour,
                       .ascii = session.console().message_style().ascii,
                       .interval = session.console().progress_interval(),
                       .title = std::move(title),
                       .migration = session.migration(),
                       .run = session.run(),
                       .stop = &session.stop()}),
      publisher_(session, board) {
  session_.console().set_painter(&painter_);
}

ProgressDisplay::~ProgressDisplay() {
  session_.console().set_painter(nullptr);
  painter_.finish(std::uncaught_exceptions() > exceptions_);
  if (!session_.open_run()) return;
  OpenRun& run = *session_.open_run();
  const model::ProgressSnapshot now = board_.snapshot();
  note_times(run, now);
  if (run.summary.moves_rows) note_rows(run.summary, now);
}

}  // namespace voyager::cli
