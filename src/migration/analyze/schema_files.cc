#include "migration/analyze/schema_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/files.h"

namespace voyager::migration {
namespace {

struct Place {
  std::string_view type = {};
  std::string_view file = {};
};

// An index may lie in any of three files; all of them count as INDEX.
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
};

std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

/// The first byte that is no part of a UTF-8 character, or a zero byte; nothing when all is text.
std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : sequence_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || at + length > text.size()) return at;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80U) return at;
    }
    at += length;
  }
  return std::nullopt;
}

void check_text(const std::filesystem::path& path, std::string_view text) {
  const std::optional<std::size_t> bad = first_bad_byte(text);
  if (!bad) return;
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*bad), '\n');
  const bool zero = text[*bad] == '\0';
  throw base::Error({.code = "ANA-001",
                     .title = "a schema file is not text in UTF-8",
                     .where = fmt::format("{}:{}", path.string(), line),
                     .cause = zero ? "there is a zero byte"
                                   : fmt::format("the byte 0x{:02X} is no part of a character",
                                                 static_cast<unsigned char>(text[*bad])),
                     .fix = {"save the file in UTF-8, or export the schema again"},
                     .then = "earlier reports were left as they are"});
}

}  // namespace

std::vector<SchemaFile> read_schema_files(const std::filesystem::path& schema_dir) {
  std::vector<SchemaFile> files;
  for (const Place& place : kPlaces) {
    const std::filesystem::path path = schema_dir / place.file;
    if (!std::filesystem::exists(path)) continue;
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
