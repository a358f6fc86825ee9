#include "migration/live/live_role.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"

namespace voyager::migration {

const char* command_of(LiveRole role) {
  switch (role) {
    case LiveRole::kFromSource:
      return "export data";
    case LiveRole::kToTarget:
      return "import data";
    case LiveRole::kFromTarget:
      return "export data from target";
    case LiveRole::kToSource:
      return "import data to source";
    case LiveRole::kToReplica:
      break;
  }
  return "import data to source-replica";
}

void refuse(LiveRole role, LiveRefusal refusal) {
  base::ErrorInfo info{.code = "CUT-003",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("it is not the turn of {}", command_of(role))};
  switch (refusal) {
    case LiveRefusal::kTooEarly:
      info.cause = "it begins when the cutover to the target is through";
      info.fix = {"yb-voyager initiate cutover to target --prepare-for-fall-back true ...",
                  "then export data and import data turn into it by themselves"};
      break;
    case LiveRefusal::kEarlierFirst:
      info.cause = "it begins when the cutover to the source of the iteration before is through";
      info.fix = {"yb-voyager cutover status ...", "then the processes turn into it by themselves"};
      break;
    case LiveRefusal::kNotFallForward:
      info.cause =
          "the cutover to the target was requested without a source-replica; one can be added only before that";
      break;
    default:
      info.cause = "the cutover to the target left no such way: it was not asked to prepare for it";
      break;
  }
  throw base::Error(std::move(info));
}

std::vector<model::TableName> live_tables(format::PlanLedger& db) {
  std::set<model::TableName> tables;
  for (const model::PlannedTable& one : db.plan()) {
    if (!model::is_large_objects(one.table.kind)) tables.insert(one.table.root);
  }
  return {tables.begin(), tables.end()};
}

}  // namespace voyager::migration
