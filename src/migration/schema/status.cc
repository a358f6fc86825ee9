#include "migration/schema/status.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

constexpr std::string_view kKey = "migration_status";

json read_status(format::MetaDb& db) {
  json status = json::parse(db.json(kKey), nullptr, false);
  return status.is_object() ? status : json::object();
}

void patch(format::MetaDb& db, const json& change) {
  db.patch_json(kKey, change.dump());
}

bool flag(format::MetaDb& db, const char* name) {
  const json status = read_status(db);
  const auto value = status.find(name);
  return value != status.end() && value->is_boolean() && value->get<bool>();
}

json schema_names(const std::vector<model::Identifier>& schemas) {
  json names = json::array();
  for (const model::Identifier& schema : schemas) names.push_back(schema.catalog_text());
  return names;
}

std::string joined(const std::vector<model::Identifier>& schemas, std::string_view separator) {
  std::vector<std::string> names;
  for (const model::Identifier& schema : schemas) names.push_back(schema.catalog_text());
  return base::join(names, separator);
}

}  // namespace

std::string migration_uuid(format::MetaDb& db) {
  format::MetaDb::Transaction transaction(db);
  const json status = read_status(db);
  const auto known = status.find("MigrationUUID");
  if (known != status.end() && known->is_string() && !known->get_ref<const std::string&>().empty()) {
    return known->get<std::string>();
  }
  const std::string uuid = base::new_uuid();
  patch(db, {{"MigrationUUID", uuid}});
  transaction.commit();
  return uuid;
}

bool export_schema_done(format::MetaDb& db) {
  return flag(db, "ExportSchemaDone");
}

bool export_data_done(format::MetaDb& db) {
  return flag(db, "ExportDataDone");
}

void set_export_schema_done(format::MetaDb& db, bool done, const ExportedSchemaNotes& notes) {
  patch(db, {{"ExportSchemaDone", done},
             {"SchemaTargetDBType", notes.target},
             {"AssessmentRecommendationsApplied", notes.recommendations_applied},
             {"ColocatedTablesRecommended", notes.colocated_tables}});
}

ExportedSchemaNotes exported_schema_notes(format::MetaDb& db) {
  const json status = read_status(db);
  const auto target = status.find("SchemaTargetDBType");
  return {.target = target != status.end() && target->is_string() ? target->get<std::string>() : std::string(),
          .recommendations_applied = flag(db, "AssessmentRecommendationsApplied"),
          .colocated_tables = flag(db, "ColocatedTablesRecommended")};
}

void note_source(format::MetaDb& db, const model::ConnectionOptions& source, const std::string& version) {
  patch(db, {{"SourceDBConf",
              {{"db_type", source.product},
               {"host", source.host},
               {"port", source.port},
               {"user", source.user},
               {"password", ""},
               {"db_name", source.database},
               {"db_version", version},
               {"schema", joined(source.schemas, "|")},
               {"schema_list", schema_names(source.schemas)},
               {"ssl_mode", source.ssl_mode},
               {"ssl_cert_path", source.ssl_cert},
               {"ssl_key", source.ssl_key},
               {"ssl_root_cert", source.ssl_root_cert},
               {"ssl_crl", source.ssl_crl},
               {"uri", ""}}}});
}

std::vector<model::Identifier> source_schemas(format::MetaDb& db) {
  std::vector<model::Identifier> schemas;
  const json status = read_status(db);
  const json::json_pointer list("/SourceDBConf/schema_list");
  if (!status.contains(list) || !status[list].is_array()) return schemas;
  for (const json& name : status[list]) {
    if (name.is_string()) schemas.emplace_back(name.get<std::string>());
  }
  return schemas;
}

void note_target(format::MetaDb& db, const model::ConnectionOptions& target, const TargetNotes& notes) {
  patch(db, {{"TargetDBConf",
              {{"target_db_type", target.product},
               {"host", target.host},
               {"port", target.port},
               {"user", target.user},
               {"password", ""},
               {"db_name", target.database},
               {"schema_config", joined(target.schemas, ",")},
               {"schemas", schema_names(target.schemas)},
               {"ssl_mode", target.ssl_mode},
               {"ssl_cert_path", target.ssl_cert},
               {"ssl_key", target.ssl_key},
               {"ssl_root_cert", target.ssl_root_cert},
               {"ssl_crl", target.ssl_crl},
               {"uri", ""},
               {"db_version", notes.version},
               {"continue_on_error", notes.continue_on_error},
               {"ignore_if_exists", notes.ignore_exist},
               {"run_guardrails_checks", notes.run_guardrails},
               {"import_objects", base::join(notes.object_types, ",")},
               {"exclude_import_objects", base::join(notes.excluded_object_types, ",")},
               {"target_endpoints", base::join(target.endpoints, ",")},
               {"use_public_ip", target.use_public_ip}}}});
}

bool import_data_started(format::MetaDb& db) {
  return flag(db, "ImportDataToTargetStarted");
}

void forget_import_data_started(format::MetaDb& db) {
  patch(db, {{"ImportDataToTargetStarted", nullptr}});
}

}  // namespace voyager::migration
