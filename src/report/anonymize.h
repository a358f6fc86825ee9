// Reports that can be shown to somebody who must not see names: the same report with every name replaced.
#pragma once

#include <string_view>

#include "model/assessment.h"
#include "model/schema_analysis.h"

namespace voyager::report {

/// Every name of a schema, table, column, index, routine, role, server and database is replaced by "n_" and a hash of
/// it, the same everywhere, so that a report still tells which findings belong together. In SQL, keywords and the types
/// and functions of PostgreSQL stay; literals become '…', comments too, long numbers 0. In sentences, names that are
/// known from elsewhere in the report are replaced. The command line keeps its flags only.
///
/// Who guesses a name can compute its hash; with a `key` that he does not know he cannot. Reports with the same key can
/// be compared.
model::SchemaAnalysis anonymized(const model::SchemaAnalysis& analysis, std::string_view key = {});
model::Assessment anonymized(const model::Assessment& assessment, std::string_view key = {});

}  // namespace voyager::report
