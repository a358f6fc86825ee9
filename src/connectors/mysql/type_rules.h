// Which types columns get where the user wants others than ours. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/column_type.h"

namespace voyager::mysql {

/// Written [TABLE.COLUMN][:SOURCE-TYPE]=TYPE; names and source type may be patterns. Empty: any.
struct TypeRule {
  std::string table = {};
  std::string column = {};
  std::string source_type = {};
  std::string target = {};
  std::string text = {};  ///< As the user wrote it.
};

/// Texts that a comma within parentheses has torn apart belong together. Throws Error (kUsage) on what is no rule.
std::vector<TypeRule> parse_type_rules(const std::vector<std::string>& texts);

/// The first rule for the column, by its names and its type on the source; null where there is none.
const TypeRule* type_rule_for(const std::vector<TypeRule>& rules, std::string_view table, std::string_view column,
                              std::string_view source_type);

/// The rules of the catalogue that are the first to fit for none of its columns, as the user wrote them.
std::vector<std::string> unused_type_rules(const Catalog& catalog);

struct Recasted {
  TargetType type = {};
  Recast recast = Recast::kNone;
};

/// How values of `type` become ones of the target's type `wanted`. Nothing where not each of them does, or only in a
/// form that cannot be compared with the source's.
std::optional<Recasted> recast(const SourceType& type, std::string_view wanted);
/// The types that `recast` knows, for people.
std::string recasts_of(const SourceType& type);

}  // namespace voyager::mysql
