#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/text.h"
#include "migration/schema/build_watch.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/import_schema.h"
#include "migration/schema/object_types.h"
#include "migration/schema/post_data.h"
#include "migration/schema/role_check.h"
#include "migration/schema/statement_outcomes.h"
#include "migration/schema/statement_runner.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

using connector::StatementFault;
using model::NoticeLevel;
using model::PostDataStatement;
using model::WorkState;

constexpr std::string_view kCommand = "finalize-schema-post-data-import";

std::string item_name(const PostDataStatement& statement) {
  const char* what = "statement";
  switch (statement.kind) {
    case PostDataStatement::Kind::kKey:
      what = "primary key";
      break;
    case PostDataStatement::Kind::kUnique:
      what = "constraint";
      break;
    case PostDataStatement::Kind::kIndex:
      what = "index";
      break;
    case PostDataStatement::Kind::kAttach:
      what = "attached index";
      break;
    case PostDataStatement::Kind::kForeignKey:
      what = "foreign key";
      break;
    case PostDataStatement::Kind::kOther:
      break;
  }
  const std::string name = model::display(model::Identifier(statement.object));
  return fmt::format("{} {} on {}", what, name, model::display_short(statement.table));
}

class FinalizeSchema {
 public:
  FinalizeSchema(connector::Target& target, const model::ConnectionOptions& connection, const FinalizeOptions& options,
                 format::MigrationState& db, const model::FlowContext& context)
      : target_(target), options_(options), db_(db), context_(context) {
    database_ = connection.database;
    schemas_ = connection.schemas.empty() ? source_schemas(db) : connection.schemas;
  }

  ImportSchemaReport run() {
    warn_of_unfinished_schema(db_, context_.dialogue);
    ask_about_missing_rows();
    const bool sharding = check();
    const std::vector<std::string> files = files_to_import({}, {}, false);
    ImportPlan plan =
        make_import_plan(folder(), {.sharding = sharding, .database = model::Identifier(database_), .files = files});
    check_schema_is_there(plan);
    schema_ = target_.schema();
    run_waiting();
    run_not_valid(plan);
    if (options_.refresh_mviews) refresh(plan);
    run_last(plan);
    note_options_left_out(db_, report_.left_out);
    note_outcomes(db_, folder(), std::string(kCommand), files, report_.not_run, report_.failed);
    tell_not_run(report_.not_run, context_.dialogue);
    base::fault_point<"finalize.before_done">();  // all statements ran
    return report_;
  }

 private:
  struct Work {
    PostDataStatement statement = {};
    std::size_t item = 0;
  };

  std::filesystem::path folder() const { return options_.export_dir / "schema"; }

  /// Constraints that the source has never checked are made now, and may keep rows out.
  void ask_about_missing_rows() {
    if (!options_.run_guardrails || db_.plan().empty() || import_data_done(db_)) return;
    const model::Question question{
        .text =
            "The rows of this migration are exported and import data has not finished. Rows that do not satisfy a NOT "
            "VALID constraint could not come in afterwards. Finalize all the same?",
        .flag = "--yes"};
    if (context_.dialogue.confirm(question)) return;
    base::fail(base::ExitCode::kNoAnswer, "nothing was finalized", "the question was answered with no",
               {"yb-voyager import data ..."});
  }

  /// A server that has nothing of a migration is another one, or its schema was never imported.
  void check_schema_is_there(const ImportPlan& plan) {
    if (plan.tables.empty()) return;
    const auto admin = target_.admin(migration_uuid(db_));
    // One is enough, and most often the first is there.
    if (!admin->describe({plan.tables.front()}).empty() || !admin->describe(plan.tables).empty()) return;
    throw base::Error({.code = "DIR-008",
                       .exit = base::ExitCode::kState,
                       .title = "the target has no table of this migration",
                       .cause = "the schema was not imported into this database",
                       .fix = {"yb-voyager import schema ..."},
                       .then = "nothing was changed"});
  }

  bool check() {
    const auto preflight = target_.preflight();
    const model::TargetTraits traits = preflight->traits();
    context_.dialogue.notice(NoticeLevel::kInfo, "target: " + traits.version_text);
    if (options_.run_guardrails) {
      answer_findings(preflight->check_import_schema(schemas_), std::string(kCommand), context_.dialogue);
    }
    return traits.sharding;
  }

  // --- what import schema left for after the rows ---------------------------------------------------------------

  void run_waiting() {
    std::vector<PostDataStatement> statements = db_.post_data();
    std::ranges::stable_sort(statements, {}, &PostDataStatement::kind);
    std::vector<Work> open;
    std::vector<model::TableName> indexes;
    for (const PostDataStatement& statement : statements) {
      if (can_ask(statement)) indexes.push_back(index_of(statement));
    }
    const std::vector<model::TableName> there = schema_->valid_indexes(indexes);
    there_ = {there.begin(), there.end()};
    for (PostDataStatement& statement : statements) {
      const std::size_t item = context_.board.add_item(item_name(statement), 0, 0, false);
      open.push_back({std::move(statement), item});
    }
    context_.board.set_stage("indexes and constraints");
    BuildWatch watch(target_.admin(migration_uuid(db_)), context_.board);
    std::vector<std::pair<Work, StatementFault>> refused;
    for (bool progress = true; progress && !open.empty();) {
      progress = false;
      refused.clear();
      for (const Work& work : open) {
        if (auto fault = run_one(work, watch)) {
          refused.emplace_back(work, std::move(*fault));
        } else {
          progress = true;
        }
      }
      open.clear();
      for (const auto& [work, fault] : refused) open.push_back(work);
    }
    for (const auto& [work, fault] : refused) fail(work.statement, fault);
  }

  std::optional<StatementFault> run_one(const Work& work, BuildWatch& watch) {
    base::throw_if_draining(context_.stop, fmt::format("{} was stopped", kCommand),
                            "run the same command again: what is built stays");
    const PostDataStatement& statement = work.statement;
    if (is_there(statement)) {
      ++report_.skipped_existing;
      if (!statement.done) db_.mark_post_data_done(statement.id);
      context_.board.set_state(work.item, WorkState::kDone);
      return std::nullopt;
    }
    if (!statement.done) context_.dialogue.notice(NoticeLevel::kInfo, first_characters(statement.file, statement.sql));
    context_.board.set_state(work.item, WorkState::kRunning);
    const model::StageWork work_time(context_.board, "indexes and constraints");
    watch.set_current(work.item, statement.table);
    std::optional<StatementFault> fault = run_post_data(statement, *schema_, report_.left_out);
    watch.set_none();
    if (fault) {
      context_.board.set_state(work.item, WorkState::kFailed, fault->message);
      return may_wait(*fault) ? fault : fail_now(statement, *fault);
    }
    base::fault_point<"finalize.after_statement">();  // a statement of finalize took effect
    if (!statement.done) db_.mark_post_data_done(statement.id);
    context_.board.set_state(work.item, WorkState::kDone);
    const bool made_before = statement.done && !can_ask(statement);
    ++(made_before ? report_.skipped_existing : report_.statements);
    return std::nullopt;
  }

  static bool can_ask(const PostDataStatement& statement) {
    using Kind = PostDataStatement::Kind;
    const bool has_index =
        statement.kind == Kind::kKey || statement.kind == Kind::kUnique || statement.kind == Kind::kIndex;
    return has_index && !statement.object.empty();
  }

  static model::TableName index_of(const PostDataStatement& statement) {
    return {statement.table.schema, model::Identifier(statement.object)};
  }

  /// What import data has built counts when it is still there; what cannot be asked for is run again, which is harmless
  /// unless it is an index without a name.
  bool is_there(const PostDataStatement& statement) const {
    if (statement.object.empty()) return statement.done;
    return can_ask(statement) && there_.contains(index_of(statement));
  }

  static bool may_wait(const StatementFault& fault) { return fault.missing_object; }

  std::optional<StatementFault> fail_now(const PostDataStatement& statement, const StatementFault& fault) {
    fail(statement, fault);
    return std::nullopt;
  }

  void fail(const PostDataStatement& statement, const StatementFault& fault) {
    const std::string place = fmt::format("schema/{}:{}", statement.file, statement.line);
    if (!options_.continue_on_error) {
      throw base::Error({.code = "SCH-002",
                         .title = fmt::format("{} stopped at {}", kCommand, place),
                         .where = place,
                         .cause = fault.message,
                         .fix = {"repair what the server names, then run the same command again",
                                 "or collect all failures in schema/failed.sql with --continue-on-error true"},
                         .then = "what is built stays",
                         .sqlstate = fault.sqlstate});
    }
    context_.dialogue.notice(NoticeLevel::kWarning, fmt::format("{}: {}", place, fault.message));
    report_.failed.push_back({.file = statement.file,
                              .line = statement.line,
                              .sql = statement.sql,
                              .sqlstate = fault.sqlstate,
                              .reason = fault.message,
                              .fingerprint = sql::fingerprint(statement.sql),
                              .info = sql::parse_statement(statement.sql)});
  }

  // --- NOT VALID constraints ----------------------------------------------------------------------------------------

  void run_not_valid(const ImportPlan& plan) {
    if (plan.after_all.empty()) return;
    context_.board.set_stage("not valid constraints");
    // A constraint that is there is one that an earlier run made: running this command again is always allowed.
    StatementRunner runner(*schema_, plan.settings,
                           {.command = std::string(kCommand),
                            .fault_point = base::fault_point<"finalize.after_statement">,
                            .continue_on_error = options_.continue_on_error,
                            .ignore_exist = true},
                           context_);
    for (const SchemaStatement& statement : plan.after_all) {
      const model::StageWork work_time(context_.board, "not valid constraints");
      runner.run(statement);
    }
    runner.run_deferred();
    take_counts(runner);
  }

  // --- event triggers and settings of the database ------------------------------------------------------------------

  void run_last(ImportPlan& plan) {
    if (plan.last.empty()) return;
    if (!report_.failed.empty()) {
      // An event trigger may refuse what is still to be mended.
      context_.dialogue.notice(
          NoticeLevel::kWarning,
          "event triggers and settings of the database wait until nothing else fails: run the same "
          "command again when it is mended");
      return;
    }
    context_.board.set_stage("event triggers and settings");
    check_roles(plan.last, schema_->roles(), report_.not_run);
    const auto passes_over = [this](const Refusal& refusal) {
      if (!is_said_of_objects(refusal)) return false;
      report_.not_run.push_back(not_run_of(refusal.statement, refusal.fault.message));
      return true;
    };
    StatementRunner runner(*schema_, plan.settings,
                           {.command = std::string(kCommand),
                            .fault_point = base::fault_point<"finalize.after_statement">,
                            .continue_on_error = options_.continue_on_error,
                            .ignore_exist = true,
                            .passes_over = passes_over},
                           context_);
    for (const SchemaStatement& statement : plan.last) {
      const model::StageWork work_time(context_.board, "event triggers and settings");
      runner.run(statement);
    }
    runner.run_deferred();
    take_counts(runner);
  }

  void take_counts(const StatementRunner& runner) {
    report_.statements += runner.statements();
    report_.skipped_existing += runner.skipped_existing();
    report_.failed.insert(report_.failed.end(), runner.failed().begin(), runner.failed().end());
    report_.left_out.insert(report_.left_out.end(), runner.left_out().begin(), runner.left_out().end());
  }

  // --- materialized views -------------------------------------------------------------------------------------------

  /// Those of the files first, in their order, in which each view follows those it reads.
  std::vector<model::TableName> views_in_order(const ImportPlan& plan) {
    std::vector<model::TableName> there = schema_->materialized_views(schemas_);
    const auto position = [&](const model::TableName& view) {
      return std::ranges::find(plan.materialized_views, view) - plan.materialized_views.begin();
    };
    std::ranges::stable_sort(there, {}, position);
    return there;
  }

  void refresh(const ImportPlan& plan) {
    const std::vector<model::TableName> views = views_in_order(plan);
    if (views.empty()) return;
    context_.board.set_stage("materialized views");
    context_.dialogue.notice(NoticeLevel::kInfo, "refreshing materialized views");
    std::vector<model::TableName> refreshed;
    for (const model::TableName& view : views) {
      base::throw_if_draining(context_.stop, fmt::format("{} was stopped", kCommand), "run the same command again");
      const std::size_t item = context_.board.add_item("materialized view " + model::display_short(view), 0, 0, false);
      context_.board.set_state(item, WorkState::kRunning);
      const model::StageWork work_time(context_.board, "materialized views");
      if (const std::optional<StatementFault> fault = schema_->refresh_materialized_view(view)) {
        context_.board.set_state(item, WorkState::kFailed, fault->message);
        fail_refresh(view, *fault);
        continue;
      }
      refreshed.push_back(view);
      context_.board.set_state(item, WorkState::kDone);
      base::fault_point<"finalize.after_statement">();
    }
    name_empty(refreshed);
  }

  void fail_refresh(const model::TableName& view, const StatementFault& fault) {
    const std::string name = "materialized view " + model::display(view);
    if (!options_.continue_on_error) {
      throw base::Error({.code = "SCH-002",
                         .title = fmt::format("{} stopped at {}", kCommand, name),
                         .where = name,
                         .cause = fault.message,
                         .fix = {"repair what the server names, then run the same command again",
                                 "or go on with the other views: --continue-on-error true"},
                         .then = "what is built and filled stays",
                         .sqlstate = fault.sqlstate});
    }
    context_.dialogue.notice(NoticeLevel::kWarning, fmt::format("{} was not refreshed: {}", name, fault.message));
    ++report_.not_refreshed;
  }

  void name_empty(const std::vector<model::TableName>& views) {
    const std::vector<model::TableName> filled = target_.admin(migration_uuid(db_))->non_empty(views);
    std::vector<std::string> empty;
    for (const model::TableName& view : views) {
      if (std::ranges::find(filled, view) == filled.end()) empty.push_back(model::display(view));
    }
    if (empty.empty()) return;
    context_.dialogue.notice(NoticeLevel::kWarning,
                             "these materialized views hold no rows: " + base::join(empty, ", "));
  }

  connector::Target& target_;
  const FinalizeOptions& options_;
  format::MigrationState& db_;
  const model::FlowContext context_;
  std::string database_ = {};
  std::vector<model::Identifier> schemas_ = {};
  std::unique_ptr<connector::SchemaTarget> schema_ = {};
  std::set<model::TableName> there_ = {};  // indexes that were valid when this run began
  ImportSchemaReport report_ = {};
};

}  // namespace

ImportSchemaReport finalize_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                   const FinalizeOptions& options, format::MigrationState& db,
                                   const model::FlowContext& context) {
  require_exported_schema(db);
  VOY_ASSERT(product.target != nullptr);
  const auto connection = product.target(target);
  return FinalizeSchema(*connection, target, options, db, context).run();
}

}  // namespace voyager::migration
