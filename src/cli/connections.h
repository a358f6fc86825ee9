// From flags to connections: who is asked for what, and which product answers.
#pragma once

#include <optional>

#include "cli/session.h"
#include "connector/connector.h"
#include "model/connection.h"

namespace voyager::cli {

struct Endpoint {
  const connector::ConnectorEntry* product = nullptr;
  model::ConnectionOptions options = {};
};

/// Checks the source flags; opens nothing and asks nothing. Throws Error (kUsage).
void check_source_flags(const Values& values);
/// Checks the target flags in the same way. `tolerates_schema`: --target-db-schema is not refused.
void check_target_flags(const Values& values, bool tolerates_schema);

/// The source with its password (flag, file, environment, prompt). Nothing is connected.
Endpoint source_endpoint(Session& session);
/// The target with its password. Connects once to see which product it is. `ask`: a missing password is asked for.
Endpoint target_endpoint(Session& session, bool ask = true);

/// Notes the connection, without its password, in the state (SourceDBConf, TargetDBConf).
void note_source(Session& session, const Endpoint& source);
void note_target(Session& session, const Endpoint& target);
/// The target that `note_target` noted, with its password; nothing when rows were never imported.
std::optional<Endpoint> noted_target(Session& session);

/// "yb1:5433/shop"
std::string display(const model::ConnectionOptions& options);

/// The schemas that were exported, as the state knows them.
std::vector<model::Identifier> noted_schemas(Session& session);

}  // namespace voyager::cli
