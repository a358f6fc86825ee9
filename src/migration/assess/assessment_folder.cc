#include "migration/assess/assessment_folder.h"

#include <system_error>

#include "base/fault_point.h"
#include "base/files.h"
#include "migration/state/migration_record.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

bool is_within(const fs::path& path, const fs::path& folder) {
  const fs::path way = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !way.empty() && *way.begin() != "..";
}

}  // namespace

fs::path assessment_report_file(const fs::path& export_dir) {
  return export_dir / "assessment" / "reports" / "migration_assessment_report.json";
}

fs::path assessment_db_file(const fs::path& export_dir) {
  return export_dir / "assessment" / "dbs" / "assessment.db";
}

void note_assessment_done(format::DocumentLedger& db, bool by_export_schema) {
  change_record(db, [&](MigrationRecord& record) {
    (by_export_schema ? record.assessed_by_export_schema : record.assessed) = true;
  });
}

bool assessment_done(format::DocumentLedger& db) {
  return migration_record(db).assessed;
}

bool assessment_done_by_export_schema(format::DocumentLedger& db) {
  return migration_record(db).assessed_by_export_schema;
}

AssessmentFolder::AssessmentFolder(const fs::path& export_dir)
    : folder_(export_dir / "assessment"), unfinished_(folder_ / "unfinished") {}

void AssessmentFolder::begin() const {
  std::error_code ignored;
  fs::remove_all(unfinished_, ignored);
  fs::create_directories(new_metadata() / "schema");
  fs::create_directories(new_databases());
  fs::permissions(new_databases(), fs::perms::owner_all);  // Statistics hold values of the tables.
  fs::create_directories(folder_ / "reports");
}

void AssessmentFolder::replace_earlier(const fs::path& gathered, format::DocumentLedger& db) const {
  base::fault_point<"assess.before_replacing">();  // all is known, the earlier assessment is still in place
  change_record(db, [](MigrationRecord& record) { record.assessed = record.assessed_by_export_schema = false; });
  replace_metadata(gathered);
  base::fault_point<"assess.half_replaced">();  // the metadata are replaced, the database is not
  fs::remove_all(folder_ / "dbs");
  base::rename_durably(new_databases(), folder_ / "dbs");
  fs::remove_all(unfinished_);
}

void AssessmentFolder::replace_metadata(const fs::path& gathered) const {
  if (!gathered.empty() && is_within(gathered, metadata())) {
    fs::copy(new_metadata(), metadata(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    return;
  }
  fs::remove_all(metadata());
  base::rename_durably(new_metadata(), metadata());
}

}  // namespace voyager::migration
