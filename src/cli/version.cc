#include "cli/version.h"

namespace voyager::cli {

// The three values come from CMake when it configures (src/cli/CMakeLists.txt).
const char* const kVersion = VOY_VERSION;
const char* const kCommit = VOY_COMMIT;
const char* const kCommitDate = VOY_COMMIT_DATE;

}  // namespace voyager::cli
