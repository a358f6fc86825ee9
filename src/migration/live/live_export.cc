#include "migration/live/live_export.h"

#include "base/error.h"
#include "base/fault_point.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/queue_writer.h"
#include "migration/changes/roles.h"
#include "migration/snapshot/export_plan.h"

namespace voyager::migration {
namespace {

void capture(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
             const LiveExportOptions& options, const CaptureRecord& record, format::MetaDb& db,
             const std::function<void(const CaptureProgress&)>& tell, const base::Clock& clock,
             const base::Stop& stop) {
  const auto stream = product.change_source(source, options.migration);
  QueueWriter queue({.export_dir = options.export_dir,
                     .migration = options.migration,
                     .exporter_role = kSourceExporter,
                     .run = options.run,
                     .segment_bytes_max = options.segment_bytes_max});
  Capture capture(*stream, queue, {.position = record.start, .held = record.held},
                  {.queue_dir = options.export_dir / "data" / "queue",
                   .free_bytes_min = options.free_bytes_min,
                   .retained_bytes_max = options.retained_bytes_max,
                   .stop_at_retained_max = options.stop_at_retained_max},
                  clock, stop);
  const auto orders = [&db] {
    return CaptureOrders{.cutover = cutover_to_target(db).requested ? kCutoverToTarget : ""};
  };
  if (capture.run(orders, tell) == CaptureEnd::kCutover) return;
  base::throw_if_draining(stop, "export data was stopped", "run the same command again: it goes on where it was");
}

}  // namespace

void stream_from_source(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                        const LiveExportOptions& options, format::MetaDb& db,
                        const std::function<void(const CaptureProgress&)>& tell, const base::Clock& clock,
                        const base::Stop& stop) {
  const std::optional<CaptureRecord> record = capture_record(db, kSourceExporter);
  if (!record) return;  // An earlier run has done everything.
  if (!cutover_to_target(db).exporter_done) {
    capture(product, source, options, *record, db, tell, clock, stop);
    base::fault_point("live.cutover_captured");
    // Nobody writes to the source any more: its sequences stand where the target's are to go on.
    const auto snapshot = product.snapshot_source(source);
    snapshot->begin({});
    db.save_sequences(sequences_in_scope(snapshot->sequences(), db.plan(), options.limited));
    note_cutover_exporter_done(db);
  }
  base::fault_point("live.cutover_exported");
  product.capture_setup(source, options.migration)->end(record->undo);
  forget_capture_record(db, kSourceExporter);
}

}  // namespace voyager::migration
