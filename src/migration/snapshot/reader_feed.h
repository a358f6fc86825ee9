// Rows that go straight on: chunks read from the source's snapshot as batches for the import.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/mutex.h"
#include "connector/source.h"
#include "migration/snapshot/chunk_feed.h"
#include "migration/snapshot/chunk_scheduler.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// Reads the planned tables' chunks over several connections, and hands their rows over in batches. A row is known by
/// its place in its chunk, which is the same each time the chunk is read, in this run or in another whose snapshot
/// shows the same. So rows that the target has already are read over, and a chunk's rows can be read once more. Read
/// rows wait in a room of fixed size. A chunk counts as done once it is read to its end, whether its rows are in or
/// not: what is in, the target says.
class ReaderFeed : public PlannedFeed {
 public:
  struct Options {
    int readers = 1;
    std::string command = {};  ///< For people.
  };
  ReaderFeed(connector::SnapshotSource& snapshot, Options options, format::MigrationState& db, ImportLedger& ledger,
             const model::FlowContext& context);

  void feed(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) override;
  bool keeps_turns() const override { return true; }

 private:
  /// One turn of one pass.
  struct Pass {
    WorkBoard& work;
    const Coverage& coverage;
    const BatchLimits& limits;
    ChunkScheduler& scheduler;
  };
  /// What a thread reads with; kept from chunk to chunk.
  struct Hands {
    std::unique_ptr<connector::SnapshotReader> reader = {};
    model::RowBlock block = {};
  };
  class ChunkPass;

  void take_what_is_read(const Coverage& coverage);
  void read(Pass& pass);
  void claim(const std::vector<ChunkLease>& leases, const Coverage& coverage);
  bool read_chunk(Pass& pass, Hands& hands, ChunkLease& lease, std::vector<std::shared_ptr<const ImportFile>>& files);
  void finish(Pass& pass, const std::vector<ChunkLease>& leases, std::vector<std::shared_ptr<const ImportFile>> files);
  void close_table(WorkBoard& work, std::size_t table);

  connector::SnapshotSource& snapshot_;
  const Options options_;
  const std::unique_ptr<format::MigrationState> db_;  // the scheduler's, while threads read
  ImportLedger& ledger_;
  const model::FlowContext context_;
  const std::shared_ptr<HoldingRoom> room_;
  bool first_pass_ = true;
  base::Mutex mutex_;
  std::map<std::size_t, int> open_ VOY_GUARDED_BY(mutex_) = {};    // planned tables by table on the WorkBoard
  std::map<std::size_t, Size> sizes_ VOY_GUARDED_BY(mutex_) = {};  // by table on the WorkBoard
};

}  // namespace voyager::migration
