// initiate cutover ... --dry-run: could it go ahead, and how long would it take?
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "cli/connections.h"
#include "cli/session.h"
#include "migration/live/cutover.h"

namespace voyager::cli {

/// Where changes flow from once a cutover is through, and where to. `from` is null where nothing flows any more.
struct FlowBehind {
  const char* from = nullptr;
  std::optional<Endpoint> captured = {};
  const char* to = nullptr;
  std::optional<Endpoint> applied = {};  ///< Nothing where that was looked at before.
  migration::LiveRole importer = migration::LiveRole::kToSource;
};

/// Prints what it finds; kPreflight when something is not ready. Changes nothing.
base::ExitCode rehearse(Session& session, migration::Direction direction, const FlowBehind& behind);

/// Empty when the last comparison of this iteration, in that direction, is good enough for --require-verified.
std::string why_not_verified(Session& session, bool from_source);

}  // namespace voyager::cli
