// What `import data` and `import data file` have in common: the target made ready, and the proof that all is in.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "migration/snapshot/batch.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/import_table.h"
#include "migration/snapshot/key_plan.h"
#include "migration/snapshot/loader_pool.h"
#include "migration/snapshot/work_board.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// Feeds files into the work; called on a thread of its own. `coverage` is what needs no loading. Returns when all
/// files of this pass are handed over.
class ImportFeed {
 public:
  virtual ~ImportFeed() = default;
  virtual void feed(WorkBoard& board, const Coverage& coverage, const BatchLimits& limits) = 0;
  /// All files handed over so far, to prove that they are covered.
  virtual bool all_covered(const Coverage& coverage) = 0;
  /// Those.
  virtual const std::vector<std::shared_ptr<const ImportFile>>& files() const = 0;
  /// It brings no rows of a table before those of all tables with a lower turn were tried.
  virtual bool keeps_turns() const { return false; }
};

/// One run over a target. Main thread.
class ImportRun {
 public:
  ImportRun(const connector::ConnectorEntry& product, const model::ConnectionOptions& target_options,
            const ImportDataOptions& options, std::string_view role, format::MigrationState& db,
            const model::FlowContext& context);

  connector::ImportAdmin& admin() { return *admin_; }
  const model::TargetTraits& traits() const { return traits_; }
  ImportLedger& ledger() { return ledger_; }
  KeyPlan& keys() { return *keys_; }
  const std::string& migration() const { return migration_; }

  /// Rights and settings of the target. `tables` as described by the target.
  void check_rights(const std::vector<model::Table>& tables);
  /// Of tables that this run empties before it reads them again, and of those that an earlier one noted to be emptied.
  void check_emptying(std::vector<model::TableName> names);
  /// Makes the target's bookkeeping ready to be asked: from now on it changes by this run alone.
  void open_bookkeeping() {
    admin_->create_bookkeeping();
    admin_->wait_for_earlier_batches();
  }
  /// What the target has of this migration, and what was set aside. The bookkeeping must be open.
  Coverage coverage_of_target();
  /// Asks before the first row about what of the target would act on rows of `tables`. `switching`: triggers and rules
  /// that this user may switch off are not asked about; they are returned.
  std::vector<connector::LoadHook> answer_hooks(const std::vector<model::TableName>& tables, bool switching);
  /// Notes how each table is to be loaded: in which session, in which turn. After triggers were switched off.
  void plan_loading(std::vector<ImportTable>& tables);
  /// Starts clean or resumes: bookkeeping, immutable flags, tables that hold rows already, or are noted to be emptied.
  /// What refuses the run has been asked when it returns, and the run is the noted one, as which alone it empties and
  /// forgets; then set-aside rows that are tried again are rows to be loaded. An import that was done counts as that
  /// all the while where no `rows_left` are known of: who compares both sides asks for it.
  void prepare_target(const std::vector<model::Table>& tables, bool rows_left = true);
  /// Those that this migration made. The target must be prepared.
  void remove_large_objects() { admin_->remove_large_objects(fence_); }
  /// Throws when an earlier run may have emptied tables whose rows its bookkeeping calls loaded.
  void refuse_half_emptied();
  void refuse_lost_bookkeeping();
  /// Those of `names` that held rows before this migration brought some.
  std::vector<model::TableName> with_rows_of_others(const std::vector<model::TableName>& names) const;
  /// Nothing of it was imported yet.
  bool untouched(const model::TableName& table) const;
  /// Loads everything that `feed` hands over and runs the tables' statements, until the target's own bookkeeping says
  /// that every row is in or set aside. Throws when stopped.
  void load(std::vector<ImportTable>& tables, ImportFeed& feed);
  /// The tables with rows of an earlier or this retry among those that `load` loads.
  const std::set<model::TableName>& retried() const { return retried_; }
  /// After `load`: rows of the feed's files that are noted as set aside although the target's own bookkeeping has them.
  std::vector<model::BatchKey> set_aside_but_in(const ImportFeed& feed);

 private:
  void begin_anew(const std::vector<model::TableName>& names);
  void take_over();
  void note_begun();
  std::vector<model::PlannedTable> noted_to_be_emptied();
  void empty_noted_tables();
  void empty_tables(const std::vector<model::TableName>& names);
  /// Throws where a run that is resumed had other flags of those that stay.
  void note_begin(bool rows_left);
  void note_rows_of_others(const std::vector<model::TableName>& names);
  void ask_about_rows(const std::vector<model::TableName>& names);
  std::string command_name() const {
    if (role_ == kFileImporter) return "import data file";
    return role_ == kReplicaImporter ? "import data to source-replica" : options_.command;
  }

  const ImportDataOptions& options_;
  const std::string role_;
  format::MigrationState& db_;
  const model::FlowContext context_;
  const std::unique_ptr<format::MigrationState> ledger_db_;  // a connection of its own: the ledger is used by workers
  ImportLedger ledger_;
  std::string migration_;
  std::unique_ptr<connector::Target> target_;
  model::TargetTraits traits_;
  std::unique_ptr<connector::ImportAdmin> admin_;
  std::unique_ptr<KeyPlan> keys_;
  std::unique_ptr<LoaderPool> pool_;
  connector::Fence fence_ = {};  ///< Once the import was taken over.
  std::set<model::TableName> begun_ = {};
  std::set<model::TableName> retried_ = {};
};

}  // namespace voyager::migration
