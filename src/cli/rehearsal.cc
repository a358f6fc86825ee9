#include "cli/rehearsal.h"

#include <fmt/format.h>

#include <chrono>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/live_flow.h"
#include "cli/noticed_text.h"
#include "migration/changes/noticed_tables.h"
#include "migration/live/live_role.h"
#include "migration/live/noted_sequences.h"
#include "migration/live/verified.h"
#include "model/readiness.h"
#include "report/readiness_text.h"

namespace voyager::cli {
namespace {

using base::ExitCode;
using migration::Direction;
using migration::LiveRole;
using model::ReadinessLine;

constexpr std::chrono::milliseconds kMeasure{2'000};
// A cutover that takes longer keeps the application waiting for what a little patience before it would have spared.
constexpr double kSecondsMax = 60;
constexpr std::uint64_t kUncapturedBytesMax = 64ULL << 20U;
constexpr double kSecondsForOrders = 2.0;  // Both processes look once a second.
constexpr double kSecondsForSequence = 0.0005;

class Rehearsal {
 public:
  Rehearsal(Session& session, Direction direction, const FlowBehind& behind)
      : session_(session), flow_(flow_before(session, direction)), behind_(behind), direction_(direction) {}

  model::Readiness run();

 private:
  void add(bool ok, std::string what, std::string detail = {}, std::string fix = {}) {
    out_.lines.push_back({ok, std::move(what), std::move(detail), std::move(fix)});
  }
  // What cannot be asked is not ready.
  template <typename Ask>
  void ask(const std::string& what, const Ask& ask) {
    try {
      ask();
    } catch (const base::Error& error) {
      const base::ErrorInfo& info = error.info();
      add(false, what, info.cause.empty() ? info.title : info.title + ": " + info.cause, base::join(info.fix, "\n"));
    }
  }
  std::optional<Endpoint> captured() const;
  std::optional<Endpoint> applied() const;
  void look_at_processes();
  void look_at_changes();
  void look_at_sequences();
  void look_at_tables();
  void look_behind();
  void look_at_comparison();

  Session& session_;
  const LiveFlow flow_;
  const FlowBehind& behind_;
  const Direction direction_;
  std::size_t sequences_ = 0;
  model::Readiness out_ = {};
};

std::optional<Endpoint> Rehearsal::captured() const {
  return flow_.from_source() ? noted_source_endpoint(session_) : noted_data_target(session_);
}

std::optional<Endpoint> Rehearsal::applied() const {
  if (flow_.from_source()) return noted_data_target(session_);
  return direction_ == Direction::kToSource ? noted_source_as_target(session_) : noted_source_replica(session_);
}

void Rehearsal::look_at_processes() {
  const auto running = migration::running_commands(flow_.export_dir);
  for (const LiveRole role : {flow_.exporter, flow_.importer}) {
    const bool there = runs(running, role);
    add(there, fmt::format("{} is running", migration::command_of(role)), there ? "" : "it is not",
        there ? "" : command_for(session_, role));
  }
}

void Rehearsal::look_at_changes() {
  const std::optional<Endpoint> from = captured();
  const std::optional<Endpoint> to = applied();
  if (!from || !to) return add(false, "changes are captured and applied", "import data was not started yet");
  migration::Follower follower = follower_of(flow_, *from, *to);
  if (snapshot_under_way(flow_))
    return add(false, "the snapshot is imported", "no change is applied yet",
               "run it again when the import says: Applying changes until the cutover");
  const connector::SourceLag lag = follower.captured().lag();
  out_.uncaptured_bytes = lag.behind_bytes;
  if (lag.lost) return add(false, "changes are captured", "the server has given up what was not captured yet");
  add(lag.behind_bytes <= kUncapturedBytesMax, "changes are captured",
      fmt::format("{} of the log are not confirmed, {} are kept for it", base::format_bytes(lag.behind_bytes),
                  base::format_bytes(lag.retained_bytes)));
  const base::Clock& clock = base::system_clock();
  const migration::Waiting waiting = follower.waiting(clock);
  out_.unapplied_changes = waiting.changes;
  out_.lag_seconds = waiting.oldest_seconds;
  double seconds = 0;
  if (waiting.changes > 0) {
    out_.changes_a_second = follower.changes_a_second(kMeasure, clock, session_.stop());
    if (*out_.changes_a_second < 1) {
      add(false, "changes are applied",
          fmt::format("{} wait, and none was applied while looking", base::format_count(waiting.changes)));
    } else {
      seconds = static_cast<double>(waiting.changes) / *out_.changes_a_second;
    }
  }
  const bool moves = waiting.changes == 0 || *out_.changes_a_second >= 1;
  if (moves) {
    out_.seconds = seconds + kSecondsForOrders;
    add(seconds <= kSecondsMax, "changes are applied",
        waiting.changes == 0 ? "none waits"
                             : fmt::format("{} wait, the oldest for {:.1f} s; {} are applied a second",
                                           base::format_count(waiting.changes), waiting.oldest_seconds,
                                           base::format_count(static_cast<std::uint64_t>(*out_.changes_a_second))),
        seconds <= kSecondsMax ? "" : "wait until fewer changes are on their way");
  }
  const std::vector<model::Finding> open = follower.captured().open_transactions();
  if (open.empty())
    add(true, fmt::format("no transaction is open for long on the {}", flow_.from_source() ? "source" : "target"));
  for (const model::Finding& one : open)
    add(false, one.title, one.cause + "; what it commits after the cutover is left behind", base::join(one.fix, "\n"));
}

void Rehearsal::look_at_sequences() {
  const std::optional<Endpoint> from = captured();
  if (!from || !from->product->capture_setup) return;
  const std::vector<model::Sequence> sequences = migration::as_begun(
      from->product->capture_setup(from->options, flow_.migration)->sequences(), flow_.db->sequences());
  sequences_ = sequences.size();
  if (const std::optional<Endpoint> to = applied()) {
    const auto database = to->product->target(to->options);
    std::vector<std::string> left_out;
    for (const model::TableName& name :
         migration::split_sequences(sequences, *database->admin(flow_.migration)).left_out)
      left_out.push_back(model::display(name));
    if (!left_out.empty()) add(true, "sequences that are on one side only are left out", base::join(left_out, ", "));
  }
  add(true,
      fmt::format("{} can be read", sequences_ == 1 ? "1 sequence" : base::format_count(sequences_) + " sequences"),
      "they are set on the other side by the cutover");
  if (out_.seconds) *out_.seconds += static_cast<double>(sequences_) * kSecondsForSequence;
}

void Rehearsal::look_at_tables() {
  const auto side = flow_.from_source() ? migration::CapturedSide::kSource : migration::CapturedSide::kTarget;
  bool all = true;
  for (const migration::NoticedTable& one : migration::noticed_tables(*flow_.db, side)) {
    // What may be lost is not ready; what is left over on the other side harms nobody.
    const bool ok =
        one.kind != migration::NoticedTable::Kind::kNew && one.kind != migration::NoticedTable::Kind::kAttached;
    all = all && ok;
    add(ok, noticed_fact(one, side), noticed_advice(one, side));
  }
  if (all) add(true, "all tables are captured, but those that were left out");
}

void Rehearsal::look_behind() {
  if (behind_.from == nullptr) return;
  const std::vector<model::TableName> names = migration::live_tables(*flow_.db);
  const std::string what = fmt::format("the {} can be captured behind the cutover", behind_.from);
  if (!behind_.captured || !behind_.captured->product->capture_setup) return add(false, what, "it is not known how");
  std::vector<model::Table> tables;
  for (const model::TableName& name : names) tables.push_back({.name = name, .root = name});
  bool ok = true;
  for (const model::Finding& finding :
       behind_.captured->product->capture_setup(behind_.captured->options, flow_.migration)->check(tables)) {
    if (!finding.fatal) continue;
    ok = false;
    add(false, what, finding.title + (finding.cause.empty() ? "" : ": " + finding.cause),
        base::join(finding.fix, "\n"));
  }
  if (ok) add(true, what);
  if (!behind_.applied) return;
  if (!behind_.applied->product->change_target)
    return add(false, fmt::format("changes can be applied to the {}", behind_.to), "this release cannot");
  const auto hooks = behind_.applied->product->change_target(behind_.applied->options, flow_.migration)->hooks(names);
  if (hooks.empty())
    return add(true, fmt::format("triggers and foreign keys of the {} do not act on changes", behind_.to));
  std::string off;
  for (const connector::ApplyHook& hook : hooks) off += (off.empty() ? "" : "\n") + hook.off_sql + ";";
  add(true, fmt::format("to be switched off on the {}: {}", behind_.to, connector::names_of(hooks)),
      "by the owner of the tables, when the application has stopped writing there; the cutover writes the file", off);
}

void Rehearsal::look_at_comparison() {
  const bool asked = session_.values().on("require-verified");
  if (direction_ == Direction::kToSourceReplica) return;
  const std::string why = why_not_verified(session_, flow_.from_source());
  if (why.empty()) {
    const auto last = migration::last_verified(*flow_.db);
    return add(true, "both sides are equal", fmt::format("as of {}, compared {}", last->equal_up_to, last->at));
  }
  const auto last = migration::last_verified(*flow_.db);
  const bool differ = last && last->from_source == flow_.from_source() && !last->equal;
  const bool needed = asked || differ;
  add(!needed, needed ? "both sides are equal" : "not compared (--require-verified true would refuse)", why,
      session_.next_command("verify"));
}

model::Readiness Rehearsal::run() {
  out_.to = direction_ == Direction::kToTarget   ? "target"
            : direction_ == Direction::kToSource ? "source"
                                                 : "source-replica";
  look_at_processes();
  ask("changes are captured and applied", [this] { look_at_changes(); });
  ask("sequences can be read", [this] { look_at_sequences(); });
  look_at_tables();
  ask("changes can flow behind the cutover", [this] { look_behind(); });
  look_at_comparison();
  return std::move(out_);
}

}  // namespace

ExitCode rehearse(Session& session, Direction direction, const FlowBehind& behind) {
  const model::Readiness readiness = Rehearsal(session, direction, behind).run();
  session.console().answer(session.console().machine_output()
                               ? report::readiness_json(readiness)
                               : report::readiness_text(readiness, session.console().answer_style()));
  return readiness.ready() ? ExitCode::kOk : ExitCode::kPreflight;
}

std::string why_not_verified(Session& session, bool from_source) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().wall().time_since_epoch());
  return migration::why_not_verified(migration::last_verified(session.db()), from_source, now.count());
}

}  // namespace voyager::cli
