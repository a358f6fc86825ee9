// What waits for rows: keys, triggers and rules that are put off for the load, indexes, unique constraints, foreign
// keys.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "connector/target.h"
#include "format/ledgers.h"
#include "migration/schema/options_left_out.h"
#include "migration/snapshot/import_table.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// Before the rows one thread puts off what would disturb them and hands the waiting statements out; then workers run
/// those of tables that are done, and in the end one thread the rest. Statements are saved before anything is taken
/// away, so that a killed run leaves nothing off for good.
class KeyPlan {
 public:
  KeyPlan(std::string command, connector::Target& target, connector::TargetTables& tables,
          connector::LoadConditions& conditions, format::StatementLedger& statements, format::DocumentLedger& documents,
          const model::FlowContext& context)
      : command_(std::move(command)),
        target_(target),
        target_tables_(tables),
        conditions_(conditions),
        statements_(statements),
        documents_(documents),
        context_(context) {}

  /// Switches off what acts on rows that are loaded. Throws Error when the target refuses.
  void switch_off(const std::vector<connector::LoadHook>& hooks);
  /// Drops the primary keys of those tables that are empty: rows go in faster without. One that the target will not
  /// drop stays.
  void put_keys_off(const std::vector<model::TableName>& names);
  /// Gives each waiting statement to the table whose rows it needs, or keeps it for `run_rest`. `table_of` leads from a
  /// source's table, leaf or root, to its place in `tables`; `planned` are all names of the export, also those that
  /// this run leaves out: their statements wait for another run or for finalize.
  void hand_out(std::vector<ImportTable>& tables, const std::map<model::TableName, std::size_t>& table_of,
                const std::set<model::TableName>& planned);
  /// Runs one of a table's statements over the worker's own connection. Thread-safe. Throws IMP-003 when refused.
  void run(const model::PostDataStatement& statement, connector::SchemaTarget& schema);
  /// Notes which statements have run since the last call. One that a killed run has not noted is found on the target by
  /// its name, so those with a name need not be noted one by one. Thread-safe.
  void save_done();
  /// Rows that foreign keys may lack, although all rows are in.
  struct Missing {
    /// Read at another moment than others, leaves and roots: what they lack or have too much comes with the changes.
    std::set<model::TableName> read_later = {};
    /// Rows of them were set aside: no change brings those.
    std::map<model::TableName, std::uint64_t> set_aside = {};
  };
  /// What is left when all rows are in: attaching indexes, switching on, foreign keys. A key that lacks rows which come
  /// with the changes is told and waits for finalize.
  void run_rest(const Missing& missing);

  std::uint64_t indexes_built() const { return indexes_built_; }
  /// Of the statements that ran; asked when no more run.
  std::vector<OptionLeftOut> left_out() const {
    const base::MutexLock lock(db_mutex_);
    return left_out_;
  }

 private:
  /// Those of the statements that `may_wait` lets wait after the target has refused them.
  using MayWait = std::function<bool(const model::PostDataStatement&, const connector::StatementFault&)>;
  std::vector<std::string> run_all(const std::vector<model::PostDataStatement>& statements, const char* stage,
                                   const MayWait& may_wait);
  /// What the target refuses it for, else nothing.
  std::optional<connector::StatementFault> build(const model::PostDataStatement& statement,
                                                 connector::SchemaTarget& schema);

  const std::string command_;
  connector::Target& target_;
  connector::TargetTables& target_tables_;
  connector::LoadConditions& conditions_;
  mutable base::Mutex db_mutex_;
  format::StatementLedger& statements_;  // both are used under db_mutex_ while workers run
  format::DocumentLedger& documents_;
  const model::FlowContext context_;
  std::vector<model::PostDataStatement> attach_ = {};
  std::vector<model::PostDataStatement> foreign_keys_ = {};
  std::vector<std::int64_t> done_ VOY_GUARDED_BY(db_mutex_) = {};  // not noted yet
  std::atomic<std::uint64_t> indexes_built_ = 0;
  std::vector<OptionLeftOut> left_out_ VOY_GUARDED_BY(db_mutex_) = {};
};

}  // namespace voyager::migration
