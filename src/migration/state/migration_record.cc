#include "migration/state/migration_record.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "migration/state/json_fields.h"

namespace voyager::migration {
namespace {

constexpr std::string_view kKey = "migration_status";

constexpr Words<ExportType, 3> kExportTypes = {{{ExportType::kSnapshotOnly, "snapshot-only"},
                                                {ExportType::kSnapshotAndChanges, "snapshot-and-changes"},
                                                {ExportType::kChangesOnly, "changes-only"}}};
constexpr Words<SnapshotWay, 2> kSnapshotWays = {
    {{SnapshotWay::kFiles, "copy"}, {SnapshotWay::kWithoutFiles, "direct"}}};

std::string joined(const std::vector<model::Identifier>& schemas) {
  std::vector<std::string> names;
  for (const model::Identifier& schema : schemas) names.push_back(model::display(schema));
  return base::join(names, ",");
}

// Of every database. `Record` is const for the writer.
template <typename Visit, typename Record>
void visit_connection(Visit& visit, Record& database) {
  visit("host", database.host);
  visit("port", database.port);
  visit("user", database.user);
  visit.derived("password", "");
  visit("db_name", database.database);
  visit("ssl_mode", database.ssl_mode);
  visit("ssl_cert_path", database.ssl_cert);
  visit("ssl_key", database.ssl_key);
  visit("ssl_root_cert", database.ssl_root_cert);
  visit("ssl_crl", database.ssl_crl);
  visit("db_version", database.version);
  visit.derived("uri", "");
}

constexpr auto kSourceMembers = [](auto& visit, auto& source) {
  visit_connection(visit, source);
  visit("db_type", source.product);
  visit("schema", source.schemas);
  visit.derived("schema_list", joined(source.schemas));
};

constexpr auto kReplicaMembers = [](auto& visit, auto& replica) {
  visit_connection(visit, replica);
  visit("target_db_type", replica.product);
  visit("schemas", replica.schemas);
};

constexpr auto kTargetMembers = [](auto& visit, auto& target) {
  kReplicaMembers(visit, target);
  visit.derived("schema_config", joined(target.schemas));
  visit.list("target_endpoints", target.endpoints);
  visit("use_public_ip", target.use_public_ip);
  visit("import_data", target.for_rows);
  visit("continue_on_error", target.schema_import.continue_on_error);
  visit("ignore_if_exists", target.schema_import.ignore_exist);
  visit("run_guardrails_checks", target.schema_import.run_guardrails);
  visit.list("import_objects", target.schema_import.object_types);
  visit.list("exclude_import_objects", target.schema_import.excluded_object_types);
};

// Earlier versions wrote it as a target or as a source.
constexpr auto kOtherWayMembers = [](auto& visit, auto& source) {
  visit_connection(visit, source);
  visit("target_db_type", source.product);
  visit("db_type", source.product);
};

constexpr auto kTimings = [](auto& visit, auto& record) {
  visit("ToTargetCutoverRequestedAt", record.to_target.requested_at);
  visit("ToSourceCutoverRequestedAt", record.to_source.requested_at);
  visit("ToSourceReplicaCutoverRequestedAt", record.to_source_replica.requested_at);
};

// Every member that a field stands for.
template <typename Visit, typename Record>
void visit_members(Visit& visit, Record& record) {
  visit("MigrationUUID", record.uuid);
  visit("VoyagerVersion", record.begun_by_version);
  visit("ConfigFile", record.config_file);
  visit.object("SourceDBConf", record.source, kSourceMembers);
  visit.object("TargetDBConf", record.target, kTargetMembers);
  visit.object("SourceReplicaDBConf", record.source_replica, kReplicaMembers);
  visit.object("SourceDBAsTargetConf", record.source_as_target, kOtherWayMembers);

  visit("MigrationAssessmentDone", record.assessed);
  visit("MigrationAssessmentDoneViaExportSchema", record.assessed_by_export_schema);
  visit("ExportSchemaDone", record.schema_exported);
  visit("SchemaTargetDBType", record.schema.target);
  visit("AssessmentRecommendationsApplied", record.schema.recommendations_applied);
  visit("ColocatedTablesRecommended", record.schema.colocated_tables);
  visit("OwnersExported", record.schema.owners);
  visit("GrantsExported", record.schema.grants);
  visit("CommentsExported", record.schema.comments);
  visit("SettingsExported", record.schema.settings);
  visit("PerformanceComparisonDone", record.performance_compared);

  visit.word("ExportType", record.export_type, kExportTypes);
  visit.word("SnapshotMechanism", record.snapshot_way, kSnapshotWays);
  visit("ExportDataFromSourceStarted", record.export_begun);
  visit("ExportDataDone", record.exported);
  visit("ImportDataToTargetStarted", record.import_begun);
  visit("TableListExportedFromSource", record.tables.roots);
  visit("SourceExportedTableListWithLeafPartitions", record.tables.leaves);
  visit("SourceRenameTablesMap", record.tables.root_of_leaf);
  visit("IsExportTableListSet", record.tables.limited);
  visit("TablesReadUnderLaterSnapshot", record.tables_read_later);
  visit("ValueRules", record.value_rules);
  visit("TypeRules", record.type_rules);
  visit("ImportDataFileFlagFileTableMapping", record.files.file_table_map);
  visit("ImportDataFileFlagDataDir", record.files.data_dir);
  visit("ImportDataFileFlagDefaultSchema", record.files.default_schema);

  visit("CutoverToTargetRequested", record.to_target.marks.requested);
  visit("CutoverDetectedBySourceExporter", record.to_target.marks.captured);
  visit("CutoverProcessedBySourceExporter", record.to_target.marks.exporter_done);
  visit("CutoverDetectedByTargetImporter", record.to_target.marks.applied);
  visit("CutoverProcessedByTargetImporter", record.to_target.marks.importer_done);
  visit("CutoverToSourceRequested", record.to_source.marks.requested);
  visit("CutoverDetectedByTargetFBExporter", record.to_source.marks.captured);
  visit("CutoverToSourceProcessedByTargetExporter", record.to_source.marks.exporter_done);
  visit("CutoverDetectedBySourceImporter", record.to_source.marks.applied);
  visit("CutoverToSourceProcessedBySourceImporter", record.to_source.marks.importer_done);
  visit("CutoverToSourceReplicaRequested", record.to_source_replica.marks.requested);
  visit("CutoverDetectedByTargetFFExporter", record.to_source_replica.marks.captured);
  visit("CutoverToSourceReplicaProcessedByTargetExporter", record.to_source_replica.marks.exporter_done);
  visit("CutoverDetectedBySourceReplicaImporter", record.to_source_replica.marks.applied);
  visit("CutoverToSourceReplicaProcessedBySRImporter", record.to_source_replica.marks.importer_done);
  visit.object("CutoverTimings", record, kTimings);
  visit("FallbackEnabled", record.fall_back);
  visit("FallForwardEnabled", record.fall_forward);
  visit("ExportFromTargetFallBackStarted", record.target_captured_for_fall_back);
  visit("ExportFromTargetFallForwardStarted", record.target_captured_for_fall_forward);
  visit("ImportDataToSourceStarted", record.source_importer_begun);
  visit("RestartDataMigrationSourceTargetNextIteration", record.next_iteration_requested);
  visit("NextIterationInitialized", record.next_iteration_made);
  visit("Iteration", record.iteration);
  visit("ParentExportDir", record.parent_export_dir);
  visit("LatestIterationNumber", record.latest_iteration);
  visit("ArchivingEnabled", record.archiving);
  visit("SegmentCleanupRunning", record.segments_being_removed);
}

}  // namespace

model::ConnectionOptions NotedDatabase::options() const {
  model::ConnectionOptions out;
  out.product = product;
  out.host = host;
  out.port = port;
  out.user = user;
  out.database = database;
  if (!ssl_mode.empty()) out.ssl_mode = ssl_mode;
  out.ssl_cert = ssl_cert;
  out.ssl_key = ssl_key;
  out.ssl_root_cert = ssl_root_cert;
  out.ssl_crl = ssl_crl;
  out.schemas = schemas;
  return out;
}

void NotedDatabase::note(const model::ConnectionOptions& options) {
  product = options.product;
  host = options.host;
  port = options.port;
  user = options.user;
  database = options.database;
  ssl_mode = options.ssl_mode;
  ssl_cert = options.ssl_cert;
  ssl_key = options.ssl_key;
  ssl_root_cert = options.ssl_root_cert;
  ssl_crl = options.ssl_crl;
  schemas = options.schemas;
}

model::ConnectionOptions NotedTarget::options() const {
  model::ConnectionOptions out = NotedDatabase::options();
  out.endpoints = endpoints;
  out.use_public_ip = use_public_ip;
  return out;
}

void NotedTarget::note(const model::ConnectionOptions& options) {
  NotedDatabase::note(options);
  endpoints = options.endpoints;
  use_public_ip = options.use_public_ip;
}

std::string_view word_of(ExportType type) {
  return word_in(kExportTypes, type);
}

MigrationRecord migration_record(format::DocumentLedger& db) {
  MigrationRecord record;
  const nlohmann::json status = json_object(db, kKey);
  JsonReader reader(status);
  visit_members(reader, record);
  return record;
}

void save_record(format::DocumentLedger& db, const MigrationRecord& record) {
  nlohmann::json status = json_object(db, kKey);
  JsonWriter writer(status);
  visit_members(writer, record);
  save_json_object(db, kKey, status);
}

}  // namespace voyager::migration
