// What a flow is given by the process that runs it.
#pragma once

#include "base/clock.h"
#include "base/stop.h"
#include "model/dialogue.h"
#include "model/progress.h"

namespace voyager::model {

/// Whom a flow tells how far it is, whom it asks, by which time it waits and when it has to stop. All outlive the flow.
/// Nothing in here says what to do or with what: databases, options and the ledgers of the state that a flow may touch
/// stay in its signature.
struct FlowContext {
  ProgressBoard& board;  ///< Left alone by flows that show no progress.
  Dialogue& dialogue;
  const base::Clock& clock;
  base::Stop& stop;
};

}  // namespace voyager::model
