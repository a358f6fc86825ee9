#include "cli/progress_display.h"

#include <exception>

namespace voyager::cli {
namespace {

void note(report::RunSummary& summary, const model::ProgressSnapshot& now) {
  summary.rows = now.rows_done - now.rows_before;
  summary.bytes = now.bytes_done - now.bytes_before;
  if (now.workers > 0) summary.workers = now.workers;
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
                       .stop = &session.stop()}) {
  session_.console().set_painter(&painter_);
}

ProgressDisplay::~ProgressDisplay() {
  session_.console().set_painter(nullptr);
  painter_.finish(std::uncaught_exceptions() > exceptions_);
  if (session_.open_run() && session_.open_run()->summary.moves_rows)
    note(session_.open_run()->summary, board_.snapshot());
}

}  // namespace voyager::cli
