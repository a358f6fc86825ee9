// What a source must be able to do so that its changes can follow the snapshot, and a target so that it can take them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connector/source.h"
#include "model/changes.h"
#include "model/connection.h"
#include "model/table.h"

namespace voyager::connector {

// --- capture
// -----------------------------------------------------------------------------------------------------------

/// A table and its columns by numbers that stay with them whatever they are called, and are never given to others.
struct NumberedTable {
  model::TableName name = {};
  std::uint64_t number = 0;
  std::map<model::Identifier, std::uint32_t> columns = {};
};

/// Where a capture begins.
struct CaptureStart {
  /// Before the first change that a snapshot by `anchor` does not hold. Empty: the snapshot itself says it
  /// (SnapshotSource::position).
  model::Position position = {};
  std::string anchor = {};  ///< For SnapshotSource::begin: the rows as they are exactly there, or at a moment at which
                            ///< a capture can begin. Good as long as the CaptureSetup lives.
  std::vector<NumberedTable> tables = {};  ///< Those that are captured and the roots of partitions, as they are there.
};

enum class CaptureSnapshot : std::uint8_t {
  kNone,   ///< Changes only, from now on, or from where an earlier set-up stands.
  kFirst,  ///< A capture begins, with a snapshot; an earlier set-up is given up.
  kAgain,  ///< The capture stays what it is, and a later snapshot is taken beside it.
};

/// Prepares a source for capture and puts it back afterwards. Everything is named after the migration, and everything
/// may be asked again after a kill. One connection, one thread.
class CaptureSetup {
 public:
  virtual ~CaptureSetup() = default;
  /// Rights and settings that capture needs.
  virtual std::vector<model::Finding> check(const std::vector<model::Table>& tables) = 0;
  /// Statements that put back what `begin` is going to change of the tables, for `end`: asked and kept before it is.
  virtual std::vector<std::string> undo(const std::vector<model::Table>& tables) = 0;
  /// Makes the source keep what will be captured of `tables` (plain tables and leaf partitions; a partitioned table
  /// stands for its leaves of now).
  virtual CaptureStart begin(const std::vector<model::Table>& tables, CaptureSnapshot snapshot) = 0;
  /// Bytes of log that the source keeps for us.
  virtual std::uint64_t retained_bytes() = 0;
  /// Of the options' schemas, where they stand now.
  virtual std::vector<model::Sequence> sequences() = 0;
  /// Removes what begin made, and runs what `undo` said; nothing where there is nothing.
  virtual void end(const std::vector<std::string>& undo) = 0;
};

/// Changes in the order in which their transactions were committed.
struct ChangeBatch {
  std::string records = {};              ///< Whole records of model/changes.h; empty when nothing came in time.
  std::uint64_t changes = 0;             ///< Numbered ones among them.
  model::Position end = {};              ///< Behind the last record; also without records, as far as is known.
  std::int64_t committed_at_micros = 0;  ///< Of the last transaction in it, by the source's clock; 0: none yet.
  bool caught_up = false;                ///< The source is at most a moment ahead: worth handing over at once.
  bool in_transaction = false;           ///< It ends inside of a transaction.
};

/// What a source's log holds for a capture.
struct SourceLag {
  std::uint64_t behind_bytes = 0;    ///< From what is confirmed to the log's end.
  std::uint64_t retained_bytes = 0;  ///< Kept for us, because a transaction that is not decoded yet may need it.
  bool lost = false;                 ///< The server has thrown away what we have not read.
  std::string slot = {};             ///< What keeps it; empty where nothing is kept for us.
};

/// Looks at a database that is captured, from outside of the capture. One connection, one thread.
class CaptureWatch {
 public:
  virtual ~CaptureWatch() = default;
  /// The end of the log now: what a picture shows that was taken before is before it.
  virtual model::Position end_of_log() = 0;
  /// True once the capture has made everything before `place` safe.
  virtual bool captured(const model::Position& place) = 0;
  virtual SourceLag lag() = 0;
  /// Transactions that have written, are open for a while, and are not committed yet. Notes.
  virtual std::vector<model::Finding> open_transactions() = 0;
  /// For people: "0/16B3748".
  virtual std::string display(const model::Position& place) = 0;
};

/// What of a source's changes is wanted.
struct CaptureScope {
  /// As the source writes to them (leaves, not partition roots). What a capture that the source keeps is set up for may
  /// go beyond it.
  std::vector<model::TableName> tables = {};
  /// Changes of a table before that place are in a snapshot already and are left out.
  std::map<model::TableName, model::Position> held = {};
  /// The tables as they were where the capture began; empty: which columns changes speak of is told by their names
  /// alone.
  std::vector<NumberedTable> begun_with = {};
};

/// The changes themselves, in the order of their commits.
class CommittedChanges {
 public:
  virtual ~CommittedChanges() = default;
  /// The next change is the one behind `from`; what the server sends again is skipped. An empty position: from where
  /// the capture was set up.
  virtual void open(const model::Position& from, const CaptureScope& scope) = 0;
  /// Replaces `batch` by what has come, about `bytes_wanted` bytes at most unless one change is larger. Waits up to
  /// `budget` for the first of it. A lost connection throws; open again then.
  virtual void poll(ChangeBatch& batch, std::chrono::milliseconds budget, std::size_t bytes_wanted) = 0;
  /// From the next `open` on the source keeps transactions that are not committed. What is kept of them here goes, and
  /// the stream is of no use until that `open`: true. False when nothing was kept.
  virtual bool keep_nothing_uncommitted() = 0;
  /// Everything up to `durable` is safe with us: the source may forget it. When it is the end of the last batch and
  /// nothing is waiting, the source may also forget what it logged since that concerns nobody here.
  virtual void confirm(const model::Position& durable) = 0;
  /// Of what was polled since this was made.
  virtual std::vector<ValueChange> value_changes() = 0;
  /// Gives up for good what the source keeps for this capture. The stream is of no use afterwards.
  virtual void abandon() = 0;
};

/// A table or leaf partition whose changes do not come, or not all of them.
struct UncapturedTable {
  model::TableName name = {};
  bool partition = false;
  bool another = false;          ///< Than that of this name with which the capture began, where there was one.
  std::string capture_sql = {};  ///< Has them come from now on.
  bool operator==(const UncapturedTable&) const = default;
};

/// A partition that was attached to a captured table after the capture began. What it held before is not among the
/// changes.
struct AttachedTable {
  enum class Rows : std::uint8_t {
    kCaptured,     ///< It held none.
    kNotCaptured,  ///< It held rows that are still there.
    kNotKnown,
  };
  model::TableName name = {};
  model::TableName root = {};
  Rows rows = Rows::kNotKnown;
  bool captured_before = false;     ///< By itself, or as a partition that was detached meanwhile.
  std::string write_anew_sql = {};  ///< Brings all that it holds among the changes.
  bool operator==(const AttachedTable&) const = default;
};

/// What of a database's tables the changes do not tell.
struct CapturedTables {
  std::vector<UncapturedTable> uncaptured = {};  ///< Of the options' schemas.
  std::vector<AttachedTable> attached = {};      ///< Those without rows of before are left out.
  std::vector<model::TableName> gone = {};       ///< The capture began with them.
  bool operator==(const CapturedTables&) const = default;
};

/// How far the changes are in the source's log, and what they leave out.
class CapturedLog {
 public:
  virtual ~CapturedLog() = default;
  /// The end of the source's log now: what is committed when this is called is before it.
  virtual model::Position end_of_log() = 0;
  /// True when polls have given everything that is before `place`.
  virtual bool has_seen(const model::Position& place) = 0;
  virtual SourceLag lag() = 0;
  /// As they are now.
  virtual CapturedTables tables() = 0;
};

/// A stream of committed changes that can be taken up where it broke. One connection, one thread. The options' stop
/// ends every wait.
class ChangeSource : public CommittedChanges, public CapturedLog {};

// --- apply
// -------------------------------------------------------------------------------------------------------------

/// What decides in which order changes of different rows of a table may be applied.
struct UniqueRule {
  std::vector<model::Identifier> columns = {};  ///< Without included ones.
  bool nulls_equal = false;                     ///< NULLS NOT DISTINCT
  bool expression = false;                      ///< Not on columns alone: what it compares cannot be told here.
};

struct ApplyColumn {
  model::Identifier name = {};
  std::string type = {};       ///< To cast a text to, without length or scale: those are checked when it is stored.
  std::string full_type = {};  ///< With length and scale.
  bool generated = false;      ///< Computed by the target.
  std::string equality = {};   ///< How the connector compares it in a key.
  std::uint32_t number = 0;    ///< As NumberedTable's.
};

/// A table as changes are applied to it.
struct ApplyTable {
  model::TableName name = {};
  bool partitioned = false;  ///< Its rows are its partitions'. Else tables that inherit from it have rows of their own.
  std::vector<ApplyColumn> columns = {};
  std::vector<model::Identifier> primary_key = {};  ///< Not a deferrable one: two rows may have it for a moment.
  /// Beside the primary key; of all partitions. Deferrable ones do not count: they are not checked while changes are
  /// applied.
  std::vector<UniqueRule> unique = {};
  std::uint64_t number = 0;  ///< As NumberedTable's.
};

/// One statement's worth of changes: of one table, of one kind, with one set of columns. Views live as long as the
/// call.
struct ApplyStep {
  enum class Kind : std::uint8_t {
    kInsert,
    kUpdate,     ///< Rows are found by `key` and get `values`.
    kDelete,     ///< Rows are found by `key`.
    kDeleteOne,  ///< As kDelete, but `key` are all columns of a table without a key, and one of equal rows goes.
    kTruncate,
    kCascade,  ///< What `acting_keys` do because rows of the first of `tables` are gone, or have other values.
  };
  Kind kind = Kind::kInsert;
  const ApplyTable* table = nullptr;
  /// Columns, as indexes into table->columns. kCascade: those of the first table that keys refer to, before it was
  /// changed.
  std::vector<std::uint32_t> key = {};
  /// Of the values, likewise. kCascade: the same columns with the values after an update, and then no row has had what
  /// another one gets; none after deletes.
  std::vector<std::uint32_t> columns = {};
  std::size_t rows = 0;
  /// Row after row: the key's values, then the columns'. Never kUnchanged.
  std::vector<model::ChangeValue> values = {};
  struct Truncated {
    const ApplyTable* of = nullptr;
    model::TableName name = {};  ///< The table's, or that of a partition of it.
  };
  std::vector<Truncated> truncated = {};           ///< kTruncate, which has no `table`.
  bool cascade = false;                            ///< kTruncate
  bool restart_identity = false;                   ///< kTruncate
  std::vector<const ApplyTable*> tables = {};      ///< kCascade, which has no `table`.
  std::vector<model::ActingKey> acting_keys = {};  ///< kCascade: between `tables`; columns as in these.
};

struct LaneCounts {
  model::TableName table = {};
  std::uint64_t inserts = 0, updates = 0, deletes = 0;
};

/// What one transaction applies.
struct LaneBatch {
  struct Row {
    int lane = 0;
    std::int64_t before_vsn = 0;  ///< What the lane's row must say; else somebody else applies, and nothing is done.
    std::int64_t last_vsn = 0;    ///< What it says afterwards.
  };
  std::vector<Row> lanes = {};  ///< One at least.
  std::vector<ApplyStep> steps = {};
  /// As the source made them, for the documented tables: of all lanes, and noted with the first.
  std::vector<LaneCounts> counts = {};
  std::function<void(std::uint64_t)> sent = [](std::uint64_t) {};  ///< Rows that were taken, before they are committed.
};

/// Changes that found no row.
struct MissedRows {
  model::TableName table = {};
  ApplyStep::Kind kind = ApplyStep::Kind::kUpdate;
  std::uint64_t rows = 0;
};

/// What became of a batch: nothing (everything is in, or nothing but the misses was left out), or why it was refused
/// and undone.
struct ApplyOutcome {
  std::vector<MissedRows> missed = {};
  std::string refused = {};  ///< The server's words; empty: applied.
  std::string sqlstate = {};
  bool order_may_help = false;  ///< A unique value is still held: one change after the other, as the source made them.
};

/// Something of the database that acts on changes that are applied.
struct ApplyHook {
  std::string name = {};                  ///< For people: "trigger audit on public.t".
  std::string off_sql = {}, on_sql = {};  ///< For the table's owner.
  bool right_missing = false;             ///< It acts because this user may not switch it off for a session.
};

/// For people, of one or more: "trigger audit on public.t and 2 more".
std::string names_of(const std::vector<ApplyHook>& hooks);
/// Why they act, to go behind names and a comma.
std::string why_acting(const std::vector<ApplyHook>& hooks);

/// A column that is to become what it is at the source: added, or of a type that takes more values.
struct ColumnChange {
  model::TableName table = {};
  model::ChangeColumn column = {};
  bool added = false;
};

/// What came of it: what was done, in the database's language (empty when it was so already), or why it was refused and
/// nothing was done.
struct ColumnChanged {
  std::string statement = {};
  std::string refused = {};
};

/// The tables that changes are applied to.
class AppliedTables {
 public:
  virtual ~AppliedTables() = default;
  /// Those of the tables that exist.
  virtual std::vector<ApplyTable> describe(const std::vector<model::TableName>& tables) = 0;
  /// What the tables with these numbers are called now; those that are gone are left out.
  virtual std::vector<model::TableName> names_of(const std::vector<std::uint64_t>& numbers) = 0;
  /// What of the tables, partitions included, acts on their changes all the same.
  virtual std::vector<ApplyHook> hooks(const std::vector<model::TableName>& tables) = 0;
  /// May be asked again after a kill: what is there is left alone.
  virtual ColumnChanged change_column(const ColumnChange& change) = 0;
};

/// Applies batches of lanes.
class LaneApplier {
 public:
  virtual ~LaneApplier() = default;
  /// Makes the rows of lanes 0..lanes-1 of this migration where they are missing, and takes the migration over from any
  /// other applier. Returns the last applied number by lane. 0 lanes: changes nothing, and tells of those there are.
  virtual std::vector<std::int64_t> begin(int lanes) = 0;
  /// Changes that this migration has applied here, in all lanes and runs.
  virtual std::uint64_t applied_changes() = 0;
  /// The steps and the lanes' rows in one transaction, in which the columns of the steps are found to be those that
  /// were described: under another name, or gone, nothing is done and CDC-009 thrown. A lost connection or a retryable
  /// refusal throws with its class; kInDoubt: ask `applied` and never guess.
  virtual ApplyOutcome apply(const LaneBatch& batch) = 0;
  /// The lane's last applied number; waits for a commit that is still in flight.
  virtual std::int64_t applied(int lane) = 0;
};

/// One connection that applies changes. Triggers do not fire, and foreign keys and deferrable keys are not checked,
/// where the user may switch that off. One thread.
class ChangeTarget : public AppliedTables, public LaneApplier {};

// --- what has arrived
// --------------------------------------------------------------------------------------------------

/// What importers have noted, in the database that they import into, of a table there.
struct ImportedTable {
  model::TableName table = {};
  std::uint64_t snapshot_rows = 0;
  std::uint64_t inserts = 0, updates = 0, deletes = 0;
  std::uint64_t truncated_rows = 0;  ///< That truncations and the source's foreign keys have removed.
};

/// Reads a database's bookkeeping and its tables. One connection, one thread.
class ImportedCounts {
 public:
  virtual ~ImportedCounts() = default;
  /// Of this migration; empty where nothing was ever imported.
  virtual std::vector<ImportedTable> imported() = 0;
  /// The number of the last change that all lanes have reached; 0 where no lane has begun.
  virtual std::int64_t applied() = 0;
  /// Counts rows, as one moment shows them; a table that is not there is left out.
  virtual std::map<model::TableName, std::uint64_t> count(const std::vector<model::TableName>& tables) = 0;
};

}  // namespace voyager::connector
