// Analysing the exported schema and writing the report: for analyze-schema, and for import schema, which brings one
// when nobody has asked for one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cli/session.h"
#include "model/connection.h"
#include "model/schema_analysis.h"

namespace voyager::cli {

/// `version`: four numbers, empty for a plain target. `previous`: what the run before found, or null.
model::SchemaAnalysis analyse_exported_schema(Session& session, const std::string& version,
                                              const std::map<std::string, std::string>* previous);

/// Writes reports/schema_analysis_report.* in these forms ("html", "txt", "json", "xml", "sarif"). All texts are made
/// before the first file is touched; a report that is there stays as .bak. `anonymize`: also each without names, as
/// schema_analysis_report_anonymized.*.
void write_analysis_reports(Session& session, const model::SchemaAnalysis& analysis,
                            std::span<const std::string_view> forms, bool anonymize);

/// For import schema: writes the page for the version that the target is, unless there is one. Only for a target that
/// spreads tables over nodes. What goes wrong is told and does not stop the import.
void bring_analysis_report(Session& session, const model::TargetTraits& target);

}  // namespace voyager::cli
