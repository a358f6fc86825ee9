// Whose events the JSON lines on standard error are, before and after the flow that tells its own.
#pragma once

#include <string>

namespace voyager::cli {

/// Of the session that runs now; there is one at a time in a process. Empty texts where it has none yet.
void set_event_context(std::string migration, std::string run);

}  // namespace voyager::cli
