// Everything else that import data does on the target: bookkeeping, TRUNCATE, sequences, keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/fault_point.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/load_hooks.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/target.h"

namespace voyager::postgresql {
namespace {

constexpr int kProgressViewMajor = 12;
constexpr int kTries = 12;
constexpr std::chrono::milliseconds kWait{250};
constexpr std::size_t kTablesPerQuery = 200;
constexpr std::chrono::seconds kLockWait{5};
constexpr const char* kLockNotAvailable = "55P03";
constexpr std::string_view kRuns = "ybvoyager_metadata.ybvoyager_import_data_runs";
constexpr std::string_view kBatchesLock = "ybvoyager_metadata.ybvoyager_import_data_batches_lock";
constexpr const char* kWaiting = "wait for batches of an earlier run";

// Two processes that create the same thing at once: IF NOT EXISTS looks before the other has committed.
bool lost_a_race(std::string_view sqlstate, base::Retry retry) {
  constexpr std::array<std::string_view, 6> kCodes = {"23505", "42P06", "42P07", "42710", "XX000", "42P01"};
  return retry != base::Retry::kNever || std::ranges::find(kCodes, sqlstate) != kCodes.end();
}

std::vector<std::string> quoted_names(std::span<const model::TableName> names) {
  std::vector<std::string> out;
  for (const model::TableName& name : names) out.push_back(model::quoted(name));
  return out;
}

class Admin final : public connector::ImportAdmin {
 public:
  Admin(const model::ConnectionOptions& options, const Flavour& flavour, std::string migration)
      : flavour_(flavour), migration_(std::move(migration)), connection_(options, flavour.connection) {}

  void create_bookkeeping() override {
    for (const std::string& part : base::split(queries::kBookkeepingCreate, ';')) {
      if (!base::trim(part).empty()) run_patiently(part, "create the bookkeeping tables");
    }
  }
  void wait_for_earlier_batches() override;
  void drop_bookkeeping() override;
  void clear_bookkeeping(const connector::Fence& fence) override;
  std::string noted_run(const std::string& importer) override;
  bool note_run(const std::string& importer, const std::string& run, const std::string& last) override;
  void remove_large_objects(const connector::Fence& fence) override {
    const auto remove_some = [this] {
      return connection_.query(queries::kLargeObjectsRemove, {migration_}, "remove large objects").number(0, 0) > 0;
    };
    bool more = true;
    while (more) behind("remove large objects", fence, [&] { more = remove_some(); });
  }

  std::vector<model::Table> describe(const std::vector<model::TableName>& names) override {
    return tables_of_names(connection_, names);
  }
  std::vector<model::TableName> non_empty(const std::vector<model::TableName>& names) override;
  void truncate(const connector::Fence& fence, const std::vector<model::TableName>& names,
                const std::function<void(const std::string&)>& say) override;
  void forget_batches(const connector::Fence& fence, const std::vector<model::TableName>& names) override {
    const auto [schemas, tables] = name_arrays(names);
    const std::vector<Param> which = {migration_, schemas, tables};
    behind("forget batches", fence, [&] { (void)connection_.query(queries::kForgetBatches, which, "forget batches"); });
  }
  void set_sequences(const std::vector<model::Sequence>& sequences) override;
  void advance_sequences(const std::vector<model::TableName>& names) override;
  std::vector<std::string> relations_like(const model::Identifier& name) override;
  std::optional<KeyRebuild> primary_key_rebuild(const model::TableName& table) override;
  std::vector<connector::IndexBuildProgress> index_builds() override;
  connector::LoadHooks load_hooks(const std::vector<model::TableName>& names, bool ignore_key_conflicts) override {
    return find_load_hooks(connection_, names, can_disable_triggers(connection_), ignore_key_conflicts);
  }
  std::vector<connector::RowDependence> row_dependences(const std::vector<model::TableName>& names) override {
    return find_row_dependences(connection_, names);
  }

 private:
  struct Stand {
    std::string sequence = {};  // quoted
    std::int64_t value = 0;
    bool is_called = false;
    bool operator==(const Stand&) const = default;
  };
  void move_beyond_columns(std::span<Stand> stands);
  void set(std::span<const Stand> stands);
  void run_behind_batches(const std::string& sql);
  void run_patiently(const std::string& sql, const std::string& what);
  void truncate_together(const connector::Fence& fence, std::span<const model::TableName> names,
                         const std::function<void(const std::string&)>& say);
  [[nodiscard]] std::optional<ServerFault> truncate_now(const connector::Fence& fence,
                                                        std::span<const model::TableName> names);
  [[noreturn]] void refuse_truncate(std::span<const model::TableName> names, const base::Error& error);
  std::string lock_holders(std::span<const model::TableName> names);
  void behind(const std::string& what, const connector::Fence& fence, const std::function<void()>& change);
  void prove(const connector::Fence& fence, const std::string& what);
  std::vector<std::string> bookkeeping_tables();
  bool keeps_runs();
  void forget_in(const std::string& table) {
    connection_.query(fmt::format("DELETE FROM {} WHERE migration_uuid = $1::uuid", table), {migration_},
                      "forget this migration");
  }

  const Flavour flavour_;
  const std::string migration_;
  Connection connection_;
};

void Admin::run_patiently(const std::string& sql, const std::string& what) {
  for (int tries = 1;; ++tries) {
    const std::optional<ServerFault> fault = connection_.try_run(sql, what);
    if (!fault) return;
    const bool may_help = tries < kTries && lost_a_race(fault->sqlstate, connection_.verdict_of(*fault).retry);
    if (!may_help || !connection_.pause(kWait)) connection_.raise(*fault, what);
  }
}

std::vector<std::string> Admin::bookkeeping_tables() {
  const Result rows = connection_.query(queries::kBookkeepingTables, "look for the bookkeeping");
  std::vector<std::string> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back("ybvoyager_metadata." + rows.string(row, 0));
  return out;
}

void Admin::clear_bookkeeping(const connector::Fence& fence) {
  const std::string migration = connection_.literal(migration_);
  std::vector<std::string> statements;
  for (const std::string& table : bookkeeping_tables()) {
    if (table.ends_with("_large_objects") || table.ends_with("_lock")) continue;
    const bool keeps_ours = fence && table == kRuns;
    statements.push_back(
        fmt::format("DELETE FROM {} WHERE migration_uuid = {}{}", table, migration,
                    keeps_ours ? " AND importer_role <> " + connection_.literal(fence->importer) : std::string()));
  }
  if (statements.empty()) return;
  const std::string sql = base::join(statements, "; ");
  if (!fence) return run_behind_batches(sql);
  const std::string what = "forget what was imported";
  behind(what, fence, [&] { connection_.run(sql, what); });
}

// In one transaction with the proof that no other run was noted since, which keeps others from being noted until its
// end. What failed is tried again where that may help.
void Admin::behind(const std::string& what, const connector::Fence& fence, const std::function<void()>& change) {
  for (int tries = 1;; ++tries) {
    try {
      connection_.run("BEGIN", what);
      prove(fence, what);
      change();
      return connection_.run("COMMIT", what);
    } catch (const base::Error& error) {
      connection_.rollback();
      const bool may_help =
          tries < kTries && connection_.healthy() && lost_a_race(error.info().sqlstate, error.info().retry);
      if (!may_help || !connection_.pause(kWait)) throw;
    }
  }
}

void Admin::prove(const connector::Fence& fence, const std::string& what) {
  if (!fence) return;
  const Result row = connection_.query(
      fmt::format("SELECT 1 FROM {} WHERE migration_uuid = $1::uuid AND importer_role = $2 AND run = $3 FOR SHARE",
                  kRuns),
      {migration_, fence->importer, fence->run}, what);
  if (row.rows() == 0) connector::throw_taken_over("the order to " + what, connection_.where());
}

// A fault: others hold the tables' locks, and nothing was done.
std::optional<ServerFault> Admin::truncate_now(const connector::Fence& fence, std::span<const model::TableName> names) {
  const std::string what = "empty the tables";
  const std::string sql = fmt::format("SET LOCAL lock_timeout = '{}s'; TRUNCATE TABLE {}", kLockWait.count(),
                                      base::join(quoted_names(names), ", "));
  std::optional<ServerFault> fault;
  behind(what, fence, [&] {
    fault = connection_.try_run(sql, what);
    if (fault && fault->sqlstate != kLockNotAvailable) connection_.raise(*fault, what);
  });  // COMMIT of a transaction that has failed undoes it.
  return fault;
}

void Admin::truncate_together(const connector::Fence& fence, std::span<const model::TableName> names,
                              const std::function<void(const std::string&)>& say) {
  if (names.empty()) return;
  try {
    // Between two tries it holds no lock that others wait for.
    bool told = false;
    while (const std::optional<ServerFault> busy = truncate_now(fence, names)) {
      if (!std::exchange(told, true)) {
        say(
            fmt::format("Emptying tables waits until others let go of them: {}. It goes on by itself then; to end "
                        "one: SELECT pg_terminate_backend(pid);",
                        lock_holders(names)));
      }
      if (!connection_.pause(kWait)) connection_.raise(*busy, "empty the tables");
    }
  } catch (const base::Error& error) {
    constexpr std::array<std::string_view, 2> kRefused = {"42501", "0A000"};  // no right, foreign keys of others
    if (std::ranges::find(kRefused, error.info().sqlstate) == kRefused.end()) throw;
    refuse_truncate(names, error);
  }
  base::fault_point<"import_data.some_tables_emptied">();  // --start-clean: some of them are empty
}

void Admin::refuse_truncate(std::span<const model::TableName> names, const base::Error& error) {
  base::ErrorInfo info = error.info();
  info.code = "IMP-010";
  info.exit = base::ExitCode::kState;
  for (const model::Finding& finding : emptying_blockers(connection_, {names.begin(), names.end()})) {
    info.cause += fmt::format("\n{}: {}", finding.title, finding.cause);
    info.fix.insert(info.fix.end(), finding.fix.begin(), finding.fix.end());
  }
  info.then =
      "tables may be empty by now of which rows were noted as loaded; the command begins with emptying them all";
  throw base::Error(std::move(info));
}

std::string Admin::lock_holders(std::span<const model::TableName> names) {
  const std::vector<Param> tables = {array_literal(quoted_names(names))};
  const std::optional<Result> rows = connection_.try_query(queries::kLockHolders, tables, "look who holds locks");
  std::vector<std::string> out;
  for (int row = 0; rows && row < rows->rows(); ++row) out.push_back(rows->string(row, 0));
  return out.empty() ? "the server does not say who they are" : base::join(out, ", ");
}

// A server has room for the locks of some thousand tables and indexes at once (max_locks_per_transaction), so only
// tables that need one another are emptied by one statement.
void Admin::truncate(const connector::Fence& fence, const std::vector<model::TableName>& names,
                     const std::function<void(const std::string&)>& say) {
  const auto [schemas, tables] = name_arrays(names);
  const Result rows = connection_.query(queries::kEmptiedTogether, {schemas, tables}, "find what is emptied together");
  std::set<model::TableName> bound;
  for (int row = 0; row < rows.rows(); ++row) bound.insert({rows.identifier(row, 0), rows.identifier(row, 1)});
  std::vector<model::TableName> together, alone;
  for (const model::TableName& name : names) (bound.contains(name) ? together : alone).push_back(name);
  truncate_together(fence, together, say);
  for (std::size_t from = 0; from < alone.size(); from += kTablesPerQuery)
    truncate_together(fence, std::span(alone).subspan(from, std::min(kTablesPerQuery, alone.size() - from)), say);
}

// Every batch shares the lock of its migration's row, and of its run's, until it is over.
void Admin::wait_for_earlier_batches() {
  const std::string migration = connection_.literal(migration_);
  connection_.run(fmt::format("INSERT INTO {} VALUES ({}) ON CONFLICT DO NOTHING", kBatchesLock, migration), kWaiting);
  run_behind_batches(fmt::format("SELECT 1 FROM {} WHERE migration_uuid = {} FOR UPDATE", kBatchesLock, migration));
}

// `sql` wants a lock that batches hold.
void Admin::run_behind_batches(const std::string& sql) {
  std::optional<ServerFault> fault;
  for (int tries = 1; tries <= kTries; ++tries) {
    fault = connection_.try_run(
        fmt::format("BEGIN; SET LOCAL lock_timeout = '{}s'; {}; COMMIT", kLockWait.count(), sql), kWaiting);
    if (!fault) return;
    connection_.rollback();
    const bool busy = fault->sqlstate == kLockNotAvailable;
    if (!busy && connection_.verdict_of(*fault).retry == base::Retry::kNever) connection_.raise(*fault, kWaiting);
    base::log_info(std::string(kWaiting) + ": " + fault->message);
    if (!busy && !connection_.pause(kWait)) connection_.raise(*fault, kWaiting);
  }
  if (fault->sqlstate != kLockNotAvailable) connection_.raise(*fault, kWaiting);
  throw base::Error(
      {.code = "TGT-007",
       .exit = base::ExitCode::kState,
       .title = "batches of an earlier run are still being loaded, or tables emptied",
       .where = connection_.where(),
       .cause = "sessions of the target hold their transactions open; until they end it is not known which rows are in",
       .fix = {fmt::format(
                   "see who they are: SELECT a.pid, a.client_addr, a.state, a.query FROM pg_locks l JOIN "
                   "pg_stat_activity a USING (pid) WHERE l.granted AND l.relation IN ('{}'::regclass, '{}'::regclass);",
                   kBatchesLock, kRuns),
               "if the program that they belong to is gone, end them: SELECT pg_terminate_backend(pid);"},
       .then = "run the same command again afterwards; nothing was changed"});
}

bool Admin::keeps_runs() {
  const std::vector<std::string> tables = bookkeeping_tables();
  return std::ranges::find(tables, kRuns) != tables.end();
}

std::string Admin::noted_run(const std::string& importer) {
  if (!keeps_runs()) return {};
  const Result row =
      connection_.query(fmt::format("SELECT run FROM {} WHERE migration_uuid = $1::uuid AND importer_role = $2", kRuns),
                        {migration_, importer}, "look which run was last");
  return row.rows() == 0 ? std::string() : row.string(0, 0);
}

bool Admin::note_run(const std::string& importer, const std::string& run, const std::string& last) {
  if (!keeps_runs()) create_bookkeeping();  // Not always: who imports rows need not be allowed to create tables.
  const std::string what = "note this run";
  if (last.empty()) {
    connection_.query(fmt::format("INSERT INTO {} VALUES ($1::uuid, $2, $3) ON CONFLICT DO NOTHING", kRuns),
                      {migration_, importer, run}, what);
  } else {
    const auto literal = [this](std::string_view value) { return connection_.literal(value); };
    run_behind_batches(
        fmt::format("UPDATE {} SET run = {} WHERE migration_uuid = {} AND importer_role = {} AND run = {}", kRuns,
                    literal(run), literal(migration_), literal(importer), literal(last)));
  }
  return noted_run(importer) == run;
}

// The tables are locked from the look to the drop, so no other migration can note a batch in between.
void Admin::drop_bookkeeping() {
  const std::vector<std::string> tables = bookkeeping_tables();
  if (tables.empty()) return;
  for (const std::string& table : tables) forget_in(table);
  const std::string list = base::join(tables, ", ");
  connection_.run("BEGIN", "lock the bookkeeping");
  if (flavour_.table_locks) connection_.run("LOCK TABLE " + list + " IN ACCESS EXCLUSIVE MODE", "lock the bookkeeping");
  bool empty = true;
  for (const std::string& table : tables) {
    empty &= !connection_.query("SELECT EXISTS (SELECT FROM " + table + ")", "look at the bookkeeping").boolean(0, 0);
  }
  if (empty) {
    connection_.run("DROP TABLE " + list, "drop the bookkeeping");
    const bool strangers = connection_.query(queries::kBookkeepingStrangers, "look at the bookkeeping").boolean(0, 0);
    if (!strangers) connection_.run("DROP SCHEMA ybvoyager_metadata", "drop the bookkeeping");
  }
  connection_.run("COMMIT", "drop the bookkeeping");
}

std::vector<model::TableName> Admin::non_empty(const std::vector<model::TableName>& names) {
  const Result existing = connection_.query(
      "SELECT place - 1 FROM unnest($1::text[]) WITH ORDINALITY AS one(name, place) WHERE to_regclass(name) IS NOT "
      "NULL "
      "ORDER BY place",
      {array_literal(quoted_names(names))}, "look for tables");
  std::vector<model::TableName> asked;
  for (int row = 0; row < existing.rows(); ++row)
    asked.push_back(names[static_cast<std::size_t>(existing.number(row, 0))]);
  std::vector<model::TableName> out;
  for (std::size_t at = 0; at < asked.size(); at += kTablesPerQuery) {
    std::string sql;
    for (std::size_t i = at; i < std::min(at + kTablesPerQuery, asked.size()); ++i) {
      if (!sql.empty()) sql += " UNION ALL ";
      sql += fmt::format("SELECT {}::bigint WHERE EXISTS (SELECT FROM {})", i, model::quoted(asked[i]));
    }
    const Result rows = connection_.query(sql + " ORDER BY 1", "look for rows");
    for (int row = 0; row < rows.rows(); ++row) out.push_back(asked[static_cast<std::size_t>(rows.number(row, 0))]);
  }
  return out;
}

// A sequence has to stand where it gives nothing that a column which it fills has already.
void Admin::move_beyond_columns(std::span<Stand> stands) {
  const std::string what = "look at what sequences have given";
  std::vector<std::string> names;
  for (const Stand& one : stands) names.push_back(one.sequence);
  const Result users = connection_.query(queries::kSequenceUsers, {array_literal(names)}, what);
  for (int from = 0; from < users.rows(); from += kTablesPerQuery) {
    std::string sql;
    for (int row = from; row < std::min(from + static_cast<int>(kTablesPerQuery), users.rows()); ++row) {
      const model::TableName table{users.identifier(row, 4), users.identifier(row, 5)};
      // A column may hold what the sequence never gave; beyond the sequence's range there is nothing to guard. Whole
      // numbers are not to go through double precision.
      sql += fmt::format(
          "{}SELECT {}, least(greatest(used, {}), {})::bigint FROM (SELECT trunc({}({})::numeric) AS used FROM {}) AS "
          "one WHERE used <> 'NaN'",
          sql.empty() ? "" : " UNION ALL ", row, users.number(row, 2), users.number(row, 3),
          users.number(row, 1) < 0 ? "min" : "max", model::quoted(users.identifier(row, 6)), model::quoted(table));
    }
    const Result extremes = connection_.query(sql, what);
    for (int row = 0; row < extremes.rows(); ++row) {
      const int user = static_cast<int>(extremes.number(row, 0));
      const bool down = users.number(user, 1) < 0;
      const std::int64_t used = extremes.number(row, 1);
      Stand& stand = stands[static_cast<std::size_t>(users.number(user, 0))];
      if (down ? used > stand.value : used < stand.value) continue;
      stand.value = used;
      stand.is_called = true;
    }
  }
}

void Admin::set(std::span<const Stand> stands) {
  if (stands.empty()) return;
  std::vector<std::string> names;
  std::vector<std::int64_t> values;
  std::vector<std::string> called;
  for (const Stand& one : stands) {
    names.push_back(one.sequence);
    values.push_back(one.value);
    called.emplace_back(one.is_called ? "true" : "false");
  }
  connection_.query(queries::kSetSequences, {array_literal(names), array_literal(values), array_literal(called)},
                    "set sequences");
}

void Admin::set_sequences(const std::vector<model::Sequence>& sequences) {
  std::vector<Stand> stands;
  for (const model::Sequence& one : sequences)
    stands.push_back({.sequence = model::quoted(one.name), .value = one.last_value, .is_called = one.is_called});
  move_beyond_columns(stands);
  set(stands);
}

void Admin::advance_sequences(const std::vector<model::TableName>& names) {
  const auto [schemas, tables] = name_arrays(names);
  const Result found = connection_.query(queries::kSequencesOfTables, {schemas, tables}, "list sequences");
  std::vector<Stand> before;
  for (int row = 0; row < found.rows(); ++row) {
    const std::string name = model::quoted(model::TableName{found.identifier(row, 0), found.identifier(row, 1)});
    const Result now = connection_.query("SELECT last_value, is_called FROM " + name, "read a sequence");
    before.push_back({.sequence = name, .value = now.number(0, 0), .is_called = now.boolean(0, 1)});
  }
  std::vector<Stand> beyond = before;
  move_beyond_columns(beyond);
  std::vector<Stand> moved;
  std::ranges::copy_if(beyond, std::back_inserter(moved),
                       [&](const Stand& one) { return std::ranges::find(before, one) == before.end(); });
  set(moved);
}

std::vector<std::string> Admin::relations_like(const model::Identifier& name) {
  const Result rows = connection_.query(queries::kRelationsLike, {name.catalog_text()}, "look for a name");
  std::vector<std::string> out;
  for (int row = 0; row < rows.rows(); ++row) {
    out.push_back(rows.string(row, 0) + " " +
                  model::display(model::TableName{rows.identifier(row, 1), rows.identifier(row, 2)}));
  }
  return out;
}

std::optional<connector::ImportAdmin::KeyRebuild> Admin::primary_key_rebuild(const model::TableName& table) {
  if (!flavour_.rebuilds_keys) return std::nullopt;
  const Result row = connection_.query(
      queries::kPrimaryKeyRebuild, {table.schema.catalog_text(), table.name.catalog_text()}, "look at a primary key");
  if (row.rows() != 1) return std::nullopt;
  const model::Identifier constraint = row.identifier(0, 0);
  const std::string alter = "ALTER TABLE ONLY " + model::quoted(table);
  return KeyRebuild{.drop_sql = fmt::format("{} DROP CONSTRAINT {}", alter, model::quoted(constraint)),
                    .add_sql = fmt::format("{} ADD CONSTRAINT {} {}", alter, model::quoted(constraint), row.text(0, 1)),
                    .constraint = constraint};
}

std::vector<connector::IndexBuildProgress> Admin::index_builds() {
  if (connection_.major() < kProgressViewMajor) return {};
  const Result rows = connection_.query(queries::kIndexBuilds, "look at index builds");
  std::vector<connector::IndexBuildProgress> out;
  for (int row = 0; row < rows.rows(); ++row) {
    const bool blocks = rows.number(row, 5) > 0;
    out.push_back(
        {.table = {rows.identifier(row, 0), rows.identifier(row, 1)},
         .index = rows.is_null(row, 2) ? model::Identifier(built_name(rows.text(row, 8))) : rows.identifier(row, 2),
         .phase = rows.string(row, 3),
         .done = static_cast<std::uint64_t>(rows.number(row, blocks ? 4 : 6)),
         .total = static_cast<std::uint64_t>(rows.number(row, blocks ? 5 : 7))});
  }
  return out;
}

}  // namespace

std::unique_ptr<connector::ImportAdmin> make_import_admin(const model::ConnectionOptions& options,
                                                          const Flavour& flavour, const std::string& migration) {
  return std::make_unique<Admin>(options, flavour, migration);
}

}  // namespace voyager::postgresql
