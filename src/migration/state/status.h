// What flows and commands note of a migration, and ask of what was noted.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/comparison.h"
#include "format/meta_db.h"
#include "migration/state/migration_record.h"
#include "model/connection.h"
#include "model/dialogue.h"
#include "model/identifier.h"

namespace voyager::migration {

/// The migration's UUID, made on first use.
std::string migration_uuid(format::MetaDb& db);

bool export_schema_done(format::MetaDb& db);

void set_export_schema_done(format::MetaDb& db, bool done, const ExportedSchemaNotes& notes = {});
ExportedSchemaNotes exported_schema_notes(format::MetaDb& db);

/// Extensions that nothing on the source uses.
std::set<std::string> unused_extensions(format::MetaDb& db);
void note_unused_extensions(format::MetaDb& db, const std::set<std::string>& names);

/// `version` is for people, and empty where it was not asked: what is noted of it stays.
void note_source(format::MetaDb& db, const model::ConnectionOptions& source, const std::string& version = {});
/// How the source's database stores and sorts text (JSON key `source_database`), as `export schema` found it; empty
/// texts before.
void note_source_database(format::MetaDb& db, const connector::DatabaseForm& form);
connector::DatabaseForm source_database(format::MetaDb& db);

/// For a source that has one schema, and maybe no connection noted.
void note_source_schema(format::MetaDb& db, const model::Identifier& schema);
std::vector<model::Identifier> source_schemas(format::MetaDb& db);
/// What is known of the source; empty where nobody noted it.
NotedDatabase noted_source(format::MetaDb& db);

/// `for_rows`: by an import of rows.
void note_target(format::MetaDb& db, const model::ConnectionOptions& target, bool for_rows = false);

void note_source_replica(format::MetaDb& db, const model::ConnectionOptions& replica);

/// What the last `import schema` was told; `version`: the target's.
void note_schema_import(format::MetaDb& db, const std::string& version, const SchemaImportNotes& notes);

/// `import schema`: JSON key `schema_import`.
enum class SchemaImport : std::uint8_t { kNotBegun, kUnfinished, kFinished };
void note_schema_import_state(format::MetaDb& db, SchemaImport state);
SchemaImport schema_import_state(format::MetaDb& db);
/// "not begun", "unfinished", "finished".
std::string_view word_of(SchemaImport state);
/// Says so when a schema import was begun and has not come to its end: what is missing is missing in silence else.
void warn_of_unfinished_schema(format::MetaDb& db, model::Dialogue& dialogue);

/// True once `export data` has finished.
bool export_data_done(format::MetaDb& db);

/// The rows go from the source to the target without files: `copy data` is at work on them, or was.
bool copied_without_files(format::MetaDb& db);
/// Throws COP-001 where that is so: `command` works with files.
void refuse_copied(format::MetaDb& db, const std::string& command);

/// True once all rows of the snapshot are on the target, with what waited for them.
bool import_data_done(format::MetaDb& db);

/// True once `import data` has started to load.
bool import_data_started(format::MetaDb& db);
void forget_import_data_started(format::MetaDb& db);

}  // namespace voyager::migration
