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
/// Checks the target flags in the same way.
void check_target_flags(const Values& values);
/// Follows --target-db-schema, which names the schema that a source without schemas becomes. `may_move`: this is the
/// first command of the target's side. Throws Error (kUsage) for another source, (kState) when it comes too late.
void settle_schema(Session& session, bool may_move);

/// The source with its password (flag, file, environment, prompt). Nothing is connected.
Endpoint source_endpoint(Session& session);
/// The target with its password. Connects once to see which product it is. `ask`: a missing password is asked for.
Endpoint target_endpoint(Session& session, bool ask = true);

/// How to reach the source-replica of these flags, as `product`, with its password.
model::ConnectionOptions replica_options(Session& session, const connector::ConnectorEntry& product);
/// The source-replica with its password, as the migration's kind of source. Nothing is connected.
Endpoint source_replica_endpoint(Session& session);

/// Notes in the state, without the password, where rows are imported (TargetDBConf).
void note_data_target(Session& session, const Endpoint& target);
/// The target that was noted so, with its password; nothing when rows were never imported.
std::optional<Endpoint> noted_data_target(Session& session);
/// The source of the last export, from the state; nothing when there was none. Asks for the password.
std::optional<Endpoint> noted_source_endpoint(Session& session);

/// The source as changes are brought back to it (SourceDBAsTargetConf), else as noted_source_endpoint.
std::optional<Endpoint> noted_source_as_target(Session& session);
/// The database that takes the source's place in a fall-forward (SourceReplicaDBConf); nothing when there is none.
std::optional<Endpoint> noted_source_replica(Session& session);

/// "yb1:5433/shop"
std::string display(const model::ConnectionOptions& options);

}  // namespace voyager::cli
