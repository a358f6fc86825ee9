// A source and a target in memory, with faults to order, for tests of the flows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "connector/assessment.h"
#include "connector/changes.h"
#include "connector/source.h"
#include "connector/target.h"
#include "model/changes.h"
#include "model/connection.h"
#include "model/query_statistics.h"
#include "model/rows.h"
#include "model/table.h"

namespace voyager::fake {

/// A table and its rows in COPY text form, each with its LF. On the target the first value is the primary key when
/// `table.primary_key` is not empty.
struct FakeTable {
  model::Table table = {};
  std::vector<std::string> rows = {};
  bool can_be_cut = true;  ///< False: its range space is empty, the table is read in one go.
  /// Where changes flow: columns whose values (but \N) may be in one row only, beside the primary key.
  std::vector<std::size_t> unique = {};
  bool logs_whole_rows = false;  ///< What changes are logged with: every value of the row before, or its key.
};

/// One change of a row, or the truncation of a table. Values by column, in COPY text form.
struct FakeChange {
  model::ChangeKind kind = model::ChangeKind::kInsert;
  model::TableName table = {};
  std::vector<std::string> before = {};  ///< kUpdate, kDelete
  std::vector<std::string> after = {};   ///< kInsert, kUpdate
};

struct FakeTransaction {
  std::int64_t committed_at_micros = 0;
  std::vector<FakeChange> changes = {};
};

/// What a database keeps for a capture. Places are numbers of transactions in its log.
struct FakeSlot {
  std::uint64_t start = 0;
  std::uint64_t confirmed = 0;
  std::set<model::TableName> tables = {};
};

/// What an importer of changes has noted, in the database that it changes.
struct FakeLanes {
  std::vector<std::int64_t> applied = {};
  std::map<model::TableName, connector::ImportedTable> counts = {};
};

/// What changes flow from and to, beside the tables.
struct FakeDatabase {
  std::vector<FakeTransaction> log = {};
  std::map<std::string, FakeSlot> slots = {};                                           ///< By migration.
  std::map<std::string, FakeLanes> lanes = {};                                          ///< By migration.
  std::map<std::string, std::map<model::TableName, std::uint64_t>> snapshot_rows = {};  ///< By migration.
};

/// A mutex whose holders can be told of: a test that keeps the world in memory of its own has to know who changes it.
class VOY_ANNOTATION(capability("mutex")) WorldMutex {
 public:
  void lock() VOY_ANNOTATION(acquire_capability()) {
    mutex_.lock();
    if (on_hold != nullptr) on_hold(true);
  }
  void unlock() VOY_ANNOTATION(release_capability()) {
    if (on_hold != nullptr) on_hold(false);
    mutex_.unlock();
  }
  static inline void (*on_hold)(bool held) = nullptr;

 private:
  base::Mutex mutex_ = {};
};

/// Holds the world for a scope.
class VOY_ANNOTATION(scoped_lockable) WorldLock {
 public:
  explicit WorldLock(WorldMutex& mutex) VOY_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~WorldLock() VOY_ANNOTATION(release_capability()) { mutex_.unlock(); }
  WorldLock(const WorldLock&) = delete;
  WorldLock& operator=(const WorldLock&) = delete;

 private:
  WorldMutex& mutex_;
};

/// Mistakes that our own code could make, made here for it: a test that looks for such has to find them.
enum class PlantedFault {
  kNone,
  kConfirmedWhenSent,  ///< Changes count as safe as soon as they are read.
  kNumberApart,        ///< A lane's number is committed behind its changes, not with them.
  kNumberFirst,        ///< It is committed before them.
  kBatchApart,         ///< A batch of the snapshot is noted behind its rows.
};

/// The values of a row, which hold no TAB and no LF, and the row again.
std::vector<std::string> fake_values(const std::string& line);
std::string fake_line(const std::vector<std::string>& values);

/// Something that goes wrong once, at the `after`-th time (0 = the next) that the program passes `at`.
struct FakeFault {
  enum class At {
    kConnect,       ///< Any connection is opened.
    kRead,          ///< A block of rows is read.
    kBeforeCommit,  ///< All rows of a batch are sent; nothing stays.
    kAfterCommit,   ///< The batch is in, but the answer is lost.
    kStatement,     ///< A schema statement is run.
    kAsk,           ///< Anything is asked of a database, or changed that may be changed twice.
    kSend,          ///< A database is asked for changes.
    kApart,         ///< Between two commits that a PlantedFault makes of one.
  };
  At at = At::kRead;
  int after = 0;
  base::Retry retry = base::Retry::kNow;
  bool connection_lost = true;
};

/// Everything the two fake servers hold. Thread-safe through its methods; the public members are set up before and
/// looked at after threads run, or under `mutex`.
class FakeWorld {
 public:
  /// The server's side of one moment that can fail; throws when a fault is due. `on_pass` comes first.
  void pass(FakeFault::At at, model::Side side);
  void order(const FakeFault& fault);
  /// Every moment that was passed and whether a fault was due there, in order: "3", "3!". Two runs that did the same
  /// have the same.
  std::string passed();

  void add_source_table(FakeTable table);
  void add_target_table(FakeTable table);
  /// Appends to a source table, as another client of the source would: the next snapshot differs.
  void write_source(const model::TableName& table, const std::string& row);
  std::vector<std::string> target_rows(const model::TableName& table);
  std::map<model::TableName, FakeTable>& tables(model::Side side);
  /// What `bookkeeping` has the batches of that database under.
  static std::string batches_of(model::Side side, const std::string& migration);
  std::map<model::TableName, model::Sequence>& sequences(model::Side side);
  /// As a client of that database would: what is wrong with it is an assertion.
  void commit(model::Side side, FakeTransaction transaction);

  /// One batch and its bookkeeping in one transaction. `bytes`: all rows, text form.
  connector::BatchOutcome import(const std::string& migration, const connector::Fence& fence,
                                 const connector::BatchRequest& request, const std::string& bytes,
                                 model::Side side = model::Side::kTarget);

  mutable WorldMutex mutex;
  std::map<model::TableName, FakeTable> source = {};
  std::map<model::TableName, FakeTable> target = {};
  std::map<model::TableName, FakeTable> replica = {};
  std::map<model::Side, FakeDatabase> databases = {};
  /// The source's tables as a capture began, for the snapshot.
  std::map<std::string, std::map<model::TableName, FakeTable>> anchors = {};
  std::vector<std::string> violations = {};        ///< What a real server would have refused, or lost rows for.
  std::size_t change_bytes_max = ~std::size_t{0};  ///< Of changes that are given at once.
  PlantedFault planted = PlantedFault::kNone;
  /// Sees each moment that can fail; without `mutex`. May throw.
  std::function<void(FakeFault::At, model::Side)> on_pass = {};
  std::map<model::TableName, model::Sequence> source_sequences = {};
  std::map<model::TableName, model::Sequence> target_sequences = {};
  std::map<model::TableName, model::Sequence> replica_sequences = {};
  std::vector<model::TableName> sequences_advanced = {};  ///< By the last advance_sequences.
  std::uint64_t source_writes = 0;                        ///< Part of the snapshot's text.
  connector::WrittenSchema schema = {};                   ///< What the source writes.
  std::string target_collation = "C";                     ///< The source's is "C".
  std::vector<connector::CatalogueObject> catalogue = {};
  std::string role_statements = {};
  model::TargetTraits traits = {.version_text = "Fake 1.0", .default_connections = 2, .can_disable_triggers = true};
  std::vector<model::Finding> source_findings = {};
  std::vector<model::Finding> target_findings = {};
  std::vector<model::Finding> emptying_findings = {};
  std::set<std::string> refused_rows = {};  ///< Rows (with LF) that the target refuses with 22000.
  /// Row -> another row that has to be on the target before it, else it is refused with 23514.
  std::map<std::string, std::string> needed_rows = {};
  /// Sees each batch (all rows, text form) before its commit; without `mutex`.
  std::function<void(const connector::BatchRequest&, const std::string&)> on_batch = {};
  std::vector<connector::LoadHook> load_hooks = {};  ///< Gone once the target has run their off_sql.
  std::vector<connector::RowDependence> row_dependences = {};
  std::set<model::Identifier> schemas = {model::Identifier("public")};
  std::map<model::TableName, bool> indexes = {};    ///< On the target; false: invalid, left by a killed build.
  std::vector<std::string> statements = {};         ///< That the target has run, in order.
  std::vector<std::string> settings_put_back = {};  ///< In order.
  bool routine_bodies_checked = true;
  /// Decides on a schema statement; nothing set: all succeed.
  std::function<std::optional<connector::StatementFault>(std::string_view)> on_statement = {};
  std::map<model::TableName, connector::ImportAdmin::KeyRebuild> key_rebuilds = {};
  std::vector<model::TableName> materialized_views = {};
  std::vector<model::TableName> refreshed = {};
  std::map<std::string, std::set<model::BatchKey>> bookkeeping = {};    ///< By migration.
  std::map<std::string, std::map<std::string, std::string>> runs = {};  ///< As `bookkeeping`, by importer.
  std::vector<model::TableName> batches_forgotten = {};
  bool has_bookkeeping = false;
  std::optional<connector::ClusterLoad> load = {};
  /// What gather writes: file name -> CSV text, the same for every node.
  std::map<std::string, std::string> assessment_files = {};
  std::vector<connector::NodeAddress> replicas = {};  ///< Of the primary, which is every other address.
  std::string system = "fake";                        ///< NodeIdentity::system of all nodes.
  std::vector<model::Finding> query_findings = {};
  std::vector<model::QueryStatistics> source_queries = {};
  std::vector<model::QueryStatistics> target_queries = {};
  int flushes = 0;
  bool snapshot_lost = false;  ///< Readers cannot join any more.

 private:
  std::deque<FakeFault> faults_ VOY_GUARDED_BY(mutex);
  std::string passed_ VOY_GUARDED_BY(mutex);
};

}  // namespace voyager::fake
