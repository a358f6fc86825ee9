// The user's schema statements on the target, one by one.
#include <array>
#include <chrono>

#include "base/stop.h"
#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/target.h"
#include "sql/statement.h"

namespace voyager::postgresql {
namespace {

// A deadlock is over at once; a catalog that others change takes a while to settle.
constexpr std::array<std::chrono::milliseconds, 5> kWaits = {std::chrono::milliseconds(200), std::chrono::seconds(1),
                                                             std::chrono::seconds(3), std::chrono::seconds(5),
                                                             std::chrono::seconds(5)};

constexpr int kSeparateSet = 16;

class SchemaSession final : public connector::SchemaTarget {
 public:
  SchemaSession(const model::ConnectionOptions& options, const Flavour& flavour)
      : asynchronous_commit_(flavour.asynchronous_commit), connection_(options, flavour.connection) {}

  std::optional<connector::StatementFault> run(std::string_view sql, std::vector<std::string>& notices) override {
    // A statement that met another transaction (a deadlock, a catalog that changed under it) has done nothing.
    std::optional<ServerFault> fault;
    for (std::size_t tries = 0;; ++tries) {
      fault = connection_.try_run(std::string(sql), "run the statement");
      // Statements of a file never leave a transaction open; if one did, nothing after it would last.
      connection_.rollback();
      for (std::string& notice : connection_.take_notices()) notices.push_back(std::move(notice));
      const bool may_help = fault && connection_.verdict_of(*fault).retry != base::Retry::kNever;
      if (!may_help || tries == kWaits.size() || !connection_.pause(kWaits[tries])) break;
    }
    if (!fault) return std::nullopt;
    return statement_fault(*fault, sql);
  }

  void check_routine_bodies(bool check) override {
    connection_.run(check ? "SET check_function_bodies = on" : "SET check_function_bodies = off",
                    "set check_function_bodies");
  }

  void set_search_path(const std::vector<model::Identifier>& schemas) override {
    std::vector<std::string> names;
    for (const model::Identifier& schema : schemas) names.push_back(model::quoted(schema));
    connection_.run("SET search_path = " + base::join(names, ", "), "set the search path");
  }

  void reset_setting(const std::string& name) override {
    // A name may have a prefix: "app.user".
    std::string quoted;
    for (const std::string& part : base::split(name, '.'))
      quoted += (quoted.empty() ? "" : ".") + model::quoted(model::Identifier(part));
    connection_.run("RESET " + quoted, "put " + name + " back");
  }

  void wait_for_disk(bool wait) override {
    if (!asynchronous_commit_) return;
    if (!wait) return connection_.run("SET synchronous_commit = off", "set synchronous_commit");
    connection_.run("RESET synchronous_commit", "set synchronous_commit");
    // A commit takes to the disk what was committed before it, if it has something to write itself. The user's own
    // setting may be off.
    connection_.run("BEGIN; SET LOCAL synchronous_commit = on", "make the statements durable");
    connection_.query("SELECT pg_catalog.pg_logical_emit_message(true, 'yb-voyager', '')",
                      "make the statements durable");
    connection_.run("COMMIT", "make the statements durable");
  }

  std::vector<connector::TargetRole> roles() override {
    // Since PostgreSQL 16 a member may be kept from acting as the role.
    const char* right = connection_.major() >= kSeparateSet ? "SET" : "USAGE";
    const Result rows = connection_.query(queries::kRoles, {right}, "list roles");
    std::vector<connector::TargetRole> roles;
    for (int row = 0; row < rows.rows(); ++row)
      roles.push_back({rows.string(row, 0), rows.boolean(row, 1), rows.boolean(row, 2)});
    return roles;
  }

  bool schema_exists(const model::Identifier& schema) override {
    return connection_.query(queries::kSchemaExists, {schema.catalog_text()}, "look for a schema").boolean(0, 0);
  }
  void create_schema(const model::Identifier& schema) override {
    connection_.run("CREATE SCHEMA IF NOT EXISTS " + model::quoted(schema), "create schema " + model::display(schema));
    // Every database is born with it, and everybody may use it.
    if (schema.catalog_text() == "public")
      connection_.run("GRANT USAGE ON SCHEMA public TO PUBLIC", "let everybody use the schema public");
  }
  void drop_schema(const model::Identifier& schema) override {
    connection_.run("DROP SCHEMA IF EXISTS " + model::quoted(schema) + " CASCADE",
                    "drop schema " + model::display(schema));
  }

  // A primary key, unique or exclusion constraint has an index of its own name, so one look answers for both.
  std::vector<model::TableName> valid_indexes(const std::vector<model::TableName>& names) override {
    std::vector<model::TableName> out;
    if (names.empty()) return out;
    std::vector<model::Identifier> schemas, indexes;
    for (const model::TableName& name : names) {
      schemas.push_back(name.schema);
      indexes.push_back(name.name);
    }
    const Result rows =
        connection_.query(queries::kValidIndexes, {array_literal(schemas), array_literal(indexes)}, "look at indexes");
    for (int row = 0; row < rows.rows(); ++row) out.push_back({rows.identifier(row, 0), rows.identifier(row, 1)});
    return out;
  }

  // A partitioned index is invalid by nature until its parts are attached; no killed command leaves one behind.
  void drop_invalid_index(const model::TableName& index) override {
    const Result row = connection_.query(queries::kIndexState, {index.schema.catalog_text(), index.name.catalog_text()},
                                         "look at an index");
    if (row.rows() == 0 || row.boolean(0, 0) || !row.boolean(0, 1)) return;
    connection_.run("DROP INDEX " + model::quoted(index), "drop the unfinished index " + model::display(index));
  }

  std::vector<model::TableName> materialized_views(const std::vector<model::Identifier>& schemas) override {
    const Result rows =
        connection_.query(queries::kMaterializedViews, {array_literal(schemas)}, "list materialized views");
    std::vector<model::TableName> out;
    for (int row = 0; row < rows.rows(); ++row) out.push_back({rows.identifier(row, 0), rows.identifier(row, 1)});
    return out;
  }
  std::optional<connector::StatementFault> refresh_materialized_view(const model::TableName& view) override {
    std::vector<std::string> notices;
    (void)connection_.try_run("RESET jit", "run as the user's own query");
    return run("REFRESH MATERIALIZED VIEW " + model::quoted(view), notices);
  }

 private:
  const bool asynchronous_commit_;
  Connection connection_;
};

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  for (const std::string_view one : codes) {
    if (one == code) return true;
  }
  return false;
}

}  // namespace

connector::StatementFault statement_fault(const ServerFault& fault, std::string_view sql) {
  connector::StatementFault out;
  out.sqlstate = fault.sqlstate;
  ServerFault shown = fault;
  shown.sqlstate.clear();
  out.message = shown.text();
  const bool second_key = fault.sqlstate == "42P16" && fault.message.find("multiple primary keys") != std::string::npos;
  const bool attached =
      fault.sqlstate == "42809" && sql::parse_statement(sql).kind == sql::StatementKind::kAttachPartition;
  const bool identity = fault.sqlstate == "55000" && fault.message.find("already") != std::string::npos &&
                        sql::parse_statement(sql).kind == sql::StatementKind::kAddIdentity;
  // Parsers and templates of text search are found out by the index of their catalogue.
  const bool in_catalogue = fault.sqlstate == "23505" && fault.message.find("pg_ts_") != std::string::npos;
  out.already_exists = second_key || attached || identity || in_catalogue ||
                       is_one_of(fault.sqlstate, {"42P06", "42P07", "42710", "42723", "42701"});
  out.missing_object = is_one_of(fault.sqlstate, {"42P01", "42704", "42883", "3F000", "42703"});
  // What the statement means depends on what there is, but not how it is spelled or who may run it.
  out.may_work_later =
      !out.already_exists && fault.sqlstate.starts_with("42") && !is_one_of(fault.sqlstate, {"42601", "42501"});
  out.may_work_later |= out.missing_object;
  out.missing_row = fault.sqlstate == "23503";
  out.not_allowed = fault.sqlstate == "42501";
  out.may_be_option = is_one_of(fault.sqlstate, {"22023", "42704", "42601", "0A000"});
  return out;
}

std::unique_ptr<connector::SchemaTarget> make_schema_target(const model::ConnectionOptions& options,
                                                            const Flavour& flavour) {
  return std::make_unique<SchemaSession>(options, flavour);
}

}  // namespace voyager::postgresql
