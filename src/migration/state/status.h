// What flows and commands note of a migration, and ask of what was noted.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/comparison.h"
#include "format/migration_state.h"
#include "migration/state/migration_record.h"
#include "model/connection.h"
#include "model/dialogue.h"
#include "model/identifier.h"

namespace voyager::migration {

/// The migration's UUID, made on first use.
std::string migration_uuid(format::DocumentLedger& db);

bool export_schema_done(format::DocumentLedger& db);
/// Throws Error (kState, DIR-011) before the schema is exported.
void require_exported_schema(format::DocumentLedger& db);

void set_export_schema_done(format::DocumentLedger& db, bool done, const ExportedSchemaNotes& notes = {});
ExportedSchemaNotes exported_schema_notes(format::DocumentLedger& db);

/// Extensions that nothing on the source uses.
std::set<std::string> unused_extensions(format::DocumentLedger& db);
void note_unused_extensions(format::DocumentLedger& db, const std::set<std::string>& names);

/// `version` is for people, and empty where it was not asked: what is noted of it stays.
void note_source(format::DocumentLedger& db, const model::ConnectionOptions& source, const std::string& version = {});
/// How the source's database stores and sorts text (JSON key `source_database`), as `export schema` found it; empty
/// texts before.
void note_source_database(format::DocumentLedger& db, const connector::DatabaseForm& form);
connector::DatabaseForm source_database(format::DocumentLedger& db);

/// For a source that has one schema, and maybe no connection noted.
void note_source_schema(format::DocumentLedger& db, const model::Identifier& schema);
std::vector<model::Identifier> source_schemas(format::DocumentLedger& db);
/// What is known of the source; empty where nobody noted it.
NotedDatabase noted_source(format::DocumentLedger& db);

/// `for_rows`: by an import of rows.
void note_target(format::DocumentLedger& db, const model::ConnectionOptions& target, bool for_rows = false);

void note_source_replica(format::DocumentLedger& db, const model::ConnectionOptions& replica);

/// What the last `import schema` was told; `version`: the target's.
void note_schema_import(format::DocumentLedger& db, const std::string& version, const SchemaImportNotes& notes);

/// `import schema`: JSON key `schema_import`.
enum class SchemaImport : std::uint8_t { kNotBegun, kUnfinished, kFinished };
void note_schema_import_state(format::DocumentLedger& db, SchemaImport state);
SchemaImport schema_import_state(format::DocumentLedger& db);
/// "not begun", "unfinished", "finished".
std::string_view word_of(SchemaImport state);
/// Says so when a schema import was begun and has not come to its end: what is missing is missing in silence else.
void warn_of_unfinished_schema(format::DocumentLedger& db, model::Dialogue& dialogue);

/// True once `export data` has finished.
bool export_data_done(format::DocumentLedger& db);

/// The rows go from the source to the target without files: `copy data` is at work on them, or was.
bool copied_without_files(format::MigrationState& db);
/// Throws COP-001 where that is so: `command` works with files.
void refuse_copied(format::MigrationState& db, const std::string& command);

/// True once all rows of the snapshot are on the target, with what waited for them.
bool import_data_done(format::DocumentLedger& db);

/// True once `import data` has started to load.
bool import_data_started(format::DocumentLedger& db);
void forget_import_data_started(format::DocumentLedger& db);

}  // namespace voyager::migration
