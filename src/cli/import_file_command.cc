// import data file.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/file_map.h"
#include "cli/import_options.h"
#include "cli/progress_display.h"
#include "migration/state/migration_record.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
namespace fs = std::filesystem;

const std::vector<Flag> kFileFlags = {
    {.name = "data-dir",
     .kind = kPath,
     .help = "local directory that holds the files; outside of the export directory"},
    {.name = "file-table-map", .help = "which file goes into which table: file-or-glob:table[,...]"},
    {.name = "format",
     .kind = kChoice,
     .help = "format of the files",
     .fallback = "csv",
     .choices = {"csv", "text"},
     .exact_case = true},
    {.name = "delimiter", .help = "one byte between values (default: , for csv, \\t for text)"},
    {.name = "has-header", .kind = kBoolean, .help = "the first line names the columns; csv only", .fallback = "false"},
    {.name = "quote-char", .help = "one byte round values; csv only (default: \")"},
    {.name = "escape-char", .help = "one byte before a quote inside a value; csv only (default: \")"},
    {.name = "null-string", .help = "what stands for null (default: empty for csv, \\N for text)"},
    {.name = "file-opts", .hidden = true, .instead = "--escape-char and --quote-char"},
    {.name = "error-policy",
     .kind = kChoice,
     .help = "stop at the first row the target refuses, or set rows aside",
     .fallback = "abort",
     .choices = {"abort", "stash-and-continue"}},
};

// The old way to give quote and escape: escape_char=…,quote_char=…
std::string from_file_opts(const Values& values, std::string_view key) {
  for (const std::string& part : base::split(values.text("file-opts"), ',')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos && base::trim(part.substr(0, equals)) == key) return part.substr(equals + 1);
  }
  return {};
}

model::CopyFormat copy_format(const Values& values) {
  const bool csv = values.text("format") == "csv";
  model::CopyFormat format{.rows = csv ? model::RowFormat::kCsv : model::RowFormat::kText,
                           .delimiter = csv ? ',' : '\t',
                           .null_string = csv ? "" : "\\N",
                           .encoding = encoding_name(values.text("encoding"))};
  if (values.given("delimiter")) format.delimiter = one_byte(values.text("delimiter"), "delimiter");
  if (values.given("null-string")) format.null_string = values.text("null-string");
  const auto quote_or = [&values](FlagName<FlagUse::kText> flag, const char* key, char fallback) {
    const std::string text = values.given(flag) ? values.text(flag) : from_file_opts(values, key);
    return text.empty() ? fallback : one_byte(text, flag.text());
  };
  format.quote = quote_or("quote-char", "quote_char", '"');
  format.escape = quote_or("escape-char", "escape_char", '"');
  check_special_bytes(format);
  return format;
}

// Our own files must never be taken for the user's: the two directories may not contain one another.
void check_data_dir(const Values& values) {
  const std::string& dir = values.text("data-dir");
  for (const char* scheme : {"s3://", "gs://", "https://", "http://"}) {
    if (!dir.starts_with(scheme)) continue;
    base::fail(ExitCode::kUsage, "--data-dir: this release reads local directories only", dir,
               {"copy the files to a local disk"});
  }
  std::error_code ignored;
  if (!fs::is_directory(dir, ignored))
    base::fail(ExitCode::kUsage, fmt::format("--data-dir: there is no directory {}", dir));
  const fs::path data = fs::canonical(dir);
  const fs::path ours = fs::weakly_canonical(values.text("export-dir"));
  const auto [ours_end, unused] = std::mismatch(ours.begin(), ours.end(), data.begin(), data.end());
  if (ours_end == ours.end()) {
    base::fail(ExitCode::kUsage, "--data-dir must lie outside of the export directory", data.string());
  }
}

void check(const Values& values) {
  check_target_flags(values);
  check_import_rows_flags(values);
  if (values.text("format") == "text") {
    for (const std::string_view flag : {"quote-char", "escape-char"}) {
      if (values.given(flag)) base::fail(ExitCode::kUsage, fmt::format("--{} is for --format csv only", flag));
    }
    if (values.on("has-header")) base::fail(ExitCode::kUsage, "--has-header is for --format csv only");
  }
  copy_format(values);
  if (is_retry(values)) return;
  check_data_dir(values);
  mapped_files(values.text("data-dir"), values.text("file-table-map"), values.text("target-db-schema"));
}

// What is no number is as if nobody had given it.
std::uint64_t row_bytes_max(const Values& values) {
  constexpr std::uint64_t kDefault = 32ULL * 1024 * 1024;
  const std::string text = values.knob("CSV_READER_MAX_BUFFER_SIZE_BYTES").value_or("");
  const std::string_view digits = base::trim(text);
  std::uint64_t bytes = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
  return fault == std::errc() && end == digits.data() + digits.size() && bytes > 0 ? bytes : kDefault;
}

ExitCode run(Session& session) {
  const Values& values = session.values();
  const bool retry = is_retry(values);
  const fs::path data_dir = retry ? fs::path() : fs::canonical(values.text("data-dir"));
  migration::FileImportOptions options = {
      .common = import_options(session, "error-policy"),
      .files = retry ? retried_user_files(session)
                     : mapped_files(data_dir, values.text("file-table-map"), values.text("target-db-schema")),
      .format = copy_format(values),
      .has_header = values.on("has-header"),
      .row_bytes_max = row_bytes_max(values)};
  const Endpoint target = target_endpoint(session);
  note_data_target(session, target);
  options.common.on_begun = [&] { note_import_line(session, options.files); };
  if (!retry) {
    migration::change_record(session.db(), [&](migration::MigrationRecord& record) {
      record.files = {.file_table_map = values.text("file-table-map"),
                      .data_dir = data_dir.string(),
                      .default_schema = values.text("target-db-schema")};
    });
  }
  FlowRun run(session);
  migration::ImportDataReport report;
  {
    model::ProgressBoard board("import-data-file");
    const ProgressDisplay display(session, board, "Import files → " + cli::display(target.options));
    report = migration::import_data_file(*target.product, target.options, options, session.db(), session.flow(board));
  }
  return finish_import(session, run, report, true);
}

}  // namespace

void add_import_file_command(std::vector<Command>& all) {
  all.push_back({.path = "import data file",
                 .id = "import-data-file",
                 .summary = "Load CSV or text files into the target",
                 .examples = {{"two tables",
                               "yb-voyager import data file --export-dir load --data-dir /files --file-table-map "
                               "'orders*.csv:orders,customers.csv:customers' --has-header true --target-db-host yb1 "
                               "--target-db-user mig --target-db-name shop"}},
                 .groups = {target_flags(),
                            {"Files", kFileFlags},
                            import_rows_flags(),
                            hidden_table_list_flags(),
                            output_flags(),
                            global_flags()},
                 .required = {"target-db-user", "data-dir", "file-table-map", "export-dir"},
                 .sections = {"import-data-file"},
                 .databases = {"target"},
                 .workspace = Workspace::kCreates,
                 .check = check,
                 .run = run});
}

}  // namespace voyager::cli
