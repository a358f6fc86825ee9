// What the analysis finds, as values for reports.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "analysis/analyzer.h"
#include "migration/analyze/schema_files.h"
#include "model/schema_analysis.h"

namespace voyager::migration {

/// Where the analysed files are, and the folder that their places are told relative to.
struct SchemaPlaces {
  std::span<const SchemaFile> files = {};
  std::filesystem::path folder = {};
  std::filesystem::path export_dir = {};
  /// "schema/tables/table.sql"; the whole path of a file outside of the export directory.
  std::string file(std::size_t number) const;
};

/// "YugabyteDB 2025.2.3.0"; "PostgreSQL" where no version is given.
std::string target_name(const std::string& target_version);
/// With its head filled in and nothing found yet.
model::SchemaAnalysis new_analysis(const std::string& target_version);

/// Takes the finding's texts, passwords in its statement masked. Which issue it is, its object's key and constraint
/// stay in it.
model::AnalysisIssue as_issue(analysis::Finding&& finding, const SchemaPlaces& places);
/// The inventory, types in the order of reports.
std::vector<model::AnalysisObjects> as_objects(const analysis::Analysis& analysis);
/// The files as the analysis takes them; they point into `files`.
std::vector<analysis::SchemaText> as_texts(std::span<const SchemaFile> files);

}  // namespace voyager::migration
