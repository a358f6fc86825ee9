#include "migration/schema/status.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "format/migration_status.h"

namespace voyager::migration {
namespace {

constexpr const char* kSchemaImport = "schema_import";

using format::has_mark;
using format::migration_status;
using format::patch_migration_status;
using nlohmann::json;

constexpr const char* kUnquoted = "Unquoted";

/// As scripts know it.
json schema_names(const std::vector<model::Identifier>& schemas) {
  json names = json::array();
  for (const model::Identifier& schema : schemas) {
    names.push_back(
        {{"Quoted", model::quoted(schema)}, {kUnquoted, schema.catalog_text()}, {"MinQuoted", model::display(schema)}});
  }
  return names;
}

std::string joined(const std::vector<model::Identifier>& schemas) {
  std::vector<std::string> names;
  for (const model::Identifier& schema : schemas) names.push_back(model::display(schema));
  return base::join(names, ",");
}

void patch_schemas(json& source_notes, const std::vector<model::Identifier>& schemas) {
  source_notes["schema"] = schema_names(schemas);
  source_notes["schema_list"] = joined(schemas);
}

/// What both sides have.
json connection_notes(const model::ConnectionOptions& options) {
  return {{"host", options.host},
          {"port", options.port},
          {"user", options.user},
          {"password", ""},
          {"db_name", options.database},
          {"ssl_mode", options.ssl_mode},
          {"ssl_cert_path", options.ssl_cert},
          {"ssl_key", options.ssl_key},
          {"ssl_root_cert", options.ssl_root_cert},
          {"ssl_crl", options.ssl_crl},
          {"uri", ""}};
}

}  // namespace

std::string migration_uuid(format::MetaDb& db) {
  format::MetaDb::Transaction transaction(db);
  const json status = migration_status(db);
  const auto known = status.find("MigrationUUID");
  if (known != status.end() && known->is_string() && !known->get_ref<const std::string&>().empty()) {
    return known->get<std::string>();
  }
  const std::string uuid = base::new_uuid();
  patch_migration_status(db, {{"MigrationUUID", uuid}});
  transaction.commit();
  return uuid;
}

bool export_schema_done(format::MetaDb& db) {
  return has_mark(db, "ExportSchemaDone");
}

bool export_data_done(format::MetaDb& db) {
  return has_mark(db, "ExportDataDone");
}

void set_export_schema_done(format::MetaDb& db, bool done, const ExportedSchemaNotes& notes) {
  patch_migration_status(db, {{"ExportSchemaDone", done},
                              {"SchemaTargetDBType", notes.target},
                              {"AssessmentRecommendationsApplied", notes.recommendations_applied},
                              {"ColocatedTablesRecommended", notes.colocated_tables},
                              {"OwnersExported", notes.owners},
                              {"GrantsExported", notes.grants},
                              {"CommentsExported", notes.comments},
                              {"SettingsExported", notes.settings}});
}

ExportedSchemaNotes exported_schema_notes(format::MetaDb& db) {
  const json status = migration_status(db);
  const auto target = status.find("SchemaTargetDBType");
  return {.target = target != status.end() && target->is_string() ? target->get<std::string>() : std::string(),
          .recommendations_applied = has_mark(db, "AssessmentRecommendationsApplied"),
          .colocated_tables = has_mark(db, "ColocatedTablesRecommended"),
          .owners = has_mark(db, "OwnersExported"),
          .grants = has_mark(db, "GrantsExported"),
          .comments = has_mark(db, "CommentsExported"),
          .settings = has_mark(db, "SettingsExported")};
}

void note_source_schema(format::MetaDb& db, const model::Identifier& schema) {
  json notes = json::object();
  patch_schemas(notes, {schema});
  patch_migration_status(db, {{"SourceDBConf", notes}});
}

void note_source(format::MetaDb& db, const model::ConnectionOptions& source, const std::string& version) {
  json notes = connection_notes(source);
  notes["db_type"] = source.product;
  patch_schemas(notes, source.schemas);
  if (!version.empty()) notes["db_version"] = version;
  patch_migration_status(db, {{"SourceDBConf", notes}});
}

void note_source_database(format::MetaDb& db, const connector::DatabaseForm& form) {
  db.set_json(
      "source_database",
      json({{"encoding", form.encoding}, {"collation", form.collation}, {"create_options", form.create_options}})
          .dump());
}

connector::DatabaseForm source_database(format::MetaDb& db) {
  const std::string text = db.json("source_database");
  const json form = text.empty() ? json::object() : json::parse(text);
  return {.encoding = form.value("encoding", ""),
          .collation = form.value("collation", ""),
          .create_options = form.value("create_options", "")};
}

std::vector<model::Identifier> source_schemas(format::MetaDb& db) {
  std::vector<model::Identifier> schemas;
  const json status = migration_status(db);
  const json::json_pointer list("/SourceDBConf/schema");
  if (!status.contains(list) || !status[list].is_array()) return schemas;
  for (const json& name : status[list]) {
    if (name.is_object()) schemas.emplace_back(name.value(kUnquoted, ""));
  }
  return schemas;
}

void note_target(format::MetaDb& db, const model::ConnectionOptions& target) {
  json notes = connection_notes(target);
  notes["target_db_type"] = target.product;
  notes["schema_config"] = joined(target.schemas);
  notes["schemas"] = schema_names(target.schemas);
  notes["target_endpoints"] = base::join(target.endpoints, ",");
  notes["use_public_ip"] = target.use_public_ip;
  patch_migration_status(db, {{"TargetDBConf", notes}});
}

void note_source_replica(format::MetaDb& db, const model::ConnectionOptions& replica) {
  json notes = connection_notes(replica);
  notes["target_db_type"] = replica.product;
  notes["schemas"] = schema_names(replica.schemas);
  patch_migration_status(db, {{"SourceReplicaDBConf", notes}});
}

void note_schema_import(format::MetaDb& db, const SchemaImportNotes& notes) {
  patch_migration_status(db, {{"TargetDBConf",
                               {{"db_version", notes.version},
                                {"continue_on_error", notes.continue_on_error},
                                {"ignore_if_exists", notes.ignore_exist},
                                {"run_guardrails_checks", notes.run_guardrails},
                                {"import_objects", base::join(notes.object_types, ",")},
                                {"exclude_import_objects", base::join(notes.excluded_object_types, ",")}}}});
}

bool copied_without_files(format::MetaDb& db) {
  return format::migration_status(db).value("SnapshotMechanism", "") == "direct" && !db.plan().empty();
}

void refuse_copied(format::MetaDb& db, const std::string& command) {
  if (!copied_without_files(db)) return;
  throw base::Error(
      {.code = "COP-001",
       .exit = base::ExitCode::kState,
       .title = "the rows of this migration go to the target without files, so " + command + " has nothing to do here",
       .cause = "copy data was begun: it is an export and an import in one",
       .fix = {"go on with: yb-voyager copy data ...",
               "or by way of files, from the start: yb-voyager export data --start-clean true ...",
               "and after it: yb-voyager import data --start-clean true --truncate-tables true ..."},
       .then = "nothing was changed"});
}

bool import_data_done(format::MetaDb& db) {
  const json status = json::parse(db.json("import_data_status"), nullptr, false);
  return status.is_object() && status.value("importDataDone", false);
}

bool import_data_started(format::MetaDb& db) {
  return has_mark(db, "ImportDataToTargetStarted");
}

void forget_import_data_started(format::MetaDb& db) {
  patch_migration_status(db, {{"ImportDataToTargetStarted", nullptr}});
}

std::set<std::string> unused_extensions(format::MetaDb& db) {
  const std::string text = db.json("unused_extensions");
  return text.empty() ? std::set<std::string>() : nlohmann::json::parse(text).get<std::set<std::string>>();
}

void note_unused_extensions(format::MetaDb& db, const std::set<std::string>& names) {
  db.set_json("unused_extensions", nlohmann::json(names).dump());
}

std::string_view word_of(SchemaImport state) {
  switch (state) {
    case SchemaImport::kNotBegun:
      return "not begun";
    case SchemaImport::kUnfinished:
      return "unfinished";
    case SchemaImport::kFinished:
      return "finished";
  }
  return "";
}

void note_schema_import_state(format::MetaDb& db, SchemaImport state) {
  db.set_json(kSchemaImport, word_of(state));
}

SchemaImport schema_import_state(format::MetaDb& db) {
  const std::string word = db.json(kSchemaImport);
  for (const SchemaImport state : {SchemaImport::kUnfinished, SchemaImport::kFinished}) {
    if (word == word_of(state)) return state;
  }
  return SchemaImport::kNotBegun;
}

void warn_of_unfinished_schema(format::MetaDb& db, model::Dialogue& dialogue) {
  if (schema_import_state(db) != SchemaImport::kUnfinished) return;
  dialogue.notice(model::NoticeLevel::kWarning,
                  "the last import schema did not come to its end: objects, owners and rights may be missing on the "
                  "target. Run it again with --ignore-exist true");
}

}  // namespace voyager::migration
