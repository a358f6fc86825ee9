#include "migration/analyze/schema_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/utf8.h"

namespace voyager::migration {
namespace {

struct Place {
  std::string_view type = {};
  std::string_view file = {};
};

// An index may lie in any of three files; all of them count as INDEX. Owners, rights and settings make no object, and
// every target takes them.
constexpr std::array kPlaces = {
    Place{"SCHEMA", "schemas/schema.sql"},
    Place{"COLLATION", "collations/collation.sql"},
    Place{"EXTENSION", "extensions/extension.sql"},
    Place{"TYPE", "types/type.sql"},
    Place{"DOMAIN", "domains/domain.sql"},
    Place{"SEQUENCE", "sequences/sequence.sql"},
    Place{"TABLE", "tables/table.sql"},
    Place{"PARTITION", "partitions/partition.sql"},
    Place{"INDEX", "tables/INDEXES_table.sql"},
    Place{"INDEX", "tables/FTS_INDEXES_table.sql"},
    Place{"INDEX", "partitions/PARTITION_INDEXES_partition.sql"},
    Place{"PACKAGE", "packages/package.sql"},
    Place{"FUNCTION", "functions/function.sql"},
    Place{"AGGREGATE", "aggregates/aggregate.sql"},
    Place{"PROCEDURE", "procedures/procedure.sql"},
    Place{"VIEW", "views/view.sql"},
    Place{"TRIGGER", "triggers/trigger.sql"},
    Place{"MVIEW", "mviews/mview.sql"},
    Place{"SYNONYM", "synonyms/synonym.sql"},
    Place{"RULE", "rules/rule.sql"},
    Place{"COMMENT", "comments/comment.sql"},
    Place{"CONVERSION", "conversions/conversion.sql"},
    Place{"FOREIGN TABLE", "tables/foreign_table.sql"},
    Place{"POLICY", "policies/policy.sql"},
    Place{"OPERATOR", "operators/operator.sql"},
    Place{"LANGUAGE", "languages/language.sql"},
    Place{"ACCESS METHOD", "access_methods/access_method.sql"},
    Place{"CAST", "casts/cast.sql"},
    Place{"TRANSFORM", "transforms/transform.sql"},
    Place{"TEXT SEARCH", "text_search/text_search.sql"},
    Place{"FOREIGN SERVER", "foreign_servers/foreign_server.sql"},
    Place{"STATISTICS", "statistics/statistics.sql"},
    Place{"PUBLICATION", "publications/publication.sql"},
    Place{"SECURITY LABEL", "security_labels/security_label.sql"},
    Place{"EVENT TRIGGER", "event_triggers/event_trigger.sql"},
};

void check_text(const std::filesystem::path& path, std::string_view text) {
  const std::optional<std::size_t> bad = base::first_bad_byte(text);
  if (!bad) return;
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*bad), '\n');
  throw base::Error({.code = "ANA-001",
                     .title = "a schema file is not text in UTF-8",
                     .where = fmt::format("{}:{}", path.string(), line),
                     .cause = base::explain_bad_byte(text[*bad]),
                     .fix = {"save the file in UTF-8, or export the schema again"},
                     .then = "earlier reports were left as they are"});
}

}  // namespace

std::vector<SchemaFile> read_schema_files(const std::filesystem::path& schema_dir) {
  std::vector<SchemaFile> files;
  for (const Place& place : kPlaces) {
    const std::filesystem::path path = schema_dir / place.file;
    // Of a link itself: one that leads nowhere is a file that cannot be read, and not one that is not there.
    if (!std::filesystem::exists(std::filesystem::symlink_status(path))) continue;
    SchemaFile file{.object_type = place.type, .relative = std::string(place.file), .text = base::read_file(path)};
    check_text(path, file.text);
    files.push_back(std::move(file));
  }
  return files;
}

std::size_t report_order(std::string_view object_type) {
  const auto place = std::ranges::find(kPlaces, object_type, &Place::type);
  return static_cast<std::size_t>(place - kPlaces.begin());
}

}  // namespace voyager::migration
