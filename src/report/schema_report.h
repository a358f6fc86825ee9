// The report of analyze-schema in its forms. All are made from the same values and cannot disagree.
#pragma once

#include <string>

#include "model/schema_analysis.h"

namespace voyager::report {

/// Documented keys (docs/reference/analysis-report.md), indented by four.
std::string schema_report_json(const model::SchemaAnalysis& analysis);
/// SARIF 2.1.0, for code hosts and editors.
std::string schema_report_sarif(const model::SchemaAnalysis& analysis);
std::string schema_report_xml(const model::SchemaAnalysis& analysis);
std::string schema_report_text(const model::SchemaAnalysis& analysis);
/// One file without network access; readable without script, on paper and in the dark.
std::string schema_report_html(const model::SchemaAnalysis& analysis);

/// A few lines for the terminal: counts, what is new, what to do first.
std::string schema_report_summary(const model::SchemaAnalysis& analysis);

}  // namespace voyager::report
