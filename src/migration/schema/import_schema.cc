#include "migration/schema/import_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/text.h"
#include "format/target_tables.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/object_types.h"
#include "migration/schema/role_check.h"
#include "migration/schema/statement_outcomes.h"
#include "migration/schema/statement_runner.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

using model::NoticeLevel;
using model::PostDataStatement;

class ImportSchema {
 public:
  ImportSchema(connector::Target& target, const model::ConnectionOptions& connection,
               const ImportSchemaOptions& options, format::MigrationState& db, model::Dialogue& dialogue,
               base::Stop& stop)
      : target_(target), connection_(connection), options_(options), db_(db), dialogue_(dialogue), stop_(stop) {
    schemas_ = connection.schemas.empty() ? source_schemas(db) : connection.schemas;
  }

  ImportSchemaReport run() {
    const std::vector<std::string> files =
        files_to_import(options_.object_types, options_.excluded_object_types, options_.straight_order);
    const model::TargetTraits traits = check();
    ImportPlan plan = make_import_plan(folder(), {.indexes_before_rows = traits.indexes_before_rows,
                                                  .sharding = traits.sharding,
                                                  .database = model::Identifier(connection_.database),
                                                  .files = files});
    check_schema_suits(plan, traits);
    name_uncategorized();
    if (options_.before_statements) options_.before_statements(traits);
    schema_ = target_.schema();
    note_schema_import_state(db_, SchemaImport::kUnfinished);
    prepare_schemas();
    const std::vector<connector::TargetRole> roles = schema_->roles();
    for (std::vector<SchemaStatement>* one : {&plan.run, &plan.rights}) check_roles(*one, roles, report_.not_run);
    std::vector<PostDataStatement> after_rows = plan.after_rows;
    keep_known(files, after_rows);
    // Noted before the statements run: after a kill no index is forgotten.
    db_.save_post_data(after_rows);
    run_statements(plan, after_rows);
    db_.save_post_data(after_rows);
    note_outcomes(db_, folder(), "import schema", files, report_.not_run, report_.failed);
    tell_not_run(report_.not_run, dialogue_);
    note_tables(plan.tables);
    if (!plan.materialized_views.empty()) {
      dialogue_.notice(NoticeLevel::kInfo,
                       "materialized views hold no rows yet: finalize-schema-post-data-import "
                       "--refresh-mviews true fills them once the data is in");
    }
    base::fault_point("import_schema.before_done");
    note_schema_import_state(db_, SchemaImport::kFinished);
    report_.left_for_import_data = after_rows.size();
    report_.left_for_finalize =
        static_cast<std::size_t>(std::ranges::count_if(
            plan.after_all,
            [](const SchemaStatement& one) { return one.info.kind == sql::StatementKind::kAddConstraint; })) +
        plan.last.size();
    return report_;
  }

 private:
  std::filesystem::path folder() const { return options_.export_dir / "schema"; }

  model::TargetTraits check() {
    const auto preflight = target_.preflight();
    const model::TargetTraits traits = preflight->traits();
    dialogue_.notice(NoticeLevel::kInfo, "target: " + traits.version_text);
    if (options_.run_guardrails) {
      std::vector<model::Finding> findings = preflight->check_import_schema(schemas_);
      std::ranges::move(preflight->check_database(source_database(db_)), std::back_inserter(findings));
      answer_findings(findings, "import schema", dialogue_);
      ask_about_colocation(traits);
    }
    note_target(db_, connection_);
    note_schema_import(db_, traits.version_text,
                       {.continue_on_error = options_.continue_on_error,
                        .ignore_exist = options_.ignore_exist,
                        .run_guardrails = options_.run_guardrails,
                        .object_types = options_.object_types,
                        .excluded_object_types = options_.excluded_object_types});
    return traits;
  }

  void ask_about_colocation(const model::TargetTraits& traits) {
    if (traits.colocated.value_or(true) || !exported_schema_notes(db_).colocated_tables) return;
    const model::Question question{
        .text = fmt::format("The assessment recommends colocated tables, and database {} was not created with "
                            "colocation: every table would get tablets of its own. Import all the same?",
                            model::display(model::Identifier(connection_.database))),
        .flag = "--yes"};
    if (dialogue_.confirm(question)) return;
    throw base::Error({.code = "SCH-004",
                       .exit = base::ExitCode::kNoAnswer,
                       .title = "the schema was not imported",
                       .where = "database " + connection_.database,
                       .cause = "the question was answered with no",
                       .fix = {"create a database with colocation = true and import into that",
                               "or export the schema without it: yb-voyager export schema --start-clean true "
                               "--skip-colocation-recommendations true ..."},
                       .then = "nothing was changed"});
  }

  /// What a schema written for another kind of server holds and this one would refuse, told before anything is changed.
  void check_schema_suits(const ImportPlan& plan, const model::TargetTraits& traits) {
    if (const std::size_t count = plan.replica_identities_left_out; count > 0) {
      dialogue_.notice(NoticeLevel::kInfo,
                       fmt::format("the replica identity of {} is left out: it is about the log of the source",
                                   count == 1 ? std::string("1 table") : fmt::format("{} tables", count)));
    }
    if (traits.sharding) return;
    const auto clause = std::ranges::find_if(plan.run, [](const SchemaStatement& one) { return one.info.colocation; });
    if (clause != plan.run.end()) {
      const std::string place = fmt::format("schema/{}:{}", clause->file, clause->line);
      throw base::Error(
          {.code = "SCH-003",
           .exit = base::ExitCode::kState,
           .title = "the schema was written for a distributed database",
           .where = place,
           .cause = fmt::format("its tables say WITH (colocation = ...), which {} does not know", traits.version_text),
           .fix = {fmt::format("export it for this target: yb-voyager export schema --start-clean true "
                               "--target-db-type {} ...",
                               connection_.product),
                   "or take the clause out of the files below schema/"},
           .then = "nothing was changed on the target"});
    }
    if (!plan.settings_left_out.empty()) {
      dialogue_.notice(
          NoticeLevel::kInfo,
          fmt::format("the schema was written for a distributed database; what only such a one knows is left "
                      "out ({})",
                      base::join(plan.settings_left_out, ", ")));
    }
  }

  void name_uncategorized() {
    const std::filesystem::path file = folder() / kUncategorizedFile;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return;
    dialogue_.notice(
        NoticeLevel::kWarning,
        fmt::format("the statements in {} fit no kind of object and are not imported: look at them and run "
                    "them by hand if you need them",
                    file.string()));
  }

  void prepare_schemas() {
    if (options_.start_clean) drop_schemas();
    for (const model::Identifier& schema : schemas_) {
      if (schema_->schema_exists(schema)) {
        dialogue_.notice(NoticeLevel::kInfo, fmt::format("schema {} is already present", model::display(schema)));
      } else {
        dialogue_.notice(NoticeLevel::kInfo, fmt::format("creating schema {}", model::display(schema)));
        schema_->create_schema(schema);
      }
    }
  }

  void drop_schemas() {
    bool dropped = false;
    for (const model::Identifier& schema : schemas_) {
      if (!schema_->schema_exists(schema)) continue;
      const model::Question question{
          .danger = model::Question::Danger::kSevere,
          .text = fmt::format("Drop the schema {} with all its tables and rows on the target?", model::display(schema)),
          .flag = "--yes"};
      if (!dialogue_.confirm(question)) {
        dialogue_.notice(NoticeLevel::kWarning, fmt::format("schema {} is kept as it is", model::display(schema)));
        continue;
      }
      if (!dropped) forget_import();
      dropped = true;
      schema_->drop_schema(schema);
    }
  }

  /// The rows go with the schemas, so nothing may say any more that they are in. Comes before the first drop: a kill in
  /// between costs a second load at most, never rows.
  void forget_import() {
    if (import_data_started(db_) || !db_.imported("target_db_importer").empty()) {
      const auto admin = target_.admin(migration_uuid(db_));
      admin->create_bookkeeping();
      admin->clear_bookkeeping();
      db_.clear_import("target_db_importer");
      forget_import_data_started(db_);
    }
    db_.clear_post_data();
    db_.forget_statement_outcomes();
    forget_options_left_out(db_);
    db_.set_json("target_tables", "");
  }

  void run_statements(const ImportPlan& plan, std::vector<PostDataStatement>& after_rows) {
    const auto takes_over = [&](const Refusal& refusal) {
      return refusal.fault.missing_object && wait_for_named(refusal.statement, refusal.fault.message, after_rows);
    };
    StatementRunner runner(*schema_, plan.settings,
                           {.command = "import schema",
                            .fault_point = "import_schema.after_statement",
                            .continue_on_error = options_.continue_on_error,
                            .ignore_exist = options_.ignore_exist,
                            .schemas = schemas_,
                            .takes_over = takes_over,
                            .passes_over = [&](const Refusal& refusal) { return passes_over(refusal); }},
                           dialogue_, stop_);
    // After a crash of the server the connection is gone too, and the command is run again from the start.
    schema_->wait_for_disk(false);
    for (const std::vector<SchemaStatement>* part : {&plan.run, &plan.rights}) {
      for (const SchemaStatement& statement : *part) runner.run(statement);
      runner.run_deferred();
    }
    schema_->wait_for_disk(true);
    report_.statements = runner.statements();
    report_.skipped_existing = runner.skipped_existing();
    report_.failed = runner.failed();
    report_.left_out = runner.left_out();
    report_.not_run.insert(report_.not_run.end(), runner.not_as_it_stands().begin(), runner.not_as_it_stands().end());
    note_options_left_out(db_, report_.left_out);
  }

  bool passes_over(const Refusal& refusal) {
    const SchemaStatement& statement = refusal.statement;
    const bool unused_extension = statement.info.kind == sql::StatementKind::kCreateExtension &&
                                  unused_extensions(db_).contains(statement.info.object.name.catalog_text());
    if (!unused_extension && !is_said_of_objects(refusal)) return false;
    report_.not_run.push_back(not_run_of(statement, refusal.fault.message));
    return true;
  }

  /// What waits since an earlier run and is in none of the files of this one goes on waiting: the import may be done in
  /// parts, and a primary key that is off for the load is in no file.
  void keep_known(const std::vector<std::string>& files, std::vector<PostDataStatement>& after_rows) {
    for (PostDataStatement& known : db_.post_data()) {
      const bool read_again = std::ranges::find(files, known.file) != files.end();
      if (!known.done && !read_again) after_rows.push_back(std::move(known));
    }
    std::ranges::stable_sort(after_rows, {}, &PostDataStatement::kind);
  }

  void note_tables(const std::vector<model::TableName>& names) {
    const auto admin = target_.admin(migration_uuid(db_));
    db_.set_json("target_tables", format::target_tables_to_json(admin->describe(names)));
  }

  connector::Target& target_;
  const model::ConnectionOptions& connection_;
  const ImportSchemaOptions& options_;
  format::MigrationState& db_;
  model::Dialogue& dialogue_;
  base::Stop& stop_;
  std::vector<model::Identifier> schemas_ = {};
  std::unique_ptr<connector::SchemaTarget> schema_ = {};
  ImportSchemaReport report_ = {};
};

}  // namespace

ImportSchemaReport import_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                 const ImportSchemaOptions& options, format::MigrationState& db,
                                 model::Dialogue& dialogue, base::Stop& stop) {
  if (!export_schema_done(db)) {
    throw base::Error({.code = "DIR-011",
                       .exit = base::ExitCode::kState,
                       .title = "the schema has not been exported yet",
                       .fix = {"yb-voyager export schema ..."},
                       .then = "nothing was changed"});
  }
  VOY_ASSERT(product.target != nullptr);
  const auto connection = product.target(target);
  return ImportSchema(*connection, target, options, db, dialogue, stop).run();
}

}  // namespace voyager::migration
