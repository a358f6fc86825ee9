#include "migration/live/iterations.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/text.h"
#include "format/lane_ledger.h"
#include "format/meta_db.h"
#include "migration/live/cutover_record.h"
#include "migration/live/live_role.h"
#include "migration/state/migration_record.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolder = "live-data-migration-iterations";
constexpr std::string_view kPrefix = "live-data-migration-iteration-";
constexpr std::string_view kExportDir = "export-dir";

// What an iteration takes over beside what is noted of both databases.
constexpr const char* kJsonKept[] = {"tables_left_out",        "tables_not_captured",
                                     "target_tables_left_out", "target_tables_not_captured",
                                     "source_database",        "retained_log"};

// In place of what a killed run has left there.
void make_folders(const fs::path& folder) {
  std::error_code fault;
  fs::remove_all(folder, fault);
  for (const char* name : {"data", "reports", "metainfo", "logs"}) {
    if (!fault) fs::create_directories(folder / name, fault);
  }
  if (!fault) return;
  throw base::Error({.code = "DIR-003",
                     .title = "cannot create " + folder.string(),
                     .cause = fault.message(),
                     .fix = {"make the export directory writable for the user that runs yb-voyager, and see that its "
                             "disk has space"}});
}

// The request that makes the folder count survives a crash of the machine: its way there has to survive it too.
void sync_names(const fs::path& main, const fs::path& folder) {
  base::File::open_read(folder / "metainfo").sync();
  fs::path one = folder;
  for (; one != main; one = one.parent_path()) base::File::open_read(one).sync();
  base::File::open_read(main).sync();
}

bool begins_another(const CutoverRecord& record) {
  return record.back.requested && record.again;
}

}  // namespace

fs::path iteration_dir(const fs::path& main_dir, int iteration) {
  if (iteration == 0) return main_dir;
  return main_dir / kFolder / fmt::format("{}{}", kPrefix, iteration) / kExportDir;
}

int iteration_of(const fs::path& export_dir) {
  const fs::path own = export_dir.parent_path();
  const std::string name = own.filename().string();
  if (export_dir.filename() != kExportDir || own.parent_path().filename() != kFolder || !name.starts_with(kPrefix))
    return 0;
  int number = 0;
  std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
  return number;
}

fs::path main_dir(const fs::path& export_dir) {
  return iteration_of(export_dir) == 0 ? export_dir : export_dir.parent_path().parent_path().parent_path();
}

int newest_iteration(const fs::path& main_dir) {
  int iteration = 0;
  while (begins_another(cutover_record(*open_iteration(main_dir, iteration, format::MetaDb::Mode::kReadOnly))))
    ++iteration;
  return iteration;
}

int way_back_iteration(const fs::path& main_dir) {
  const int newest = newest_iteration(main_dir);
  if (newest == 0 ||
      cutover_record(*open_iteration(main_dir, newest, format::MetaDb::Mode::kReadOnly)).to_target.requested)
    return newest;
  return newest - 1;
}

std::unique_ptr<format::MetaDb> open_iteration(const fs::path& main_dir, int iteration, format::MetaDb::Mode mode) {
  const fs::path folder = iteration_dir(main_dir, iteration);
  if (!format::MetaDb::exists(folder)) {
    throw base::Error({.code = "DIR-010",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("the state of iteration {} of this migration is gone", iteration),
                       .where = folder.string(),
                       .cause = "metainfo/meta.db is not there",
                       .fix = {"put the folder back if somebody has moved it", "yb-voyager end migration ..."}});
  }
  return std::make_unique<format::MetaDb>(folder, mode);
}

CutoverRecord whole_cutover_record(const fs::path& export_dir, format::DocumentLedger& db) {
  CutoverRecord record = cutover_record(db);
  if (!begins_another(record)) return record;
  const auto next = open_iteration(main_dir(export_dir), iteration_of(export_dir) + 1);
  const CutoverRecord behind = cutover_record(*next);
  record.next_begun = behind.source_captured && behind.target_importer_started;
  return record;
}

void make_next_iteration(const fs::path& export_dir, format::MigrationState& db) {
  const fs::path main = main_dir(export_dir);
  const int number = iteration_of(export_dir) + 1;
  const fs::path folder = iteration_dir(main, number);
  make_folders(folder);
  format::MetaDb next(folder);
  const MigrationRecord before = migration_record(db);
  // A number of its own: its changes and its bookkeeping on both sides are those of no other iteration.
  save_record(
      next, {.uuid = base::new_uuid(),
             .begun_by_version = before.begun_by_version,
             .config_file = before.config_file,
             .source = before.source,
             .target = before.target,
             .source_as_target = before.source_as_target,
             .export_type = ExportType::kChangesOnly,
             .tables = {.roots = before.tables.roots, .leaves = before.tables.leaves, .limited = before.tables.limited},
             .value_rules = before.value_rules,
             .iteration = number,
             .parent_export_dir = main.string()});
  for (const char* key : kJsonKept) {
    if (const std::string text = db.json(key); !text.empty()) next.set_json(key, text);
  }
  for (const LiveRole role : {LiveRole::kToTarget, LiveRole::kToSource}) {
    const std::string importer = role_name(role, WayBack::kNone);
    if (const auto lanes = db.lanes(importer)) next.save_lanes(importer, *lanes);
  }
  next.save_plan(db.plan());
  next.save_sequences(db.sequences());
  sync_names(main, folder);
  change_record(*open_iteration(main, 0), [number](MigrationRecord& record) { record.latest_iteration = number; });
  base::fault_point<"live.iteration_made">();  // the next iteration's folder is there, nobody was asked to begin it
}

void check_turn_of_iteration(const fs::path& export_dir, LiveRole role) {
  const int iteration = iteration_of(export_dir);
  if (iteration == 0) return;
  const auto before = open_iteration(main_dir(export_dir), iteration - 1);
  if (!may_begin_next(cutover_record(*before), role)) refuse(role, LiveRefusal::kEarlierFirst);
}

}  // namespace voyager::migration
