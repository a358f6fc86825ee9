// A flow's progress on the terminal, and what it came to in the summary of the run.
#pragma once

#include <string>

#include "cli/published_progress.h"
#include "cli/session.h"
#include "model/progress.h"
#include "report/painter.h"

namespace voyager::cli {

/// Shows `board` from construction to the end of its scope, and then notes in the open run what its stages have taken
/// and, when it moves rows, what this run has done and what earlier ones had done. An exception that ends the scope is
/// a flow that failed.
class ProgressDisplay {
 public:
  ProgressDisplay(Session& session, const model::ProgressBoard& board, std::string title);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

 private:
  Session& session_;
  const model::ProgressBoard& board_;
  const int exceptions_;
  report::Painter painter_;
  ProgressPublisher publisher_;
};

}  // namespace voyager::cli
