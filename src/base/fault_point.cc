#include "base/fault_point.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace voyager::base {
namespace {

// In the order in which a migration meets them.
constexpr std::string_view kNames[] = {
    "assess.node_gathered",             // a node's metadata are on disk
    "assess.before_judging",            // the database of the assessment is built
    "assess.before_replacing",          // all is known, the earlier assessment is still in place
    "assess.half_replaced",             // the metadata are replaced, the database is not
    "assess.half_reported",             // the first report is new, the others are not (analyze-schema passes it too)
    "assess.before_done",               // the reports are written, the state does not know it
    "export_schema.before_files",       // the source has handed its objects over, nothing is in schema/
    "export_schema.between_files",      // some schema files are written
    "export_schema.before_done",        // all files are written, the state does not know it
    "import_schema.after_statement",    // a statement took effect
    "import_schema.before_done",        // all statements ran
    "export_data.before_plan",          // the snapshot is open, no chunk is planned
    "export_data.after_plan",           // the tables and their ranges are saved
    "export_data.chunk_leased",         // a chunk is handed to a worker
    "export_data.chunk_half_written",   // part of a chunk's file is written
    "export_data.chunk_synced",         // the file is on disk under its temporary name
    "export_data.chunk_renamed",        // the file has its final name, the state does not know it
    "export_data.chunk_done",           // the state knows the chunk
    "export_data.before_sequences",     // all chunks are done
    "export_data.before_done",          // all but the final mark is saved
    "import_data.some_tables_emptied",  // --start-clean: some of them are empty
    "import_data.tables_emptied",       // --start-clean: tables are empty, the bookkeeping still says that rows are in
    "import_data.run_noted",            // the directory knows this run, the target does not
    "import_data.before_triggers_off",  // triggers to be switched on again are noted, none is off yet
    "import_data.after_triggers_off",   // triggers are off
    "import_data.before_drop_key",      // a key to be rebuilt is noted, not yet dropped
    "import_data.after_drop_key",       // the key is dropped
    "import_data.batch_sent",           // all rows of a batch are sent, not committed
    "import_data.batch_committed",      // the target has committed, the local state does not know it
    "import_data.batch_noted",          // the batch is counted, the local state does not show it yet
    "import_data.row_set_aside",        // a refused row is on disk, the state does not know it
    "copy_data.chunk_half_read",        // part of a chunk's rows is with the loaders
    "copy_data.chunk_read",             // all of them are read, the state does not know it
    "copy_data.chunk_noted",            // the state knows, the target may lack some
    "copy_data.restart_noted",          // tables are to be emptied and read again, none is emptied
    "copy_data.restart_emptied",        // they are empty, the state does not know it
    "copy_data.before_done",            // all rows are in, the state does not know it
    "rejects.released",                 // set-aside rows are to be loaded again, none is
    "import_data.before_index",         // a table's rows are in, its indexes are not
    "import_data.index_built",          // an index is built, the state does not know it
    "import_data.before_sequences",     // all rows are in
    "import_data.before_done",          // all but the final mark is saved
    "live.segment_noted",               // the state knows a segment of the queue, its file is not there
    "live.synced",                      // changes are safe in a segment, the state does not know it
    "live.noted",                       // the state knows them, the source was not told
    "live.segment_closed",              // a segment has its end, the state does not know it
    "live.changes_committed",           // the target has committed changes, the lane does not know it
    "live.columns_changed",             // a column was added to the target, the lanes go on as before
    "live.cutover_captured",            // the last change is in the queue, its sequences are not noted
    "live.cutover_exported",            // the capture is taken down, the state does not know that the exporter is done
    "live.cutover_applied",             // the last change is on the other side, the sequences are not
    "live.cutover_sequences",           // the sequences are set, the state does not know that the importer is done
    "live.turned",                      // a process has the lock of its next role, and that of the one before
    "live.target_slot_made",      // the target (in a later iteration the source) keeps its changes, the state does not
                                  // know since when
    "live.target_capture_noted",  // the state knows, the cutover does not
    "live.source_prepared",       // the source can take changes, the state does not know it
    "live.iteration_made",        // the next iteration's folder is there, nobody was asked to begin it
    "live.iteration_emptied",     // of an iteration only the state is left
    "archive.half_copied",        // a segment is copied under a temporary name
    "archive.copied",             // its copy is in the archive, the state does not know it
    "archive.noted",              // the state says that it is put away, the file is still there
    "archive.removed",            // the file is gone
    "finalize.after_statement",   // a statement of finalize took effect
    "finalize.before_done",       // all statements ran
    "end.after_reports",          // reports are saved
    "end.after_backup",           // files are moved to the backup folder
    "end.after_target",           // the target's bookkeeping is gone
    "end.before_state_removed",   // only metainfo/ and the logs are left
};

enum class Action { kKill, kError };

struct Plan {
  std::string name = {};
  int nth = 1;
  Action action = Action::kKill;
};

Plan read_plan() {
  const char* text = std::getenv("YB_VOYAGER_FAULT");
  if (text == nullptr || *text == '\0') return {};
  const std::vector<std::string> parts = split(text, ':');
  Plan plan{.name = parts[0]};
  if (parts.size() > 1) plan.nth = std::atoi(parts[1].c_str());
  if (parts.size() > 2 && parts[2] == "error") plan.action = Action::kError;
  if (std::ranges::find(kNames, plan.name) == std::end(kNames)) {
    fail(ExitCode::kUsage, "YB_VOYAGER_FAULT names an unknown fault point: " + plan.name);
  }
  return plan;
}

}  // namespace

void fault_point(std::string_view name) {
  static const Plan plan = read_plan();
  if (plan.name.empty()) return;
  VOY_ASSERT(std::ranges::find(kNames, name) != std::end(kNames));
  if (plan.name != name) return;
  static std::atomic<int> arrivals = 0;
  if (++arrivals != plan.nth) return;
  if (plan.action == Action::kKill) {
    ::kill(::getpid(), SIGKILL);
    ::pause();
  }
  fail(ExitCode::kFailure, "fault injected at " + std::string(name));
}

std::span<const std::string_view> fault_point_names() {
  return kNames;
}

}  // namespace voyager::base
