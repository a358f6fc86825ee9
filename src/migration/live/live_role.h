// What the processes of a live migration work with, and what they say when it is not their turn.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connector/connector.h"
#include "format/migration_state.h"
#include "migration/live/cutover.h"
#include "model/connection.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// The database that a role captures or applies to, and what the process gives it. All outlive the role.
struct LiveContext {
  const connector::ConnectorEntry& product;
  const model::ConnectionOptions& database;
  const std::filesystem::path& export_dir;
  const std::string& migration;  ///< UUID
  format::MigrationState& db;
  const model::FlowContext flow;
};

/// The command of a role: "export data from target".
const char* command_of(LiveRole role);

/// Throws Error (kState, CUT-003) that says why it is not this role's turn.
[[noreturn]] void refuse(LiveRole role, LiveRefusal refusal);

/// The tables whose changes travel, as they are called on every side (roots, not leaves).
std::vector<model::TableName> live_tables(format::PlanLedger& db);

}  // namespace voyager::migration
