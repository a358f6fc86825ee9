// The changes of a live migration that flow now, for commands that look at them from outside.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/connections.h"
#include "cli/session.h"
#include "format/meta_db.h"
#include "migration/finish/other_commands.h"
#include "migration/live/cutover.h"
#include "migration/live/follow.h"

namespace voyager::cli {

struct LiveFlow {
  int iteration = 0;
  std::filesystem::path export_dir = {};
  std::unique_ptr<format::MetaDb> db = {};
  std::string migration = {};  ///< UUID, of the iteration
  migration::LiveRole exporter = migration::LiveRole::kFromSource;
  migration::LiveRole importer = migration::LiveRole::kToTarget;
  bool from_source() const { return exporter == migration::LiveRole::kFromSource; }
};

/// True before the importer has brought the rows of the snapshot: it applies no change until then.
bool snapshot_under_way(const LiveFlow& flow);

/// Those between source and target, in the newest iteration. Nothing where none flow: no live migration, or it has come
/// to its end. Throws Error (kState) while the snapshot (CUT-006) or a cutover (CUT-007) is under way.
std::optional<LiveFlow> flow_between(Session& session);
/// Those that a cutover in that direction, of the session's iteration, would end.
LiveFlow flow_before(Session& session, migration::Direction direction);

/// Looks at both ends of a flow: the captured database, and the one that changes are applied to.
migration::Follower follower_of(const LiveFlow& flow, const Endpoint& captured, const Endpoint& applied);

bool runs(const std::vector<migration::RunningCommand>& running, migration::LiveRole role);
/// The line that starts a role by hand.
std::string command_for(Session& session, migration::LiveRole role);
/// Throws Error (kState, CUT-006) when one of the flow's processes is not running.
void check_flow_runs(Session& session, const LiveFlow& flow);

}  // namespace voyager::cli
