#include "connectors/postgresql/target_changes.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/pipeline.h"
#include "connectors/postgresql/queries.h"

namespace voyager::postgresql {
namespace {

using connector::ApplyColumn;
using connector::ApplyOutcome;
using connector::ApplyStep;
using connector::ApplyTable;
using connector::LaneBatch;

constexpr int kPlanCacheModeMajor = 12;
// A COPY takes two round trips that a statement does not take: so many rows have to be worth them.
constexpr std::size_t kCopyRowsMin = 100, kCopyRowsMinMost = 2'000;
constexpr std::chrono::microseconds kCopySavesPerRow{3};
// Of statements and values that are sent before an answer is waited for.
constexpr std::size_t kPipelineBytesMax = 1UL << 20U;
constexpr const char* kUniqueViolation = "23505";
constexpr const char* kExclusionViolation = "23P01";
constexpr const char* kNoTable = "42P01";
constexpr const char* kNoColumn = "42703";

// Parameters of both are arrays: of one element each, of one a table, of one a lane.
constexpr const char* kAdvance = R"(
UPDATE ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo AS c
SET last_applied_vsn = n.last::bigint, num_inserts = c.num_inserts + n.i::bigint,
    num_updates = c.num_updates + n.u::bigint, num_deletes = c.num_deletes + n.d::bigint
FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5),
                pg_catalog.unnest($6), pg_catalog.unnest($7)) AS n(lane, last, before, i, u, d)
WHERE c.migration_uuid = ($1)[1]::uuid AND c.channel_no = n.lane::int AND c.last_applied_vsn = n.before::bigint)";
constexpr const char* kCount = R"(
INSERT INTO ybvoyager_metadata.ybvoyager_imported_event_count_by_table AS c
  (migration_uuid, table_name, channel_no, total_events, num_inserts, num_deletes, num_updates)
SELECT ($1)[1]::uuid, n.table_name, ($2)[1]::int, n.i::bigint + n.d::bigint + n.u::bigint, n.i::bigint, n.d::bigint, n.u::bigint
FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6)) AS n(table_name, i, d, u)
ON CONFLICT (migration_uuid, table_name, channel_no) DO UPDATE
SET total_events = c.total_events + excluded.total_events, num_inserts = c.num_inserts + excluded.num_inserts,
    num_deletes = c.num_deletes + excluded.num_deletes, num_updates = c.num_updates + excluded.num_updates)";
constexpr const char* kAddLanes = R"(
INSERT INTO ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
SELECT $1::uuid, n, 0, 0, 0, 0 FROM pg_catalog.generate_series(0, $2::int - 1) n ON CONFLICT DO NOTHING)";
constexpr const char* kAppliedChanges = R"(
SELECT coalesce(sum(num_inserts + num_updates + num_deletes), 0)::bigint
FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo WHERE migration_uuid = $1::uuid)";
constexpr const char* kLanes = R"(
SELECT channel_no, last_applied_vsn FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
WHERE migration_uuid = $1::uuid ORDER BY channel_no)";
// The row's lock makes a commit of the lane that is still in flight come first.
constexpr const char* kApplied = R"(
SELECT last_applied_vsn FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
WHERE migration_uuid = $1::uuid AND channel_no = $2::int FOR UPDATE)";

void put32(std::string& out, std::uint32_t number) {
  const std::uint32_t wire = htonl(number);
  out.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}

// One dimension of texts (25), counted from 1, in the wire's binary form: what stands before its elements.
void put_array_head(std::string& out, std::size_t elements) {
  put32(out, 1);
  put32(out, 1);
  put32(out, 25);
  put32(out, static_cast<std::uint32_t>(elements));
  put32(out, 1);
}

/// The arrays of a statement of ours: one of values without nulls for each of its parameters.
using Columns = std::vector<std::vector<std::string>>;

std::vector<std::string> wire_arrays(const Columns& columns) {
  std::vector<std::string> out;
  for (const std::vector<std::string>& values : columns) {
    std::string& array = out.emplace_back();
    put_array_head(array, values.size());
    for (const std::string& value : values) {
      put32(array, static_cast<std::uint32_t>(value.size()));
      array += value;
    }
  }
  return out;
}

// s(a0, a1, ...) over the parameters.
std::string arrays(std::size_t count) {
  std::string parameters, names;
  for (std::size_t i = 0; i < count; ++i) {
    parameters += fmt::format("{}pg_catalog.unnest(${})", i == 0 ? "" : ", ", i + 1);
    names += fmt::format("{}a{}", i == 0 ? "" : ", ", i);
  }
  return fmt::format("ROWS FROM ({}) AS s({})", parameters, names);
}

// char(n), as a type to cast a text to without its length.
constexpr std::string_view kPaddedText = "bpchar";

std::string value(const ApplyColumn& column, std::size_t parameter) {
  return fmt::format("s.a{}::{}", parameter, column.type);
}

// The rows of a table are those of its partitions; those of tables that inherit from it are not.
std::string rows_of(const ApplyTable& table) {
  return (table.partitioned ? "" : "ONLY ") + model::quoted(table.name);
}

std::string rows_of(const ApplyStep::Truncated& one) {
  return one.name == one.of->name ? rows_of(*one.of) : model::quoted(one.name);
}

std::string where_key(const ApplyStep& step) {
  std::string out;
  for (std::size_t i = 0; i < step.key.size(); ++i) {
    const ApplyColumn& column = step.table->columns[step.key[i]];
    out += fmt::format("{}t.{} {} {}", i == 0 ? "" : " AND ", model::quoted(column.name), column.equality,
                       value(column, i));
  }
  return out;
}

std::string insert_statement(const ApplyStep& step) {
  // Rows without values are counted by the parameter's elements.
  if (step.columns.empty())
    return fmt::format("INSERT INTO {} SELECT FROM pg_catalog.unnest($1)", model::quoted(step.table->name));
  std::string columns, values;
  for (std::size_t i = 0; i < step.columns.size(); ++i) {
    const ApplyColumn& column = step.table->columns[step.columns[i]];
    columns += (i == 0 ? "" : ", ") + model::quoted(column.name);
    values += (i == 0 ? "" : ", ") + value(column, i);
  }
  return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}", model::quoted(step.table->name),
                     columns, values, arrays(step.columns.size()));
}

std::string update_statement(const ApplyStep& step) {
  std::string sets;
  for (std::size_t i = 0; i < step.columns.size(); ++i) {
    const ApplyColumn& column = step.table->columns[step.columns[i]];
    sets +=
        fmt::format("{}{} = {}", i == 0 ? "" : ", ", model::quoted(column.name), value(column, step.key.size() + i));
  }
  return fmt::format("UPDATE {} AS t SET {} FROM {} WHERE {}", rows_of(*step.table), sets,
                     arrays(step.key.size() + step.columns.size()), where_key(step));
}

// Rows of a table without a key are compared as this server prints them (a cast to text is another thing: it makes
// "true" of t), and of equal ones as many go as are to go. The source's text becomes a value of the column first:
// another product, and another version, prints the same number or the same char(n) differently.
std::string delete_one_statement(const ApplyStep& step) {
  std::string ours, theirs;
  for (std::size_t i = 0; i < step.key.size(); ++i) {
    const ApplyColumn& column = step.table->columns[step.key[i]];
    ours += fmt::format("{}t.{}", i == 0 ? "" : ", ", model::quoted(column.name));
    theirs += fmt::format("{}s.a{}::{}", i == 0 ? "" : ", ", i, column.full_type);
  }
  const std::string name = rows_of(*step.table);
  if (step.key.empty()) {
    return fmt::format(
        "DELETE FROM {0} AS t WHERE (t.tableoid, t.ctid) IN (SELECT x.tableoid, x.ctid FROM {0} AS x "
        "LIMIT pg_catalog.cardinality($1))",
        name);
  }
  return fmt::format(
      "DELETE FROM {0} AS t USING ("
      "SELECT x.place, x.part FROM (SELECT t.ctid AS place, t.tableoid AS part, ROW({1})::text AS line, "
      "pg_catalog.row_number() OVER (PARTITION BY ROW({1})::text) AS n FROM {0} AS t) x "
      "JOIN (SELECT ROW({2})::text AS line, pg_catalog.row_number() OVER (PARTITION BY ROW({2})::text) AS n FROM {3}) "
      "y "
      "ON x.line = y.line AND x.n = y.n) AS d WHERE t.ctid = d.place AND t.tableoid = d.part",
      name, ours, theirs, arrays(step.key.size()));
}

std::size_t parameters_of(const ApplyStep& step) {
  return std::max<std::size_t>(1, step.key.size() + step.columns.size());
}

/// "numeric(10,2)[]", "timestamp(3) without time zone": name, numbers in brackets, and what stands behind.
struct PrintedType {
  std::string name = {};
  std::vector<int> modifiers = {};
  std::string suffix = {};
};

constexpr std::array<std::string_view, 8> kWithLimits = {"numeric",
                                                         "character varying",
                                                         "character",
                                                         "bit varying",
                                                         "time without time zone",
                                                         "time with time zone",
                                                         "timestamp without time zone",
                                                         "timestamp with time zone"};

PrintedType printed_type(std::string_view text) {
  PrintedType out;
  if (const std::size_t array = text.find("[]"); array != std::string_view::npos) {
    out.suffix = text.substr(array);
    text = text.substr(0, array);
  }
  out.name = text;
  const std::size_t open = text.find('('), close = text.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return out;
  out.name = std::string(text.substr(0, open)) + std::string(text.substr(close + 1));
  for (const std::string& number : base::split(text.substr(open + 1, close - open - 1), ',')) {
    int value = 0;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (fault != std::errc() || end != number.data() + number.size()) return {.name = std::string(text)};
    out.modifiers.push_back(value);
  }
  return out;
}

// " COLLATE schema.name", between the type and the default of what makes the column; empty: as its type usually is.
std::string_view collation_of(const model::ChangeColumn& column) {
  std::string_view made = column.add_sql;
  if (!made.starts_with(column.type)) return {};
  made.remove_prefix(column.type.size());
  constexpr std::string_view kClause = " COLLATE ";
  if (!made.starts_with(kClause)) return {};
  bool quoted = false;
  for (std::size_t i = kClause.size(); i < made.size(); ++i) {
    if (made[i] == '"') quoted = !quoted;
    if (made[i] == ' ' && !quoted) return made.substr(0, i);
  }
  return made;
}

// The shortest of a few.
std::chrono::microseconds round_trip(Connection& connection) {
  std::chrono::microseconds least = std::chrono::microseconds::max();
  for (int i = 0; i < 3; ++i) {
    const auto begun = base::system_clock().now();
    connection.run("SELECT 1", "measure the way to the server");
    least = std::min(least, std::chrono::duration_cast<std::chrono::microseconds>(base::system_clock().now() - begun));
  }
  return least;
}

std::size_t copy_rows_min(std::chrono::microseconds round_trip) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(2 * round_trip / kCopySavesPerRow), kCopyRowsMin,
                                 kCopyRowsMinMost);
}

using Row = std::vector<model::ChangeValue>;

/// Rows of a table that are gone, or have other values.
struct Changed {
  std::uint32_t table = 0;
  std::vector<std::uint32_t> columns = {};  // that keys refer to
  std::vector<Row> before = {};
  std::vector<Row> after = {};  // empty: they are gone
};

/// Columns of the table that keys refer to.
std::vector<std::uint32_t> referred_to(const ApplyStep& step, std::uint32_t table) {
  std::vector<std::uint32_t> out;
  for (const model::ActingKey& key : step.acting_keys) {
    if (key.parent == table) out.insert(out.end(), key.parent_columns.begin(), key.parent_columns.end());
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

/// What keys may do because of the step's rows, and of what that does to others.
std::set<std::pair<const model::ActingKey*, model::ActingKey::Act>> acts_of(const ApplyStep& step) {
  using Act = model::ActingKey::Act;
  std::set<std::pair<const model::ActingKey*, Act>> out;
  if (step.acting_keys.empty()) return out;
  std::vector<std::pair<std::uint32_t, bool>> open = {
      {Changed().table, !step.columns.empty()}};  // a table; it is updated
  while (!open.empty()) {
    const auto [table, updates] = open.back();
    open.pop_back();
    for (const model::ActingKey& key : step.acting_keys) {
      const Act act = updates ? key.on_update : key.on_delete;
      if (key.parent != table || act == Act::kNothing) continue;
      if (out.emplace(&key, act).second) open.emplace_back(key.table, act != Act::kDelete);
    }
  }
  return out;
}

Changed first_rows(const ApplyStep& step) {
  Changed out{.columns = step.key};
  const std::size_t width = step.key.size(), both = width + step.columns.size();
  for (std::size_t row = 0; row < step.rows; ++row) {
    const auto at = step.values.begin() + static_cast<std::ptrdiff_t>(row * both);
    const auto middle = at + static_cast<std::ptrdiff_t>(width);
    out.before.emplace_back(at, middle);
    if (!step.columns.empty()) out.after.emplace_back(middle, at + static_cast<std::ptrdiff_t>(both));
  }
  return out;
}

// The values that rows had in the columns that a key refers to, of those rows that it acts for, and what they are now.
// A row with a null in them is referred to by none.
ApplyStep rows_for(const Changed& changed, const model::ActingKey& key, bool follows) {
  std::vector<std::size_t> places;
  for (const std::uint32_t column : key.parent_columns)
    places.push_back(static_cast<std::size_t>(std::ranges::find(changed.columns, column) - changed.columns.begin()));
  ApplyStep out{.key = key.columns};
  if (follows) out.columns = key.columns;
  for (std::size_t row = 0; row < changed.before.size(); ++row) {
    const Row& before = changed.before[row];
    const auto null = [&](std::size_t place) { return before[place].kind == model::ValueKind::kNull; };
    const auto same = [&](std::size_t place) { return before[place] == changed.after[row][place]; };
    if (std::ranges::any_of(places, null)) continue;
    if (!changed.after.empty() && std::ranges::all_of(places, same)) continue;
    for (const std::size_t place : places) out.values.push_back(before[place]);
    for (std::size_t i = 0; follows && i < places.size(); ++i) out.values.push_back(changed.after[row][places[i]]);
    ++out.rows;
  }
  return out;
}

class ChangeApplier final : public connector::ChangeTarget {
 public:
  ChangeApplier(const model::ConnectionOptions& options, const Flavour& flavour, std::string migration)
      : options_(options),
        flavour_(flavour),
        migration_(std::move(migration)),
        connection_(options, flavour.connection) {
    set_up();
  }

  std::vector<ApplyTable> describe(const std::vector<model::TableName>& tables) override;
  std::vector<model::TableName> names_of(const std::vector<std::uint64_t>& numbers) override;
  std::vector<connector::ApplyHook> hooks(const std::vector<model::TableName>& tables) override;
  connector::ColumnChanged change_column(const connector::ColumnChange& change) override;
  std::vector<std::int64_t> begin(int lanes) override;
  ApplyOutcome apply(const LaneBatch& batch) override;
  std::uint64_t applied_changes() override;
  std::int64_t applied(int lane) override;

 private:
  void set_up();
  void revive();
  /// A batch whose statements are on their way.
  struct Flight;
  void prepare(const LaneBatch& batch);
  std::optional<ServerFault> send(const ApplyStep& step, Flight& flight);
  void send_truncation(const ApplyStep& step, Flight& flight);
  bool copies(const ApplyStep& step);
  std::optional<ServerFault> copy(const ApplyStep& step, Flight& flight);
  std::optional<ServerFault> cascade(const ApplyStep& step, Flight& flight);
  std::string removed_statement(const ApplyTable& table, const std::string& rows) const;
  void send_look(Flight& flight);
  void send_counts(Flight& flight);
  std::optional<ServerFault> answers(Flight& flight, Result* last = nullptr);
  [[noreturn]] void refuse_altered(const LaneBatch& batch);
  [[noreturn]] void refuse_lanes(const LaneBatch& batch);
  ApplyOutcome refused(const ServerFault& fault);
  void commit();

  const model::ConnectionOptions options_;
  const Flavour flavour_;
  const std::string migration_;
  Connection connection_;
  bool triggers_off_ = false;
  std::map<std::string, std::string> statements_ = {};  // text -> name; gone with the connection
  std::size_t statements_made_ = 0;
  std::size_t copy_rows_min_ = kCopyRowsMin;
  std::map<model::TableName, bool> takes_copy_ = {};
};

void ChangeApplier::set_up() {
  triggers_off_ = !connection_.try_run("SET session_replication_role = replica", "switch triggers off");
  for (const std::string& setting : flavour_.loader_settings) {
    if (const std::optional<ServerFault> fault = connection_.try_run(setting, "set up the session"))
      base::log_info(fmt::format("skipped \"{}\": {}", setting, fault->message));
  }
  // What knows no encoding takes the bytes of a source that knows none, too, as they are.
  if (connection_.raw_bytes()) connection_.run("SET client_encoding = 'SQL_ASCII'", "set up the session");
  // What is committed counts as applied, and the queue may forget it.
  connection_.run(
      "SELECT pg_catalog.set_config('synchronous_commit', 'local', false) "
      "WHERE pg_catalog.current_setting('synchronous_commit') = 'off'",
      "set up the session");
  // A statement over arrays is planned once for all of them. Servers before 12 decide by themselves.
  if (connection_.major() >= kPlanCacheModeMajor)
    connection_.run("SET plan_cache_mode = force_generic_plan", "set up the session");
  copy_rows_min_ = copy_rows_min(round_trip(connection_));
}

void ChangeApplier::revive() {
  connection_.rollback();
  if (connection_.healthy()) return;
  statements_.clear();
  connection_ = Connection(options_, flavour_.connection);
  set_up();
}

std::vector<ApplyTable> ChangeApplier::describe(const std::vector<model::TableName>& tables) {
  revive();
  std::vector<model::Identifier> schemas, names;
  for (const model::TableName& table : tables) {
    schemas.push_back(table.schema);
    names.push_back(table.name);
  }
  const std::initializer_list<Param> wanted = {array_literal(schemas), array_literal(names)};
  const Result columns = connection_.query(queries::kApplyTables, wanted, "describe tables");
  std::map<std::int64_t, ApplyTable> by_position;
  std::map<std::int64_t, std::map<std::int64_t, model::Identifier>> keys;
  for (int row = 0; row < columns.rows(); ++row) {
    ApplyTable& table = by_position[columns.number(row, 7)];
    table.name = {columns.identifier(row, 0), columns.identifier(row, 1)};
    table.partitioned = columns.boolean(row, 8);
    table.number = static_cast<std::uint64_t>(columns.number(row, 10));
    if (columns.is_null(row, 2)) continue;
    table.columns.push_back({.name = columns.identifier(row, 2),
                             .type = columns.string(row, 3),
                             .full_type = columns.string(row, 9),
                             .generated = columns.boolean(row, 4),
                             .equality = columns.string(row, 6),
                             .number = static_cast<std::uint32_t>(columns.number(row, 11))});
    if (const std::int64_t place = columns.number(row, 5); place > 0)
      keys[columns.number(row, 7)][place] = columns.identifier(row, 2);
  }
  for (const auto& [position, key] : keys) {
    for (const auto& [place, name] : key) by_position[position].primary_key.push_back(name);
  }
  const Result unique = connection_.query(queries::kApplyUnique, wanted, "describe unique indexes");
  std::string index;
  for (int row = 0; row < unique.rows(); ++row) {
    ApplyTable& table = by_position[unique.number(row, 0)];
    if (table.unique.empty() || unique.text(row, 1) != index || unique.number(row, 4) == 1)
      table.unique.push_back({.nulls_equal = unique.boolean(row, 3)});
    index = unique.string(row, 1);
    connector::UniqueRule& rule = table.unique.back();
    rule.expression = rule.expression || unique.is_null(row, 2);
    if (!unique.is_null(row, 2)) rule.columns.push_back(unique.identifier(row, 2));
  }
  std::vector<ApplyTable> out;
  for (auto& [position, table] : by_position) out.push_back(std::move(table));
  return out;
}

std::vector<model::TableName> ChangeApplier::names_of(const std::vector<std::uint64_t>& numbers) {
  revive();
  std::vector<std::int64_t> oids(numbers.begin(), numbers.end());
  const Result rows = connection_.query(
      "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.oid = ANY ($1::oid[])",
      {array_literal(oids)}, "look for tables");
  std::vector<model::TableName> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back({rows.identifier(row, 0), rows.identifier(row, 1)});
  return out;
}

std::vector<connector::ApplyHook> ChangeApplier::hooks(const std::vector<model::TableName>& tables) {
  revive();
  const auto [schemas, names] = name_arrays(tables);
  const Result rows = connection_.query(queries::kApplyHooks, {schemas, names, triggers_off_ ? "true" : "false"},
                                        "look for triggers, rules and foreign keys");
  std::vector<connector::ApplyHook> out;
  for (int row = 0; row < rows.rows(); ++row) {
    const model::TableName relation{rows.identifier(row, 0), rows.identifier(row, 1)};
    const std::string kind = rows.string(row, 2);
    const model::Identifier name = rows.identifier(row, 3);
    connector::ApplyHook hook{.name = fmt::format("{} {} on {}", kind, model::display(name), model::display(relation)),
                              .right_missing = !triggers_off_ && rows.text(row, 4) == "O"};
    const std::string alter = "ALTER TABLE ";
    if (kind == "foreign key" || kind == "deferrable key") {
      hook.off_sql = fmt::format("{}{} DROP CONSTRAINT {}", alter, model::quoted(relation), model::quoted(name));
      hook.on_sql = fmt::format("{}{} ADD CONSTRAINT {} {}", alter, model::quoted(relation), model::quoted(name),
                                rows.text(row, 5));
    } else {
      const char* thing = kind == "rule" ? "RULE" : "TRIGGER";
      const std::string_view fires = rows.text(row, 4);
      const char* mode = fires == "A" ? "ALWAYS " : fires == "R" ? "REPLICA " : "";
      hook.off_sql = fmt::format("{}ONLY {} DISABLE {} {}", alter, model::quoted(relation), thing, model::quoted(name));
      hook.on_sql =
          fmt::format("{}ONLY {} ENABLE {}{} {}", alter, model::quoted(relation), mode, thing, model::quoted(name));
    }
    out.push_back(std::move(hook));
  }
  return out;
}

connector::ColumnChanged ChangeApplier::change_column(const connector::ColumnChange& change) {
  revive();
  const std::string table = model::quoted(change.table);
  const Result now =
      connection_.query(queries::kColumnType, {table, change.column.name.catalog_text()}, "look at a column");
  const bool as_wanted =
      change.added ? now.rows() > 0 : now.rows() == 0 || now.text(0, 0) == std::string_view(change.column.type);
  if (as_wanted) return {};
  if (!change.added && !takes_all_of(change.column.type, now.text(0, 0)))
    return {.refused = fmt::format("{} does not take everything that {} does", change.column.type, now.text(0, 0))};
  const std::string statement = change_statement(change);
  if (const std::optional<ServerFault> fault =
          connection_.try_run("BEGIN; " + statement + "; COMMIT", "change a column")) {
    connection_.rollback();
    if (connection_.verdict_of(*fault).retry != base::Retry::kNever) connection_.raise(*fault, "change a column");
    return {.refused = fault->text()};
  }
  return {.statement = statement};
}

std::vector<std::int64_t> ChangeApplier::begin(int lanes) {
  revive();
  if (lanes > 0) connection_.query(kAddLanes, {migration_, std::to_string(lanes)}, "note the lanes");
  const Result rows = connection_.query(kLanes, {migration_}, "read the lanes");
  if (lanes > 0 && rows.rows() != lanes) {
    throw base::Error({.code = "CDC-003",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("changes were applied in {} lanes before, not in {}", rows.rows(), lanes),
                       .where = connection_.where(),
                       .cause = "the number of lanes decides which changes are in, so it stays for the whole migration",
                       .fix = {fmt::format("run the command with NUM_EVENT_CHANNELS={}", rows.rows())}});
  }
  std::vector<std::int64_t> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back(rows.number(row, 1));
  return out;
}

std::uint64_t ChangeApplier::applied_changes() {
  revive();
  return static_cast<std::uint64_t>(connection_.query(kAppliedChanges, {migration_}, "count changes").number(0, 0));
}

std::int64_t ChangeApplier::applied(int lane) {
  revive();
  const Result row = connection_.query(kApplied, {migration_, std::to_string(lane)}, "ask what was applied");
  if (row.rows() == 0) base::fail(base::ExitCode::kState, "the target has forgotten this migration's lanes");
  return row.number(0, 0);
}

// Rows that come in by COPY cost the server half of what they cost as parameters of a statement. A server that ends
// transactions inside of a COPY by itself is given statements.
bool ChangeApplier::copies(const ApplyStep& step) {
  if (step.kind != ApplyStep::Kind::kInsert || step.rows < copy_rows_min_ || step.columns.empty() ||
      flavour_.rows_per_transaction)
    return false;
  const model::TableName& table = step.table->name;
  if (const auto known = takes_copy_.find(table); known != takes_copy_.end()) return known->second;
  const Result row = connection_.query(queries::kApplyTakesCopy,
                                       {table.schema.catalog_text(), table.name.catalog_text()}, "look at the table");
  return takes_copy_[table] = row.rows() > 0 && row.boolean(0, 0);
}

struct ChangeApplier::Flight {
  enum class Awaited : std::uint8_t {
    kOurs,     // refused, nothing can go on
    kStep,     // a change of the source
    kAltered,  // returns what has another name, or acts
    kLane,     // touches the lanes' rows that say what they have to say
  };
  struct Sent {
    Awaited awaited = Awaited::kOurs;
    const ApplyStep* step = nullptr;
    const char* what = "";
  };

  Flight(Connection& connection, const LaneBatch& of, ApplyOutcome& to)
      : batch(of), outcome(to), pipeline(connection) {}
  // The transaction begins with the first statement.
  void begin() {
    for (const char* statement : std::exchange(begin_with, {})) {
      sent.push_back({.what = "begin a transaction"});
      pipeline.query(statement);
    }
  }
  void run(const std::string& sql, const Sent& one) {
    begin();
    sent.push_back(one);
    pipeline.query(sql);
  }
  void run(const std::string& name, std::span<const std::string> arrays, const Sent& one) {
    begin();
    sent.push_back(one);
    pipeline.execute_arrays(name, arrays);
  }

  const LaneBatch& batch;
  ApplyOutcome& outcome;
  std::vector<const char*> begin_with = {};
  std::vector<Sent> sent = {};
  Pipeline pipeline;
};

std::optional<ServerFault> ChangeApplier::copy(const ApplyStep& step, Flight& flight) {
  if (auto fault = answers(flight)) return fault;
  std::string sql;
  for (const char* statement : std::exchange(flight.begin_with, {})) sql += std::string(statement) + "; ";
  std::vector<std::string> columns;
  for (const std::uint32_t column : step.columns) columns.push_back(model::quoted(step.table->columns[column].name));
  sql += fmt::format("COPY {} ({}) FROM STDIN", model::quoted(step.table->name), base::join(columns, ", "));
  if (auto fault = connection_.try_copy_in(sql, "apply changes")) return fault;
  connection_.copy_in_data(copy_lines(step));
  const std::variant<std::uint64_t, ServerFault> end = connection_.copy_in_end();
  if (const auto* fault = std::get_if<ServerFault>(&end)) return *fault;
  flight.batch.sent(step.rows);
  return std::nullopt;
}

// Before the transaction, which a statement that cannot be made would end.
void ChangeApplier::prepare(const LaneBatch& batch) {
  std::map<std::string, std::size_t> wanted = {{std::string(queries::kApplyAltered), 5}, {kCount, 6}, {kAdvance, 7}};
  for (const ApplyStep& step : batch.steps) {
    if (step.table != nullptr && step.rows > 0 && !copies(step)) wanted[apply_statement(step)] = parameters_of(step);
    for (const auto& [key, act] : acts_of(step)) {
      const std::size_t sides = act == model::ActingKey::Act::kFollow ? 2 : 1;
      wanted[cascade_statement(step, *key, act, referred_to(step, key->table))] = sides * key->columns.size();
    }
  }
  std::erase_if(wanted, [this](const auto& one) { return statements_.contains(one.first); });
  Pipeline pipeline(connection_);
  for (const auto& [sql, parameters] : wanted) {
    const std::string name = fmt::format("apply_{}", ++statements_made_);
    pipeline.prepare_arrays(name, sql, parameters);
    statements_[sql] = name;
  }
  std::vector<std::uint64_t> made;
  const std::optional<ServerFault> fault = pipeline.finish(made, "prepare a statement");
  if (!fault) return;
  for (auto left = std::next(wanted.begin(), static_cast<std::ptrdiff_t>(made.size())); left != wanted.end(); ++left)
    statements_.erase(left->first);
  if (fault->sqlstate == kNoTable || fault->sqlstate == kNoColumn) refuse_altered(batch);
  connection_.raise(*fault, "prepare a statement");
}

// Counts rows that no change of theirs removes, so that what has arrived and gone adds up to what is there. `rows`:
// SQL.
std::string ChangeApplier::removed_statement(const ApplyTable& table, const std::string& rows) const {
  return fmt::format(
      "INSERT INTO ybvoyager_metadata.ybvoyager_imported_event_count_by_table AS c "
      "(migration_uuid, table_name, channel_no, total_events, num_inserts, num_deletes, num_updates) "
      "VALUES ({}, {}, -1, 1, 0, {}, 0) "
      "ON CONFLICT (migration_uuid, table_name, channel_no) DO UPDATE "
      "SET total_events = c.total_events + 1, num_deletes = c.num_deletes + excluded.num_deletes",
      connection_.literal(migration_), connection_.literal(model::quoted(table.name)), rows);
}

void ChangeApplier::send_truncation(const ApplyStep& step, Flight& flight) {
  for (const ApplyStep::Truncated& one : step.truncated) {
    flight.run(removed_statement(*one.of, fmt::format("(SELECT pg_catalog.count(*) FROM {})", rows_of(one))),
               {.awaited = Flight::Awaited::kStep});
  }
  flight.run(apply_statement(step), {.awaited = Flight::Awaited::kStep, .step = &step});
}

// As the source's storage engine did it: from a row to those that refer to it, and on from these. A row that is gone
// comes no second time, and what a row may become by an update is bounded by the source's own rules. Which rows these
// are is in the answers, so each statement is a round trip.
std::optional<ServerFault> ChangeApplier::cascade(const ApplyStep& step, Flight& flight) {
  using Act = model::ActingKey::Act;
  constexpr int kRoundsMax = 100'000;
  std::deque<Changed> open{first_rows(step)};
  std::deque<Result> kept;  // what the values of `open` lie in
  std::map<std::uint32_t, std::uint64_t> gone;
  if (auto fault = answers(flight)) return fault;
  for (int round = 0; !open.empty(); ++round) {
    VOY_ASSERT(round < kRoundsMax);
    const Changed changed = std::move(open.front());
    open.pop_front();
    const bool updates = !changed.after.empty();
    for (const model::ActingKey& key : step.acting_keys) {
      const Act act = updates ? key.on_update : key.on_delete;
      if (key.parent != changed.table || act == Act::kNothing) continue;
      const ApplyStep rows = rows_for(changed, key, act == Act::kFollow);
      if (rows.rows == 0) continue;
      const std::vector<std::uint32_t> wanted = referred_to(step, key.table);
      std::vector<std::string> parameters;
      for (std::size_t i = 0; i < rows.key.size() + rows.columns.size(); ++i) parameters.push_back(text_array(rows, i));
      flight.run(statements_.at(cascade_statement(step, key, act, wanted)), parameters,
                 {.awaited = Flight::Awaited::kStep});
      Result answer;
      if (auto fault = answers(flight, &answer)) return fault;
      const std::uint64_t touched = answer.affected();
      if (act == Act::kDelete) gone[key.table] += touched;
      if (wanted.empty() || touched == 0) continue;
      Changed next{.table = key.table, .columns = wanted};
      const auto values = [&](int row, std::size_t from) {
        Row out;
        for (std::size_t i = from; i < from + wanted.size(); ++i) {
          const auto column = static_cast<int>(i);
          if (answer.is_null(row, column)) {
            out.push_back({.kind = model::ValueKind::kNull});
          } else {
            out.push_back({.kind = model::ValueKind::kText, .text = answer.text(row, column)});
          }
        }
        return out;
      };
      for (int row = 0; row < answer.rows(); ++row) {
        next.before.push_back(values(row, 0));
        if (act != Act::kDelete) next.after.push_back(values(row, wanted.size()));
      }
      kept.push_back(std::move(answer));
      open.push_back(std::move(next));
    }
  }
  for (const auto& [table, rows] : gone) {
    if (rows == 0) continue;
    flight.run(removed_statement(*step.tables[table], std::to_string(rows)),
               {.what = "count what foreign keys remove"});
  }
  flight.batch.sent(step.rows);
  return std::nullopt;
}

std::optional<ServerFault> ChangeApplier::send(const ApplyStep& step, Flight& flight) {
  if (step.kind == ApplyStep::Kind::kTruncate) {
    send_truncation(step, flight);
  } else if (step.kind == ApplyStep::Kind::kCascade) {
    return cascade(step, flight);
  } else if (copies(step)) {
    return copy(step, flight);
  } else {
    std::vector<std::string> arrays;
    for (std::size_t column = 0; column < parameters_of(step); ++column) arrays.push_back(text_array(step, column));
    flight.run(statements_.at(apply_statement(step)), arrays, {.awaited = Flight::Awaited::kStep, .step = &step});
  }
  return flight.pipeline.bytes() < kPipelineBytesMax ? std::nullopt : answers(flight);
}

// Statements name tables and columns, and their names may have been given to others since they were described. The
// batch's statements hold locks by now that an ALTER TABLE waits for.
void ChangeApplier::send_look(Flight& flight) {
  std::map<const ApplyTable*, std::vector<bool>> used;
  for (const ApplyStep& step : flight.batch.steps) {
    for (const ApplyStep::Truncated& one : step.truncated) used[one.of].resize(one.of->columns.size());
    for (const ApplyTable* table : step.tables) used[table].resize(table->columns.size());
    for (const model::ActingKey& key : step.acting_keys) {
      for (const std::uint32_t column : key.columns) used[step.tables[key.table]][column] = true;
      for (const std::uint32_t column : key.parent_columns) used[step.tables[key.parent]][column] = true;
    }
    if (step.table == nullptr) continue;
    std::vector<bool>& columns = used[step.table];
    columns.resize(step.table->columns.size());
    for (const std::vector<std::uint32_t>* some : {&step.key, &step.columns})
      for (const std::uint32_t column : *some) columns[column] = true;
  }
  // A row of the check: the numbers of a table and of one of its columns, and their names; without one, the table's.
  Columns check(5);
  const auto add = [&](const ApplyTable& table, std::uint32_t number, const std::string& column) {
    check[0].push_back(std::to_string(table.number));
    check[1].push_back(table.name.schema.catalog_text());
    check[2].push_back(table.name.name.catalog_text());
    check[3].push_back(std::to_string(number));
    check[4].push_back(column);
  };
  for (const auto& [table, columns] : used) {
    if (table->number == 0) continue;
    add(*table, 0, {});
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i]) add(*table, table->columns[i].number, table->columns[i].name.catalog_text());
    }
  }
  if (check[0].empty()) return;
  flight.run(statements_.at(std::string(queries::kApplyAltered)), wire_arrays(check),
             {.awaited = Flight::Awaited::kAltered, .what = "look at the tables"});
}

void ChangeApplier::send_counts(Flight& flight) {
  const LaneBatch& batch = flight.batch;
  const std::string lane = std::to_string(batch.lanes.front().lane);
  // A statement may touch a row once; a table of which the batch has several forms is counted in one.
  std::map<model::TableName, connector::LaneCounts> tables;
  connector::LaneCounts all;
  for (const connector::LaneCounts& one : batch.counts) {
    for (connector::LaneCounts* to : {&tables[one.table], &all}) {
      to->inserts += one.inserts;
      to->updates += one.updates;
      to->deletes += one.deletes;
    }
  }
  Columns counts = {{migration_}, {lane}, {}, {}, {}, {}};
  for (const auto& [table, one] : tables) {
    counts[2].push_back(model::quoted(table));
    counts[3].push_back(std::to_string(one.inserts));
    counts[4].push_back(std::to_string(one.deletes));
    counts[5].push_back(std::to_string(one.updates));
  }
  if (!batch.counts.empty()) flight.run(statements_.at(kCount), wire_arrays(counts), {.what = "count changes"});
  Columns rows = {{migration_}, {}, {}, {}, {}, {}, {}};
  for (const LaneBatch::Row& one : batch.lanes) {
    rows[1].push_back(std::to_string(one.lane));
    rows[2].push_back(std::to_string(one.last_vsn));
    rows[3].push_back(std::to_string(one.before_vsn));
    rows[4].push_back(std::to_string(all.inserts));
    rows[5].push_back(std::to_string(all.updates));
    rows[6].push_back(std::to_string(all.deletes));
    all = {};  // Counted with the first.
  }
  flight.run(statements_.at(kAdvance), wire_arrays(rows),
             {.awaited = Flight::Awaited::kLane, .what = "note what was applied"});
}

// Waits for those of everything that was sent, and keeps the last. Returns what the target refuses of the source's
// changes.
std::optional<ServerFault> ChangeApplier::answers(Flight& flight, Result* last) {
  std::vector<std::uint64_t> touched;
  const std::optional<ServerFault> fault = flight.pipeline.finish(touched, "apply changes", last);
  const std::vector<Flight::Sent> sent = std::exchange(flight.sent, {});
  for (std::size_t i = 0; i < touched.size(); ++i) {
    const ApplyStep* const step = sent[i].step;
    if (sent[i].awaited == Flight::Awaited::kAltered && touched[i] > 0) refuse_altered(flight.batch);
    if (sent[i].awaited == Flight::Awaited::kLane && touched[i] != flight.batch.lanes.size())
      refuse_lanes(flight.batch);
    if (step == nullptr) continue;
    flight.batch.sent(step->rows);
    const bool finds = step->kind != ApplyStep::Kind::kInsert && step->kind != ApplyStep::Kind::kTruncate;
    if (finds && touched[i] < step->rows)
      flight.outcome.missed.push_back(
          {.table = step->table->name, .kind = step->kind, .rows = step->rows - touched[i]});
  }
  if (!fault) return std::nullopt;
  const Flight::Sent& refused = sent.at(touched.size());
  if (refused.awaited != Flight::Awaited::kStep) connection_.raise(*fault, refused.what);
  return fault;
}

void ChangeApplier::refuse_altered(const LaneBatch& batch) {
  connection_.rollback();
  std::set<model::TableName> tables;
  for (const ApplyStep& step : batch.steps) {
    if (step.table != nullptr) tables.insert(step.table->name);
    for (const ApplyTable* table : step.tables) tables.insert(table->name);
    for (const ApplyStep::Truncated& one : step.truncated) tables.insert(one.of->name);
  }
  std::vector<std::string> names, acting;
  for (const model::TableName& table : tables) names.push_back(model::display(table));
  for (const connector::ApplyHook& hook : hooks({tables.begin(), tables.end()})) acting.push_back(hook.name);
  throw base::Error(
      {.code = "CDC-009",
       .exit = base::ExitCode::kState,
       .title = "tables were altered while changes were applied to them: " + base::join(names, ", "),
       .where = connection_.where(),
       .cause = acting.empty() ? "one of them, or a column, has another name now, or is gone"
                               : "this would act on changes now: " + base::join(acting, ", "),
       .fix = {"run the same command again: it looks at the tables anew, and says what acts and how to switch it off"},
       .then = "nothing of the changes in hand is on the target, and everything before is"});
}

void ChangeApplier::refuse_lanes(const LaneBatch& batch) {
  connection_.rollback();
  LaneBatch::Row row = batch.lanes.front();
  std::int64_t there = applied(row.lane);
  for (const LaneBatch::Row& one : batch.lanes) {
    if (there != row.before_vsn) break;
    row = one;
    there = applied(row.lane);
  }
  const std::string rows =
      fmt::format("its row on the target says {}, and this run left {} there", there, row.before_vsn);
  if (there < row.before_vsn) {
    throw base::Error({.code = "CDC-002",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("the target has lost changes that were applied (lane {})", row.lane),
                       .where = connection_.where(),
                       .cause = rows + ": it was put back to an earlier state, or a standby that lagged took over",
                       .fix = {"run the same command again: it goes on from what the target has"},
                       .then = "what it has lost is applied again, as far as the queue still has it"});
  }
  throw base::Error({.code = "CDC-002",
                     .exit = base::ExitCode::kState,
                     .title = fmt::format("lane {} is being applied by somebody else", row.lane),
                     .where = connection_.where(),
                     .cause = rows,
                     .fix = {"make sure that one import runs; then run the command again"}});
}

ApplyOutcome ChangeApplier::refused(const ServerFault& fault) {
  connection_.rollback();
  if (connection_.verdict_of(fault).retry != base::Retry::kNever) connection_.raise(fault, "apply changes");
  return {.refused = fault.text(),
          .sqlstate = fault.sqlstate,
          .order_may_help = fault.sqlstate == kUniqueViolation || fault.sqlstate == kExclusionViolation};
}

void ChangeApplier::commit() {
  try {
    if (const std::optional<ServerFault> refused = connection_.try_run("COMMIT", "commit changes"))
      connection_.raise(*refused, "commit changes");
  } catch (const base::Error& error) {
    if (!error.info().connection_lost) throw;
    base::ErrorInfo info = error.info();
    info.retry = base::Retry::kInDoubt;
    throw base::Error(std::move(info));
  }
}

// Two round trips, two more for each COPY, and one for each step of a cascade: all statements, and the commit, because
// what the server has found of names and of the lanes' rows decides whether there is one.
ApplyOutcome ChangeApplier::apply(const LaneBatch& batch) {
  revive();
  prepare(batch);
  ApplyOutcome outcome;
  Flight flight(connection_, batch, outcome);
  flight.begin_with = {"BEGIN ISOLATION LEVEL READ COMMITTED"};
  for (const ApplyStep& step : batch.steps) {
    if (step.rows == 0 && step.kind != ApplyStep::Kind::kTruncate) continue;
    if (const std::optional<ServerFault> fault = send(step, flight)) return refused(*fault);
  }
  send_look(flight);
  send_counts(flight);
  if (const std::optional<ServerFault> fault = answers(flight)) return refused(*fault);
  commit();
  return outcome;
}

}  // namespace

bool takes_all_of(std::string_view to, std::string_view from) {
  const PrintedType wide = printed_type(to), narrow = printed_type(from);
  if (wide.suffix != narrow.suffix) return false;
  const std::string& a = narrow.name;
  const std::string& b = wide.name;
  const bool limited = std::ranges::find(kWithLimits, b) != kWithLimits.end();
  const bool no_limit = wide.modifiers.empty();
  if (a == b) {
    if (no_limit || narrow.modifiers.empty()) return no_limit && limited;
    if (b != "numeric") return limited && wide.modifiers[0] >= narrow.modifiers[0];
    const auto scale = [](const PrintedType& type) { return type.modifiers.size() > 1 ? type.modifiers[1] : 0; };
    return scale(wide) >= scale(narrow) && wide.modifiers[0] - scale(wide) >= narrow.modifiers[0] - scale(narrow);
  }
  if (a == "smallint") return b == "integer" || b == "bigint" || (b == "numeric" && no_limit);
  if (a == "integer") return b == "bigint" || (b == "numeric" && no_limit);
  if (a == "bigint") return b == "numeric" && no_limit;
  if (a == "real") return b == "double precision";
  return a == "character varying" && b == "text";
}

std::string change_statement(const connector::ColumnChange& change) {
  const std::string alter = "ALTER TABLE " + model::quoted(change.table);
  const std::string column = model::quoted(change.column.name);
  // Without the clause the column would be sorted as its new type usually is.
  if (!change.added)
    return fmt::format("{} ALTER COLUMN {} TYPE {}{}", alter, column, change.column.type, collation_of(change.column));
  const std::string& what = change.column.add_sql.empty() ? change.column.type : change.column.add_sql;
  std::string out = fmt::format("{} ADD COLUMN {} {}", alter, column, what);
  if (!change.column.then_sql.empty())
    out += fmt::format("; {} ALTER COLUMN {} {}", alter, column, change.column.then_sql);
  return out;
}

namespace {

// Without CASCADE the source has left all other tables as they are, also those that refer to the rows (MySQL does so
// under foreign_key_checks = 0). TRUNCATE is refused for a table that others refer to, whatever they hold. DELETE is
// not, and foreign keys do not act on it in a session that has switched triggers off.
std::string truncate_alone(const ApplyStep& step, const std::string& truncate) {
  std::string deletes;
  std::vector<std::string> tables;
  for (const ApplyStep::Truncated& one : step.truncated) {
    deletes += fmt::format("DELETE FROM {}; ", rows_of(one));
    tables.push_back(
        fmt::format("'{}'::pg_catalog.regclass", base::join(base::split(model::quoted(one.name), '\''), "''")));
  }
  const std::string body = fmt::format(
      "BEGIN IF pg_catalog.current_setting('session_replication_role') = 'replica' AND EXISTS (SELECT FROM "
      "pg_catalog.pg_constraint c WHERE c.contype = 'f' AND c.confrelid IN ({0}) AND c.conrelid NOT IN ({0})) "
      "THEN {1}ELSE {2}; END IF; END",
      base::join(tables, ", "), deletes, truncate);
  std::string quote = "$truncate$";
  while (body.find(quote) != std::string::npos) quote.insert(1, "_");
  return "DO " + quote + body + quote;
}

}  // namespace

std::string apply_statement(const ApplyStep& step) {
  switch (step.kind) {
    case ApplyStep::Kind::kInsert:
      return insert_statement(step);
    case ApplyStep::Kind::kUpdate:
      return update_statement(step);
    case ApplyStep::Kind::kDelete:
      return fmt::format("DELETE FROM {} AS t USING {} WHERE {}", rows_of(*step.table), arrays(step.key.size()),
                         where_key(step));
    case ApplyStep::Kind::kDeleteOne:
      return delete_one_statement(step);
    case ApplyStep::Kind::kTruncate:
    case ApplyStep::Kind::kCascade:  // has statements of its own
      break;
  }
  std::vector<std::string> names;
  for (const ApplyStep::Truncated& one : step.truncated) names.push_back(rows_of(one));
  const std::string truncate =
      fmt::format("TRUNCATE {}{}{}", base::join(names, ", "), step.restart_identity ? " RESTART IDENTITY" : "",
                  step.cascade ? " CASCADE" : "");
  return step.cascade ? truncate : truncate_alone(step, truncate);
}

std::string cascade_statement(const ApplyStep& step, const model::ActingKey& key, model::ActingKey::Act act,
                              const std::vector<std::uint32_t>& wanted) {
  using Act = model::ActingKey::Act;
  const ApplyTable& table = *step.tables[key.table];
  const std::size_t width = key.columns.size();
  const auto name_of = [&](std::uint32_t column) { return model::quoted(table.columns[column].name); };
  std::string matches, sets, returned;
  for (std::size_t i = 0; i < width; ++i) {
    const ApplyColumn& column = table.columns[key.columns[i]];
    const ApplyColumn& parent = step.tables[key.parent]->columns[key.parent_columns[i]];
    // Blanks at the end do not count where one side is char(n), as for the target's own foreign key.
    const bool padded = parent.type == kPaddedText && column.type != kPaddedText;
    matches += i == 0 ? "" : " AND ";
    matches += padded ? fmt::format("t.{0}::{1} OPERATOR(pg_catalog.=) s.a{2}::{1}", model::quoted(column.name),
                                    kPaddedText, i)
                      : fmt::format("t.{} {} {}", model::quoted(column.name), column.equality, value(column, i));
    std::string set = act == Act::kFollow ? value(column, width + i) : "NULL";
    // A column whose part of the key is as it was keeps its own blanks.
    if (padded && act == Act::kFollow)
      set = fmt::format("CASE WHEN s.a{} = s.a{} THEN t.{} ELSE {} END", i, width + i, model::quoted(column.name), set);
    sets += fmt::format("{}{} = {}", i == 0 ? "" : ", ", model::quoted(column.name), set);
  }
  const auto add = [&](const std::string& what) { returned += (returned.empty() ? " RETURNING " : ", ") + what; };
  const bool updates = act != Act::kDelete;
  for (const std::uint32_t column : wanted) {
    const auto at = std::ranges::find(key.columns, column);
    const bool changed = updates && at != key.columns.end();
    add(changed ? fmt::format("s.a{}", at - key.columns.begin()) : "t." + name_of(column));
  }
  for (std::size_t i = 0; updates && i < wanted.size(); ++i) add("t." + name_of(wanted[i]));
  const std::string rows = arrays(act == Act::kFollow ? 2 * width : width);
  if (!updates) return fmt::format("DELETE FROM {} AS t USING {} WHERE {}{}", rows_of(table), rows, matches, returned);
  return fmt::format("UPDATE {} AS t SET {} FROM {} WHERE {}{}", rows_of(table), sets, rows, matches, returned);
}

std::string copy_lines(const ApplyStep& step) {
  const std::size_t width = step.columns.size();
  std::string out;
  std::size_t bytes = 0;
  for (const model::ChangeValue& value : step.values) bytes += value.text.size() + 3;
  out.reserve(bytes);
  std::size_t column = 0;
  for (const model::ChangeValue& value : step.values) {
    VOY_ASSERT(value.kind != model::ValueKind::kUnchanged);
    if (value.kind == model::ValueKind::kNull) {
      out += "\\N";
    } else {
      std::string_view rest = value.text;
      for (std::size_t at; (at = rest.find_first_of("\\\n\r\t")) != std::string_view::npos;
           rest.remove_prefix(at + 1)) {
        out += rest.substr(0, at);
        const char c = rest[at];
        out += '\\';
        out += c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c;
      }
      out += rest;
    }
    out += ++column % width == 0 ? '\n' : '\t';
  }
  return out;
}

// One dimension, nulls allowed, elements of type text (25), counted from 1. Of rows without values nothing but nulls.
std::string text_array(const ApplyStep& step, std::size_t column) {
  const std::size_t width = step.key.size() + step.columns.size();
  constexpr std::size_t kHead = 5 * sizeof(std::uint32_t);
  std::size_t bytes = kHead + step.rows * sizeof(std::uint32_t);
  for (std::size_t at = column; width > 0 && at < step.values.size(); at += width) bytes += step.values[at].text.size();
  std::string out;
  out.reserve(bytes);
  put_array_head(out, step.rows);
  if (width == 0) {
    for (std::size_t row = 0; row < step.rows; ++row) put32(out, 0xFFFF'FFFFU);
    return out;
  }
  for (std::size_t at = column; at < step.values.size(); at += width) {
    const model::ChangeValue& one = step.values[at];
    VOY_ASSERT(one.kind != model::ValueKind::kUnchanged);
    if (one.kind == model::ValueKind::kNull) {
      put32(out, 0xFFFF'FFFFU);
      continue;
    }
    put32(out, static_cast<std::uint32_t>(one.text.size()));
    out += one.text;
  }
  return out;
}

std::unique_ptr<connector::ChangeTarget> make_change_target(const model::ConnectionOptions& options,
                                                            const Flavour& flavour, const std::string& migration) {
  return std::make_unique<ChangeApplier>(options, flavour, migration);
}

}  // namespace voyager::postgresql
