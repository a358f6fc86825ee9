#include "migration/assess/assess_migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "format/assessment_db.h"
#include "migration/analyze/issue_values.h"
#include "migration/assess/assessed_issues.h"
#include "migration/assess/assessment_folder.h"
#include "migration/assess/assessment_notes.h"
#include "migration/assess/complexity.h"
#include "migration/assess/gathered.h"
#include "migration/assess/sizing.h"
#include "migration/assess/source_nodes.h"
#include "migration/schema/object_files.h"
#include "migration/schema/object_types.h"
#include "migration/schema/recommendations.h"
#include "sql/password_mask.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using base::ExitCode;
using model::NoticeLevel;

constexpr const char* kLoad = "reads and writes per second";

class AssessMigration {
 public:
  AssessMigration(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                  const AssessOptions& options, format::DocumentLedger& db, const model::FlowContext& context)
      : product_(product),
        source_(source),
        options_(options),
        db_(db),
        context_(context),
        folder_(options.export_dir) {}

  model::Assessment run() {
    refuse_if_done();
    const auto started = std::chrono::steady_clock::now();
    folder_.begin();
    result_.iops_interval = options_.load_interval.count();
    result_.source_product = source_.product;
    result_.analysis = new_analysis(options_.target_version);
    const fs::path metadata = live() ? gather_metadata() : given_metadata();
    context_.dialogue.notice(NoticeLevel::kInfo, "Assessing migration");
    describe(metadata);
    read_schema(metadata);
    auto database =
        format::AssessmentDb::build(folder_.new_databases() / "assessment.db", metadata, result_.iops_interval);
    base::fault_point<"assess.before_judging">();  // the database of the assessment is built
    fill_figures(database);
    fill_issues(database);
    judge();
    format::AssessmentDb::save_colocation(folder_.new_databases() / "assessment.db", colocation_of(result_.sizing));
    base::throw_if_draining(context_.stop, "the assessment was stopped", "run the same command again: it starts over");
    folder_.replace_earlier(options_.metadata_dir, db_);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    result_.seconds = took.count();
    return std::move(result_);
  }

 private:
  bool live() const { return options_.metadata_dir.empty(); }

  /// The measurements behind the sizing are of YugabyteDB.
  bool sized() const { return !options_.target_version.empty(); }

  void refuse_if_done() {
    if (options_.start_clean || options_.by_export_schema || !assessment_done(db_)) return;
    throw base::Error({.code = "ASM-100",
                       .exit = ExitCode::kState,
                       .title = "this migration has been assessed already",
                       .where = assessment_report_file(options_.export_dir).string(),
                       .fix = {"read that report, or assess again: yb-voyager --start-clean true ..."},
                       .then = "nothing was changed"});
  }

  fs::path gather_metadata() {
    VOY_ASSERT(product_.assessment_source && product_.schema_source);
    const SourceNodes nodes = choose_nodes(product_, source_, options_, context_.dialogue);
    result_.mode = "live source";
    result_.not_looked_at = nodes.not_looked_at;
    result_.analysis.database = source_.database;
    result_.analysis.database_version = nodes.version;
    for (const model::Identifier& schema : source_.schemas) result_.analysis.schemas.push_back(schema.catalog_text());
    schema_ = gather(product_, nodes, folder_.new_metadata(),
                     {.load_interval = options_.load_interval, .scan = options_.scan}, context_);
    return folder_.new_metadata();
  }

  /// A script may leave to us what only we can do.
  fs::path given_metadata() {
    const bool complete = fs::exists(options_.metadata_dir / "schema");
    if (product_.complete_metadata && !complete) {
      schema_ = product_.complete_metadata(options_.metadata_dir, folder_.new_metadata(), source_);
      return folder_.new_metadata();
    }
    const fs::path text = options_.metadata_dir / "schema" / kSchemaFile;
    if (product_.read_schema && fs::exists(text)) schema_ = product_.read_schema(base::read_file(text));
    return options_.metadata_dir;
  }

  void describe(const fs::path& metadata) {
    const std::optional<Gathered> gathered = read_gathered(metadata);
    if (gathered)
      result_.not_looked_at.insert(result_.not_looked_at.end(), gathered->not_gathered.begin(),
                                   gathered->not_gathered.end());
    if (live()) return;
    result_.mode = "metadata gathered before";
    if (!gathered) return;
    result_.iops_interval = gathered->load_interval;
    result_.analysis.database = gathered->database;
    result_.analysis.database_version = gathered->server_version;
    result_.analysis.schemas = gathered->schemas;
  }

  /// As export schema writes its files, to which findings point.
  void read_schema(const fs::path& metadata) {
    if (schema_) {
      if (result_.analysis.database_version.empty()) result_.analysis.database_version = schema_->database_version;
      write_files(sort_into_files(*std::exchange(schema_, std::nullopt), {.types = types_to_export({}, {})}));
      schema_folder_ = folder_.metadata() / "schema";
      files_ = read_schema_files(folder_.new_metadata() / "schema");
    } else {
      schema_folder_ = metadata / "schema";
      files_ = read_schema_files(schema_folder_);
    }
    if (files_.empty()) refuse_nothing(metadata / "schema" / kSchemaFile);
  }

  [[noreturn]] void refuse_nothing(const fs::path& text) const {
    // The script of such a product gathers catalogues, and the schema is made of them here.
    const bool made_here = product_.one_schema;
    base::ErrorInfo info{.code = "ASM-103",
                         .exit = live() ? ExitCode::kFailure : ExitCode::kUsage,
                         .title = "there is no schema to assess",
                         .where = (made_here && !live() ? options_.metadata_dir : text).string(),
                         .then = "an earlier assessment was left as it is"};
    if (made_here) {
      info.cause = live() ? fmt::format("the database {} has no objects that this user may see", source_.database)
                          : "the database had no objects that the user who gathered could see";
      info.fix = {live() ? "check --source-db-name, and what the user may see: SHOW GRANTS;"
                         : "check the name of the database, and gather again with a user who may see its objects"};
    } else {
      info.cause =
          live() ? "the schemas that are named have no objects" : "the folder has no schema/schema.sql, or it is empty";
      info.fix = {live() ? "check --source-db-schema"
                         : "give the folder that holds schema/ and node-primary/; if that is what it is, gather again"};
    }
    throw base::Error(std::move(info));
  }

  void write_files(const SchemaFiles& files) const {
    for (const auto& [file, text] : files.text) {
      const fs::path path = folder_.new_metadata() / "schema" / file;
      fs::create_directories(path.parent_path());
      base::write_file_atomically(path, text);
    }
  }

  void fill_figures(format::AssessmentDb& database) {
    result_.nodes = database.nodes();
    result_.figures = database.figures();
    result_.queries = database.queries();
    // Metadata of other programs have them as the server noted them.
    for (model::QueryStatistics& one : result_.queries) one.query = sql::mask_passwords(one.query);
    result_.redundant_indexes = database.redundant_indexes();
    if (result_.analysis.schemas.empty()) name_schemas(database);
    if (!live()) note_missing_queries();
    // Nobody is asked anything after the load was measured: that wait would be lost by a no.
    if (result_.figures.empty() && !live()) {
      confirm("No table was found in the schemas of the source. Go on all the same?", "check --source-db-schema");
    } else if (is_known_unseen(kLoad)) {
      return;
    } else if (result_.iops_interval == 0) {
      result_.not_looked_at.push_back({.what = kLoad,
                                       .why = "the load was not measured (interval 0)" +
                                              std::string(sized() ? ", so the sizing rests on sizes alone" : ""),
                                       .fix = "assess while the application works, with --iops-capture-interval 120"});
    } else if (idle()) {
      if (live() && sized()) {
        context_.dialogue.notice(
            NoticeLevel::kWarning,
            "nothing was read or written while the load was measured, so the sizing rests on sizes "
            "alone: assess while the application works");
      }
      result_.not_looked_at.push_back({.what = kLoad,
                                       .why = "the source was idle while the load was measured",
                                       .fix = "assess while the application works"});
    }
  }

  void name_schemas(format::AssessmentDb& database) {
    std::set<std::string> schemas;
    for (const auto& [object, type] : database.object_types()) schemas.insert(object.substr(0, object.find('.')));
    for (const model::ObjectFigures& one : result_.figures) schemas.insert(one.schema);
    result_.analysis.schemas.assign(schemas.begin(), schemas.end());
  }

  /// The source has said so itself.
  bool is_known_unseen(std::string_view what) const {
    return std::ranges::find(result_.not_looked_at, what, &model::NotLookedAt::what) != result_.not_looked_at.end();
  }

  void note_missing_queries() {
    if (is_known_unseen("the application's queries")) return;
    const bool has_queries =
        std::ranges::any_of(result_.nodes, [](const model::AssessedNode& node) { return node.has_queries; });
    if (!has_queries) {
      result_.not_looked_at.push_back({.what = "the application's queries",
                                       .why = "the metadata hold none (db-queries-summary.csv)",
                                       .fix = "gather again with pg_stat_statements installed and readable"});
    }
  }

  bool idle() const {
    return std::ranges::all_of(result_.figures, [](const model::ObjectFigures& one) {
      return one.reads_per_second.value_or(0) == 0 && one.writes_per_second.value_or(0) == 0;
    });
  }

  void confirm(const std::string& question, const std::string& advice) {
    if (context_.dialogue.confirm({.text = question, .flag = "--yes"})) return;
    base::fail(ExitCode::kNoAnswer, "the assessment was not finished", "the question was answered with no", {advice});
  }

  void fill_issues(format::AssessmentDb& database) {
    AssessedIssues found = assess_issues({.files = files_,
                                          .folder = schema_folder_,
                                          .export_dir = options_.export_dir,
                                          .target_version = options_.target_version,
                                          .schemas = result_.analysis.schemas,
                                          .queries = options_.queries,
                                          .bodies = options_.bodies},
                                         database, context_.stop);
    result_.analysis.issues = std::move(found.issues);
    result_.analysis.objects = std::move(found.objects);
    result_.analysis.files = files_.size();
    result_.analysis.statements = found.statements;
    result_.live_obstacles = std::move(found.live_obstacles);
    result_.not_looked_at.insert(result_.not_looked_at.end(), found.not_looked_at.begin(), found.not_looked_at.end());
    settled_types_ = std::move(found.settled_types);
  }

  void judge() {
    if (sized()) {
      const SizingFigures figures =
          make_sizing_figures(folder_.new_databases() / "yb_experiment_data_source.db", options_.target_version);
      result_.sizing = size_cluster(result_.figures, result_.redundant_indexes, figures);
    }
    result_.complexity = complexity_of(result_.analysis.issues);
    result_.notes = assessment_notes(result_, settled_types_);
  }

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& source_;
  const AssessOptions& options_;
  format::DocumentLedger& db_;
  const model::FlowContext context_;
  const AssessmentFolder folder_;
  std::optional<connector::WrittenSchema> schema_ = {};  ///< Until its files are written; none: they were gathered.
  fs::path schema_folder_ = {};                          ///< Where the files that findings point to will be.
  std::vector<SchemaFile> files_ = {};
  std::vector<std::string> settled_types_ = {};
  model::Assessment result_ = {};
};

}  // namespace

model::Assessment assess_migration(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                   const AssessOptions& options, format::DocumentLedger& db,
                                   const model::FlowContext& context) {
  return AssessMigration(product, source, options, db, context).run();
}

}  // namespace voyager::migration
