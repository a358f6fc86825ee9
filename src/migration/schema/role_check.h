// Statements that name roles which the target lacks: they are not run, and it is said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/target.h"
#include "format/meta_db.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/import_schema.h"
#include "model/dialogue.h"

namespace voyager::migration {

/// Takes the statements that the target's roles do not allow out of `statements` and appends them, with the reason, to
/// `not_run`. A policy for several roles keeps those that are there, and `not_run` has what it lost. `roles` empty: the
/// target has none to tell, and all stay.
void check_roles(std::vector<SchemaStatement>& statements, const std::vector<connector::TargetRole>& roles,
                 std::vector<NotRun>& not_run);

/// One line for each reason: "role app is missing on the target: 12 statements that name it are not run".
void tell_not_run(const std::vector<NotRun>& not_run, model::Dialogue& dialogue);

/// Notes in the state what became of the objects and properties.
void note_not_run(format::MetaDb& db, const std::vector<NotRun>& not_run);

}  // namespace voyager::migration
