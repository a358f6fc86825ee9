// analyze-schema: what of an exported schema will not work on the target.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "format/ledgers.h"
#include "model/schema_analysis.h"

namespace voyager::migration {

struct AnalyzeSchemaOptions {
  std::filesystem::path export_dir = {};
  /// Four numbers, of YugabyteDB. Empty: any other server that speaks PostgreSQL; only what fails there too is told.
  std::string target_version = {};
  bool bodies = true;  ///< Look into routines.
  /// What the run before found: id to words. Nothing known: null.
  const std::map<std::string, std::string>* previous = nullptr;
};

/// Reads every file of schema/ and changes nothing. Throws Error for a folder without files, and for a file that cannot
/// be read, is not UTF-8 or holds a zero byte, with its line.
model::SchemaAnalysis analyze_schema(const AnalyzeSchemaOptions& options, base::Stop& stop);

/// The newest stable version, for users that do not say.
std::string default_target_version();
/// Four numbers. `known`: of a series that the table of issues knows about.
struct VersionCheck {
  bool well_formed = false;
  bool known = false;
  std::string known_series = {};
};
VersionCheck check_target_version(const std::string& text);

/// What the last run found, kept in the state so that it does not depend on which reports were written. False: no run
/// yet.
bool read_findings(format::DocumentLedger& db, std::map<std::string, std::string>& findings);
void keep_findings(format::DocumentLedger& db, const model::SchemaAnalysis& analysis);

}  // namespace voyager::migration
