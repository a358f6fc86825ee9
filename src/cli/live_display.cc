#include "cli/live_display.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "cli/metrics.h"
#include "cli/noticed_text.h"
#include "cli/published_progress.h"
#include "migration/changes/noticed_tables.h"
#include "migration/live/cutover_record.h"
#include "report/change_metrics.h"
#include "report/progress_metrics.h"

namespace voyager::cli {
namespace {

using std::chrono::seconds;

constexpr seconds kShort{180};
constexpr seconds kLong{600};
constexpr seconds kCatchUpWindow{60};

// By the clock of the machine that stamped the commit, which need not be ours.
double seconds_since(std::int64_t committed_at_micros) {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(base::system_clock().wall().time_since_epoch());
  return std::max(0.0, static_cast<double>(now.count() - committed_at_micros) / 1e6);
}

report::EventContext context(Session& session) {
  return {.timestamp = base::utc_now(), .migration = session.migration(), .run = session.run()};
}

std::vector<report::TableChanges> changes_of(const std::map<model::TableName, format::ChangeCounts>& counts) {
  std::vector<report::TableChanges> out;
  for (const auto& [table, one] : counts) out.push_back({table, one.inserts, one.updates, one.deletes});
  return out;
}

std::vector<report::TableChanges> changes_of(const std::vector<connector::LaneCounts>& counts) {
  std::vector<report::TableChanges> out;
  for (const connector::LaneCounts& one : counts) out.push_back({one.table, one.inserts, one.updates, one.deletes});
  return out;
}

// What the flow of changes has taken, in the open run.
void note_changes(Session& session, const model::StageTime& stage, int workers) {
  if (!session.open_run()) return;
  OpenRun& run = *session.open_run();
  run.in_stages_s += stage.wall_s;
  run.summary.stages.push_back(stage);
  run.summary.workers = std::max(run.summary.workers, workers);
}

}  // namespace

LivePace::LivePace(Session& session) {
  const bool asked = session.values().given("progress-interval");
  every_ = session.console().on_terminal() ? std::chrono::milliseconds(1'000)
           : asked                         ? std::chrono::milliseconds(session.console().progress_interval())
                                           : std::chrono::milliseconds(10'000);
}

bool LivePace::due() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return false;
  next_ = now + every_;
  return true;
}

bool LivePace::is_new(const std::string& text) {
  if (text == shown_) return false;
  shown_ = text;
  return true;
}

CaptureDisplay::CaptureDisplay(Session& session)
    : session_(session), pace_(session), rates_(std::chrono::steady_clock::now()) {}

CaptureDisplay::~CaptureDisplay() {
  session_.console().show_live({});
  if (!ended_) note_time();
}

void CaptureDisplay::end() {
  show(last_, true);
  note_time();
  ended_ = true;
}

void CaptureDisplay::note_time() {
  const double seconds = rates_.age().count();
  note_changes(session_, {.name = "changes", .wall_s = seconds, .sum_s = seconds, .items = last_.changes}, 1);
}

// A lost connection, a slot that another copy of the directory reads: told once, until it is over.
void CaptureDisplay::tell_of_trouble(const migration::CaptureProgress& progress) {
  if (progress.trouble == told_of_trouble_) return;
  told_of_trouble_ = progress.trouble;
  if (told_of_trouble_.empty()) {
    session_.console().notice(model::NoticeLevel::kSuccess, "Changes are captured again.");
    return;
  }
  session_.console().notice(model::NoticeLevel::kWarning,
                            fmt::format("nothing is captured for now, and it is tried again: {}", told_of_trouble_));
}

void CaptureDisplay::tell_of_space(const migration::CaptureProgress& progress) {
  if (progress.waits_for_space == told_of_space_) return;
  told_of_space_ = progress.waits_for_space;
  const std::string folder = (session_.export_dir() / "data" / "queue").string();
  if (!told_of_space_) {
    session_.console().notice(model::NoticeLevel::kSuccess, "There is space again: changes are captured.");
    return;
  }
  session_.console().notice(
      model::NoticeLevel::kWarning,
      fmt::format("the disk of {} is nearly full: nothing is captured until there is space, and the source keeps its "
                  "log meanwhile. Free some, or have applied changes put away: {} --policy delete",
                  folder, session_.next_command("archive changes")));
}

void CaptureDisplay::tell_of_log(const migration::CaptureProgress& progress) {
  if (progress.retains_too_much == told_of_log_) return;
  told_of_log_ = progress.retains_too_much;
  if (!told_of_log_) return;
  session_.console().notice(
      model::NoticeLevel::kWarning,
      fmt::format("the source keeps {} of its log for this migration, more than --retained-wal-budget-mb says: a long "
                  "transaction there, or a capture that cannot keep up. Look at its disk",
                  base::format_bytes(progress.lag.retained_bytes)));
}

void CaptureDisplay::tell_of_tables(const migration::CaptureProgress& progress) {
  if (!progress.tables) return;
  const bool target = session_.command().id == "export-data-from-target";
  const auto side = target ? migration::CapturedSide::kTarget : migration::CapturedSide::kSource;
  for (const migration::NoticedTable& one : migration::note_tables(session_.db(), side, *progress.tables)) {
    session_.console().notice(model::NoticeLevel::kWarning,
                              fmt::format("{}: {}", noticed_fact(one, side), noticed_advice(one, side)));
  }
}

void CaptureDisplay::show(const migration::CaptureProgress& progress, bool last) {
  tell_of_trouble(progress);
  if (!progress.trouble.empty()) {
    publish(session_.db(), {.command = std::string(session_.command().id),
                            .stage = "changes",
                            .reason = kNotReadable,
                            .workers = 1,
                            .changes = progress.changes_total});
    return;
  }
  last_ = progress;
  tell_of_space(progress);
  tell_of_log(progress);
  tell_of_tables(progress);
  rates_.note(std::chrono::steady_clock::now(), progress.changes);
  const bool shown = pace_.due() || last;
  const bool published = publish_.due() || last;
  if (!shown && !published) return;
  const report::CaptureMetrics metrics = {
      .events_total = progress.changes_total,
      .events_in_run = progress.changes,
      .rate_3_min = rates_.per_second(kShort),
      .rate_10_min = rates_.per_second(kLong),
      .lag = {.seconds = progress.caught_up                 ? std::optional(0.0)
                         : progress.committed_at_micros > 0 ? std::optional(seconds_since(progress.committed_at_micros))
                                                            : std::nullopt,
              .bytes = progress.caught_up ? 0 : progress.lag.behind_bytes},
      .retained_bytes = progress.lag.retained_bytes,
      .slot = progress.lag.slot,
      .tables = changes_of(progress.by_table)};
  const bool target = session_.command().id == "export-data-from-target";
  session_.metrics().tell("capture", [metrics, role = target ? "target_db_exporter" : "source_db_exporter"](
                                         report::MetricsText& text) { report::add_capture(text, role, metrics); });
  if (published) {
    publish(session_.db(), {.command = std::string(session_.command().id),
                            .stage = "changes",
                            .reason = progress.waits_for_space ? kQueueDiskFull : "",
                            .workers = 1,
                            .changes = metrics.events_total,
                            .lag_seconds = metrics.lag.seconds});
  }
  if (!shown) return;
  Console& console = session_.console();
  switch (console.mode()) {
    case report::ProgressMode::kTty:
      console.show_live(report::capture_lines(metrics));
      break;
    case report::ProgressMode::kJson:
      console.event(report::capture_event(metrics, context(session_)));
      break;
    default: {
      std::string table = report::capture_table(metrics);
      table.pop_back();
      if (pace_.is_new(table)) console.line(table);
    }
  }
}

ApplyDisplay::ApplyDisplay(Session& session)
    : session_(session), pace_(session), rates_(std::chrono::steady_clock::now()) {}

ApplyDisplay::~ApplyDisplay() {
  session_.console().show_live({});
  if (!ended_) note_time();
}

void ApplyDisplay::end() {
  show(last_, true);
  note_time();
  ended_ = true;
}

void ApplyDisplay::note_time() {
  note_changes(session_,
               {.name = "changes", .wall_s = rates_.age().count(), .sum_s = last_.busy_s, .items = last_.changes},
               last_.lanes);
}

// Taken back at the end: the process may live on in its next role.
void ApplyDisplay::tell_of_cutover(bool ended) {
  const std::string_view id = session_.command().id;
  const auto [direction, to] = id == "import-data-to-source" ? std::pair(migration::Direction::kToSource, "source")
                               : id == "import-data-to-source-replica"
                                   ? std::pair(migration::Direction::kToSourceReplica, "source-replica")
                                   : std::pair(migration::Direction::kToTarget, "target");
  const std::string asked = ended ? std::string() : migration::cutover_requested_at(session_.db(), direction);
  session_.metrics().tell("cutover", [asked, to = std::string(to)](report::MetricsText& text) {
    if (!asked.empty()) report::add_cutover(text, to, unix_seconds(asked));
  });
}

void ApplyDisplay::show(const migration::ApplyReport& report, bool last) {
  last_ = report;
  rates_.note(std::chrono::steady_clock::now(), report.changes);
  const bool shown = pace_.due() || last;
  const bool published = publish_.due() || last;
  if (!shown && !published) return;
  report::ApplyMetrics metrics = {.events_total = report.changes_total,
                                  .events_in_run = report.changes,
                                  .rate_3_min = rates_.per_second(kShort),
                                  .rate_10_min = rates_.per_second(kLong),
                                  .seconds_in_run = rates_.age().count(),
                                  .remaining = report.remaining,
                                  .lag = {.bytes = report.remaining_bytes},
                                  .missed = report.missed,
                                  .held = report.held,
                                  .sent = report.sent,
                                  .tables = changes_of(report.by_table),
                                  .lanes = report.lanes};
  const std::uint64_t rate = rates_.per_second(kCatchUpWindow);
  if (report.remaining == 0) {
    metrics.seconds_to_catch_up = 0;
    metrics.lag.seconds = 0;
  } else {
    if (rate > 0) metrics.seconds_to_catch_up = report.remaining / rate;
    if (report.committed_at_micros > 0) metrics.lag.seconds = seconds_since(report.committed_at_micros);
  }
  std::optional<double> committed;
  if (report.committed_at_micros > 0) committed = static_cast<double>(report.committed_at_micros) / 1e6;
  const std::string_view id = session_.command().id;
  const char* importer = id == "import-data-to-source"           ? "source_db_importer"
                         : id == "import-data-to-source-replica" ? "source_replica_db_importer"
                                                                 : "target_db_importer";
  session_.metrics().tell("apply", [metrics, committed, role = importer](report::MetricsText& text) {
    report::add_apply(text, role, metrics, committed);
  });
  if (published) {
    tell_of_cutover(last);
    publish(session_.db(), {.command = std::string(id),
                            .stage = "changes",
                            .workers = metrics.lanes,
                            .changes = metrics.events_total,
                            .pending = metrics.remaining,
                            .lag_seconds = metrics.lag.seconds});
  }
  if (!shown) return;
  Console& console = session_.console();
  switch (console.mode()) {
    case report::ProgressMode::kTty:
      console.show_live(report::apply_lines(metrics));
      break;
    case report::ProgressMode::kJson:
      console.event(report::apply_event(metrics, context(session_)));
      break;
    default: {
      std::string table = report::apply_table(metrics);
      table.pop_back();
      // Time passes also when nothing happens.
      const std::string transaction = report::transaction_line(metrics);
      if (pace_.is_new(fmt::format("{} {} {} {} {}", metrics.events_in_run, metrics.rate_3_min, metrics.rate_10_min,
                                   metrics.remaining, transaction)) ||
          last) {
        console.line(table);
        if (!transaction.empty()) console.line(transaction);
      }
    }
  }
}

}  // namespace voyager::cli
