// Statements that name roles which the target lacks: they are not run, and it is said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/target.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/import_schema.h"

namespace voyager::migration {

/// Takes the statements that the target's roles do not allow out of `statements` and appends them, with the reason, to
/// `not_run`. A policy for several roles keeps those that are there, and `not_run` has what it lost. `roles` empty: the
/// target has none to tell, and all stay.
void check_roles(std::vector<SchemaStatement>& statements, const std::vector<connector::TargetRole>& roles,
                 std::vector<NotRun>& not_run);

/// ALTER POLICY ... TO ... that gives the policy of a CREATE POLICY statement its roles.
std::string roles_of_policy(std::string_view create_policy);

}  // namespace voyager::migration
