#include "cli/report_files.h"

#include <fmt/format.h>

#include <system_error>

#include "base/clock.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "cli/version.h"
#include "migration/schema/options_left_out.h"
#include "migration/state/status.h"
#include "report/object_report.h"

namespace voyager::cli {
namespace {

namespace fs = std::filesystem;

fs::path with_end(const fs::path& path, const char* end) {
  return path.string() + end;
}

void remove_unfinished(const ReportFiles& files) {
  std::error_code ignored;
  for (const auto& [path, text] : files) fs::remove(with_end(path, ".unfinished"), ignored);
}

void write_beside(const ReportFiles& files) {
  for (const auto& [path, text] : files) {
    fs::create_directories(path.parent_path());
    base::File file = base::File::create(with_end(path, ".unfinished"));
    file.write(text);
    file.sync();
  }
}

/// A second name for the file: at no moment is the report missing.
void keep_as_backup(const fs::path& path) {
  const fs::path second = with_end(path, ".bak.unfinished");
  std::error_code error;
  fs::remove(second, error);
  fs::create_hard_link(path, second, error);
  if (error) fs::copy_file(path, second);  // Not every file system has links.
  base::rename_durably(second, with_end(path, ".bak"));
}

}  // namespace

void replace_reports(Session& session, const ReportFiles& files) {
  try {
    write_beside(files);
  } catch (const base::Error&) {
    remove_unfinished(files);
    throw;
  }
  for (const auto& [path, text] : files) {
    if (fs::exists(path)) {
      keep_as_backup(path);
      session.console().notice(model::NoticeLevel::kInfo,
                               fmt::format("the report of the last run is kept as {}.bak", path.filename().string()));
    }
    base::rename_durably(with_end(path, ".unfinished"), path);
    // The first report is new, the others are not (analyze-schema passes it too).
    base::fault_point<"assess.half_reported">();
  }
}

std::filesystem::path anonymized_file(const std::filesystem::path& file) {
  return file.parent_path() / fmt::format("{}_anonymized{}", file.stem().string(), file.extension().string());
}

void write_object_report(Session& session) {
  const std::vector<model::SchemaObject> objects = session.db().schema_objects();
  if (objects.empty()) return;  // Exported by a version that did not note them.
  model::ObjectReport report{
      .program_version = kVersion,
      .made_at = base::utc_now(),
      .database = migration::noted_source(session.db()).database,
      .schema_import = std::string(migration::word_of(migration::schema_import_state(session.db()))),
      .objects = objects};
  for (const migration::OptionLeftOut& one : migration::options_left_out(session.db())) {
    report.objects.push_back({.kind = "OPTION",
                              .name = one.statement,
                              .property = true,
                              .outcome = model::ObjectOutcome::kMovedWithChange,
                              .note = fmt::format("{} is left out: {}", one.option, one.reason)});
  }
  for (const model::Identifier& schema : migration::source_schemas(session.db()))
    report.schemas.push_back(schema.catalog_text());
  const std::filesystem::path folder = session.export_dir() / "reports";
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  base::write_file_atomically(folder / "objects.json", report::object_report_json(report));
}

}  // namespace voyager::cli
