// The schema: the catalogue, converted.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/source.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {
namespace {

class Schema final : public connector::SchemaSource {
 public:
  explicit Schema(const model::ConnectionOptions& options) {
    Connection connection(options);
    catalog_ = read_catalog(connection, CatalogDepth::kEverything);
    conversion_ = convert(catalog_, target_schema(options));
    value_rules_ = parse_rules(options.value_rules);
  }

  connector::WrittenSchema written(connector::SchemaContents /*contents*/, const base::Stop& /*stop*/) override {
    return written_schema(conversion_.written);
  }
  std::vector<connector::CatalogueObject> objects() override { return conversion_.objects; }
  std::string role_statements() override { return {}; }

  std::optional<connector::TypeExplanation> explain_type(const std::vector<std::string>& name) override {
    if (name.size() < 2) return std::nullopt;
    const auto named = [](std::string_view wanted) {
      return [wanted](const auto& one) { return base::equals_ignoring_case(one.source_name, wanted); };
    };
    const auto table = std::ranges::find_if(conversion_.tables, named(name[name.size() - 2]));
    if (table == conversion_.tables.end()) return std::nullopt;
    const auto column = std::ranges::find_if(table->columns, named(name.back()));
    if (column == table->columns.end()) return std::nullopt;
    const TableRow& row = *std::ranges::find(catalog_.tables, table->source_name, &TableRow::name);
    const ColumnRow& source = *std::ranges::find(row.columns, column->source_name, &ColumnRow::name);
    connector::TypeExplanation out{
        .column = fmt::format("{}.{}.{}", catalog_.database, table->source_name, column->source_name),
        .source_type = source.type + (source.charset.empty() ? "" : ", " + source.charset),
        .target_type = column->column.type,
        .why = column->why};
    if (const ValueRule* rule = rule_for(value_rules_, table->source_name, column->source_name)) {
      out.value_rules.push_back(fmt::format("{}.{}={}{}", rule->table, rule->column, word_of(rule->action),
                                            rule->value.empty() ? "" : ":" + rule->value));
    }
    return out;
  }

 private:
  Catalog catalog_ = {};
  std::vector<ValueRule> value_rules_ = {};
  Conversion conversion_ = {};
};

}  // namespace

std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options) {
  return std::make_unique<Schema>(options);
}

model::Identifier target_schema(const model::ConnectionOptions& options) {
  return options.schemas.size() == 1 ? options.schemas.front() : model::Identifier("public");
}

}  // namespace voyager::mysql
