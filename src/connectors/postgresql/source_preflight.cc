// Checks before an export: versions, programs, rights.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/source.h"

namespace voyager::postgresql {
namespace {

constexpr int kOldestMajor = 11;
constexpr int kNewestMajor = 17;

class Preflight final : public connector::SourcePreflight {
 public:
  explicit Preflight(const model::ConnectionOptions& options)
      : connection_(options), schemas_(effective_schemas(connection_, options.schemas)) {}

  std::string version_text() override { return postgresql::version_text(connection_); }

  std::vector<model::Finding> check_export_schema() override {
    std::vector<model::Finding> out;
    check_version(out);
    check_pg_dump(out);
    check_schemas(out);
    // pg_dump locks the tables whose definitions it reads, and that takes the right to read them.
    check_relations(out, nullptr);
    return out;
  }

  std::vector<model::Finding> check_export_data(const std::vector<model::Table>& tables) override {
    std::vector<model::Finding> out;
    check_version(out);
    check_schemas(out);
    check_relations(out, &tables);
    check_row_security(out, tables);
    return out;
  }

 private:
  void check_version(std::vector<model::Finding>& out);
  void check_pg_dump(std::vector<model::Finding>& out);
  void check_schemas(std::vector<model::Finding>& out);
  void check_relations(std::vector<model::Finding>& out, const std::vector<model::Table>* tables);
  void check_row_security(std::vector<model::Finding>& out, const std::vector<model::Table>& tables);
  std::string role() const { return model::quoted(model::Identifier(connection_.user())); }

  Connection connection_;
  std::vector<model::Identifier> schemas_;
};

void Preflight::check_version(std::vector<model::Finding>& out) {
  const int major = connection_.major();
  if (major >= kOldestMajor && major <= kNewestMajor) return;
  out.push_back({.fatal = major < kOldestMajor,
                 .title = fmt::format("PostgreSQL {} is not a supported source", major),
                 .cause = fmt::format("supported are {} to {}", kOldestMajor, kNewestMajor),
                 .fix = {}});
}

void Preflight::check_pg_dump(std::vector<model::Finding>& out) {
  const int wanted = pg_dump_major_wanted(connection_.major());
  const DumpProgram program = find_pg_dump(wanted);
  if (program.major >= wanted) return;
  out.push_back({.fatal = true,
                 .title = program.major == 0 ? std::string("pg_dump is not installed")
                                             : fmt::format("{} is version {}", program.path.string(), program.major),
                 .cause = fmt::format("export schema needs pg_dump {} or newer in PATH", wanted),
                 .fix = {fmt::format("apt-get install postgresql-client-{}", wanted)}});
}

void Preflight::check_schemas(std::vector<model::Finding>& out) {
  const Result rows = connection_.query(queries::kMissingUsage, {array_literal(schemas_)}, "check the schemas");
  for (int row = 0; row < rows.rows(); ++row) {
    const model::Identifier schema = rows.identifier(row, 0);
    if (!rows.boolean(row, 1)) {
      std::vector<std::string> names;
      for (const model::Identifier& one : effective_schemas(connection_, {})) names.push_back(model::display(one));
      out.push_back({.fatal = true,
                     .title = "the source has no schema " + model::display(schema),
                     .cause = "its schemas are " + base::join(names, ", "),
                     .fix = {"name an existing schema with --source-db-schema"}});
    } else if (!rows.boolean(row, 2)) {
      out.push_back({.fatal = true,
                     .title = "no right to use schema " + model::display(schema),
                     .cause = "USAGE on the schema is missing",
                     .fix = {fmt::format("GRANT USAGE ON SCHEMA {} TO {};", model::quoted(schema), role())}});
    }
  }
}

void Preflight::check_relations(std::vector<model::Finding>& out, const std::vector<model::Table>* tables) {
  const Result rows = connection_.query(queries::kUnreadableRelations, {array_literal(schemas_)}, "check the rights");
  std::map<std::pair<model::Identifier, bool>, std::vector<model::TableName>> missing;
  for (int row = 0; row < rows.rows(); ++row) {
    const model::TableName name{rows.identifier(row, 0), rows.identifier(row, 1)};
    const bool sequence = rows.boolean(row, 2);
    if (sequence && tables == nullptr) continue;  // Their definitions are readable without a right.
    if (!sequence && tables != nullptr && std::ranges::find(*tables, name, &model::Table::name) == tables->end())
      continue;
    missing[{name.schema, sequence}].push_back(name);
  }
  for (const auto& [key, names] : missing) {
    const char* kind = key.second ? "SEQUENCE" : "TABLE";
    model::Finding finding{.fatal = true,
                           .title = fmt::format("no right to read {} {}s of schema {}", names.size(), base::lower(kind),
                                                model::display(key.first)),
                           .cause = "SELECT is missing"};
    for (const model::TableName& name : names) {
      finding.fix.push_back(fmt::format("GRANT SELECT ON {} {} TO {};", kind, model::quoted(name), role()));
    }
    out.push_back(std::move(finding));
  }
}

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

}  // namespace

std::unique_ptr<connector::SourcePreflight> make_source_preflight(const model::ConnectionOptions& options) {
  return std::make_unique<Preflight>(options);
}

}  // namespace voyager::postgresql
