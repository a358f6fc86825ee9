#include "cli/run.h"

namespace voyager::cli {
int run(int, char**) { return 0; }
}  // namespace voyager::cli
