// What is left when changes of the source are lost for good.
#pragma once

#include <string>
#include <vector>

namespace voyager::connector {

/// Lines of a fix: both commands, to be completed with the migration's own flags.
inline std::vector<std::string> begin_both_anew() {
  return {"export everything again: yb-voyager export data --start-clean true ...",
          "and import it anew: yb-voyager import data --start-clean true --truncate-tables true ..."};
}

/// The same where changes of the target are lost on their way back.
inline std::vector<std::string> end_without_way_back() {
  return {"there is no way back any more: the target stays what the application uses",
          "end this migration, and begin one from the target to go back: yb-voyager end migration ..."};
}

}  // namespace voyager::connector
