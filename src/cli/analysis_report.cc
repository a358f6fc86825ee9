#include "cli/analysis_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "cli/analysis_settings.h"
#include "cli/report_files.h"
#include "cli/version.h"
#include "migration/analyze/analyze_schema.h"
#include "migration/state/status.h"
#include "report/anonymize.h"
#include "report/schema_report.h"

namespace voyager::cli {
namespace {

using model::NoticeLevel;

struct Format {
  std::string_view name = {};
  std::string (*write)(const model::SchemaAnalysis& analysis) = nullptr;
};
constexpr std::array kFormats = {
    Format{"html", report::schema_report_html},   Format{"json", report::schema_report_json},
    Format{"txt", report::schema_report_text},    Format{"xml", report::schema_report_xml},
    Format{"sarif", report::schema_report_sarif},
};

std::filesystem::path report_file(Session& session, std::string_view form) {
  return session.export_dir() / "reports" / fmt::format("schema_analysis_report.{}", form);
}

void add_source(Session& session, model::SchemaAnalysis& analysis) {
  analysis.program_version = kVersion;
  const migration::NotedDatabase source = migration::noted_source(session.db());
  analysis.database = source.database;
  analysis.database_version = source.version;
  for (const model::Identifier& schema : migration::source_schemas(session.db()))
    analysis.schemas.push_back(schema.catalog_text());
  analysis.source_objects = session.db().schema_objects();
}

/// "2025.2.3.0" of "YugabyteDB 2025.2.3.0"; the default where nothing is known of that version.
std::string version_of(const model::TargetTraits& target) {
  const std::string version = target.version_text.substr(target.version_text.rfind(' ') + 1);
  return migration::check_target_version(version).known ? version : migration::default_target_version();
}

}  // namespace

model::SchemaAnalysis analyse_exported_schema(Session& session, const std::string& version,
                                              const std::map<std::string, std::string>* previous) {
  model::SchemaAnalysis analysis = migration::analyze_schema({.export_dir = session.export_dir(),
                                                              .target_version = version,
                                                              .bodies = looks_into_bodies(session.values()),
                                                              .previous = previous},
                                                             session.stop());
  add_source(session, analysis);
  return analysis;
}

void write_analysis_reports(Session& session, const model::SchemaAnalysis& analysis,
                            std::span<const std::string_view> forms, bool anonymize) {
  ReportFiles files;
  const auto add = [&](const model::SchemaAnalysis& values, auto&& place) {
    for (const Format& format : kFormats) {
      if (std::ranges::find(forms, format.name) != forms.end())
        files.emplace_back(place(report_file(session, format.name)), format.write(values));
    }
  };
  add(analysis, [](const std::filesystem::path& file) { return file; });
  if (anonymize) add(report::anonymized(analysis, session.migration()), anonymized_file);
  replace_reports(session, files);
  for (const auto& [path, text] : files)
    session.console().line(fmt::format("-- find schema analysis report at: {}", path.string()));
}

void bring_analysis_report(Session& session, const model::TargetTraits& target) {
  constexpr std::array<std::string_view, 1> kForms = {"html"};
  if (!target.sharding || std::filesystem::exists(report_file(session, kForms.front()))) return;
  try {
    write_analysis_reports(session, analyse_exported_schema(session, version_of(target), nullptr), kForms, false);
  } catch (const base::Error& error) {
    base::throw_if_draining(session.stop(), "import schema was stopped", "nothing was changed on the target");
    session.console().notice(NoticeLevel::kWarning,
                             fmt::format("the schema was not analysed: {}{}{}", error.info().title,
                                         error.info().cause.empty() ? "" : ": ", error.info().cause));
  }
}

}  // namespace voyager::cli
