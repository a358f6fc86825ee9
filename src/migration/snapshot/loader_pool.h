// The connections that load rows and build indexes, how many of them work at a time, and what is seen of them.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/target.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/import_table.h"
#include "migration/snapshot/key_plan.h"
#include "migration/snapshot/pacer.h"
#include "migration/snapshot/work_board.h"
#include "model/flow_context.h"

namespace voyager::migration {

class LoaderPool {
 public:
  LoaderPool(connector::Target& target, const model::TargetTraits& traits, std::string migration,
             const ImportDataOptions& options, KeyPlan& keys, ImportLedger& ledger, const model::FlowContext& context);

  /// The most that may work at a time.
  int workers() const { return workers_; }
  /// Does the work of `work` behind `fence` while `feed` brings it, on a thread of its own. Returns when all is
  /// done; throws what the first of them threw, or when stopped.
  void run(const connector::Fence& fence, WorkBoard& work, const std::vector<ImportTable>& tables,
           const std::function<void()>& feed);
  /// Throws when the target's cluster sends its changes elsewhere and that was not allowed.
  void refuse_replication();

 private:
  void load(int number, const connector::Fence& fence, WorkBoard& work, const std::vector<ImportTable>& tables);
  void watch(WorkBoard& work, const std::vector<ImportTable>& tables, base::Stop& stop);
  void show_index_builds(connector::TargetTables& admin, const std::map<model::TableName, std::size_t>& items);
  void look_at_cluster();
  void pace(WorkBoard& work, double seconds);
  void settle_items(WorkBoard& work, const std::vector<ImportTable>& tables);
  void refuse_replication(const connector::ClusterLoad& load) const;

  connector::Target& target_;
  const std::string migration_;
  const ImportDataOptions& options_;
  KeyPlan& keys_;
  ImportLedger& ledger_;
  const model::FlowContext context_;
  const std::shared_ptr<HoldingRoom> refused_room_ = std::make_shared<HoldingRoom>(32UL * 1024 * 1024);
  int workers_ = 1;
  bool adaptive_ = false;
  double cpu_limit_ = 80;
  std::atomic<int> allowed_ = 1;
  std::atomic<std::uint64_t> bytes_sent_ = 0;
  // The watching thread's.
  Pacer pacer_{1, 1};
  Strain strain_ = {};
  std::string strained_ = {};  // for people
};

}  // namespace voyager::migration
