#include "migration/live/live_import.h"

#include <charconv>
#include <set>

#include "base/error.h"
#include "base/fault_point.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/roles.h"
#include "migration/schema/status.h"

namespace voyager::migration {
namespace {

using std::chrono::milliseconds;

constexpr const char* kImporter = "target_db_importer";
constexpr const char* kLanes = "event_lanes";
constexpr const char* kResume = "run the same command again: it goes on where it was";

int lanes_of(format::MetaDb& db, int wanted) {
  const std::string saved = db.json(kLanes);
  int lanes = 0;
  std::from_chars(saved.data(), saved.data() + saved.size(), lanes);
  if (lanes > 0) return lanes;
  db.set_json(kLanes, std::to_string(wanted));
  return wanted;
}

}  // namespace

void prepare_for_changes(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                         const std::string& migration, format::MetaDb& db) {
  if (!export_data_done(db)) {
    throw base::Error({.code = "DIR-008",
                       .exit = base::ExitCode::kState,
                       .title = "export data has not begun to capture changes yet",
                       .fix = {"start it first: yb-voyager export data --export-type changes-only"}});
  }
  const auto connection = product.target(target);
  connection->admin(migration)->create_bookkeeping();
  db.patch_json("migration_status", R"({"ImportDataToTargetStarted": true})");
}

ApplyReport apply_to_target(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                            const LiveImportOptions& options, format::MetaDb& db,
                            const std::function<void(const ApplyReport&)>& tell, const base::Clock& clock,
                            base::Stop& stop) {
  std::set<model::TableName> tables;
  for (const format::PlannedTable& one : db.plan()) tables.insert(one.table.root);
  ApplyReport report;
  if (!cutover_to_target(db).importer_done) {
    report = apply_changes(
        {.export_dir = options.export_dir,
         .importer_role = kImporter,
         .exporter_roles = {kSourceExporter},
         .until = kCutoverToTarget,
         .tables = {tables.begin(), tables.end()},
         .lanes = lanes_of(db, options.lanes),
         .tries_max = options.tries_max},
        [&] { return product.change_target(target, options.migration); }, tell, clock, stop);
    base::throw_if_draining(stop, "import data was stopped", kResume);
    base::fault_point("live.cutover_applied");
    // The exporter notes the sequences after its last change.
    while (!cutover_to_target(db).exporter_done) {
      if (!clock.sleep_for(milliseconds(200), stop)) base::throw_if_draining(stop, "import data was stopped", kResume);
    }
    const auto connection = product.target(target);
    const auto admin = connection->admin(options.migration);
    for (const model::Sequence& sequence : db.sequences()) admin->set_sequence(sequence);
    base::fault_point("live.cutover_sequences");
    note_cutover_importer_done(db);
  }
  return report;
}

}  // namespace voyager::migration
