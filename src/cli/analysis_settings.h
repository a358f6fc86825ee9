// What an analysis is for and how far it looks: settings that analyze-schema, assess-migration and export schema share.
#pragma once

#include <string>

#include "cli/session.h"

namespace voyager::cli {

/// --target-db-type names a product that is not YugabyteDB.
bool is_plain_target(const Values& values);
/// Throws Error (kUsage) for a --target-db-version that is no version, or is given for a plain target.
void check_target_version_flag(const Values& values);
/// Four numbers; empty for a plain target. Asks whether the latest stable version is meant where none, or one of an
/// unknown series, is given; throws Error (kNoAnswer) on no. `what` is what is done for it: "Analyse".
std::string target_version(Session& session, const std::string& what);

/// REPORT_UNSUPPORTED_PLPGSQL_OBJECTS: on unless the environment or the configuration file says no.
bool looks_into_bodies(const Values& values);
/// REPORT_UNSUPPORTED_QUERY_CONSTRUCTS, in the same way.
bool looks_into_queries(const Values& values);

}  // namespace voyager::cli
