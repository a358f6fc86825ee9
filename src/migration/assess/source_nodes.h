// Which nodes of the source take part in an assessment, and gathering from all of them at once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "migration/assess/assess_migration.h"
#include "model/assessment.h"
#include "model/dialogue.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// In schema/ of metadata: the schema as a program of the product has written it.
inline constexpr const char* kSchemaFile = "schema.sql";

struct SourceNode {
  std::string name = {};  ///< "primary", "<host>-<port>": names its folder and the column source_node.
  model::ConnectionOptions options = {};
  bool primary = true;
  bool queries = false;  ///< The server's notes of its queries can be read.
};

struct SourceNodes {
  std::vector<SourceNode> nodes = {};  ///< The primary first.
  std::string version = {};            ///< "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)"
  std::vector<model::NotLookedAt> not_looked_at = {};
};

/// Finds the replicas (or takes those given), checks rights and statistics on every node and asks the user about what
/// the assessment would not see. Throws Error (kPreflight, kNoAnswer, kUsage) before anything was written.
SourceNodes choose_nodes(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                         const AssessOptions& options, model::Dialogue& dialogue);

/// As `request` says of the load and the rows. Writes node-<name>/*.csv below `metadata`, from all nodes at the same
/// time, and schema/schema.sql where a program of the product has written the schema. One node that fails fails the
/// whole.
connector::WrittenSchema gather(const connector::ConnectorEntry& product, const SourceNodes& source,
                                const std::filesystem::path& metadata, const connector::GatherRequest& request,
                                const model::FlowContext& context);

}  // namespace voyager::migration
