#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "migration/snapshot/import_run.h"
#include "migration/snapshot/user_file.h"
#include "migration/snapshot/user_header.h"

namespace voyager::migration {
namespace {

// Scans the user's files one after the other while workers load what is found.
class UserFileFeed : public ImportFeed {
 public:
  UserFileFeed(const FileImportOptions& options, std::vector<std::vector<model::Column>> columns,
               std::vector<ImportTable>& tables, ImportLedger& ledger, const model::FlowContext& context)
      : options_(options), columns_(std::move(columns)), tables_(tables), ledger_(ledger), context_(context) {}

  void feed(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) override {
    const auto hand_over = [&](const std::shared_ptr<const ImportFile>& part) {
      std::vector<Batch> batches = plan_batches(part, coverage, limits);
      context_.board.add_created_batches(tables_[part->table_index].board_item, batches.size());
      return work.add_batches(part->table_index, std::move(batches), context_.stop);
    };
    if (!parts_.empty()) {  // A later pass: everything is known already.
      for (const auto& part : parts_) {
        if (!hand_over(part)) return;
      }
      return;
    }
    for (std::size_t i = 0; i < options_.files.size(); ++i) {
      scan(i, coverage, [&](const std::shared_ptr<const ImportFile>& part) {
        parts_.push_back(part);
        note_what_is_in(*part, coverage);
        return hand_over(part);
      });
    }
  }

  bool all_covered(const Coverage& coverage) override {
    return std::ranges::all_of(parts_, [&](const auto& part) { return coverage.complete(*part); });
  }

  const std::vector<std::shared_ptr<const ImportFile>>& files() const override { return parts_; }

  std::uint64_t rows_of(const std::filesystem::path& file) { return rows_[file.string()]; }

 private:
  template <typename Take>
  void scan(std::size_t number, const Coverage& coverage, Take&& take) {
    const UserFile& file = options_.files[number];
    const auto table =
        std::ranges::find_if(tables_, [&](const ImportTable& one) { return one.target.name == file.table; });
    const auto index = static_cast<std::size_t>(table - tables_.begin());
    ledger_.claim_file(file.path.string(), file.table);
    UserFileScan scanner(file, options_, columns_[number], index, table->triggers_on);
    std::vector<UserFileScan::BadRow> bad;
    std::uint64_t rows = 0;
    while (const std::shared_ptr<const ImportFile> part = scanner.next(bad)) {
      for (const UserFileScan::BadRow& one : bad) handle_bad(one, coverage, *table);
      rows += bad.size();
      bad.clear();
      for (const model::Frame& frame : part->frames) rows += frame.rows;
      if (!take(part)) return;
    }
    rows_[file.path.string()] = rows;
  }

  void handle_bad(const UserFileScan::BadRow& bad, const Coverage& coverage, const ImportTable& table) {
    if (coverage.complete(*bad.row.file)) return;
    if (options_.common.error_policy == ErrorPolicy::kAbort) {
      throw base::Error(
          {.code = "FIL-001",
           .title = "a row of " + bad.row.file->path.string() + " cannot be read",
           .cause = bad.reason,
           .fix = {"mend the file, or check --format, --quote-char, --escape-char and --delimiter, and begin "
                   "anew: yb-voyager --start-clean true --truncate-tables true ...",
                   fmt::format("or, for rows larger than {} bytes, raise "
                               "CSV_READER_MAX_BUFFER_SIZE_BYTES and begin anew: "
                               "yb-voyager --start-clean true ...",
                               options_.row_bytes_max),
                   "or set such rows aside: yb-voyager --start-clean true --error-policy "
                   "stash-and-continue ..."}});
    }
    std::string row;
    const auto stream = open_user_rows(bad.row);
    for (std::string_view piece = stream->next_piece(); !piece.empty(); piece = stream->next_piece()) {
      if (row.size() < options_.row_bytes_max) row += piece;
    }
    ledger_.set_aside(bad.row, row, "", bad.reason);
    context_.board.add_set_aside(table.board_item, model::AsideKind::kUnreadable, 1, row.size());
  }

  void note_what_is_in(const ImportFile& part, const Coverage& coverage) {
    const Size in = size_that_is_in(part, coverage);
    context_.board.add_before(tables_[part.table_index].board_item, in.rows, in.bytes);
    ledger_.note_found(part, in.rows, in.bytes);
  }

  const FileImportOptions& options_;
  const std::vector<std::vector<model::Column>> columns_;  // one a file
  std::vector<ImportTable>& tables_;
  ImportLedger& ledger_;
  const model::FlowContext context_;
  std::vector<std::shared_ptr<const ImportFile>> parts_ = {};
  std::map<std::string, std::uint64_t> rows_ = {};
};

std::vector<model::Column> columns_of(const UserFile& file, const FileImportOptions& options,
                                      const model::Table& table) {
  std::vector<model::Column> columns;
  if (options.has_header) columns = header_columns(file.path, options.format, table);
  if (!columns.empty()) return columns;
  std::ranges::copy_if(table.columns, std::back_inserter(columns),
                       [](const model::Column& column) { return !column.generated; });
  return columns;
}

[[noreturn]] void fail_without_table(const model::TableName& name, ImportRun& run) {
  const std::vector<std::string> alike = run.admin().relations_like(name.name);
  base::fail(
      base::ExitCode::kUsage, "the table " + model::display(name) + " does not exist on the target",
      alike.empty() ? "" : "there is: " + base::join(alike, ", "),
      {"create it, or mend --file-table-map (a name with capital letters stands in double quotes; rows cannot be "
       "loaded into views)"});
}

std::vector<std::string> ways_on(const FileImportOptions& options, const std::string& back) {
  if (options.common.retried.empty())
    return {back, "or begin anew: yb-voyager --start-clean true --truncate-tables true ..."};
  return {back, "or give up its rows that were set aside: yb-voyager rejects discard ..."};
}

void check_files_there(const FileImportOptions& options) {
  for (const UserFile& file : options.files) {
    std::error_code fault;
    if (std::filesystem::exists(file.path, fault)) continue;
    base::fail(base::ExitCode::kFailure, "the file " + file.path.string() + " cannot be read",
               fault ? fault.message() : "it is not there any more",
               options.common.retried.empty() ? std::vector<std::string>{}
                                              : ways_on(options, "put it back, as it was, with its time (cp -p, mv)"));
  }
}

// As `touch -d` takes it.
std::string moment(std::int64_t changed) {
  const std::filesystem::file_time_type written(std::filesystem::file_time_type::duration{changed});
  const auto since =
      std::chrono::floor<std::chrono::nanoseconds>(std::chrono::file_clock::to_sys(written)).time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("@{}.{:09}", seconds.count(), (since - seconds).count());
}

[[noreturn]] void fail_changed(const FileImportOptions& options, const std::string& name, const nlohmann::json& then,
                               const nlohmann::json& now) {
  std::string cause;
  std::string back = "put it back as it was, with its time (cp -p)";
  if (then["size"] != now["size"]) {
    cause =
        fmt::format("it had {} bytes and has {}", then["size"].get<std::uint64_t>(), now["size"].get<std::uint64_t>());
  } else if (then["changed"] != now["changed"]) {
    cause = "it was written since; it has the size that it had";
    back = fmt::format(
        "put it back as it was; or, when its content is the same, give it the time that it had:\ntouch -d {} {}",
        moment(then["changed"].get<std::int64_t>()), base::shell_word(name));
  } else {
    cause = "the table that it goes into, or a flag that says how it is read, is another one";
    back = "give the flags that it was begun with";
  }
  base::fail(base::ExitCode::kState, "the file " + name + " or its format differs from the run that this one resumes",
             cause, ways_on(options, back));
}

// Batches are numbered by position in the file, so a file that changed between two runs must not be resumed.
void check_files_unchanged(const FileImportOptions& options, format::DocumentLedger& db) {
  nlohmann::json now = nlohmann::json::object();
  for (const UserFile& file : options.files) {
    const auto changed = std::filesystem::last_write_time(file.path).time_since_epoch().count();
    now[file.path.string()] = {
        {"size", std::filesystem::file_size(file.path)},
        {"changed", changed},
        {"table", model::quoted(file.table)},
        {"format", fmt::format("{}|{}|{}|{}|{}|{}|{}", static_cast<int>(options.format.rows), options.format.delimiter,
                               options.format.quote, options.format.escape, options.format.null_string,
                               options.has_header, options.row_bytes_max) +
                       (options.format.encoding.empty() ? "" : "|" + options.format.encoding)}};
  }
  const nlohmann::json before = nlohmann::json::parse(db.json("import_data_file_sources"), nullptr, false);
  if (before.is_object() && !options.common.start_clean) {
    for (const auto& [name, value] : now.items()) {
      if (!before.contains(name) || before[name] == value) continue;
      fail_changed(options, name, before[name], value);
    }
    nlohmann::json all = before;
    all.update(now);
    now = std::move(all);
  }
  db.set_json("import_data_file_sources", now.dump());
}

}  // namespace

ImportDataReport import_data_file(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                  const FileImportOptions& options, format::MigrationState& db,
                                  const model::FlowContext& context) {
  const auto begun = std::chrono::steady_clock::now();
  check_files_there(options);
  ImportRun run(product, target, options.common, kFileImporter, db, context);
  std::vector<model::TableName> wanted;
  std::map<model::TableName, std::uint64_t> bytes;
  for (const UserFile& file : options.files) {
    if (std::ranges::find(wanted, file.table) == wanted.end()) wanted.push_back(file.table);
    bytes[file.table] += std::filesystem::file_size(file.path);
  }
  std::vector<model::Table> found = run.admin().describe(wanted);
  for (const model::TableName& name : wanted) {
    if (std::ranges::find(found, name, &model::Table::name) != found.end()) continue;
    fail_without_table(name, run);
  }
  // What can be known of the files is known before the first row.
  std::vector<std::vector<model::Column>> columns;
  for (const UserFile& file : options.files) {
    check_user_file(file, options);
    columns.push_back(columns_of(file, options, *std::ranges::find(found, file.table, &model::Table::name)));
  }
  run.check_rights(found);
  run.answer_hooks(wanted, false);
  check_files_unchanged(options, db);
  run.open_bookkeeping();
  run.prepare_target(found);
  std::vector<ImportTable> tables;
  for (model::Table& table : found) {
    const std::size_t item = context.board.add_item(model::display_short(table.name), 0, bytes[table.name], false);
    tables.push_back({.target = std::move(table), .board_item = item});
  }
  run.plan_loading(tables);
  context.board.set_stage("rows");
  UserFileFeed feed(options, std::move(columns), tables, run.ledger(), context);
  run.load(tables, feed);
  base::fault_point<"import_data.before_sequences">();  // all rows are in
  context.board.set_stage("sequences");
  {
    const model::StageWork work_time(context.board, "sequences");
    run.admin().advance_sequences(wanted);
  }

  ImportDataReport report{.rows_set_aside_now = context.board.snapshot().rows_set_aside};
  ImportLedger::Closing closing{.no_longer_aside = run.set_aside_but_in(feed)};
  const std::set<model::BatchKey> in(closing.no_longer_aside.begin(), closing.no_longer_aside.end());
  std::map<std::string, std::uint64_t> aside;
  for (const model::BatchKey& key : run.ledger().handled())
    aside[user_file_of(key.file_name)] += in.contains(key) ? 0 : 1;
  // Rows that were retried are in by now: what is left of the bytes is their share.
  std::map<std::string, std::uint64_t> bytes_aside;
  for (const model::ImportedFile& one : db.imported(kFileImporter)) {
    bytes_aside[one.file_name] =
        one.bytes_set_aside * aside[one.file_name] / std::max<std::uint64_t>(1, one.rows_set_aside);
  }
  for (const UserFile& file : options.files) {
    const std::string name = file.path.string();
    const std::uint64_t size = std::filesystem::file_size(file.path);
    const std::uint64_t size_aside = std::min(size, bytes_aside[name]);
    const std::uint64_t rows = feed.rows_of(file.path) - aside[name];
    if (feed.rows_of(file.path) == 0) {
      context.dialogue.notice(model::NoticeLevel::kWarning, name + (size == 0            ? " is empty"
                                                                    : options.has_header ? " holds a header and no row"
                                                                                         : " holds no row"));
    }
    report.tables.push_back({.table = file.table,
                             .file_name = name,
                             .rows = rows,
                             .rows_set_aside = aside[name],
                             .bytes = size - size_aside});
    closing.files.push_back({.file_name = name,
                             .table = file.table,
                             .rows = rows,
                             .bytes = size - size_aside,
                             .rows_set_aside = aside[name],
                             .bytes_set_aside = size_aside});
  }
  base::fault_point<"import_data.before_done">();  // all but the final mark is saved
  run.ledger().close(closing);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return report;
}

}  // namespace voyager::migration
