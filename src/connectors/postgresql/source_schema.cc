// The schema: what the catalogue names, and its text by pg_dump.
#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/dump_reader.h"
#include "connectors/postgresql/pg_dump.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/source.h"

namespace voyager::postgresql {
namespace {

constexpr const char* kOverrides = "/etc/yb-voyager/pg_dump-args.ini";
// pg_dump quotes the statement, which names all tables when it locks them.
constexpr std::size_t kComplaintBytesMax = 2000;

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr int kPublishesSchemas = 15;

std::string shortened(std::string text) {
  if (text.size() <= kComplaintBytesMax) return text;
  std::size_t end = kComplaintBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // Not inside a character.
  return text.substr(0, end) + " ... (all of it is in the log)";
}

std::vector<std::string> advice(std::string_view complaint) {
  if (complaint.find("does not exist") != std::string_view::npos)
    return {"if that was dropped while pg_dump ran, run the command again"};
  if (complaint.find("LOCK TABLE") == std::string_view::npos) return {};
  return {
      "if it waited for a lock (60 s), find who holds it: SELECT pid, query FROM pg_stat_activity WHERE pid IN "
      "(SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted);",
      "run the command again when that session is done"};
}

std::string key_of(const Result& rows, int row, int column) {
  return rows.number(row, column) == 0 ? std::string()
                                       : fmt::format("{}/{}", rows.number(row, column), rows.number(row, column + 1));
}

class Catalogue final : public connector::SchemaSource {
 public:
  explicit Catalogue(const model::ConnectionOptions& options) : options_(options), connection_(options) {
    // Compiling a query about catalogues takes longer than running it.
    connection_.run("SET jit = off", "set up the session");
    if (connection_.raw_bytes()) connection_.run("SET client_encoding = 'SQL_ASCII'", "set up the session");
    connection_.run(kBegin, "open a snapshot of the catalogue");
    schemas_ = effective_schemas(connection_, options_.schemas);
  }

  connector::WrittenSchema written(connector::SchemaContents contents, const base::Stop& stop) override {
    const DumpProgram program = find_pg_dump(options_.dump_program);
    for (const model::Finding& finding : check_dump_program(program, connection_.major(), "reading the schema")) {
      base::fail(base::ExitCode::kPreflight, finding.title, finding.cause, finding.fix);
    }
    const bool everything = contents == connector::SchemaContents::kEverything;
    DumpCall call{.contents = contents, .raw_bytes = connection_.raw_bytes()};
    if (everything) {
      const Result rows = connection_.query(queries::kOtherSchemas, {array_literal(schemas_)}, "list schemas");
      for (int row = 0; row < rows.rows(); ++row) call.other_schemas.push_back(rows.identifier(row, 0));
      call.snapshot = connection_.query("SELECT pg_catalog.pg_export_snapshot()", "export a snapshot").string(0, 0);
    }
    std::error_code ignored;
    if (std::filesystem::exists(kOverrides, ignored)) call.overrides = parse_dump_args(base::read_file(kOverrides));
    std::string text = run(dump_command(options_, program, call), stop);
    std::vector<std::string> schemas;
    for (const model::Identifier& one : options_.schemas) schemas.push_back(one.catalog_text());
    connector::WrittenSchema schema = read_dump(text, everything ? schemas : std::vector<std::string>());
    schema.writer = describe(program);
    if (everything) {
      add_rights_on_public(schema.objects);
    } else {
      schema.text = std::move(text);
    }
    return schema;
  }

  std::vector<connector::CatalogueObject> objects() override {
    const std::string schemas = array_literal(schemas_);
    const Result rows = connection_.query(queries::kObjects, {schemas}, "list the objects of the database");
    std::vector<connector::CatalogueObject> objects;
    for (int row = 0; row < rows.rows(); ++row) {
      objects.push_back({.key = key_of(rows, row, 0),
                         .kind = rows.string(row, 2),
                         .schema = rows.string(row, 3),
                         .name = rows.string(row, 4),
                         .made_by = key_of(rows, row, 5),
                         .needs = rows.string(row, 7),
                         .exported = rows.boolean(row, 8),
                         .used = rows.boolean(row, 9),
                         .not_kept = rows.string(row, 10),
                         .not_written = rows.string(row, 11),
                         .statement = rows.string(row, 12)});
    }
    if (connection_.major() >= kPublishesSchemas) add_published_schemas(schemas, objects);
    return objects;
  }

  std::optional<connector::TypeExplanation> explain_type(const std::vector<std::string>& /*name*/) override {
    return {};
  }

  std::string role_statements() override {
    const Result rows = connection_.query(queries::kRoleStatements, "list roles");
    std::string statements;
    for (int row = 0; row < rows.rows(); ++row) (statements += rows.text(row, 0)) += "\n";
    return statements;
  }

 private:
  /// Whether everybody may create something in the schema public depends on the server's version. pg_dump says nothing
  /// where it is as that version has it, and so another version would open what is closed here, or the other way round.
  void add_rights_on_public(std::vector<connector::WrittenObject>& objects) {
    const Result found = connection_.query(
        "SELECT pg_catalog.has_schema_privilege('public', oid, 'CREATE') FROM pg_catalog.pg_namespace "
        "WHERE nspname = 'public' AND nspname = ANY ($1::name[])",
        {array_literal(schemas_)}, "look at the rights on the schema public");
    if (found.rows() == 0) return;
    objects.push_back({.kind = "ACL",
                       .name = "SCHEMA public",
                       .statements = {found.boolean(0, 0) ? "GRANT CREATE ON SCHEMA public TO PUBLIC;"
                                                          : "REVOKE CREATE ON SCHEMA public FROM PUBLIC;"}});
  }

  /// What it wrote.
  std::string run(const base::ChildCommand& command, const base::Stop& stop) const {
    base::log_info("running " + base::join(command.argv, " "));
    base::ChildResult result = base::run_child(command, stop);
    const std::string errors = complaints(result.errors);
    if (!errors.empty()) base::log_info("pg_dump: " + errors);
    if (result.exit_code == 0) return std::move(result.output);
    if (stop.cancelled()) base::throw_if_draining(stop, "pg_dump was stopped", "run the same command again");
    throw base::Error({.title = "pg_dump failed",
                       .where = describe_server(options_),
                       .cause = shortened(base::mask_secrets(base::trim(errors))),
                       .fix = advice(errors),
                       .then = "nothing of the schema was kept; run the same command again"});
  }

  void add_published_schemas(const std::string& schemas, std::vector<connector::CatalogueObject>& objects) {
    const Result rows = connection_.query(queries::kPublicationSchemas, {schemas}, "list published schemas");
    for (int row = 0; row < rows.rows(); ++row) {
      objects.push_back({.key = key_of(rows, row, 0),
                         .kind = rows.string(row, 2),
                         .schema = rows.string(row, 3),
                         .name = rows.string(row, 4),
                         .exported = rows.boolean(row, 5)});
    }
  }

  const model::ConnectionOptions options_;
  Connection connection_;
  std::vector<model::Identifier> schemas_ = {};
};

}  // namespace

std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options) {
  return std::make_unique<Catalogue>(options);
}

}  // namespace voyager::postgresql
