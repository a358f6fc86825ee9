// Publication, replication slot and replica identities of one migration.
#include <fmt/format.h>

#include <optional>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/pgoutput.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/source_changes.h"
#include "connectors/postgresql/writable.h"

namespace voyager::postgresql {
namespace {

using connector::CaptureSnapshot;
using connector::CaptureStart;

constexpr std::chrono::milliseconds kSlotInUse{500};
constexpr int kSlotTries = 20;
constexpr int kPublishesRoots = 130'000;  // the first version whose publications may hold partitioned tables
// The first that can publish computed columns, and that refuses changes of a row that is named by one which is not.
constexpr int kPublishesGenerated = 180'000;

struct TableFacts {
  model::TableName name = {};
  bool owned = false;
  bool unlogged = false;
  char identity = 'd';
  bool primary_key = false;
  std::string unique_index = {};    // that can name rows
  std::string identity_index = {};  // that does now
  bool identity_computed = false;   // and has columns that the log does not hold
  model::Identifier owner = {};
};

std::string identity_sql(const model::TableName& table, const std::string& identity) {
  return fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY {}", model::quoted(table), identity);
}

/// The log names the rows of its changes as the table is; of an unlogged one there are none.
bool names_rows(const TableFacts& table) {
  return table.unlogged || table.identity == 'f' || (table.identity == 'i' && !table.identity_computed) ||
         (table.identity == 'd' && table.primary_key);
}

class CaptureSetup final : public connector::CaptureSetup {
 public:
  CaptureSetup(const model::ConnectionOptions& options, const std::string& migration)
      : options_(options), names_(capture_names(migration)), connection_(options) {}

  std::vector<model::Finding> check(const std::vector<model::Table>& tables) override;
  std::vector<std::string> undo(const std::vector<model::Table>& tables) override;
  CaptureStart begin(const std::vector<model::Table>& tables, CaptureSnapshot snapshot) override;
  std::uint64_t retained_bytes() override;
  std::vector<model::Sequence> sequences() override {
    return sequences_of_schemas(connection_, effective_schemas(connection_, options_.schemas));
  }
  void end(const std::vector<std::string>& undo) override;

 private:
  std::vector<TableFacts> facts(const std::vector<model::Table>& tables);
  std::vector<connector::NumberedTable> numbered(const std::vector<TableFacts>& tables, const std::string& snapshot);
  void name_rows(const std::vector<TableFacts>& tables);
  void publish(const std::vector<TableFacts>& tables);
  void check_blockers(std::vector<model::Finding>& out);
  void check_tables(const std::vector<model::Table>& tables, std::vector<model::Finding>& out);
  bool has_slot();
  void take_slot_away(const std::string& slot);

  const model::ConnectionOptions options_;
  const CaptureNames names_;
  Connection connection_;
  std::optional<Connection> snapshot_ = {};  // its session holds the exported snapshot
};

std::vector<TableFacts> CaptureSetup::facts(const std::vector<model::Table>& tables) {
  std::vector<model::Identifier> schemas, names;
  for (const model::Table& table : tables) {
    schemas.push_back(table.name.schema);
    names.push_back(table.name.name);
  }
  const Result rows =
      connection_.query(queries::kCaptureTables, {array_literal(schemas), array_literal(names)}, "look at the tables");
  std::vector<TableFacts> out;
  for (int row = 0; row < rows.rows(); ++row) {
    out.push_back({.name = {rows.identifier(row, 0), rows.identifier(row, 1)},
                   .owned = rows.boolean(row, 2),
                   .unlogged = rows.boolean(row, 3),
                   .identity = rows.text(row, 4).empty() ? 'd' : rows.text(row, 4)[0],
                   .primary_key = rows.boolean(row, 5),
                   .unique_index = rows.string(row, 6),
                   .identity_index = rows.string(row, 7),
                   .identity_computed = rows.boolean(row, 8),
                   .owner = rows.identifier(row, 9)});
  }
  return out;
}

void CaptureSetup::check_tables(const std::vector<model::Table>& tables, std::vector<model::Finding>& out) {
  std::vector<model::Identifier> schemas, names;
  for (const model::Table& table : tables) {
    schemas.push_back(table.name.schema);
    names.push_back(table.name.name);
  }
  const Result rows =
      connection_.query(queries::kCaptureRefused, {array_literal(schemas), array_literal(names)}, "look at the tables");
  std::string cause, list;
  std::vector<std::string> missing;
  for (int row = 0; row < rows.rows(); ++row) {
    if (!rows.boolean(row, 3)) missing.push_back(model::display({rows.identifier(row, 0), rows.identifier(row, 1)}));
    if (rows.is_null(row, 2)) continue;
    const std::string name = model::display({rows.identifier(row, 0), rows.identifier(row, 1)});
    cause += fmt::format("{}{}: {}", cause.empty() ? "" : "\n", name, rows.text(row, 2));
    list += (list.empty() ? "" : ",") + name;
  }
  if (!missing.empty()) {
    out.push_back({.fatal = true,
                   .title = "tables are not there: " + base::join(missing, ", "),
                   .cause = "they were renamed or dropped since the migration began; what is written to them under "
                            "another name would not be captured",
                   .fix = {"where they were renamed, give them the names back that they had, on both sides: ALTER "
                           "TABLE ... RENAME TO ..."}});
  }
  if (list.empty()) return;
  out.push_back({.fatal = true,
                 .title = "changes of some tables cannot be captured",
                 .cause = cause,
                 .fix = {"move them offline, and leave them out here: --exclude-table-list '" + list + "'"}});
}

std::vector<model::Finding> CaptureSetup::check(const std::vector<model::Table>& tables) {
  std::vector<model::Finding> out;
  check_writable(connection_, options_, out);
  check_tables(tables, out);
  const Result server = connection_.query(queries::kCaptureFacts, "look at its settings");
  const std::string role = model::quoted(model::Identifier(connection_.user()));
  if (server.text(0, 0) != "logical") {
    out.push_back({.fatal = true,
                   .title = fmt::format("wal_level is {}, not logical", server.text(0, 0)),
                   .cause = "the server does not log what changes are made of",
                   .fix = {"ALTER SYSTEM SET wal_level = logical;", "restart the server"}});
  }
  if (!has_slot() && server.number(0, 1) >= server.number(0, 2)) {
    out.push_back({.fatal = true,
                   .title = fmt::format("all {} replication slots are in use", server.number(0, 2)),
                   .fix = {fmt::format("ALTER SYSTEM SET max_replication_slots = {};", server.number(0, 2) + 4),
                           "restart the server, or drop a slot that nobody needs"}});
  }
  if (server.number(0, 3) >= server.number(0, 4)) {
    out.push_back({.fatal = true,
                   .title = fmt::format("all {} WAL senders are in use", server.number(0, 4)),
                   .fix = {fmt::format("ALTER SYSTEM SET max_wal_senders = {};", server.number(0, 4) + 4),
                           "restart the server"}});
  }
  if (!server.boolean(0, 5)) {
    out.push_back({.fatal = true,
                   .title = fmt::format("the user {} may not replicate", connection_.user()),
                   .fix = {fmt::format("ALTER ROLE {} REPLICATION;", role)}});
  }
  if (!server.is_null(0, 6) && server.text(0, 6) != "-1") {
    out.push_back({.title = fmt::format("max_slot_wal_keep_size is {}", server.text(0, 6)),
                   .cause = "when the capture stands still for longer than that, the server drops what it has not read",
                   .fix = {"ALTER SYSTEM SET max_slot_wal_keep_size = -1;", "SELECT pg_reload_conf();"}});
  }
  if (!server.is_null(0, 7) && !server.text(0, 7).empty() &&
      server.text(0, 7).find("pgoutput") == std::string_view::npos && server.text(0, 7) != "*") {
    out.push_back({.fatal = true,
                   .title = "the server does not allow the output plugin pgoutput",
                   .cause = fmt::format("output_plugin_libraries is {}", server.text(0, 7)),
                   .fix = {fmt::format("ALTER SYSTEM SET output_plugin_libraries = {};",
                                       connection_.literal(server.string(0, 7) + ", pgoutput")),
                           "SELECT pg_reload_conf();"}});
  }
  if (!has_slot()) check_blockers(out);
  std::vector<std::string> foreign, unlogged;
  std::set<std::string> owners;
  for (const TableFacts& table : facts(tables)) {
    if (!table.owned) {
      foreign.push_back(model::display(table.name));
      owners.insert(model::quoted(table.owner));
    }
    if (table.unlogged) unlogged.push_back(model::display(table.name));
  }
  if (!foreign.empty()) {
    out.push_back({.fatal = true,
                   .title = fmt::format("the user {} does not own {}", connection_.user(), base::join(foreign, ", ")),
                   .cause = "only a table's owner may publish it and say what names its rows",
                   .fix = {fmt::format("GRANT {} TO {};",
                                       base::join(std::vector<std::string>(owners.begin(), owners.end()), ", "), role),
                           "or run share/guardrails-scripts/yb-voyager-pg-grant-migration-permissions.sql"}});
  }
  if (!unlogged.empty()) {
    out.push_back({.title = "changes of unlogged tables cannot be captured: " + base::join(unlogged, ", "),
                   .fix = {"ALTER TABLE ... SET LOGGED, or leave the tables out with --exclude-table-list"}});
  }
  return out;
}

// The slot begins where all transactions that write now have ended; its creation waits for them.
void CaptureSetup::check_blockers(std::vector<model::Finding>& out) {
  for (const OpenTransaction& one : open_transactions(connection_)) {
    out.push_back({.note = true,
                   .title = fmt::format("the capture begins when {} has ended", one.who),
                   .cause = one.since,
                   .fix = {one.fix}});
  }
}

std::vector<std::string> CaptureSetup::undo(const std::vector<model::Table>& tables) {
  std::vector<std::string> out;
  for (const TableFacts& table : facts(tables)) {
    if (names_rows(table)) continue;
    const std::string before = table.identity == 'i'
                                   ? "USING INDEX " + model::quoted(model::Identifier(table.identity_index))
                               : table.identity == 'n' ? "NOTHING"
                                                       : "DEFAULT";
    out.push_back(identity_sql(table.name, before));
  }
  return out;
}

// A table with a key names its rows by it; else a unique index over NOT NULL columns does, else the whole row.
void CaptureSetup::name_rows(const std::vector<TableFacts>& tables) {
  for (const TableFacts& table : tables) {
    if (names_rows(table)) continue;
    const std::string wanted = table.primary_key ? "DEFAULT"
                               : table.unique_index.empty()
                                   ? "FULL"
                                   : "USING INDEX " + model::quoted(model::Identifier(table.unique_index));
    const std::string sql = identity_sql(table.name, wanted);
    base::log_info("for the capture: " + sql);
    connection_.run(sql, "say what names a row");
  }
}

// A partition that is made later belongs to the publication when its root does. Without a key it would name its rows by
// nothing, and the server would refuse to change them; so only roots with one are published.
void CaptureSetup::publish(const std::vector<TableFacts>& tables) {
  std::set<std::string> roots;
  std::set<model::TableName> covered;
  const bool yugabytedb =
      connection_.query("SELECT version()", "tell its version").text(0, 0).find("-YB-") != std::string_view::npos;
  if (connection_.version() >= kPublishesRoots && !yugabytedb) {
    std::vector<model::TableName> wanted;
    for (const TableFacts& table : tables) wanted.push_back(table.name);
    const auto [schemas, names] = name_arrays(wanted);
    const Result rows = connection_.query(queries::kCaptureRoots, {schemas, names}, "look at partitions");
    for (int row = 0; row < rows.rows(); ++row) {
      roots.insert(model::quoted(model::TableName{rows.identifier(row, 0), rows.identifier(row, 1)}));
      covered.insert({rows.identifier(row, 2), rows.identifier(row, 3)});
    }
  }
  std::vector<std::string> names(roots.begin(), roots.end());
  for (const TableFacts& table : tables) {
    if (!table.unlogged && !covered.contains(table.name)) names.push_back("ONLY " + model::quoted(table.name));
  }
  const std::string publication = model::quoted(model::Identifier(names_.publication));
  connection_.run("DROP PUBLICATION IF EXISTS " + publication, "drop the earlier publication");
  connection_.run(fmt::format("CREATE PUBLICATION {}{}{}{}", publication, names.empty() ? "" : " FOR TABLE ",
                              base::join(names, ", "),
                              connection_.version() >= kPublishesGenerated && !yugabytedb
                                  ? " WITH (publish_generated_columns = stored)"
                                  : ""),
                  "publish the tables");
}

bool CaptureSetup::has_slot() {
  return connection_
             .query("SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = $1", {names_.slot},
                    "look for the slot")
             .rows() > 0;
}

// An earlier run that was killed while it waited for its slot: the server sees that only when the wait is over, which
// may be long.
void CaptureSetup::take_slot_away(const std::string& slot) {
  const std::vector<Param> name = {slot};
  (void)connection_.try_query(
      "SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 "
      "AND "
      "active_pid IS NOT NULL",
      name, "end the earlier run's wait");
  drop_slot(connection_, slot);
}

CaptureStart CaptureSetup::begin(const std::vector<model::Table>& tables, CaptureSnapshot snapshot) {
  CaptureStart start;
  const std::vector<TableFacts> known = facts(tables);
  if (snapshot == CaptureSnapshot::kFirst) take_slot_away(names_.slot);
  if (snapshot != CaptureSnapshot::kAgain) {
    name_rows(known);
    if (snapshot == CaptureSnapshot::kFirst || !has_slot()) publish(known);
  }
  if (snapshot == CaptureSnapshot::kNone && has_slot()) {
    start.tables = numbered(known, {});
    return start;
  }
  snapshot_.emplace(options_, Connection::Extras{.replication = true});
  const bool again = snapshot == CaptureSnapshot::kAgain;
  const std::string slot = again ? names_.slot + "_again" : names_.slot;
  if (again) take_slot_away(slot);
  const Result row =
      snapshot_->ask(fmt::format("CREATE_REPLICATION_SLOT {}{} LOGICAL pgoutput {}",
                                 model::quoted(model::Identifier(slot)), again ? " TEMPORARY" : "",
                                 snapshot == CaptureSnapshot::kNone ? "NOEXPORT_SNAPSHOT" : "EXPORT_SNAPSHOT"),
                     "create a replication slot");
  const Lsn place = parse_lsn(row.text(0, 1));
  // What is committed before the place is in the snapshot.
  start.position = LogPlace{.commit = place, .changes = 0, .end = place}.position();
  start.anchor = row.string(0, 2);
  base::log_info(fmt::format("replication slot {} at {}, snapshot {}", slot, row.text(0, 1), start.anchor));
  start.tables = numbered(known, start.anchor);
  return start;
}

// As the snapshot shows them, where there is one: what is altered from there on comes with the changes.
std::vector<connector::NumberedTable> CaptureSetup::numbered(const std::vector<TableFacts>& tables,
                                                             const std::string& snapshot) {
  std::vector<model::TableName> names;
  for (const TableFacts& table : tables) names.push_back(table.name);
  const auto [schemas, tables_of] = name_arrays(names);
  connection_.run("BEGIN ISOLATION LEVEL REPEATABLE READ", "look at the tables");
  if (!snapshot.empty())
    connection_.run("SET TRANSACTION SNAPSHOT " + connection_.literal(snapshot), "look at the tables");
  const Result rows = connection_.query(queries::kTableNumbers, {schemas, tables_of}, "look at the tables");
  connection_.run("COMMIT", "look at the tables");
  std::vector<connector::NumberedTable> out;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto number = static_cast<std::uint64_t>(rows.number(row, 2));
    if (out.empty() || out.back().number != number)
      out.push_back({.name = {rows.identifier(row, 0), rows.identifier(row, 1)}, .number = number});
    if (!rows.is_null(row, 3))
      out.back().columns[rows.identifier(row, 3)] = static_cast<std::uint32_t>(rows.number(row, 4));
  }
  return out;
}

std::uint64_t CaptureSetup::retained_bytes() {
  const Result row = connection_.query(
      "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) FROM "
      "pg_catalog.pg_replication_slots WHERE slot_name = $1",
      {names_.slot}, "measure the slot");
  return row.rows() == 0 ? 0 : static_cast<std::uint64_t>(row.number(0, 0));
}

void CaptureSetup::end(const std::vector<std::string>& undo) {
  snapshot_.reset();
  drop_slot(connection_, names_.slot);
  connection_.run("DROP PUBLICATION IF EXISTS " + model::quoted(model::Identifier(names_.publication)),
                  "drop the publication");
  for (const std::string& sql : undo) {
    // A table that is gone by now needs nothing.
    if (const std::optional<ServerFault> fault = connection_.try_run(sql, "put a table back"))
      base::log_warn(fmt::format("{}: {}", sql, fault->message));
  }
}

}  // namespace

// A reader that has just gone holds the slot for a moment longer.
void drop_slot(Connection& connection, const std::string& slot) {
  const auto there = [&] {
    return connection
               .query("SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = $1", {slot}, "look for the slot")
               .rows() > 0;
  };
  for (int tries = 1; there(); ++tries) {
    const std::optional<ServerFault> fault = connection.try_run(
        fmt::format("SELECT pg_catalog.pg_drop_replication_slot({})", connection.literal(slot)), "drop the slot");
    if (!fault) return;
    if (tries == kSlotTries || !connection.pause(kSlotInUse)) connection.raise(*fault, "drop the replication slot");
  }
}

std::unique_ptr<connector::CaptureSetup> make_capture_setup(const model::ConnectionOptions& options,
                                                            const std::string& migration) {
  return std::make_unique<CaptureSetup>(options, migration);
}

}  // namespace voyager::postgresql
