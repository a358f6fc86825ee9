#include "migration/live/live_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/changes/capture_record.h"
#include "migration/changes/column_types.h"
#include "migration/changes/queue_writer.h"
#include "migration/changes/table_pairs.h"
#include "migration/live/cutover_record.h"
#include "migration/live/iterations.h"
#include "migration/live/lost_changes.h"
#include "migration/live/noted_sequences.h"
#include "migration/live/patience.h"
#include "migration/schema/guardrails.h"
#include "migration/snapshot/chunk_scheduler.h"
#include "migration/snapshot/export_plan.h"
#include "migration/snapshot/export_views.h"

namespace voyager::migration {
namespace {

// As a capture that runs has it.
constexpr base::RetryPolicy kPatience{.tries_max = 30, .longest_wait = std::chrono::milliseconds(20'000)};

class Exporter {
 public:
  Exporter(LiveRole role, const LiveContext& context, const LiveExportOptions& options,
           const std::function<void(const CaptureProgress&)>& tell)
      : role_(role),
        context_(context),
        options_(options),
        tell_(tell),
        name_(role_name(role, cutover_record(context.db).way_back)),
        direction_(role == LiveRole::kFromSource ? Direction::kToTarget
                                                 : direction_back(cutover_record(context.db).way_back)) {}

  LiveNext run();

 private:
  void prepare();
  void capture();
  void tell_open_transactions();
  void finish();
  void refuse_lost(const CaptureProgress& progress);
  std::vector<model::TableName> captured_tables();
  void note_value_changes(const std::vector<connector::ValueChange>& changes);
  bool requested() const {
    const CutoverRecord record = cutover_record(context_.db);
    return direction_ == Direction::kToTarget ? record.to_target.requested : record.back.requested;
  }

  const LiveRole role_;
  const LiveContext& context_;
  const LiveExportOptions& options_;
  const std::function<void(const CaptureProgress&)>& tell_;
  const std::string name_;
  const Direction direction_;
  connector::CapturedTables tables_ = {};                         // as it was looked at last
  std::uint64_t values_changed_ = 0;                              // as it was noted last
  std::map<model::TableName, model::PlannedTable> planned_ = {};  // made when it is needed first
};

LiveNext Exporter::run() {
  while (true) {
    const LiveNext next = next_step(cutover_record(context_.db), role_);
    switch (next.step) {
      case LiveStep::kRefuse:
        refuse(role_, next.refusal);
      case LiveStep::kPrepare:
        patiently(context_, kPatience, [this] { prepare(); });
        break;
      case LiveStep::kCapture:
        capture();
        break;
      case LiveStep::kFinishCapture:
        patiently(context_, kPatience, [this] { finish(); });
        break;
      default:
        return next;
    }
  }
}

// Of a target, and of a source in a later iteration: the first capture of a source begins with its snapshot.
void Exporter::prepare() {
  const bool of_source = role_ == LiveRole::kFromSource;
  if (of_source) check_turn_of_iteration(context_.export_dir, role_);
  const auto setup = context_.product.capture_setup(context_.database, context_.migration);
  std::vector<model::Table> tables;
  for (const model::TableName& name : live_tables(context_.db)) tables.push_back({.name = name, .root = name});
  std::vector<model::Finding> findings = setup->check(tables);
  for (model::Finding& finding : findings) finding.note = !finding.fatal;  // Nobody may be there to ask.
  answer_findings(findings, command_of(role_), context_.flow.dialogue);
  // The server gives a place in its log once every transaction that runs there now has ended.
  context_.flow.dialogue.notice(model::NoticeLevel::kInfo, std::string("Setting up the capture of the ") +
                                                               (of_source ? "source" : "target") +
                                                               "; it waits for transactions that are open there.");
  CaptureRecord record = capture_record(context_.db, name_).value_or(CaptureRecord());
  add_undo(record, setup->undo(tables));
  save_capture_record(context_.db, name_, record);
  const connector::CaptureStart start = setup->begin(tables, connector::CaptureSnapshot::kNone);
  record.start = start.position;
  // The target (in a later iteration the source) keeps its changes, the state does not know since when.
  base::fault_point<"live.target_slot_made">();
  note_captured_columns(
      context_.db, name_,
      context_.product.target(context_.database)->admin(context_.migration)->describe(live_tables(context_.db)));
  note_numbered_tables(context_.db, name_, start.tables);
  save_capture_record(context_.db, name_, record);
  base::fault_point<"live.target_capture_noted">();  // the state knows, the cutover does not
  of_source ? note_source_captured(context_.db) : note_target_captured(context_.db);
}

void Exporter::capture() {
  const std::optional<CaptureRecord> record = capture_record(context_.db, name_);
  if (!record) base::fail(base::ExitCode::kState, "the state does not know where the capture begins");
  options_.begins();
  const std::filesystem::path queue_dir = context_.export_dir / "data" / "queue";
  const auto stream = patiently(context_, kPatience, [&] {
    return context_.product.change_source(context_.database, context_.migration, capture_folder(context_.export_dir));
  });
  QueueWriter queue({.export_dir = context_.export_dir,
                     .migration = context_.migration,
                     .exporter_role = name_,
                     .run = options_.run,
                     .segment_bytes_max = options_.segment_bytes_max});
  Capture capture(
      *stream, queue,
      {.position = record->start,
       .scope = {.tables = captured_tables(), .held = record->held, .begun_with = numbered_tables(context_.db, name_)}},
      {.queue_dir = queue_dir,
       .free_bytes_min = options_.free_bytes_min,
       .retained_bytes_max = options_.retained_bytes_max,
       .stop_at_retained_max = options_.stop_at_retained_max},
      context_.flow.clock, context_.flow.stop);
  const auto orders = [this] {
    if (!requested()) return CaptureOrders();
    tell_open_transactions();
    return CaptureOrders{.cutover = cutover_word(direction_)};
  };
  const auto tell = [this](const CaptureProgress& progress) {
    refuse_lost(progress);
    note_value_changes(progress.value_changes);
    tell_(progress);
  };
  if (capture.run(orders, tell) != CaptureEnd::kCutover) {
    base::throw_if_draining(context_.flow.stop, std::string(command_of(role_)) + " was stopped",
                            "run the same command again: it goes on where it was");
  }
  base::fault_point<"live.cutover_captured">();  // the last change is in the queue, its sequences are not noted
  note_cutover(context_.db, direction_, CutoverMark::kCaptured);
}

// What they commit behind the cutover is captured by nobody.
void Exporter::tell_open_transactions() {
  if (!context_.product.capture_watch) return;
  try {
    const auto watch =
        context_.product.capture_watch(context_.database, context_.migration, capture_folder(context_.export_dir));
    for (const model::Finding& open : watch->open_transactions()) {
      context_.flow.dialogue.notice(model::NoticeLevel::kWarning,
                                    fmt::format("{}: {}. What it commits after the cutover is left behind ({}).",
                                                open.title, open.cause, base::join(open.fix, "; ")));
    }
  } catch (const base::Error& error) {
    base::log_warn(std::string("open transactions cannot be looked for: ") + error.what());
  }
}

void Exporter::note_value_changes(const std::vector<connector::ValueChange>& changes) {
  std::uint64_t sum = 0;
  for (const connector::ValueChange& one : changes) sum += one.rows;
  if (sum <= values_changed_) return;  // The last word of a capture has none.
  values_changed_ = sum;
  context_.db.patch_json(kValueChanges, value_changes_patch(std::string(kOfCapturedChanges) + options_.run, changes));
  write_value_changes(context_.export_dir, context_.db);
}

// As the source writes to them.
std::vector<model::TableName> Exporter::captured_tables() {
  std::vector<model::TableName> out;
  for (const model::PlannedTable& one : context_.db.plan()) {
    if (!model::is_large_objects(one.table.kind)) out.push_back(one.table.name);
  }
  return out;
}

void Exporter::refuse_lost(const CaptureProgress& progress) {
  if (!progress.tables || *progress.tables == tables_) return;
  tables_ = *progress.tables;
  if (planned_.empty()) {
    for (const model::PlannedTable& one : context_.db.plan()) planned_[one.table.name] = one;
  }
  refuse_lost_changes(tables_, planned_, role_ == LiveRole::kFromSource);
}

// Nobody writes to this database any more: its sequences stand where the other side's are to go on. What is known of
// sequences behind the first cutover is what the migration carries; one that was made since is nothing to the other
// side.
void Exporter::finish() {
  const auto setup = context_.product.capture_setup(context_.database, context_.migration);
  std::vector<model::Sequence> sequences = as_begun(setup->sequences(), context_.db.sequences());
  if (role_ == LiveRole::kFromSource && iteration_of(context_.export_dir) == 0) {
    sequences = sequences_in_scope(std::move(sequences), context_.db.plan(), options_.limited);
  } else {
    std::set<model::TableName> known;
    for (const model::Sequence& one : context_.db.sequences()) known.insert(one.name);
    std::erase_if(sequences, [&](const model::Sequence& one) { return !known.contains(one.name); });
  }
  context_.db.save_sequences(sequences);
  const std::optional<CaptureRecord> record = capture_record(context_.db, name_);
  setup->end(record ? record->undo : std::vector<std::string>());
  // The capture is taken down, the state does not know that the exporter is done.
  base::fault_point<"live.cutover_exported">();
  forget_capture_record(context_.db, name_);
  note_cutover(context_.db, direction_, CutoverMark::kExporterDone);
}

}  // namespace

LiveNext export_changes(LiveRole role, const LiveContext& context, const LiveExportOptions& options,
                        const std::function<void(const CaptureProgress&)>& tell) {
  return Exporter(role, context, options, tell).run();
}

}  // namespace voyager::migration
