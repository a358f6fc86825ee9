#include "cli/export_options.h"

#include <string>
#include <vector>

namespace voyager::cli {

using enum FlagKind;

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
