#include "migration/state/migration_record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"
#include "migration/state/import_record.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

class RecordTest : public testing::Test {
 protected:
  json kept() { return json::parse(db_.json("migration_status")); }

  const base::TemporaryFolder folder_ = {};
  format::MetaDb db_ = format::MetaDb(folder_.path());
};

TEST_F(RecordTest, NothingIsKnownOfWhatIsNotThereOrDamaged) {
  for (const char* text :
       {"", "{", "[1]", "null", R"({"ExportDataDone": "true", "SourceDBConf": [], "Iteration": "1"})"}) {
    db_.set_json("migration_status", text);
    const MigrationRecord record = migration_record(db_);
    EXPECT_FALSE(record.exported) << text;
    EXPECT_FALSE(record.source) << text;
    EXPECT_FALSE(record.export_type) << text;
    EXPECT_EQ(record.iteration, 0) << text;
  }
}

TEST_F(RecordTest, WhatNoFieldStandsForStays) {
  db_.set_json("migration_status", R"({"Later": {"a": [1]}, "SourceDBConf": {"db_sid": "x", "db_version": "15"}})");
  note_source(db_, {.product = "postgresql", .host = "h", .database = "shop"});
  change_record(db_, [](MigrationRecord& record) { record.exported = true; });
  EXPECT_EQ(kept()["Later"], json::parse(R"({"a": [1]})"));
  EXPECT_EQ(kept()["SourceDBConf"]["db_sid"], "x");
  EXPECT_EQ(noted_source(db_).version, "15") << "noted without a version, the known one stays";
  EXPECT_EQ(noted_source(db_).database, "shop");
  EXPECT_TRUE(export_data_done(db_));
}

TEST_F(RecordTest, AMarkIsWrittenOnceItIsSetAndTakenBack) {
  change_record(db_, [](MigrationRecord&) {});
  EXPECT_FALSE(kept().contains("ExportDataDone"));
  change_record(db_, [](MigrationRecord& record) { record.exported = true; });
  EXPECT_EQ(kept()["ExportDataDone"], true);
  change_record(db_, [](MigrationRecord& record) { record.exported = false; });
  EXPECT_EQ(kept()["ExportDataDone"], false);
}

TEST_F(RecordTest, AFailedChangeLeavesNothing) {
  EXPECT_THROW(change_record(db_,
                             [](MigrationRecord& record) {
                               record.exported = true;
                               throw std::runtime_error("no");
                             }),
               std::runtime_error);
  EXPECT_FALSE(export_data_done(db_));
}

// Every member of the documented object, as a program before this class wrote it, is read into a field and written
// again as it was.
TEST_F(RecordTest, AStateOfAnEarlierVersionIsReadAndWrittenAsItWas) {
  const json earlier = json::parse(R"({
    "MigrationUUID": "u", "VoyagerVersion": "0.9", "ConfigFile": "/c.yaml",
    "SourceDBConf": {"host": "h", "port": 5432, "user": "u", "password": "", "db_name": "d", "ssl_mode": "require",
      "ssl_cert_path": "c", "ssl_key": "k", "ssl_root_cert": "r", "ssl_crl": "l", "uri": "", "db_type": "postgresql",
      "db_version": "17", "schema": [{"Quoted": "\"A b\"", "Unquoted": "A b", "MinQuoted": "\"A b\""},
      {"Quoted": "\"public\"", "Unquoted": "public", "MinQuoted": "public"}], "schema_list": "\"A b\",public"},
    "TargetDBConf": {"host": "t", "port": 5433, "user": "y", "password": "", "db_name": "e", "ssl_mode": "prefer",
      "ssl_cert_path": "", "ssl_key": "", "ssl_root_cert": "", "ssl_crl": "", "uri": "", "target_db_type": "yugabytedb",
      "db_version": "2025", "schemas": [], "schema_config": "", "target_endpoints": "a:1,b", "use_public_ip": true,
      "import_data": true, "continue_on_error": true, "ignore_if_exists": true, "run_guardrails_checks": false,
      "import_objects": "TABLE,VIEW", "exclude_import_objects": "INDEX"},
    "SourceReplicaDBConf": {"host": "s", "port": 1, "user": "z", "password": "", "db_name": "f", "ssl_mode": "allow",
      "ssl_cert_path": "", "ssl_key": "", "ssl_root_cert": "", "ssl_crl": "", "uri": "", "target_db_type": "postgresql",
      "schemas": []},
    "MigrationAssessmentDone": true, "MigrationAssessmentDoneViaExportSchema": false,
    "ExportSchemaDone": true, "SchemaTargetDBType": "yugabytedb", "AssessmentRecommendationsApplied": true,
    "ColocatedTablesRecommended": true, "OwnersExported": true, "GrantsExported": true, "CommentsExported": true,
    "SettingsExported": true, "PerformanceComparisonDone": true,
    "ExportType": "snapshot-and-changes", "SnapshotMechanism": "copy", "ExportDataFromSourceStarted": true,
    "ExportDataDone": true, "ImportDataToTargetStarted": true, "TableListExportedFromSource": ["\"public\".\"a\""],
    "SourceExportedTableListWithLeafPartitions": ["\"public\".\"a1\""],
    "SourceRenameTablesMap": {"\"public\".\"a1\"": "\"public\".\"a\""}, "IsExportTableListSet": true,
    "TablesReadUnderLaterSnapshot": ["a"], "ValueRules": ["zero-date=null"], "TypeRules": ["a.b=text"],
    "ImportDataFileFlagFileTableMapping": "a.csv:a", "ImportDataFileFlagDataDir": "/d",
    "ImportDataFileFlagDefaultSchema": "public",
    "CutoverToTargetRequested": true, "CutoverDetectedBySourceExporter": true, "CutoverProcessedBySourceExporter": true,
    "CutoverDetectedByTargetImporter": true, "CutoverProcessedByTargetImporter": true,
    "CutoverToSourceRequested": true, "CutoverDetectedByTargetFBExporter": true,
    "CutoverToSourceProcessedByTargetExporter": true, "CutoverDetectedBySourceImporter": true,
    "CutoverToSourceProcessedBySourceImporter": true,
    "CutoverToSourceReplicaRequested": true, "CutoverDetectedByTargetFFExporter": true,
    "CutoverToSourceReplicaProcessedByTargetExporter": true, "CutoverDetectedBySourceReplicaImporter": true,
    "CutoverToSourceReplicaProcessedBySRImporter": true,
    "CutoverTimings": {"ToTargetCutoverRequestedAt": "1", "ToSourceCutoverRequestedAt": "2"},
    "FallbackEnabled": true, "FallForwardEnabled": true, "ExportFromTargetFallBackStarted": true,
    "ExportFromTargetFallForwardStarted": true, "ImportDataToSourceStarted": true,
    "RestartDataMigrationSourceTargetNextIteration": true, "NextIterationInitialized": true, "Iteration": 2,
    "ParentExportDir": "/m", "LatestIterationNumber": 3, "ArchivingEnabled": true, "SegmentCleanupRunning": true})");
  db_.set_json("migration_status", earlier.dump());
  const MigrationRecord record = migration_record(db_);
  save_record(db_, record);
  EXPECT_EQ(kept(), earlier);

  // Into an empty state: only fields can bring a member there. False is no member.
  db_.set_json("migration_status", "");
  save_record(db_, record);
  json without_false = earlier;
  without_false.erase("MigrationAssessmentDoneViaExportSchema");
  for (const auto& [name, value] : without_false.items()) {
    if (value.is_object() && name.ends_with("DBConf")) continue;
    EXPECT_EQ(kept()[name], value) << name;
  }
  EXPECT_EQ(record.source->options().ssl_cert, "c");
  EXPECT_EQ(record.source->schemas,
            (std::vector<model::Identifier>{model::Identifier("A b"), model::Identifier("public")}));
  EXPECT_EQ(record.target->options().endpoints, (std::vector<std::string>{"a:1", "b"}));
  EXPECT_EQ(record.target->schema_import.object_types, (std::vector<std::string>{"TABLE", "VIEW"}));
  EXPECT_EQ(record.export_type, ExportType::kSnapshotAndChanges);
}

TEST_F(RecordTest, ImportsOfDifferentRolesAreApart) {
  db_.set_json("import_data_status",
               R"({"importDataStarted": true, "errorPolicySnapshot": "abort", "onPrimaryKeyConflict": "ERROR",
                   "rowsOfOthers": {"\"a\"": true}, "notes": {"b": true, "a": true}, "Other": 1})");
  const ImportRecord record = import_record(db_, kTargetImporter);
  EXPECT_TRUE(record.begun);
  EXPECT_EQ(record.error_policy, "abort");
  EXPECT_EQ(record.rows_of_others, (std::set<std::string>{"\"a\""}));
  EXPECT_EQ(record.notes, (std::set<std::string>{"a", "b"}));
  EXPECT_FALSE(import_was_noted(db_, kFileImporter));
  change_import_record(db_, kFileImporter, [](ImportRecord& one) { one.error_policy = "stash-and-continue"; });
  EXPECT_EQ(json::parse(db_.json("import_data_file_status")), json::parse(R"({"errorPolicy": "stash-and-continue"})"));
  change_import_record(db_, kTargetImporter, [](ImportRecord& one) { one.done = true; });
  EXPECT_EQ(json::parse(db_.json("import_data_status"))["Other"], 1);
  EXPECT_TRUE(import_data_done(db_));
  forget_import_record(db_, kTargetImporter);
  EXPECT_FALSE(import_record(db_, kTargetImporter).begun);
  EXPECT_TRUE(import_was_noted(db_, kTargetImporter));
}

}  // namespace
}  // namespace voyager::migration
