#include "migration/state/status.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "migration/state/import_record.h"

namespace voyager::migration {
namespace {

constexpr const char* kSchemaImport = "schema_import";

using nlohmann::json;

}  // namespace

std::string migration_uuid(format::DocumentLedger& db) {
  if (std::string known = migration_record(db).uuid; !known.empty()) return known;
  std::string uuid;
  change_record(db, [&uuid](MigrationRecord& record) {
    if (record.uuid.empty()) record.uuid = base::new_uuid();
    uuid = record.uuid;
  });
  return uuid;
}

bool export_schema_done(format::DocumentLedger& db) {
  return migration_record(db).schema_exported;
}

void require_exported_schema(format::DocumentLedger& db) {
  if (export_schema_done(db)) return;
  throw base::Error({.code = "DIR-011",
                     .exit = base::ExitCode::kState,
                     .title = "the schema has not been exported yet",
                     .fix = {"yb-voyager export schema ..."},
                     .then = "nothing was changed"});
}

bool export_data_done(format::DocumentLedger& db) {
  return migration_record(db).exported;
}

void set_export_schema_done(format::DocumentLedger& db, bool done, const ExportedSchemaNotes& notes) {
  change_record(db, [&](MigrationRecord& record) {
    record.schema_exported = done;
    record.schema = notes;
  });
}

ExportedSchemaNotes exported_schema_notes(format::DocumentLedger& db) {
  return migration_record(db).schema;
}

namespace {

/// What is noted of a database, made where nothing is.
template <typename Database>
Database& noted(std::optional<Database>& database) {
  return database ? *database : database.emplace();
}

}  // namespace

void note_source_schema(format::DocumentLedger& db, const model::Identifier& schema) {
  change_record(db, [&](MigrationRecord& record) { noted(record.source).schemas = {schema}; });
}

void note_source(format::DocumentLedger& db, const model::ConnectionOptions& source, const std::string& version) {
  change_record(db, [&](MigrationRecord& record) {
    noted(record.source).note(source);
    if (!version.empty()) record.source->version = version;
  });
}

NotedDatabase noted_source(format::DocumentLedger& db) {
  return migration_record(db).source.value_or(NotedDatabase());
}

void note_source_database(format::DocumentLedger& db, const connector::DatabaseForm& form) {
  db.set_json(
      "source_database",
      json({{"encoding", form.encoding}, {"collation", form.collation}, {"create_options", form.create_options}})
          .dump());
}

connector::DatabaseForm source_database(format::DocumentLedger& db) {
  const std::string text = db.json("source_database");
  const json form = text.empty() ? json::object() : json::parse(text);
  return {.encoding = form.value("encoding", ""),
          .collation = form.value("collation", ""),
          .create_options = form.value("create_options", "")};
}

std::vector<model::Identifier> source_schemas(format::DocumentLedger& db) {
  return noted_source(db).schemas;
}

void note_target(format::DocumentLedger& db, const model::ConnectionOptions& target, bool for_rows) {
  change_record(db, [&](MigrationRecord& record) {
    noted(record.target).note(target);
    if (for_rows) record.target->for_rows = true;
  });
}

void note_source_replica(format::DocumentLedger& db, const model::ConnectionOptions& replica) {
  change_record(db, [&](MigrationRecord& record) { noted(record.source_replica).note(replica); });
}

void note_schema_import(format::DocumentLedger& db, const std::string& version, const SchemaImportNotes& notes) {
  change_record(db, [&](MigrationRecord& record) {
    noted(record.target).schema_import = notes;
    record.target->version = version;
  });
}

bool copied_without_files(format::MigrationState& db) {
  return migration_record(db).snapshot_way == SnapshotWay::kWithoutFiles && !db.plan().empty();
}

void refuse_copied(format::MigrationState& db, const std::string& command) {
  if (!copied_without_files(db)) return;
  throw base::Error(
      {.code = "COP-001",
       .exit = base::ExitCode::kState,
       .title = "the rows of this migration go to the target without files, so " + command + " has nothing to do here",
       .cause = "copy data was begun: it is an export and an import in one",
       .fix = {export_data_done(db) && import_data_done(db)
                   ? "they are there; go on with: yb-voyager finalize-schema-post-data-import ..."
                   : "go on with: yb-voyager copy data ...",
               "or by way of files, from the start: yb-voyager export data --start-clean true ...",
               "and after it: yb-voyager import data --start-clean true --truncate-tables true ..."},
       .then = "nothing was changed"});
}

bool import_data_done(format::DocumentLedger& db) {
  return import_record(db, kTargetImporter).done;
}

bool import_data_started(format::DocumentLedger& db) {
  return migration_record(db).import_begun;
}

void forget_import_data_started(format::DocumentLedger& db) {
  change_record(db, [](MigrationRecord& record) { record.import_begun = false; });
}

std::set<std::string> unused_extensions(format::DocumentLedger& db) {
  const std::string text = db.json("unused_extensions");
  return text.empty() ? std::set<std::string>() : nlohmann::json::parse(text).get<std::set<std::string>>();
}

void note_unused_extensions(format::DocumentLedger& db, const std::set<std::string>& names) {
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

void note_schema_import_state(format::DocumentLedger& db, SchemaImport state) {
  db.set_json(kSchemaImport, word_of(state));
}

SchemaImport schema_import_state(format::DocumentLedger& db) {
  const std::string word = db.json(kSchemaImport);
  for (const SchemaImport state : {SchemaImport::kUnfinished, SchemaImport::kFinished}) {
    if (word == word_of(state)) return state;
  }
  return SchemaImport::kNotBegun;
}

void warn_of_unfinished_schema(format::DocumentLedger& db, model::Dialogue& dialogue) {
  if (schema_import_state(db) != SchemaImport::kUnfinished) return;
  dialogue.notice(model::NoticeLevel::kWarning,
                  "the last import schema did not come to its end: objects, owners and rights may be missing on the "
                  "target. Run it again with --ignore-exist true");
}

}  // namespace voyager::migration
