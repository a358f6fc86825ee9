#include "cli/assess_run.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/lock_file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/analysis_settings.h"
#include "cli/report_files.h"
#include "cli/version.h"
#include "migration/analyze/analyze_schema.h"
#include "migration/assess/assess_migration.h"
#include "migration/assess/assessment_folder.h"
#include "report/anonymize.h"
#include "report/assessment_report.h"

namespace voyager::cli {
namespace {

using model::NoticeLevel;

/// Notes in the log what would be said, and agrees to everything: nothing of a by-product can harm.
class LoggedDialogue : public model::Dialogue {
 public:
  void notice(NoticeLevel level, const std::string& text) override {
    if (level == NoticeLevel::kWarning) {
      base::log_warn(text);
    } else {
      base::log_info(text);
    }
  }
  bool confirm(const model::Question& question) override {
    base::log_info(question.text + " yes (a by-product of export schema)");
    return true;
  }
};

}  // namespace

void write_assessment_reports(Session& session, const model::Assessment& assessment, bool anonymize) {
  const std::filesystem::path json = migration::assessment_report_file(session.export_dir());
  const std::filesystem::path html = std::filesystem::path(json).replace_extension(".html");
  ReportFiles files = {{json, report::assessment_json(assessment)}, {html, report::assessment_html(assessment)}};
  if (anonymize) {
    const model::Assessment nameless = report::anonymized(assessment, session.migration());
    files.emplace_back(anonymized_file(json), report::assessment_json(nameless));
    files.emplace_back(anonymized_file(html), report::assessment_html(nameless));
  }
  replace_reports(session, files);
}

void assess_before_export(Session& session, const Endpoint& source) {
  const Values& values = session.values();
  const bool done =
      migration::assessment_done(session.db()) || migration::assessment_done_by_export_schema(session.db());
  // A plain target is given nothing that an assessment recommends.
  if (done || is_plain_target(values) || !values.on("assess-schema-before-export") ||
      !source.product->assessment_source)
    return;
  // The other command works in the same folders, and what it finds is what the export should follow.
  const base::LockFile lock(session.export_dir(), "assess-migration");
  LoggedDialogue dialogue;
  base::Stop stop(&session.stop());  // A failure in here must not end the export.
  model::ConnectionOptions connection = source.options;
  connection.stop = &stop;
  migration::AssessOptions options{.export_dir = session.export_dir(),
                                   .target_version = migration::default_target_version(),
                                   .load_interval = std::chrono::seconds(0),
                                   .primary_only = true,
                                   .run_guardrails = values.on("run-guardrails-checks"),
                                   .by_export_schema = true,
                                   .queries = looks_into_queries(values),
                                   .bodies = looks_into_bodies(values)};
  model::ProgressBoard board("assess-migration");
  const model::FlowContext context{board, dialogue, base::system_clock(), stop};
  session.console().line("Assessing the schema first (--assess-schema-before-export false leaves that out)");
  try {
    model::Assessment assessment =
        migration::assess_migration(*source.product, connection, options, session.db(), context);
    assessment.analysis.program_version = kVersion;
    assessment.command_line = session.resume_command();
    write_assessment_reports(session, assessment, false);
    migration::note_assessment_done(session.db(), true);
  } catch (const base::Error& error) {
    base::throw_if_draining(session.stop(), "export schema was stopped", "run the same command again: it starts over");
    // A server that cannot be reached will not be there for the export either, which says so in its own words.
    if (error.info().connection_lost || error.info().exit == base::ExitCode::kSourceUnreachable) throw;
    session.console().notice(
        NoticeLevel::kWarning,
        fmt::format("the schema was not assessed ({}{}{}); the export goes on without its recommendations",
                    error.info().title, error.info().cause.empty() ? "" : ": ",
                    base::join(base::split(error.info().cause, '\n'), "; ")));
  }
}

}  // namespace voyager::cli
