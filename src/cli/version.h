// What was built, from when.
#pragma once

namespace voyager::cli {

extern const char* const kVersion;
extern const char* const kCommit;  ///< "unknown" when built outside of a git checkout.
extern const char* const kCommitDate;

}  // namespace voyager::cli
