// Checks before an export: versions, programs, rights.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/comparison_facts.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/source.h"
#include "connectors/postgresql/source_checks.h"

namespace voyager::postgresql {
namespace {

class Preflight final : public connector::SourcePreflight {
 public:
  explicit Preflight(const model::ConnectionOptions& options)
      : connection_(options),
        schemas_(effective_schemas(connection_, options.schemas)),
        dump_program_(options.dump_program) {}

  std::string version_text() override { return postgresql::version_text(connection_); }
  connector::DatabaseForm database_form() override { return postgresql::database_form(connection_); }

  std::vector<model::Finding> check_export_schema() override {
    std::vector<model::Finding> out;
    check_source_version(connection_, out);
    check_pg_dump(connection_, dump_program_, "export schema", out);
    check_schemas(connection_, schemas_, out);
    // pg_dump locks the tables whose definitions it reads, and that takes the right to read them.
    check_relations(connection_, schemas_, nullptr, out);
    return out;
  }

  std::vector<model::Finding> check_export_data(const std::vector<model::Table>& tables) override {
    std::vector<model::Finding> out;
    check_source_version(connection_, out);
    check_schemas(connection_, schemas_, out);
    check_relations(connection_, schemas_, &tables, out);
    check_row_security(out, tables);
    check_partitions(out, tables);
    if (std::ranges::any_of(tables, [](const model::Table& one) { return model::is_large_objects(one.kind); }))
      check_large_objects(out);
    return out;
  }

 private:
  void check_row_security(std::vector<model::Finding>& out, const std::vector<model::Table>& tables);
  void check_partitions(std::vector<model::Finding>& out, const std::vector<model::Table>& tables);
  void check_large_objects(std::vector<model::Finding>& out);
  std::string role() const { return model::quoted(model::Identifier(connection_.user())); }

  Connection connection_;
  std::vector<model::Identifier> schemas_;
  const std::string dump_program_;
};

void Preflight::check_row_security(std::vector<model::Finding>& out, const std::vector<model::Table>& tables) {
  std::vector<std::string> names;
  for (const model::Table& table : tables) {
    if (table.row_security_hides_rows) names.push_back(model::display(table.name));
  }
  if (names.empty()) return;
  out.push_back({.fatal = true,
                 .title = "row security hides rows of " + base::join(names, ", "),
                 .cause = "the policies of these tables apply to the source user, so an export could miss rows",
                 .fix = {fmt::format("ALTER ROLE {} BYPASSRLS;", role())}});
}

void Preflight::check_partitions(std::vector<model::Finding>& out, const std::vector<model::Table>& tables) {
  const Result rows = connection_.query(queries::kPartitionsElsewhere, {array_literal(schemas_)}, "look at partitions");
  std::set<model::TableName> chosen;
  for (const model::Table& table : tables) chosen.insert({table.name, table.root});
  std::vector<std::string> lines;
  for (int row = 0; row < rows.rows(); ++row) {
    const model::TableName table{rows.identifier(row, 0), rows.identifier(row, 1)};
    const model::TableName partition{rows.identifier(row, 2), rows.identifier(row, 3)};
    // Without an exported partition it is not among the tables, whatever the lists of tables say.
    if (chosen.contains(table) || !rows.boolean(row, 4))
      lines.push_back(model::display(partition) + " of " + model::display(table));
  }
  if (lines.empty()) return;
  out.push_back({.title = "rows of partitions in schemas that are not exported are left behind",
                 .cause = base::join(lines, "\n"),
                 .fix = {"name those schemas too, in --source-db-schema"}});
}

void Preflight::check_large_objects(std::vector<model::Finding>& out) {
  const Result row = connection_.query(queries::kUnreadableLargeObjects, "look at rights on large objects");
  if (row.number(0, 0) == 0) return;
  out.push_back(
      {.fatal = true,
       .title = fmt::format("no right to read {} large objects", row.number(0, 0)),
       .cause = fmt::format("the right SELECT is missing, for instance on those of the numbers {}", row.text(0, 1)),
       .fix = {fmt::format("DO $$ DECLARE n oid; BEGIN FOR n IN SELECT oid FROM pg_largeobject_metadata LOOP "
                           "EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO %s', n, {}); END LOOP; END $$;",
                           connection_.literal(role())),
               "or leave them out: export data --large-objects false"}});
}

}  // namespace

std::unique_ptr<connector::SourcePreflight> make_source_preflight(const model::ConnectionOptions& options) {
  return std::make_unique<Preflight>(options);
}

}  // namespace voyager::postgresql
