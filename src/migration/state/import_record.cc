#include "migration/state/import_record.h"

#include <nlohmann/json.hpp>

#include "migration/state/json_fields.h"

namespace voyager::migration {
namespace {

std::string_view key_of(std::string_view role) {
  if (role == kFileImporter) return "import_data_file_status";
  return role == kReplicaImporter ? "import_data_to_source_replica_status" : "import_data_status";
}

template <typename Visit, typename Record>
void visit_members(Visit& visit, std::string_view role, Record& record) {
  visit("importDataStarted", record.begun);
  visit("importDataDone", record.done);
  visit(role == kFileImporter ? "errorPolicy" : "errorPolicySnapshot", record.error_policy);
  visit("onPrimaryKeyConflict", record.key_conflict);
  visit("emptying", record.emptying);
  visit("rowsOfEarlierExport", record.of_earlier_export);
  visit("rowsOfOthers", record.rows_of_others);
  visit("tablesToEmpty", record.to_empty);
  visit("notes", record.notes);
}

}  // namespace

ImportRecord import_record(format::DocumentLedger& db, std::string_view role) {
  ImportRecord record;
  const nlohmann::json status = json_object(db, key_of(role));
  JsonReader reader(status);
  visit_members(reader, role, record);
  return record;
}

bool import_was_noted(format::DocumentLedger& db, std::string_view role) {
  return !db.json(key_of(role)).empty();
}

void save_import_record(format::DocumentLedger& db, std::string_view role, const ImportRecord& record) {
  nlohmann::json status = json_object(db, key_of(role));
  JsonWriter writer(status);
  visit_members(writer, role, record);
  save_json_object(db, key_of(role), status);
}

void forget_import_record(format::DocumentLedger& db, std::string_view role) {
  db.set_json(key_of(role), "{}");
}

}  // namespace voyager::migration
