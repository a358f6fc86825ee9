#include "cli/live_flow.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "cli/command.h"
#include "migration/changes/capture_record.h"
#include "migration/live/cutover_record.h"
#include "migration/live/iterations.h"
#include "migration/live/live_role.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using migration::CutoverStatus;
using migration::Direction;
using migration::LiveRole;
using migration::WayBack;

LiveFlow flow_in(Session& session, int iteration, LiveRole exporter, LiveRole importer) {
  LiveFlow flow{.iteration = iteration,
                .export_dir = migration::iteration_dir(session.main_dir(), iteration),
                .db = migration::open_iteration(session.main_dir(), iteration),
                .exporter = exporter,
                .importer = importer};
  flow.migration = migration::migration_uuid(*flow.db);
  return flow;
}

[[noreturn]] void under_way(Session& session) {
  throw base::Error({.code = "CUT-007",
                     .exit = base::ExitCode::kState,
                     .title = "a cutover is under way: both sides are not to be compared now",
                     .fix = {session.next_command("cutover status"), "compare them when it says COMPLETED"}});
}

[[noreturn]] void refuse_snapshot() {
  throw base::Error({.code = "CUT-006",
                     .exit = base::ExitCode::kState,
                     .title = "the snapshot is not imported yet",
                     .cause = "what it has still to bring would look like a difference",
                     .fix = {"run it again when import data says: Applying changes until the cutover"}});
}

}  // namespace

bool snapshot_under_way(const LiveFlow& flow) {
  return flow.importer == LiveRole::kToTarget && !migration::changes_only(*flow.db) &&
         !migration::import_data_done(*flow.db);
}

std::optional<LiveFlow> flow_between(Session& session) {
  if (!session.has_state() || !migration::with_changes(session.db())) return std::nullopt;
  const int newest = migration::newest_iteration(session.main_dir());
  const std::filesystem::path folder = migration::iteration_dir(session.main_dir(), newest);
  const auto db = migration::open_iteration(session.main_dir(), newest);
  const migration::CutoverRecord record = migration::whole_cutover_record(folder, *db);
  if (record.later && !(record.source_captured && record.target_importer_started)) under_way(session);
  switch (migration::cutover_status(record, Direction::kToTarget)) {
    case CutoverStatus::kNotInitiated:
      if (!migration::export_data_done(*db)) return std::nullopt;
      {
        LiveFlow flow = flow_in(session, newest, LiveRole::kFromSource, LiveRole::kToTarget);
        if (snapshot_under_way(flow)) refuse_snapshot();
        return flow;
      }
    case CutoverStatus::kInitiated:
      under_way(session);
    case CutoverStatus::kCompleted:
      break;
  }
  if (record.way_back != WayBack::kFallBack) return std::nullopt;
  switch (migration::cutover_status(record, Direction::kToSource)) {
    case CutoverStatus::kNotInitiated:
      return flow_in(session, newest, LiveRole::kFromTarget, LiveRole::kToSource);
    case CutoverStatus::kInitiated:
      under_way(session);
    case CutoverStatus::kCompleted:
      break;
  }
  return std::nullopt;
}

LiveFlow flow_before(Session& session, Direction direction) {
  switch (direction) {
    case Direction::kToTarget:
      return flow_in(session, session.iteration(), LiveRole::kFromSource, LiveRole::kToTarget);
    case Direction::kToSource:
      return flow_in(session, session.iteration(), LiveRole::kFromTarget, LiveRole::kToSource);
    case Direction::kToSourceReplica:
      break;
  }
  return flow_in(session, session.iteration(), LiveRole::kFromTarget, LiveRole::kToReplica);
}

migration::Follower follower_of(const LiveFlow& flow, const Endpoint& captured, const Endpoint& applied) {
  if (!captured.product->capture_watch || !applied.product->imported_counts)
    base::fail(base::ExitCode::kUsage, "how far changes are cannot be asked of these databases");
  const WayBack way_back = flow.importer == LiveRole::kToReplica ? WayBack::kFallForward : WayBack::kFallBack;
  return {{.export_dir = flow.export_dir,
           .exporter_role = migration::role_name(flow.exporter, way_back),
           .importer_role = migration::role_name(flow.importer, way_back)},
          captured.product->capture_watch(captured.options, flow.migration, migration::capture_folder(flow.export_dir)),
          applied.product->imported_counts(applied.options, flow.migration)};
}

bool runs(const std::vector<migration::RunningCommand>& running, LiveRole role) {
  const std::string_view id = find_command(migration::command_of(role))->id;
  return std::ranges::any_of(running, [id](const auto& one) { return one.command_id == id; });
}

std::string command_for(Session& session, LiveRole role) {
  return session.next_command(migration::command_of(role));
}

void check_flow_runs(Session& session, const LiveFlow& flow) {
  const std::vector<migration::RunningCommand> running = migration::running_commands(flow.export_dir);
  for (const LiveRole role : {flow.exporter, flow.importer}) {
    if (runs(running, role)) continue;
    throw base::Error({.code = "CUT-006",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("{} is not running: changes do not arrive", migration::command_of(role)),
                       .cause = "what is on its way now would look like a difference",
                       .fix = {command_for(session, role)}});
  }
}

}  // namespace voyager::cli
