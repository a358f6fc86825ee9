// export schema: the source's schema as files below schema/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/connector.h"
#include "format/meta_db.h"
#include "model/connection.h"
#include "model/dialogue.h"

namespace voyager::migration {

struct ExportSchemaOptions {
  std::filesystem::path export_dir = {};
  bool start_clean = false;
  bool run_guardrails = true;
  bool comments = false;
  std::vector<std::string> object_types = {};  ///< As typed, any case; empty = all.
  std::vector<std::string> excluded_object_types = {};
  bool merge_constraints = true;  ///< Off by YB_VOYAGER_SKIP_MERGE_CONSTRAINTS_TRANSFORMATIONS.
};

struct ExportSchemaReport {
  bool already_exported = false;                  ///< Nothing was done.
  std::vector<std::filesystem::path> files = {};  ///< Written, below schema/.
  std::size_t constraints_merged = 0;
  std::size_t uncategorized = 0;  ///< Statements in schema/uncategorized.sql.
};

ExportSchemaReport export_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                 const ExportSchemaOptions& options, format::MetaDb& db, model::Dialogue& dialogue,
                                 base::Stop& stop);

}  // namespace voyager::migration
