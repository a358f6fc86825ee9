// A source and a target in memory, with faults to order, for tests of the flows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "connector/assessment.h"
#include "connector/source.h"
#include "connector/target.h"
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
};

/// Something that goes wrong once, at the `after`-th time (0 = the next) that the program passes `at`.
struct FakeFault {
  enum class At {
    kConnect,       ///< Any connection is opened.
    kRead,          ///< A block of rows is read.
    kBeforeCommit,  ///< All rows of a batch are sent; nothing stays.
    kAfterCommit,   ///< The batch is in, but the answer is lost.
    kStatement,     ///< A schema statement is run.
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
  /// The server's side of one moment that can fail; throws when a fault is due.
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

  /// One batch and its bookkeeping in one transaction. `bytes`: all rows, text form.
  connector::BatchOutcome import(const std::string& migration, const connector::BatchRequest& request,
                                 const std::string& bytes);

  mutable std::mutex mutex;
  std::map<model::TableName, FakeTable> source = {};
  std::map<model::TableName, FakeTable> target = {};
  std::vector<model::Sequence> source_sequences = {};
  std::map<model::TableName, model::Sequence> target_sequences = {};
  std::vector<model::TableName> sequences_advanced = {};  ///< By the last advance_sequences.
  std::uint64_t source_writes = 0;                        ///< Part of the snapshot's text.
  std::string schema_text = {};                           ///< What dump_schema writes.
  std::string target_collation = "C";                     ///< The source's is "C".
  std::vector<connector::CatalogueObject> catalogue = {};
  std::string role_statements = {};
  model::TargetTraits traits = {.version_text = "Fake 1.0", .default_connections = 2, .can_disable_triggers = true};
  std::vector<model::Finding> source_findings = {};
  std::vector<model::Finding> target_findings = {};
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
  std::map<std::string, std::set<model::BatchKey>> bookkeeping = {};  ///< By migration.
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
  std::deque<FakeFault> faults_;  // guarded by mutex
  std::string passed_;            // guarded by mutex
};

}  // namespace voyager::fake
