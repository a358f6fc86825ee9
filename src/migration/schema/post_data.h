// Running the statements that waited for rows: indexes, unique constraints, keys, foreign keys.
#pragma once

#include "base/stop.h"
#include "connector/target.h"
#include "migration/schema/options_left_out.h"
#include "model/post_data_statement.h"

namespace voyager::migration {

/// Runs one noted statement so that running it again after a kill at any moment is safe: an object that already exists
/// and is valid counts as done, an invalid index of that name is dropped first. Returns the server's refusal, if any.
/// Options that the target does not know are left out and added to `left_out`. One thread per `target`.
std::optional<connector::StatementFault> run_post_data(const model::PostDataStatement& statement,
                                                       connector::SchemaTarget& target,
                                                       std::vector<OptionLeftOut>& left_out);

}  // namespace voyager::migration
