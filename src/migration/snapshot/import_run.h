// What `import data` and `import data file` have in common: workers, rows, set-aside rows, the proof that all is in.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "migration/schema/options_left_out.h"
#include "migration/snapshot/batch_loader.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/work_board.h"

namespace voyager::migration {

/// A table that rows go to.
struct ImportTable {
  model::Table target = {};  ///< As the target describes it.
  std::size_t board_item = 0;
  std::vector<format::PostDataStatement> statements = {};  ///< Run when its rows are in.
  bool triggers_on = false;                                ///< As BatchRequest::triggers_on.
  bool rows_depend = false;  ///< A row may be refused only because one of another table is not there yet.
  int turn = 0;              ///< As WorkBoard::add_table.
};

/// Feeds files into the work; called on a thread of its own. `coverage` is what needs no loading. Returns when all
/// files of this pass are handed over.
class ImportFeed {
 public:
  virtual ~ImportFeed() = default;
  virtual void feed(WorkBoard& board, const Coverage& coverage, const BatchLimits& limits) = 0;
  /// All files handed over so far, to prove that they are covered.
  virtual bool all_covered(const Coverage& coverage) = 0;
};

/// One run over a target. Main thread; it owns its workers.
class ImportRun {
 public:
  ImportRun(const connector::ConnectorEntry& product, const model::ConnectionOptions& target_options,
            const ImportDataOptions& options, std::string_view role, format::MetaDb& db, model::ProgressBoard& board,
            model::Dialogue& dialogue, base::Stop& stop);

  connector::ImportAdmin& admin() { return *admin_; }
  const model::TargetTraits& traits() const { return traits_; }
  ImportLedger& ledger() { return ledger_; }
  const std::string& migration() const { return migration_; }

  /// Rights and settings of the target. `tables` as described by the target.
  void check_rights(const std::vector<model::Table>& tables);
  /// Makes the target's bookkeeping ready to be asked.
  void open_bookkeeping() { admin_->create_bookkeeping(); }
  /// What the target has of this migration, and what was set aside. The bookkeeping must be open.
  Coverage coverage_of_target();
  /// Asks before the first row about what of the target would act on rows of `tables`. `switching`: triggers and rules
  /// that this user may switch off are not asked about; they are returned.
  std::vector<connector::LoadHook> answer_hooks(const std::vector<model::TableName>& tables, bool switching);
  /// Notes how each table is to be loaded: in which session, in which turn. After triggers were switched off.
  void plan_loading(std::vector<ImportTable>& tables);
  /// Starts clean or resumes: bookkeeping, immutable flags, tables that hold rows already.
  void prepare_target(const std::vector<model::Table>& tables);
  /// Tables of which nothing was imported yet.
  bool untouched(const model::TableName& table) const;
  /// Loads everything that `feed` hands over and runs the tables' statements, until the target's own bookkeeping says
  /// that every row is in or set aside. Throws when stopped.
  void load(std::vector<ImportTable>& tables, ImportFeed& feed);
  /// Runs statements one after the other (after the rows of all tables).
  void run_statements(const std::vector<format::PostDataStatement>& statements, const std::string& stage);
  std::uint64_t indexes_built() const { return indexes_built_; }
  /// Of the statements that ran; no more run when it is asked.
  const std::vector<OptionLeftOut>& left_out() const { return left_out_; }
  int workers() const { return workers_; }

 private:
  void choose_workers();
  void check_immutable_flags();
  void note_coverage(const std::vector<model::BatchKey>& keys);
  void work(int number, WorkBoard& work, std::vector<ImportTable>& tables);
  void run_statement(const format::PostDataStatement& statement, connector::SchemaTarget& schema);
  void watch_cluster();
  void refuse_replication(const connector::ClusterLoad& load) const;
  void watch_index_builds(WorkBoard& work, std::vector<ImportTable>& tables, base::Stop& watch);
  void settle_items(WorkBoard& work, std::vector<ImportTable>& tables);

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& target_options_;
  const ImportDataOptions& options_;
  std::string command_name() const { return role_ == kFileImporter ? "import data file" : "import data"; }

  const std::string role_;
  format::MetaDb& db_;
  std::mutex db_mutex_;  // db_ is used by workers under it, and by the ledger under its own connection
  model::ProgressBoard& board_;
  model::Dialogue& dialogue_;
  base::Stop& stop_;
  format::MetaDb ledger_db_;
  ImportLedger ledger_;
  std::string migration_;
  std::unique_ptr<connector::Target> target_;
  model::TargetTraits traits_;
  std::unique_ptr<connector::ImportAdmin> admin_;
  int workers_ = 1;  // connections that may be opened
  std::atomic<int> workers_allowed_ = 1;
  bool adaptive_ = false;
  double cpu_limit_ = 80;
  std::vector<model::TableName> begun_ = {};
  std::atomic<std::uint64_t> indexes_built_ = 0;
  std::vector<OptionLeftOut> left_out_ = {};  // guarded by db_mutex_
};

/// The text that a stopped import ends with.
inline constexpr const char* kImportResume =
    "run the same command again: it asks the target what is in and goes on from there";

}  // namespace voyager::migration
