#include "migration/schema/import_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "format/target_tables.h"
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
  ImportSchema(SchemaToImport& checked, const ImportSchemaOptions& options, format::MigrationState& db,
               const model::FlowContext& context)
      : target_(*checked.target),
        schemas_(checked.schemas),
        files_(checked.files),
        plan_(checked.plan),
        options_(options),
        db_(db),
        context_(context) {}

  ImportSchemaReport run() {
    schema_ = target_.schema();
    note_schema_import_state(db_, SchemaImport::kUnfinished);
    prepare_schemas();
    const std::vector<connector::TargetRole> roles = schema_->roles();
    for (std::vector<SchemaStatement>* one : {&plan_.run, &plan_.rights}) check_roles(*one, roles, report_.not_run);
    std::vector<PostDataStatement> after_rows = plan_.after_rows;
    keep_known(after_rows);
    // Noted before the statements run: after a kill no index is forgotten.
    db_.save_post_data(after_rows);
    run_statements(after_rows);
    db_.save_post_data(after_rows);
    note_outcomes(db_, folder(), "import schema", files_, report_.not_run, report_.failed);
    tell_not_run(report_.not_run, context_.dialogue);
    note_tables(plan_.tables);
    if (!plan_.materialized_views.empty()) {
      context_.dialogue.notice(NoticeLevel::kInfo,
                               "materialized views hold no rows yet: finalize-schema-post-data-import "
                               "--refresh-mviews true fills them once the data is in");
    }
    base::fault_point<"import_schema.before_done">();  // all statements ran
    note_schema_import_state(db_, SchemaImport::kFinished);
    report_.left_for_import_data = after_rows.size();
    report_.left_for_finalize =
        static_cast<std::size_t>(std::ranges::count_if(
            plan_.after_all,
            [](const SchemaStatement& one) { return one.info.kind == sql::StatementKind::kAddConstraint; })) +
        plan_.last.size();
    return report_;
  }

 private:
  std::filesystem::path folder() const { return options_.export_dir / "schema"; }

  void prepare_schemas() {
    if (options_.start_clean) drop_schemas();
    for (const model::Identifier& schema : schemas_) {
      if (schema_->schema_exists(schema)) {
        context_.dialogue.notice(NoticeLevel::kInfo,
                                 fmt::format("schema {} is already present", model::display(schema)));
      } else {
        context_.dialogue.notice(NoticeLevel::kInfo, fmt::format("creating schema {}", model::display(schema)));
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
      if (!context_.dialogue.confirm(question)) {
        context_.dialogue.notice(NoticeLevel::kWarning,
                                 fmt::format("schema {} is kept as it is", model::display(schema)));
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
      admin->clear_bookkeeping({});
      db_.clear_import("target_db_importer");
      forget_import_data_started(db_);
    }
    db_.clear_post_data();
    db_.forget_statement_outcomes();
    forget_options_left_out(db_);
    db_.set_json("target_tables", "");
  }

  void run_statements(std::vector<PostDataStatement>& after_rows) {
    const auto takes_over = [&](const Refusal& refusal) {
      return refusal.fault.missing_object && wait_for_named(refusal.statement, refusal.fault.message, after_rows);
    };
    StatementRunner runner(*schema_, plan_.settings,
                           {.command = "import schema",
                            .fault_point = base::fault_point<"import_schema.after_statement">,
                            .continue_on_error = options_.continue_on_error,
                            .ignore_exist = options_.ignore_exist,
                            .schemas = schemas_,
                            .takes_over = takes_over,
                            .passes_over = [&](const Refusal& refusal) { return passes_over(refusal); }},
                           context_);
    // After a crash of the server the connection is gone too, and the command is run again from the start.
    schema_->wait_for_disk(false);
    for (const std::vector<SchemaStatement>* part : {&plan_.run, &plan_.rights}) {
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
  void keep_known(std::vector<PostDataStatement>& after_rows) {
    for (PostDataStatement& known : db_.post_data()) {
      const bool read_again = std::ranges::find(files_, known.file) != files_.end();
      if (!known.done && !read_again) after_rows.push_back(std::move(known));
    }
    std::ranges::stable_sort(after_rows, {}, &PostDataStatement::kind);
  }

  void note_tables(const std::vector<model::TableName>& names) {
    const auto admin = target_.admin(migration_uuid(db_));
    db_.set_json("target_tables", format::target_tables_to_json(admin->describe(names)));
  }

  connector::Target& target_;
  const std::vector<model::Identifier>& schemas_;
  const std::vector<std::string>& files_;
  ImportPlan& plan_;
  const ImportSchemaOptions& options_;
  format::MigrationState& db_;
  const model::FlowContext context_;
  std::unique_ptr<connector::SchemaTarget> schema_ = {};
  ImportSchemaReport report_ = {};
};

}  // namespace

ImportSchemaReport import_schema(SchemaToImport checked, const ImportSchemaOptions& options, format::MigrationState& db,
                                 const model::FlowContext& context) {
  return ImportSchema(checked, options, db, context).run();
}

}  // namespace voyager::migration
