#include "migration/schema/export_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/log.h"
#include "migration/schema/constraint_merger.h"
#include "migration/schema/dump_splitter.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/object_types.h"
#include "migration/schema/status.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using model::NoticeLevel;

constexpr std::array kFolders = {
    "schema",
    "data",
    "reports",
    "assessment",
    "assessment/metadata",
    "assessment/metadata/schema",
    "assessment/dbs",
    "assessment/reports",
    "metainfo",
    "metainfo/data",
    "metainfo/conf",
    "metainfo/ssl",
    "temp",
    "temp/ora2pg_temp_dir",
    "temp/schema",
};

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) base::fail(base::ExitCode::kFailure, "cannot create the folder " + folder.string(), error.message());
}

void empty_folder(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    fs::remove_all(entry.path(), error);
    if (error) base::fail(base::ExitCode::kFailure, "cannot remove " + entry.path().string(), error.message());
  }
}

void make_folders(const fs::path& export_dir) {
  for (const char* folder : kFolders) make_folder(export_dir / folder);
}

class ExportSchema {
 public:
  ExportSchema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
               const ExportSchemaOptions& options, format::MetaDb& db, model::Dialogue& dialogue, base::Stop& stop)
      : product_(product), source_(source), options_(options), db_(db), dialogue_(dialogue), stop_(stop) {}

  ExportSchemaReport run() {
    const std::vector<std::string> types = types_to_export(options_.object_types, options_.excluded_object_types);
    if (!may_start()) return {.already_exported = true};
    check();
    clean();
    make_folders(options_.export_dir);
    migration_uuid(db_);
    note_source(db_, source_);
    const fs::path dump = write_dump();
    base::throw_if_draining(stop_, "export schema was stopped", "run the same command again: it starts over");
    base::fault_point("export_schema.before_files");
    write_files(split_dump(base::read_file(dump), types), types);
    base::fault_point("export_schema.before_done");
    set_export_schema_done(db_, true);
    return report_;
  }

 private:
  /// False when the schema has been exported and is to be left alone.
  bool may_start() {
    if (!export_schema_done(db_)) {
      if (options_.start_clean) {
        dialogue_.notice(NoticeLevel::kInfo, "--start-clean is ignored: no schema has been exported yet");
      }
      return true;
    }
    if (!options_.start_clean) return false;
    const model::Question question{
        .danger = model::Question::Danger::kSevere,
        .text = fmt::format("Remove the exported schema and the reports in {} and export again?",
                            options_.export_dir.string()),
        .flag = "--yes"};
    if (!dialogue_.confirm(question)) {
      base::fail(base::ExitCode::kNoAnswer, "the schema was not exported again", "the question was answered with no");
    }
    return true;
  }

  void clean() {
    if (export_schema_done(db_)) {
      // The mark goes first: a run killed while it cleans leaves no half schema that counts as exported.
      set_export_schema_done(db_, false);
      for (const char* folder : {"reports", "temp", "metainfo/schema"}) empty_folder(options_.export_dir / folder);
    }
    // Without the mark, what lies in schema/ is of a run that was killed.
    empty_folder(options_.export_dir / "schema");
  }

  void check() {
    if (!options_.run_guardrails || !product_.source_preflight) return;
    const auto preflight = product_.source_preflight(source_);
    dialogue_.notice(NoticeLevel::kInfo, "source: " + preflight->version_text());
    answer_findings(preflight->check_export_schema(), "export schema", dialogue_);
  }

  fs::path write_dump() {
    const fs::path file = options_.export_dir / "temp" / "schema.sql";
    const fs::path unfinished = options_.export_dir / "temp" / "schema.sql.unfinished";
    VOY_ASSERT(product_.schema_source != nullptr);
    product_.schema_source(source_)->dump_schema(unfinished, options_.comments, stop_);
    base::rename_durably(unfinished, file);
    return file;
  }

  void write_files(SchemaFiles files, const std::vector<std::string>& types) {
    for (const ObjectType& type : object_types()) {
      if (std::ranges::find(types, type.name) != types.end()) {
        make_folder((options_.export_dir / "schema" / type.file).parent_path());
      }
    }
    if (options_.merge_constraints) merge(files);
    for (const auto& [file, text] : files.text) {
      write(file, text);
      base::fault_point("export_schema.between_files");
    }
    report_.uncategorized = files.uncategorized;
  }

  void merge(SchemaFiles& files) {
    const auto table = files.text.find(std::string(kTableFile));
    if (table == files.text.end()) return;
    MergedTables merged = merge_constraints(table->second);
    report_.constraints_merged = merged.merged;
    if (merged.merged == 0) return;
    files.text["tables/backup_table.sql"] = table->second;
    table->second = std::move(merged.text);
  }

  void write(const std::string& file, const std::string& text) {
    const fs::path path = options_.export_dir / "schema" / file;
    make_folder(path.parent_path());
    base::write_file_atomically(path, text);
    report_.files.push_back(path);
    base::log_info("wrote " + path.string());
  }

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& source_;
  const ExportSchemaOptions& options_;
  format::MetaDb& db_;
  model::Dialogue& dialogue_;
  base::Stop& stop_;
  ExportSchemaReport report_ = {};
};

}  // namespace

ExportSchemaReport export_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                 const ExportSchemaOptions& options, format::MetaDb& db, model::Dialogue& dialogue,
                                 base::Stop& stop) {
  return ExportSchema(product, source, options, db, dialogue, stop).run();
}

}  // namespace voyager::migration
