#include "cli/analysis_settings.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/connectors.h"
#include "migration/analyze/analyze_schema.h"

namespace voyager::cli {

using base::ExitCode;

bool is_plain_target(const Values& values) {
  const std::string& type = values.text("target-db-type");
  return !type.empty() && target_product(type).product == plain_target_product().product;
}

void check_target_version_flag(const Values& values) {
  const std::string& version = values.text("target-db-version");
  if (!version.empty() && !migration::check_target_version(version).well_formed) {
    base::fail(ExitCode::kUsage, fmt::format("--target-db-version \"{}\" is no version", version), {},
               {fmt::format("give four numbers, for instance {}", migration::default_target_version())});
  }
  if (is_plain_target(values) && !version.empty()) {
    base::fail(ExitCode::kUsage,
               "--target-db-version is a version of YugabyteDB and has no meaning for another target");
  }
}

std::string target_version(Session& session, const std::string& what) {
  const Values& values = session.values();
  if (is_plain_target(values)) return {};
  const std::string latest = migration::default_target_version();
  const std::string& given = values.text("target-db-version");
  const migration::VersionCheck known = migration::check_target_version(given);
  if (known.known) return given;
  const std::string why =
      given.empty() ? "No target version is given."
                    : fmt::format("Nothing is known about version {} (known series: {}).", given, known.known_series);
  const model::Question question{.text = fmt::format("{} {} for the latest stable version, {}?", why, what, latest),
                                 .flag = fmt::format("--target-db-version {}, or --yes", latest)};
  if (session.console().confirm(question)) return latest;
  base::fail(ExitCode::kNoAnswer, "no target version is given", {},
             {fmt::format("give it: --target-db-version {}", latest)});
}

bool looks_into_bodies(const Values& values) {
  return values.knob_on("REPORT_UNSUPPORTED_PLPGSQL_OBJECTS", true);
}

bool looks_into_queries(const Values& values) {
  return values.knob_on("REPORT_UNSUPPORTED_QUERY_CONSTRUCTS", true);
}

}  // namespace voyager::cli
