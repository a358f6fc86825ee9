// Loading batches over one connection: retries, doubt, refused rows.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "connector/target.h"
#include "migration/snapshot/batch.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/work_board.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// One worker's hands. One thread.
class BatchLoader {
 public:
  BatchLoader(connector::Target& target, std::string migration, connector::Fence fence,
              const ImportDataOptions& options, ImportLedger& ledger, std::atomic<std::uint64_t>& bytes_sent,
              const model::FlowContext& context)
      : target_(target),
        migration_(std::move(migration)),
        fence_(std::move(fence)),
        options_(options),
        ledger_(ledger),
        bytes_sent_(bytes_sent),
        context_(context) {}

  /// Returns what the target refused and is to be tried again; every other row of the batch is on the target or set
  /// aside then. Throws when the policy is to stop at a refused row (Attempt::kLast only), or when retries are used up.
  std::vector<Batch> load(const Batch& batch, std::size_t board_item, Attempt attempt);

 private:
  /// Nothing when the rows are in; the fault when a row is refused.
  std::optional<connector::RowFault> try_load(const Batch& batch, std::size_t board_item);
  std::optional<connector::RowFault> send(const Batch& batch, std::size_t board_item);
  void divide(const Batch& batch, connector::RowFault fault, std::size_t board_item, Attempt attempt,
              std::vector<Batch>& refused);
  [[noreturn]] void refuse(const Batch& batch, const connector::RowFault& fault) const;
  void set_aside(const Batch& one_row, const connector::RowFault& fault, std::size_t board_item);

  connector::Target& target_;
  const std::string migration_;
  const connector::Fence fence_;
  const ImportDataOptions& options_;
  ImportLedger& ledger_;
  std::atomic<std::uint64_t>& bytes_sent_;  // as they go, also of batches that are refused in the end
  const model::FlowContext context_;
  std::unique_ptr<connector::SnapshotTarget> connection_;
};

}  // namespace voyager::migration
