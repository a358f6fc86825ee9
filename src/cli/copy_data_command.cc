// copy data.
#include <algorithm>

#include "base/error.h"
#include "base/lock_file.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/export_options.h"
#include "cli/flow_run.h"
#include "cli/import_options.h"
#include "cli/progress_display.h"
#include "cli/table_lists.h"
#include "migration/snapshot/copy_data.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using enum FlagKind;

constexpr int kReaders = 4;

const std::vector<Flag> kCopyFlags = {
    {.name = "error-policy-snapshot",
     .kind = kChoice,
     .help = "stop at the first row the target refuses, or set rows aside",
     .fallback = "abort",
     .choices = {"abort", "stash-and-continue"}},
};

void check(const Values& values) {
  check_source_flags(values);
  check_target_flags(values);
  check_import_rows_flags(values);
}

migration::CopyDataOptions options_of(Session& session) {
  const Values& values = session.values();
  migration::CopyDataOptions options{.to = import_options(session, "error-policy-snapshot")};
  options.to.command = options.from.command = session.command().path;
  options.to.on_begun = [&session] { note_import_line(session); };
  // The plan has what is copied: it is made once.
  options.to.tables = {};
  options.from.export_dir = session.export_dir();
  options.from.tables = table_lists(values);
  options.from.parallel_jobs = options.to.parallel_jobs > 0 ? options.to.parallel_jobs : kReaders;
  options.from.run_guardrails = values.on("run-guardrails-checks");
  options.from.compress = options.from.to_files = false;
  options.from.format = data_format(values);
  if (values.given("large-objects")) options.from.large_objects = values.on("large-objects");
  return options;
}

base::ExitCode run(Session& session) {
  settle_schema(session, false);
  // It is both of them.
  const base::LockFile exporting(session.export_dir(), "export-data");
  const base::LockFile importing(session.export_dir(), "import-data");
  const migration::CopyDataOptions options = options_of(session);
  // What is refused leaves nothing behind that later commands would go by.
  migration::refuse_copy(options, session.db());
  const Endpoint source = source_endpoint(session);
  const Endpoint target = target_endpoint(session);
  migration::note_source(session.db(), source.options);
  migration::change_record(
      session.db(), [&](migration::MigrationRecord& record) { record.value_rules = source.options.value_rules; });
  note_data_target(session, target);
  FlowRun run(session);
  std::optional<std::vector<model::Table>> columns;
  if (target.product->comparable && options.from.format != migration::DataFormat::kText)
    columns = target.product->comparable(target.options)->tables(source.options.schemas);
  migration::ImportDataReport report;
  {
    model::ProgressBoard board("copy-data");
    const ProgressDisplay display(session, board,
                                  "Copy data " + cli::display(source.options) + " → " + cli::display(target.options));
    report = migration::copy_data(*source.product, source.options, *target.product, target.options, columns, options,
                                  session.db(), session.flow(board));
  }
  return finish_import(session, run, report, false);
}

}  // namespace

void add_copy_data_command(std::vector<Command>& all) {
  all.push_back(
      {.path = "copy data",
       .id = "copy-data",
       .summary = "Copy the rows of the source straight into the target, without files",
       .examples = {{"everything, with almost no local disk",
                     "yb-voyager copy data --export-dir shop --source-db-type postgresql --source-db-host "
                     "db1 --source-db-user mig --source-db-name shop --source-db-schema public "
                     "--target-db-host yb1 --target-db-user mig --target-db-name shop"},
                    {"eight connections on each side",
                     "yb-voyager copy data --config-file shop.yaml --parallel-jobs 8"}},
       .groups = {source_flags(),
                  target_flags(),
                  target_type_flags(),
                  read_rows_flags(),
                  import_rows_flags(),
                  {"Rows", kCopyFlags},
                  table_list_flags(),
                  guardrail_flags(),
                  output_flags(),
                  global_flags()},
       .required = {"source-db-type", "source-db-user", "source-db-name", "source-db-schema", "target-db-user"},
       .sections = {"copy-data"},
       .databases = {"source", "target"},
       .workspace = Workspace::kCreates,
       .check = check,
       .run = run});
}

}  // namespace voyager::cli
