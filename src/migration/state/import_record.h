// What is known of an import of rows, by the role of its importer. One value with one reader and one writer; it is kept
// as a JSON object of its role (docs/formats/meta-db.md has the names).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "format/ledgers.h"

namespace voyager::migration {

/// The role names of the documents.
inline constexpr std::string_view kTargetImporter = "target_db_importer";
inline constexpr std::string_view kReplicaImporter = "source_replica_db_importer";
inline constexpr std::string_view kFileImporter = "import_file";

/// Names of tables are quoted.
struct ImportRecord {
  bool begun = false;
  bool done = false;  ///< All rows are in, with what waited for them.
  // What a run that resumes must keep, in the words of the flags.
  std::string error_policy = {};
  std::string key_conflict = {};
  bool emptying = false;                      ///< Tables are being emptied: their bookkeeping may outlive their rows.
  bool of_earlier_export = false;             ///< The export was begun anew since.
  std::set<std::string> rows_of_others = {};  ///< Tables that held rows before.
  std::set<std::string> to_empty = {};        ///< By `copy data`, before they are read again.
  std::set<std::string> notes = {};           ///< What the target did otherwise than the source.
};

ImportRecord import_record(format::DocumentLedger& db, std::string_view role);
/// Anything was ever noted of it, if only that it began anew.
bool import_was_noted(format::DocumentLedger& db, std::string_view role);
/// As save_record.
void save_import_record(format::DocumentLedger& db, std::string_view role, const ImportRecord& record);
/// Nothing is known any more.
void forget_import_record(format::DocumentLedger& db, std::string_view role);

/// Reads, changes and saves in one transaction, the caller's where one is open.
template <typename Change>
void change_import_record(format::DocumentLedger& db, std::string_view role, Change&& change) {
  db.in_transaction([&] {
    ImportRecord record = import_record(db, role);
    change(record);
    save_import_record(db, role, record);
  });
}

}  // namespace voyager::migration
