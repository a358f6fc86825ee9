// Where the assessment of a migration lies, whether there is one, and how a new one takes the earlier one's place.
#pragma once

#include <filesystem>

#include "format/ledgers.h"

namespace voyager::migration {

std::filesystem::path assessment_report_file(const std::filesystem::path& export_dir);  ///< The JSON one.
std::filesystem::path assessment_db_file(const std::filesystem::path& export_dir);

/// Marks the assessment as done; after its reports are on disk.
void note_assessment_done(format::DocumentLedger& db, bool by_export_schema);
/// Done on its own, not as a by-product of export schema.
bool assessment_done(format::DocumentLedger& db);
bool assessment_done_by_export_schema(format::DocumentLedger& db);

/// A new assessment is made in a folder beside the earlier one. Until `replace_earlier` the earlier one is whole.
class AssessmentFolder {
 public:
  explicit AssessmentFolder(const std::filesystem::path& export_dir);

  /// Makes empty folders for a new one; what a run that was killed left in them goes.
  void begin() const;
  std::filesystem::path new_metadata() const { return unfinished_ / "metadata"; }
  std::filesystem::path new_databases() const { return unfinished_ / "dbs"; }
  /// Where the new metadata will be in the end.
  std::filesystem::path metadata() const { return folder_ / "metadata"; }

  /// Takes the marks of the earlier assessment off, then puts the new one in its place; its reports stay, until others
  /// are written. `gathered`: metadata that the user gave, or empty; they are kept even where they lie in that place.
  void replace_earlier(const std::filesystem::path& gathered, format::DocumentLedger& db) const;

 private:
  void replace_metadata(const std::filesystem::path& gathered) const;

  const std::filesystem::path folder_;  ///< assessment/
  const std::filesystem::path unfinished_;
};

}  // namespace voyager::migration
