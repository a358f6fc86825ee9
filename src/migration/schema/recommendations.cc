#include "migration/schema/recommendations.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "format/assessment_db.h"
#include "migration/schema/object_types.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& file, std::string cause) {
  throw base::Error({.code = "ASM-301",
                     .title = "the assessment's recommendations cannot be read",
                     .where = file.string(),
                     .cause = std::move(cause),
                     .fix = {"assess it again: yb-voyager assess-migration --start-clean true ...",
                             "or name another report: --assessment-report-path <migration_assessment_report.json>",
                             "or export without them: yb-voyager --skip-colocation-recommendations true ..."},
                     .then = "nothing was exported"});
}

std::optional<std::vector<std::string>> names(const json& sizing, const char* key, const std::filesystem::path& file) {
  const auto list = sizing.find(key);
  if (list == sizing.end() || list->is_null()) return std::nullopt;
  std::vector<std::string> out;
  if (list->is_array()) {
    for (const json& name : *list) {
      if (name.is_string()) out.push_back(name.get<std::string>());
    }
  }
  if (!list->is_array() || out.size() != list->size()) refuse(file, fmt::format("{} is no list of names", key));
  return out;
}

model::Colocation no_cluster(const std::string& failure) {
  return {.why_none = "the assessment found no cluster that fits: " + failure};
}

}  // namespace

model::Colocation colocation_of(const std::optional<model::Sizing>& sizing) {
  if (!sizing) return {.why_none = "the assessment has no sizing"};
  if (!sizing->failure.empty()) return no_cluster(sizing->failure);
  return {.sharded = sizing->sharded, .colocated = sizing->colocated};
}

model::Colocation assessed_colocation(const std::filesystem::path& assessment_db) {
  return format::AssessmentDb::open(assessment_db)
      .colocation()
      .value_or(model::Colocation{.why_none = "an earlier version made the assessment and did not keep what it "
                                              "recommends; assess again, or name its report with "
                                              "--assessment-report-path"});
}

model::Colocation reported_colocation(const std::filesystem::path& report_file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(report_file, ignored)) refuse(report_file, "there is no such file");
  const json report = json::parse(base::read_file(report_file), nullptr, false);
  if (!report.is_object()) refuse(report_file, "it is no JSON, or not all of it is there");
  const auto sizing = report.find("Sizing");
  if (sizing == report.end() || !(sizing->is_object() || sizing->is_null()))
    refuse(report_file, "it has no Sizing: it is not the report of assess-migration");
  if (sizing->is_null()) return colocation_of(std::nullopt);
  if (const auto failure = sizing->find("FailureReasoning");
      failure != sizing->end() && failure->is_string() && !failure->get_ref<const std::string&>().empty())
    return no_cluster(failure->get<std::string>());
  const json recommended = sizing->value("SizingRecommendation", json::object());
  if (!recommended.is_object()) refuse(report_file, "SizingRecommendation is no object");
  return {.sharded = names(recommended, "ShardedTables", report_file),
          .colocated = names(recommended, "ColocatedTables", report_file)};
}

std::set<std::string> facts_of_indexes_taken_out(const std::filesystem::path& schema_folder) {
  std::set<std::string> names;
  const std::filesystem::path file = schema_folder / kRedundantIndexFile;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return names;
  const std::string text = base::read_file(file);
  for (const sql::FileStatement& one : sql::parse_file(text)) {
    if (one.info.kind != sql::StatementKind::kCreateIndex) continue;
    names.insert(model::display(one.info.object));
    // One that is attached to an index of the partitioned table goes by its table and its definition.
    std::string definition(one.piece.sql());
    const std::string named = " INDEX " + model::display(one.info.object.name) + " ON ";
    if (const std::size_t at = definition.find(named); at != std::string::npos)
      definition.replace(at, named.size(), " INDEX ON ");
    if (definition.ends_with(';')) definition.pop_back();
    names.insert(model::display(one.info.table) + " " + definition);
  }
  return names;
}

void read_redundant_indexes(const std::filesystem::path& assessment_db, Recommendations& recommendations) {
  std::error_code ignored;
  if (!std::filesystem::exists(assessment_db, ignored)) return;
  recommendations.redundant = format::AssessmentDb::open(assessment_db).redundant_indexes();
}

}  // namespace voyager::migration
