// What import schema looks at before it changes anything.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/text.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/import_schema.h"
#include "migration/schema/object_types.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

using model::NoticeLevel;

void ask_about_colocation(const model::TargetTraits& traits, const model::ConnectionOptions& target,
                          format::DocumentLedger& db, model::Dialogue& dialogue) {
  if (traits.colocated.value_or(true) || !exported_schema_notes(db).colocated_tables) return;
  const model::Question question{
      .text = fmt::format("The assessment recommends colocated tables, and database {} was not created with "
                          "colocation: every table would get tablets of its own. Import all the same?",
                          model::display(model::Identifier(target.database))),
      .flag = "--yes"};
  if (dialogue.confirm(question)) return;
  throw base::Error({.code = "SCH-004",
                     .exit = base::ExitCode::kNoAnswer,
                     .title = "the schema was not imported",
                     .where = "database " + target.database,
                     .cause = "the question was answered with no",
                     .fix = {"create a database with colocation = true and import into that",
                             "or export the schema without it: yb-voyager export schema --start-clean true "
                             "--skip-colocation-recommendations true ..."},
                     .then = "nothing was changed"});
}

void look_at_target(SchemaToImport& out, const model::ConnectionOptions& target, const ImportSchemaOptions& options,
                    format::DocumentLedger& db, model::Dialogue& dialogue) {
  const auto preflight = out.target->preflight();
  out.traits = preflight->traits();
  dialogue.notice(NoticeLevel::kInfo, "target: " + out.traits.version_text);
  if (options.run_guardrails) {
    std::vector<model::Finding> findings = preflight->check_import_schema(out.schemas);
    std::ranges::move(preflight->check_database(source_database(db)), std::back_inserter(findings));
    answer_findings(findings, "import schema", dialogue);
    ask_about_colocation(out.traits, target, db, dialogue);
  }
  note_target(db, target);
  note_schema_import(db, out.traits.version_text,
                     {.continue_on_error = options.continue_on_error,
                      .ignore_exist = options.ignore_exist,
                      .run_guardrails = options.run_guardrails,
                      .object_types = options.object_types,
                      .excluded_object_types = options.excluded_object_types});
}

/// What a schema written for another kind of server holds and this one would refuse, told before anything is changed.
void check_schema_suits(const ImportPlan& plan, const model::TargetTraits& traits,
                        const model::ConnectionOptions& target, model::Dialogue& dialogue) {
  if (const std::size_t count = plan.replica_identities_left_out; count > 0) {
    dialogue.notice(NoticeLevel::kInfo,
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
                             target.product),
                 "or take the clause out of the files below schema/"},
         .then = "nothing was changed on the target"});
  }
  if (!plan.settings_left_out.empty()) {
    dialogue.notice(NoticeLevel::kInfo,
                    fmt::format("the schema was written for a distributed database; what only such a one knows is left "
                                "out ({})",
                                base::join(plan.settings_left_out, ", ")));
  }
}

void name_uncategorized(const std::filesystem::path& folder, model::Dialogue& dialogue) {
  const std::filesystem::path file = folder / kUncategorizedFile;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return;
  dialogue.notice(NoticeLevel::kWarning,
                  fmt::format("the statements in {} fit no kind of object and are not imported: look at them and run "
                              "them by hand if you need them",
                              file.string()));
}

}  // namespace

SchemaToImport check_import_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                   const ImportSchemaOptions& options, format::DocumentLedger& db,
                                   model::Dialogue& dialogue) {
  require_exported_schema(db);
  VOY_ASSERT(product.target != nullptr);
  SchemaToImport out{
      .target = product.target(target),
      .schemas = target.schemas.empty() ? source_schemas(db) : target.schemas,
      .files = files_to_import(options.object_types, options.excluded_object_types, options.straight_order)};
  look_at_target(out, target, options, db, dialogue);
  const std::filesystem::path folder = options.export_dir / "schema";
  out.plan = make_import_plan(folder, {.indexes_before_rows = out.traits.indexes_before_rows,
                                       .sharding = out.traits.sharding,
                                       .database = model::Identifier(target.database),
                                       .files = out.files});
  check_schema_suits(out.plan, out.traits, target, dialogue);
  name_uncategorized(folder, dialogue);
  return out;
}

}  // namespace voyager::migration
