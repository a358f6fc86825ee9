// What a target product must be able to do for an offline migration. Small interfaces, one capability each.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/stop.h"
#include "connector/comparison.h"
#include "model/connection.h"
#include "model/rows.h"
#include "model/table.h"

namespace voyager::connector {

/// Checks rights and settings before anything is touched. One thread.
class TargetPreflight {
 public:
  virtual ~TargetPreflight() = default;
  virtual model::TargetTraits traits() = 0;
  virtual std::vector<model::Finding> check_import_schema(const std::vector<model::Identifier>& schemas) = 0;
  /// What it means that the source's database is of another form; nothing when it is of the same.
  virtual std::vector<model::Finding> check_database(const DatabaseForm& source) = 0;
  /// `empties`: the tables are emptied first.
  virtual std::vector<model::Finding> check_import_data(const std::vector<model::Table>& tables, bool empties) = 0;
  /// What keeps TargetTables::truncate from emptying these; a part of what `check_import_data` looks at for all.
  virtual std::vector<model::Finding> check_emptying(const std::vector<model::TableName>& names) = 0;
};

/// A refused statement: what the server said, never thrown, so that the caller can defer, count or stop.
struct StatementFault {
  std::string sqlstate = {};
  std::string message = {};     ///< The server's words, with DETAIL and HINT.
  bool already_exists = false;  ///< What the statement would make is there.
  bool missing_object = false;  ///< It refers to what is not there: may work after others.
  /// Others that do not exist yet may be why the server does not understand it: missing_object, and a cast, an
  /// operator or a key that is not there.
  bool may_work_later = false;
  bool missing_row = false;    ///< A foreign key without the row that it refers to.
  bool not_allowed = false;    ///< The user that imports lacks a right.
  bool may_be_option = false;  ///< An option or setting may be unknown to the server; then the message names it.
};

struct TargetRole {
  std::string name = {};
  bool may_own = false;  ///< The user that imports may give objects to it, and keeps its rights to them.
  bool is_self = false;  ///< The user that imports: what it makes is its own already.
};

/// Runs the user's statements in one session. This is the one interface that takes SQL text: the text comes from the
/// user's files.
class SchemaStatements {
 public:
  virtual ~SchemaStatements() = default;
  /// Nothing on success. Server notices are appended to `notices`. A lost connection throws.
  virtual std::optional<StatementFault> run(std::string_view sql, std::vector<std::string>& notices) = 0;
  /// Off: routines are created without a look at their bodies, which may name what only their callers' search path
  /// finds. On when the session starts. Does nothing where the server never looks.
  virtual void check_routine_bodies(bool check) = 0;
  /// Names without a schema are looked for in these, until the setting is put back or set again. Does nothing where
  /// there is no such path.
  virtual void set_search_path(const std::vector<model::Identifier>& schemas) = 0;
  /// The parameter is again what it was when the session began. Does nothing where there are no such parameters.
  virtual void reset_setting(const std::string& name) = 0;
  /// Off: statements count as done before they are on the server's disk, which saves most of the time of a small one.
  /// On again: all of them survive a crash of the server. Does nothing where that is not to be had.
  virtual void wait_for_disk(bool wait) = 0;
};

/// What of a schema is there already.
class SchemaNames {
 public:
  virtual ~SchemaNames() = default;
  /// None where the target has no roles to tell.
  virtual std::vector<TargetRole> roles() = 0;
  virtual bool schema_exists(const model::Identifier& schema) = 0;
  virtual void create_schema(const model::Identifier& schema) = 0;
  virtual void drop_schema(const model::Identifier& schema) = 0;
  /// Those of the indexes, and constraints that have one, which exist on the target and are valid and ready.
  virtual std::vector<model::TableName> valid_indexes(const std::vector<model::TableName>& names) = 0;
  /// Drops an index that a killed CREATE INDEX left invalid; nothing when there is none.
  virtual void drop_invalid_index(const model::TableName& index) = 0;
};

/// Views that are filled once the rows are in.
class MaterializedViews {
 public:
  virtual ~MaterializedViews() = default;
  virtual std::vector<model::TableName> materialized_views(const std::vector<model::Identifier>& schemas) = 0;
  /// Nothing on success. A lost connection throws.
  virtual std::optional<StatementFault> refresh_materialized_view(const model::TableName& view) = 0;
};

/// The user's schema statements one by one, each in its own transaction. One connection, one thread.
class SchemaTarget : public SchemaStatements, public SchemaNames, public MaterializedViews {};

/// How far a running CREATE INDEX is, from any other connection.
struct IndexBuildProgress {
  model::TableName table = {};
  model::Identifier index = {};
  std::string phase = {};
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// Rows of one batch, in pieces of any size. Pull, so the target sets the pace.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// The next piece, valid until the next call; empty at the end. Throws on a damaged file.
  virtual std::string_view next_piece() = 0;
};

struct RowsIn {
  std::uint64_t rows = 0;     ///< Rows the server stored.
  std::uint64_t skipped = 0;  ///< Rows left out because their key was there (conflict action IGNORE).
};

/// The target refused a row; nothing of the batch is in.
struct RowFault {
  std::optional<std::uint64_t> row = {};  ///< 0-based within the batch, when the server named the line.
  std::optional<std::uint64_t> line =
      {};                       ///< From 1, of the stream, when the server named it; in CSV a row may have several.
  bool wrong_encoding = false;  ///< Its bytes are no characters in the encoding that they were sent in.
  std::string sqlstate = {};
  std::string message = {};
};

using BatchOutcome = std::variant<RowsIn, RowFault>;

struct BatchRequest {
  model::TableName table = {};  ///< Where rows go (the root of a partitioned table).
  model::TableKind kind = model::TableKind::kPlain;
  /// In the order of the rows, as the target described them; empty for a table without columns. One whose
  /// `type_identity` is empty is not looked at again.
  std::vector<model::Column> columns = {};
  model::CopyFormat format = {};
  std::vector<model::BatchKey> keys = {};  ///< Bookkeeping rows that commit with the rows. Usually one a frame.
  std::uint64_t rows_expected = 0;
  bool ignore_key_conflicts = false;  ///< --on-primary-key-conflict IGNORE
  /// In a session whose triggers are not switched off, where nothing but the checks of deferrable keys fires then.
  bool triggers_on = false;
  /// Told, before the commit, what of the rows will not be as it was on the source, for people. A batch that is tried
  /// again tells it again.
  std::function<void(const std::string&)> note = {};
};

/// The run of an importer that loads, as ImportRuns::note_run has noted it.
struct LoadingRun {
  std::string importer = {};
  std::string run = {};
};

/// As which run rows are loaded, tables emptied and notes forgotten. Once another run of its importer is noted all of
/// these are refused (IMP-009): the transaction that would do it asks, and no clock. None: done whoever else loads.
using Fence = std::optional<LoadingRun>;

/// One connection that loads batches. Opened with triggers and foreign keys off where the user may do that. One thread.
class SnapshotTarget {
 public:
  virtual ~SnapshotTarget() = default;
  /// COPY and the bookkeeping rows in ONE transaction: exactly once by construction. A refused row is returned; a lost
  /// connection or a retryable refusal throws with its retry class (kInDoubt when COMMIT was sent and no answer came:
  /// ask `imported_among`). A key of `request.keys` that is already noted is a kInDoubt error, and nothing is loaded.
  /// A column whose type is not what `request` says any more, because somebody altered the table since it was
  /// described, is an error (TGT-005) before a row is sent; it cannot be altered until the batch is committed.
  /// Fenced. Large objects and their pieces are never a refused row, because what comes later builds on them. One whose
  /// number the target has given already is an error (TGT-006), and that of the target is not touched.
  virtual BatchOutcome import(const BatchRequest& request, RowStream& rows) = 0;
  /// All batches of this migration that the target has committed.
  virtual std::vector<model::BatchKey> imported() = 0;
  /// Those of `keys` that the target has committed, with the rows that it noted: quick, for a batch in doubt.
  virtual std::vector<model::BatchKey> imported_among(const std::vector<model::BatchKey>& keys) = 0;
  /// Makes what was committed until now survive a crash of the server.
  virtual void flush() = 0;
};

/// Something of the target that acts on rows while they are loaded.
struct LoadHook {
  enum class Kind : std::uint8_t {
    kTrigger,     ///< Fires, and may change or drop rows.
    kRule,        ///< Rewrites the INSERT that a load with key conflicts ignored ends with.
    kForeignKey,  ///< Is checked, row by row.
    kKey,  ///< A deferrable key that is not checked, because a trigger or foreign key of its table must not fire.
  };
  Kind kind = Kind::kTrigger;
  model::TableName table = {};            ///< The table that rows go to.
  std::string name = {};                  ///< For people: "audit on public.t_2024".
  std::string off_sql = {}, on_sql = {};  ///< Switch it off, and back to what it is now.
  bool may_switch = false;                ///< This user may run both; triggers and rules only.
};

struct LoadHooks {
  std::vector<LoadHook> hooks = {};
  /// Tables to load with BatchRequest::triggers_on.
  std::vector<model::TableName> triggers_on = {};
};

/// How a table's rows depend on those of other tables while they are loaded.
struct RowDependence {
  model::TableName table = {};
  /// Something that is computed from a row and stored (a generated column, an index expression), or a check, calls
  /// a function that looks at tables: load it after the others.
  bool wants_others_first = false;
};

/// What the target notes of this migration, and what is known by those notes alone.
class TargetBookkeeping {
 public:
  virtual ~TargetBookkeeping() = default;
  /// Creates ybvoyager_metadata and its tables where missing; safe to call from two processes.
  virtual void create_bookkeeping() = 0;
  /// Forgets this migration's rows; drops the schema when no migration is left in it.
  virtual void drop_bookkeeping() = 0;
  /// Forgets this migration's rows (start clean), but not which large objects it made, nor the fence's run.
  virtual void clear_bookkeeping(const Fence& fence) = 0;
  /// Forgets this migration's batches of these tables.
  virtual void forget_batches(const Fence& fence, const std::vector<model::TableName>& names) = 0;
  /// Removes the large objects that this migration made, and no other. Does nothing where there are none. Safe to
  /// repeat after a kill.
  virtual void remove_large_objects(const Fence& fence) = 0;
};

/// Runs of importers that came before this one.
class ImportRuns {
 public:
  virtual ~ImportRuns() = default;
  /// Waits for the batches of this migration that sessions of an earlier run are still loading: a program that was
  /// killed leaves a commit on its way. Until then the bookkeeping does not say all that the target has. Called once a
  /// run, before the bookkeeping is read and before a batch is loaded. Throws TGT-007 when they do not end.
  virtual void wait_for_earlier_batches() = 0;
  /// The run of an importer of this migration that was noted here last; empty: none.
  virtual std::string noted_run(const std::string& importer) = 0;
  /// Notes one in place of `last`; the bookkeeping is made where it is missing. False, and nothing is noted, when
  /// another one than `last` (empty: none) is noted there. Waits for batches that `last` is committing, and has them in
  /// the bookkeeping when it returns; TGT-007 as above. May be asked again when the answer was lost.
  [[nodiscard]] virtual bool note_run(const std::string& importer, const std::string& run, const std::string& last) = 0;
};

/// The target's tables as they are.
class TargetTables {
 public:
  virtual ~TargetTables() = default;
  /// Tables with columns as the target has them; names that do not exist are left out.
  virtual std::vector<model::Table> describe(const std::vector<model::TableName>& names) = 0;
  /// Those of the tables and materialized views that hold a row; names that do not exist are left out.
  virtual std::vector<model::TableName> non_empty(const std::vector<model::TableName>& names) = 0;
  /// Waits for locks of others as long as it takes, and says for people whose they are once it has waited some seconds.
  /// Refused: IMP-010.
  virtual void truncate(const Fence& fence, const std::vector<model::TableName>& names,
                        const std::function<void(const std::string&)>& say) = 0;
  /// What of the database bears the name, letters' case and schema apart: "view public.t". For messages.
  virtual std::vector<std::string> relations_like(const model::Identifier& name) = 0;
  virtual std::vector<IndexBuildProgress> index_builds() = 0;
};

/// Values of sequences.
class TargetSequences {
 public:
  virtual ~TargetSequences() = default;
  /// Sets the sequences as the source had them, but never below the largest value of a column that uses one. Few round
  /// trips, however many there are: an application may wait for it.
  virtual void set_sequences(const std::vector<model::Sequence>& sequences) = 0;
  /// Moves the sequences that columns of the tables take their values from beyond what those columns hold, never back.
  virtual void advance_sequences(const std::vector<model::TableName>& names) = 0;
};

/// What loading rows has to get along with.
class LoadConditions {
 public:
  virtual ~LoadConditions() = default;
  /// The table's primary-key constraint as DROP and ADD statements, when it may be dropped during the load (nothing
  /// depends on it, the table is not partitioned); else nothing.
  struct KeyRebuild {
    std::string drop_sql = {};
    std::string add_sql = {};
    model::Identifier constraint = {};
  };
  virtual std::optional<KeyRebuild> primary_key_rebuild(const model::TableName& table) = 0;
  /// What will act on rows that our loaders send to the tables, partitions included.
  virtual LoadHooks load_hooks(const std::vector<model::TableName>& names, bool ignore_key_conflicts) = 0;
  /// The tables of which a row may be refused, or stored differently, because a row elsewhere is not there yet: checks,
  /// domains, generated columns and indexes that call functions of users, triggers that fire, foreign keys.
  virtual std::vector<RowDependence> row_dependences(const std::vector<model::TableName>& names) = 0;
};

/// Everything else that `import data` changes on the target. One connection, one thread.
class ImportAdmin : public TargetBookkeeping,
                    public ImportRuns,
                    public TargetTables,
                    public TargetSequences,
                    public LoadConditions {};

/// What one cluster node reports; the driver of adaptive parallelism reads it every few seconds.
struct ClusterLoad {
  double cpu_percent_max = 0;                      ///< Of the busiest node: user + system.
  std::map<std::string, double> cpu_percent = {};  ///< Of each node that answers.
  bool memory_above_limit = false;
  std::vector<std::string> nodes_down = {};
  std::vector<std::string> replication = {};  ///< Replication slots or xCluster streams on the target.
};

/// IMP-009: the run is not the one that is noted. `late`: what of it came too late, for people ("a batch of t").
[[noreturn]] void throw_taken_over(const std::string& late, const std::string& where);

/// Opens connections to one target, spread over its nodes. Thread-safe. `migration` is the UUID under which bookkeeping
/// rows are kept.
class Target {
 public:
  virtual ~Target() = default;
  virtual std::unique_ptr<TargetPreflight> preflight() = 0;
  virtual std::unique_ptr<SchemaTarget> schema() = 0;
  virtual std::unique_ptr<ImportAdmin> admin(const std::string& migration) = 0;
  virtual std::unique_ptr<SnapshotTarget> loader(const std::string& migration, const Fence& fence) = 0;
  /// Nothing when the product cannot tell.
  virtual std::optional<ClusterLoad> load() = 0;
};

}  // namespace voyager::connector
