// What the commands of a live migration have in common: they run a role until it ends or turns into another one.
#pragma once

#include "cli/connections.h"
#include "cli/flow_run.h"
#include "cli/session.h"
#include "migration/live/cutover.h"

namespace voyager::cli {

/// Runs an exporter and finishes the run; the session has a successor when the process is to turn into it.
base::ExitCode run_exporter(Session& session, migration::LiveRole role, const Endpoint& database, FlowRun& run);
/// Likewise an importer.
base::ExitCode run_importer(Session& session, migration::LiveRole role, const Endpoint& database, FlowRun& run);

}  // namespace voyager::cli
