#include "migration/schema/statement_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/optimize/optimize_schema.h"
#include "migration/schema/role_check.h"
#include "sql/lexer.h"

namespace voyager::migration {
namespace {

using connector::StatementFault;
using model::NoticeLevel;
using sql::StatementKind;

constexpr std::size_t kShownBytesMax = 80;
constexpr std::string_view kSearchPath = "search_path";
constexpr std::string_view kSessionAuthorization = "session_authorization";

/// May the same statement work once others have run? A routine's body can fail in any way over what is not there yet.
bool may_work_later(const SchemaStatement& statement, const StatementFault& fault) {
  if (fault.already_exists) return false;
  return fault.missing_object || fault.may_work_later || statement.info.kind == StatementKind::kCreateRoutine;
}

}  // namespace

bool is_said_of_objects(const Refusal& refusal) {
  const sql::Statement& info = refusal.statement.info;
  if (info.kind == StatementKind::kOwner || info.kind == StatementKind::kRights) return true;
  const bool comment = sql::is_word(refusal.statement.sql, sql::next_code_token(refusal.statement.sql, 0), "comment");
  if (comment) return refusal.fault.not_allowed || refusal.fault.missing_object;  // What it is said of is left out.
  return refusal.fault.not_allowed && (info.kind == StatementKind::kSetting || info.event_trigger);
}

NotRun not_run_of(const SchemaStatement& statement, std::string reason) {
  return {.file = statement.file,
          .line = statement.line,
          .sql = statement.sql,
          .reason = std::move(reason),
          .fingerprint = statement.fingerprint,
          .info = statement.info};
}

StatementRunner::StatementRunner(connector::SchemaTarget& target,
                                 const std::vector<std::vector<SessionSetting>>& settings, RunnerOptions options,
                                 const model::FlowContext& context)
    : target_(target), settings_(settings), options_(std::move(options)), context_(context) {}

void StatementRunner::run(const SchemaStatement& statement) {
  context_.dialogue.notice(NoticeLevel::kInfo, first_characters(statement.file, statement.sql));
  std::optional<StatementFault> fault = attempt(statement);
  if (!fault) return;
  Refusal refusal{statement, std::move(*fault)};
  if (may_work_later(statement, refusal.fault)) {
    deferred_.push_back(std::move(refusal));
  } else {
    fail(refusal);
  }
}

void StatementRunner::run_deferred() {
  if (deferred_.empty()) return;
  context_.dialogue.notice(NoticeLevel::kInfo,
                           fmt::format("trying {} statements again that needed others", deferred_.size()));
  run_rounds(Round::kPlain);
  if (options_.takes_over) std::erase_if(deferred_, options_.takes_over);
  const bool has_routine = std::ranges::any_of(
      deferred_, [](const Refusal& one) { return one.statement.info.kind == StatementKind::kCreateRoutine; });
  if (has_routine) {
    target_.check_routine_bodies(false);
    run_rounds(Round::kBodiesUnchecked);
    target_.check_routine_bodies(true);
  }
  run_under_search_path();
  for (const Refusal& refusal : std::exchange(deferred_, {})) fail(refusal);
}

/// A schema's statements name everything with its schema; the routines that they call may not.
void StatementRunner::run_under_search_path() {
  if (options_.schemas.empty()) return;
  std::vector<Refusal> others;
  std::erase_if(deferred_, [&](Refusal& refusal) {
    if (!blamed_routines(refusal).empty()) return false;
    others.push_back(std::move(refusal));
    return true;
  });
  under_search_path_ = true;
  current_file_.reset();
  run_rounds(Round::kUnderSearchPath);
  under_search_path_ = false;
  current_file_.reset();
  std::ranges::move(others, std::back_inserter(deferred_));
}

std::vector<const SchemaStatement*> StatementRunner::blamed_routines(const Refusal& refusal) const {
  std::vector<const SchemaStatement*> found;
  for (const SchemaStatement& routine : unchecked_) {
    if (holds_name(refusal.fault.message, routine.info.object.name.catalog_text())) found.push_back(&routine);
  }
  return found;
}

void StatementRunner::run_rounds(Round round) {
  for (bool progress = true; progress && !deferred_.empty();) {
    progress = false;
    std::vector<Refusal> remaining;
    for (Refusal& refusal : deferred_) {
      std::optional<StatementFault> fault = attempt(refusal.statement);
      if (!fault) {
        progress = true;
        tell(round, refusal);
      } else {
        // What the server said in the first place is what the user has to mend.
        if (round != Round::kUnderSearchPath) refusal.fault = std::move(*fault);
        remaining.push_back(std::move(refusal));
      }
    }
    deferred_ = std::move(remaining);
  }
}

void StatementRunner::tell(Round round, const Refusal& refusal) {
  const SchemaStatement& statement = refusal.statement;
  const auto warn = [&](std::string_view how) {
    context_.dialogue.notice(NoticeLevel::kWarning, fmt::format("schema/{}:{}: created, but {}: {}", statement.file,
                                                                statement.line, how, refusal.fault.message));
  };
  if (round == Round::kBodiesUnchecked && statement.info.kind == StatementKind::kCreateRoutine) {
    unchecked_.push_back(statement);
    warn("its body does not work under the search path of the file");
  }
  if (round == Round::kUnderSearchPath)
    warn(
        "only under a search path of the exported schemas, because a routine that it calls names others without "
        "theirs");
}

std::vector<std::string> StatementRunner::fixes(const Refusal& refusal) const {
  if (refusal.fault.already_exists)
    return {
        "--ignore-exist true passes over what is there",
        "--start-clean true drops the target's schemas first; what lies in no schema (publications, languages) stays"};
  std::vector<std::string> lines;
  for (const SchemaStatement* routine : blamed_routines(refusal))
    lines.push_back(fmt::format("change the body of {} in schema/{}:{} so that it names schemas",
                                model::display(routine->info.object), routine->file, routine->line));
  if (lines.empty())
    lines.push_back(
        fmt::format("change the statement in schema/{}:{}", refusal.statement.file, refusal.statement.line));
  lines.emplace_back("or collect all failures in schema/failed.sql with --continue-on-error true");
  return lines;
}

base::Error StatementRunner::stopped_at(const Refusal& refusal) const {
  const SchemaStatement& statement = refusal.statement;
  const std::string place = fmt::format("schema/{}:{}", statement.file, statement.line);
  return base::Error({.code = "SCH-001",
                      .title = fmt::format("{} stopped at {}", options_.command, place),
                      .where = place,
                      .cause = refusal.fault.message,
                      .fix = fixes(refusal),
                      .then = fmt::format("{} again with --ignore-exist true: what has run stays", options_.command),
                      .sqlstate = refusal.fault.sqlstate});
}

void StatementRunner::fail(const Refusal& refusal) {
  if (options_.passes_over && options_.passes_over(refusal)) return;
  const base::Error error = stopped_at(refusal);
  if (!options_.continue_on_error) throw error;
  const SchemaStatement& statement = refusal.statement;
  base::log_warn(error.what());
  context_.dialogue.notice(NoticeLevel::kWarning,
                           fmt::format("schema/{}:{}: {}", statement.file, statement.line, refusal.fault.message));
  failed_.push_back({.file = statement.file,
                     .line = statement.line,
                     .sql = statement.sql,
                     .sqlstate = refusal.fault.sqlstate,
                     .reason = refusal.fault.message,
                     .fingerprint = statement.fingerprint,
                     .info = statement.info});
}

std::optional<StatementFault> StatementRunner::attempt(const SchemaStatement& statement) {
  base::throw_if_draining(context_.stop, options_.command + " was stopped",
                          "run the same command with --ignore-exist true: what has run stays");
  apply_settings(statement);
  std::optional<StatementFault> fault = send(statement);
  if (fault && fault->already_exists) fault = repair_index(statement, std::move(*fault));
  if (fault && fault->already_exists) {
    // We have created the schemas ourselves before.
    const bool expected = options_.ignore_exist || statement.info.kind == StatementKind::kCreateSchema;
    if (!expected) return fault;
    // An earlier run may have made it without a role that was missing then.
    if (statement.info.kind == StatementKind::kCreatePolicy) {
      std::vector<std::string> notices;
      if (fault = target_.run(roles_of_policy(statement.sql), notices); fault) return fault;
    }
    ++skipped_existing_;
    return std::nullopt;
  }
  if (fault) return fault;
  if (statement.info.kind == StatementKind::kRights && !may_not_act_.empty()) {
    NotRun& one = not_as_it_stands_.emplace_back(
        not_run_of(statement, "given by the user that imports, which may not act as another: " + may_not_act_));
    one.made_with_rest = true;
  }
  ++statements_;
  if (options_.fault_point != nullptr) options_.fault_point();
  return std::nullopt;
}

std::optional<StatementFault> StatementRunner::send(const SchemaStatement& statement) {
  std::vector<std::string> notices;
  const std::size_t known = left_out_.size();
  std::optional<StatementFault> fault = run_with_known_options(target_, statement.sql, notices, left_out_);
  for (std::size_t i = known; i < left_out_.size(); ++i) {
    left_out_[i].file = statement.file;
    left_out_[i].line = statement.line;
    base::log_warn(fmt::format("{}:{}: left out {}: {}", statement.file, statement.line, left_out_[i].option,
                               left_out_[i].reason));
  }
  show_notices(notices);
  return fault;
}

/// A build that was killed, or that failed and was tried again, leaves an index that is there but of no use (where
/// indexes are built outside of transactions). It is in nobody's interest, so whoever runs the statement gets a new
/// one. The upper index of a partitioned table is invalid until the others are attached, and must stay.
std::optional<StatementFault> StatementRunner::repair_index(const SchemaStatement& statement, StatementFault fault) {
  const sql::Statement& info = statement.info;
  if (info.kind != StatementKind::kCreateIndex || info.only || info.object.name.empty()) return fault;
  if (!target_.valid_indexes({info.object}).empty()) return fault;
  target_.drop_invalid_index(info.object);
  return send(statement);
}

void StatementRunner::apply_settings(const SchemaStatement& statement) {
  const bool goes_on = current_file_ == statement.file_number && settings_applied_ <= statement.settings;
  if (!goes_on) put_back(statement);
  for (std::size_t next = goes_on ? settings_applied_ : 0; next < statement.settings; ++next) {
    apply(statement, settings_[statement.file_number][next]);
  }
  current_file_ = statement.file_number;
  settings_applied_ = statement.settings;
}

void StatementRunner::apply(const SchemaStatement& statement, const SessionSetting& setting) {
  if (under_search_path_ && setting.name == kSearchPath) {
    changed_.insert(setting.name);
    return target_.set_search_path(options_.schemas);
  }
  std::vector<std::string> notices;
  const auto fault = target_.run(setting.sql, notices);
  if (setting.name == kSessionAuthorization) may_not_act_ = fault ? fault->message : "";
  if (!fault) {
    if (!setting.name.empty()) changed_.insert(setting.name);
    return;
  }
  // A setting of a newer server is no object of the user: the statements show whether it was needed.
  base::log_warn(fmt::format("{}: {}: {}", statement.file, setting.sql, fault->message));
  // One that export schema has put in says how tables are made, and no statement would show that it is missing.
  if (!setting.name.starts_with(kShardingSettingPrefix) || !unknown_.insert(setting.name).second) return;
  context_.dialogue.notice(NoticeLevel::kWarning,
                           fmt::format("the target refuses the setting {} ({}): what follows is made without it",
                                       setting.name, fault->message));
}

/// What other statements ran under, and this one does not.
void StatementRunner::put_back(const SchemaStatement& statement) {
  may_not_act_.clear();
  const std::vector<SessionSetting>& own = settings_[statement.file_number];
  const auto end = own.begin() + static_cast<std::ptrdiff_t>(statement.settings);
  std::erase_if(changed_, [&](const std::string& name) {
    const bool set_again = std::any_of(own.begin(), end, [&](const SessionSetting& one) { return one.name == name; });
    if (!set_again) target_.reset_setting(name);
    return !set_again;
  });
}

void StatementRunner::show_notices(std::vector<std::string>& notices) {
  for (const std::string& notice : notices) context_.dialogue.notice(NoticeLevel::kWarning, notice);
}

std::string first_characters(const std::string& file, std::string_view sql) {
  return fmt::format("{}: {} ...", file, base::beginning(base::one_line(sql), kShownBytesMax));
}

}  // namespace voyager::migration
