// What the checks before a command found: to the user.
#pragma once

#include <string>
#include <vector>

#include "model/connection.h"
#include "model/dialogue.h"

namespace voyager::migration {

/// Throws Error (kPreflight) with every finding and its remedy when one of them is fatal; asks whether to go on when
/// one is neither that nor a note, and throws Error (kNoAnswer) on no. Nothing has been touched in either case.
/// `command` is "export schema".
void answer_findings(const std::vector<model::Finding>& findings, const std::string& command,
                     model::Dialogue& dialogue);

}  // namespace voyager::migration
