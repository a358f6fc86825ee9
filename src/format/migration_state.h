// The state of a migration: all its ledgers over one connection. A flow that needs most of them takes this, everything
// else the ledger that it needs.
#pragma once

#include <memory>

#include "format/lane_ledger.h"
#include "format/ledgers.h"
#include "format/queue_ledger.h"

namespace voyager::format {

class MigrationState : public DocumentLedger,
                       public PlanLedger,
                       public ChunkLedger,
                       public SnapshotTotals,
                       public ImportedFiles,
                       public ImportClaims,
                       public SetAsideLedger,
                       public StatementLedger,
                       public ObjectLedger,
                       public SegmentLedger,
                       public SegmentImports,
                       public ExportedChanges,
                       public LaneLedger {
 public:
  ~MigrationState() override = default;
  /// Another connection to the same state, for another thread.
  virtual std::unique_ptr<MigrationState> peer() = 0;
};

}  // namespace voyager::format
