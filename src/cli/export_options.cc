#include "cli/export_options.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/connectors.h"

namespace voyager::cli {

using enum FlagKind;

FlagGroup type_rule_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "type-rules",
       .kind = kList,
       .help = "types that columns get instead of ours (MySQL): TABLE.COLUMN=TYPE, :SOURCE-TYPE=TYPE or "
               "TABLE.COLUMN:SOURCE-TYPE=TYPE, comma separated; names and source types may be patterns, the first "
               "that fits counts"},
  };
  return {"Types", kFlags};
}

void check_type_rules(const Values& values) {
  const std::string& type = values.text("source-db-type");
  if (!values.given("type-rules") || type.empty() || source_product(type).converts_types) return;
  base::fail(base::ExitCode::kUsage, fmt::format("--type-rules is not for a source of the type {}", base::lower(type)),
             "its types stay what they are", {"leave it out"});
}

FlagGroup read_rows_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "data-format",
       .kind = kChoice,
       .help = "rows as text or binary; auto: binary where source and target agree on "
               "every type of the table",
       .fallback = "auto",
       .choices = {"auto", "text", "binary"}},
      {.name = "large-objects",
       .kind = kBoolean,
       .help = "large objects too, with owner, rights and comment (default: true; false when the tables are limited)"},
      {.name = "value-rules",
       .kind = kList,
       .help = "what becomes of values that the target cannot hold (MySQL: zero dates and the like): "
               "TABLE.COLUMN=ACTION, comma separated; ACTION is stop, null, reject or replace:VALUE"},
  };
  return {"Reading", kFlags};
}

migration::DataFormat data_format(const Values& values) {
  const std::string& word = values.text("data-format");
  if (word == "text") return migration::DataFormat::kText;
  if (word == "binary") return migration::DataFormat::kBinary;
  return migration::DataFormat::kAuto;
}

}  // namespace voyager::cli
