#include "migration/schema/export_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/optimize/optimize_schema.h"
#include "migration/schema/constraint_merger.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/object_accounts.h"
#include "migration/schema/object_files.h"
#include "migration/schema/object_types.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using model::NoticeLevel;

constexpr std::array kFolders = {
    "schema",
    "data",
    "reports",
    "assessment",
    "assessment/metadata",
    "assessment/metadata/schema",
    "assessment/dbs",
    "assessment/reports",
    "metainfo",
    "metainfo/data",
    "metainfo/conf",
    "metainfo/ssl",
    "temp",
    "temp/ora2pg_temp_dir",
    "temp/schema",
};

constexpr std::size_t kNeedsShownMax = 5;
constexpr std::string_view kRolesHeading =
    "-- Roles that the schema names, with what they are members of. Nothing runs this file: look at it, add "
    "passwords,\n"
    "-- and run it on the target with psql before import schema. A role that is missing there leaves its objects with "
    "the\n"
    "-- user that imports.\n\n";

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) base::fail(base::ExitCode::kFailure, "cannot create the folder " + folder.string(), error.message());
}

void empty_folder(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    fs::remove_all(entry.path(), error);
    if (error) base::fail(base::ExitCode::kFailure, "cannot remove " + entry.path().string(), error.message());
  }
}

void make_folders(const fs::path& export_dir) {
  for (const char* folder : kFolders) make_folder(export_dir / folder);
}

class ExportSchema {
 public:
  ExportSchema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
               const ExportSchemaOptions& options, format::DocumentLedger& documents, format::ObjectLedger& objects,
               const model::FlowContext& context)
      : product_(product),
        source_(source),
        options_(options),
        documents_(documents),
        objects_(objects),
        context_(context) {
    report_.notes = {
        .target = options.target, .owners = options.owners, .grants = options.grants, .comments = options.comments};
  }

  ExportSchemaReport run() {
    const std::vector<std::string> types = selected_types();
    report_.notes.settings = std::ranges::find(types, "SETTING") != types.end();
    if (!may_start()) return {.already_exported = true};
    VOY_ASSERT(product_.schema_source != nullptr);
    check();
    const auto source = product_.schema_source(source_);
    const std::vector<connector::CatalogueObject> catalogue = source->objects();
    ask_about_other_schemas(catalogue);
    clean();
    make_folders(options_.export_dir);
    migration_uuid(documents_);
    note_source(documents_, source_, report_.optimization.database_version);
    connector::WrittenSchema schema = read_schema(*source);
    base::throw_if_draining(context_.stop, "export schema was stopped", "run the same command again: it starts over");
    base::fault_point<"export_schema.before_files">();  // the source has handed its objects over, nothing is in schema/
    SchemaFiles files =
        sort_into_files(std::move(schema), {.types = types, .left_out = global_objects_to_leave_out(catalogue)});
    add_foreign_texts(catalogue, files);
    write_files(files, types);
    write_roles(*source);
    account(catalogue, files);
    return std::move(report_);
  }

 private:
  std::vector<std::string> selected_types() const {
    std::vector<std::string> types = types_to_export(options_.object_types, options_.excluded_object_types);
    if (!options_.comments) std::erase(types, "COMMENT");
    if (options_.owners) types.emplace_back("OWNER");
    if (options_.grants) types.emplace_back("GRANT");
    return types;
  }

  /// What is exported and needs something that is not. The target may have that already, so it is asked about.
  void ask_about_other_schemas(const std::vector<connector::CatalogueObject>& catalogue) {
    if (!options_.run_guardrails) return;
    std::vector<std::string> needs;
    std::size_t count = 0;
    for (const connector::CatalogueObject& one : catalogue) {
      if (!one.exported || one.schema.empty() || one.needs.empty()) continue;
      if (++count > kNeedsShownMax) continue;
      needs.push_back(fmt::format("{} {}.{} needs {}", one.kind, one.schema, one.name, one.needs));
    }
    if (count == 0) return;
    if (count > needs.size()) needs.push_back(fmt::format("and {} more", count - needs.size()));
    answer_findings({model::Finding{.title = "objects need others in schemas that are not exported",
                                    .cause = base::join(needs, "\n"),
                                    .fix = {"name those schemas too, in --source-db-schema",
                                            "or have what is needed on the target before import schema"}}},
                    "export schema", context_.dialogue);
  }

  /// What the source could not write is kept as its own text, so that somebody can write it anew.
  static void add_foreign_texts(const std::vector<connector::CatalogueObject>& catalogue, SchemaFiles& files) {
    std::string text;
    for (const connector::CatalogueObject& one : catalogue) {
      if (!one.foreign_text || one.statement.empty()) continue;
      ++files.uncategorized;
      text += fmt::format("-- {} {}\n-- left out: {}\n", one.kind, base::one_line(one.name),
                          base::one_line(one.not_written));
      // A carriage return ends a comment, too.
      std::string statement = one.statement;
      std::ranges::replace(statement, '\r', '\n');
      for (const std::string& line : base::split(statement, '\n')) text += "-- " + line + "\n";
      text += "\n\n";
    }
    if (!text.empty()) files.text[std::string(kUncategorizedFile)] += text;
  }

  void write_roles(connector::SchemaSource& source) {
    const std::string statements = source.role_statements();
    if (statements.empty()) return;
    report_.roles_file =
        options_.roles_file.empty() ? options_.export_dir / "schema" / kRolesFile : options_.roles_file;
    if (report_.roles_file.has_parent_path()) make_folder(report_.roles_file.parent_path());
    base::write_file_atomically(report_.roles_file, std::string(kRolesHeading) + statements);
  }

  void account(const std::vector<connector::CatalogueObject>& catalogue, const SchemaFiles& files) {
    Accounts accounts = account_for(catalogue, files.objects, report_.optimization);
    objects_.save_schema_objects(accounts.objects);
    std::set<std::string> unused;
    for (const connector::CatalogueObject& one : catalogue) {
      if (!one.used) unused.insert(one.name);
    }
    note_unused_extensions(documents_, unused);
    report_.objects = std::move(accounts.objects);
    report_.unexplained = std::move(accounts.unexplained);
  }

  /// False when the schema has been exported and is to be left alone.
  bool may_start() {
    if (!export_schema_done(documents_)) {
      if (options_.start_clean) {
        context_.dialogue.notice(NoticeLevel::kInfo, "--start-clean is ignored: no schema has been exported yet");
      }
      return true;
    }
    if (!options_.start_clean) return false;
    const model::Question question{
        .danger = model::Question::Danger::kSevere,
        .text = fmt::format("Remove the exported schema and the reports in {} and export again?",
                            options_.export_dir.string()),
        .flag = "--yes"};
    if (!context_.dialogue.confirm(question)) {
      base::fail(base::ExitCode::kNoAnswer, "the schema was not exported again", "the question was answered with no");
    }
    return true;
  }

  void clean() {
    if (export_schema_done(documents_)) {
      // The mark goes first: a run killed while it cleans leaves no half schema that counts as exported.
      set_export_schema_done(documents_, false);
      for (const char* folder : {"reports", "metainfo/schema"}) empty_folder(options_.export_dir / folder);
    }
    // Without the mark, what lies in these is of a run that was killed.
    for (const char* folder : {"schema", "temp"}) empty_folder(options_.export_dir / folder);
  }

  void check() {
    if (!product_.source_preflight) return;
    const auto preflight = product_.source_preflight(source_);
    report_.optimization.database_version = preflight->version_text();
    note_source_database(documents_, preflight->database_form());
    context_.dialogue.notice(NoticeLevel::kInfo, "source: " + report_.optimization.database_version);
    if (!options_.run_guardrails) return;
    answer_findings(preflight->check_export_schema(), "export schema", context_.dialogue);
  }

  connector::WrittenSchema read_schema(connector::SchemaSource& source) {
    connector::WrittenSchema schema = source.written(connector::SchemaContents::kEverything, context_.stop);
    if (!schema.writer.empty())
      context_.dialogue.notice(NoticeLevel::kInfo, "the schema's text is written by " + schema.writer);
    return schema;
  }

  void write_files(SchemaFiles& files, const std::vector<std::string>& types) {
    for (const ObjectType& type : object_types()) {
      if (std::ranges::find(types, type.name) != types.end()) {
        make_folder((options_.export_dir / "schema" / type.file).parent_path());
      }
    }
    rewrite(files);
    for (const auto& [file, text] : files.text) {
      write(file, text);
      base::fault_point<"export_schema.between_files">();  // some schema files are written
    }
    report_.uncategorized = files.uncategorized;
  }

  /// Every file whose text changes gets a copy of what the source said beside it.
  void rewrite(SchemaFiles& files) {
    const std::map<std::string, std::string> as_exported = files.text;
    describe_report();
    const auto table = files.text.find(std::string(kTableFile));
    sql::Document tables(table == files.text.end() ? std::string() : table->second);
    if (options_.merge_constraints) merge(tables);
    if (options_.sharding_target) tables = optimize(files, std::move(tables));
    if (table != files.text.end()) table->second = tables.text();
    for (const auto& [file, text] : as_exported) {
      if (files.text.at(file) == text) continue;
      const std::string backup =
          (fs::path(file).parent_path() / ("backup_" + fs::path(file).filename().string())).string();
      files.text[backup] = text;
      report_.backups.push_back(options_.export_dir / "schema" / backup);
    }
  }

  void describe_report() {
    model::SchemaOptimization& report = report_.optimization;
    report.target = options_.target;
    report.database = source_.database;
    for (const model::Identifier& schema : source_.schemas) report.schemas.push_back(schema.catalog_text());
  }

  void merge(sql::Document& tables) {
    MergedConstraints merged = merge_constraints(tables);
    report_.constraints_merged = merged.merged;
    if (merged.merged == 0) return;
    model::Optimization change{.key = "constraint_merging_change",
                               .title = "Constraints in CREATE TABLE - Applied",
                               .description = "Primary keys and checks stand in the statement that makes their table.",
                               .applied = true,
                               .flag = "YB_VOYAGER_SKIP_MERGE_CONSTRAINTS_TRANSFORMATIONS=true",
                               .reference_file = "../schema/" + std::string(kTableFile),
                               .changes = std::move(merged.changes)};
    for (const model::StatementChange& one : change.changes) {
      const std::string name = one.object.substr(std::string_view("TABLE ").size());
      if (change.tables.empty() || change.tables.back() != name) change.tables.push_back(name);
    }
    report_.optimization.optimizations.push_back(std::move(change));
  }

  /// Returns the tables as they are then.
  sql::Document optimize(SchemaFiles& files, sql::Document tables) {
    const Recommendations& known = options_.recommendations;
    const auto part = [&files](std::string_view file) {
      const auto found = files.text.find(std::string(file));
      return SchemaPart{std::string(file), sql::Document(found == files.text.end() ? std::string() : found->second)};
    };
    OptimizedSchema done = optimize_schema({.tables = {std::string(kTableFile), std::move(tables)},
                                            .indexes = part(kIndexFile),
                                            .materialized_views = part(kMaterializedViewFile),
                                            .comments = part(kCommentFile),
                                            .redundant_indexes = {std::string(kRedundantIndexFile), {}}},
                                           {.performance = options_.performance_recommendations,
                                            .colocation = options_.colocation_recommendations,
                                            .why_no_colocation = known.colocation.why_none,
                                            .sharded = known.colocation.sharded,
                                            .colocated = known.colocation.colocated,
                                            .redundant = known.redundant});
    for (const SchemaPart* one :
         {&done.parts.indexes, &done.parts.materialized_views, &done.parts.comments, &done.parts.redundant_indexes}) {
      if (const std::string& text = one->document.text(); !text.empty()) files.text[one->file] = text;
    }
    note_recommendations(done.optimizations);
    std::vector<model::Optimization>& all = report_.optimization.optimizations;
    all.insert(all.begin(), std::make_move_iterator(done.optimizations.begin()),
               std::make_move_iterator(done.optimizations.end()));
    return std::move(done.parts.tables.document);
  }

  /// What import schema has to know.
  void note_recommendations(const std::vector<model::Optimization>& optimizations) {
    for (const model::Optimization& one : optimizations) {
      const bool assessed = one.key == "redundant_index_change" || one.key.find("colocation") != std::string::npos;
      if (!assessed || !one.applied) continue;
      report_.notes.recommendations_applied |= !one.changes.empty() || !one.colocated.empty();
      report_.notes.colocated_tables |= !one.colocated.empty();
    }
  }

  void write(const std::string& file, const std::string& text) {
    const fs::path path = options_.export_dir / "schema" / file;
    make_folder(path.parent_path());
    base::write_file_atomically(path, text);
    report_.files.push_back(path);
    base::log_info("wrote " + path.string());
  }

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& source_;
  const ExportSchemaOptions& options_;
  format::DocumentLedger& documents_;
  format::ObjectLedger& objects_;
  const model::FlowContext context_;
  ExportSchemaReport report_ = {};
};

void refuse_unexplained(const std::vector<std::string>& unexplained) {
  if (unexplained.empty()) return;
  std::vector<std::string> shown = unexplained;
  shown.resize(std::min(shown.size(), kNeedsShownMax));
  throw base::Error({.code = "SCH-005",
                     .title = fmt::format("{} of the source's objects are not accounted for", unexplained.size()),
                     .cause = base::join(shown, "\n"),
                     .fix = {"run the same command again if the schema was changed while it ran",
                             "else look for the object in the source: what cannot be explained may be lost",
                             "or go on without: --allow-unexplained-objects true; they are listed as left out"},
                     .then = "the files and reports/objects.json are written, and the export does not count as done"});
}

}  // namespace

ExportSchemaReport export_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                 const ExportSchemaOptions& options, format::DocumentLedger& documents,
                                 format::ObjectLedger& objects, const model::FlowContext& context) {
  return ExportSchema(product, source, options, documents, objects, context).run();
}

void finish_export_schema(const ExportSchemaReport& exported, bool allow_unexplained, format::DocumentLedger& db) {
  if (!allow_unexplained) refuse_unexplained(exported.unexplained);
  base::fault_point<"export_schema.before_done">();  // all files are written, the state does not know it
  set_export_schema_done(db, true, exported.notes);
}

}  // namespace voyager::migration
