// rejects list, rejects retry, rejects discard: the rows that imports have set aside.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/lock_file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/import_options.h"
#include "cli/password_source.h"
#include "cli/session.h"
#include "format/rejected_rows.h"
#include "migration/changes/capture_record.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/snapshot/user_file.h"
#include "migration/state/status.h"
#include "model/table_list.h"
#include "report/numbers.h"
#include "report/table.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using format::RejectedRow;
using model::NoticeLevel;
using Json = nlohmann::ordered_json;

const std::vector<Flag> kTableFlags = {
    {.name = "table-list",
     .kind = kList,
     .help = "only rows of these tables of the target (default: all); * and ? match, double quotes keep case"},
};

const std::vector<Flag> kListFlags = {
    text_format_flag(),
};

const std::vector<Flag> kRetryFlags = {
    password_flag("target", false),
};

/// What the user has to do with: rows of --table-list that were not given up.
std::vector<RejectedRow> open_rows(Session& session) {
  std::vector<RejectedRow> rows = format::RejectedRows(session.export_dir()).all();
  std::erase_if(rows, &RejectedRow::discarded);
  const std::string& list = session.values().text("table-list");
  if (list.empty() || rows.empty()) return rows;
  std::vector<model::Table> tables;
  for (const RejectedRow& one : rows) {
    if (std::ranges::find(tables, one.row.table, &model::Table::name) == tables.end())
      tables.push_back({.name = one.row.table, .root = one.row.table});
  }
  std::set<model::TableName> chosen;
  for (const model::Table& table :
       model::select_tables(tables, {.include = model::split_table_list(list)}, tables.front().name.schema)) {
    chosen.insert(table.name);
  }
  std::erase_if(rows, [&](const RejectedRow& one) { return !chosen.contains(one.row.table); });
  return rows;
}

std::vector<model::TableName> tables_of(const std::vector<RejectedRow>& rows) {
  std::set<model::TableName> names;
  for (const RejectedRow& one : rows) names.insert(one.row.table);
  return {names.begin(), names.end()};
}

std::string counted(const std::vector<RejectedRow>& rows) {
  return fmt::format("{} of {}", report::counted(rows.size(), "row", "rows"),
                     report::counted(tables_of(rows).size(), "table", "tables"));
}

std::uint64_t in_doubt(const std::vector<RejectedRow>& rows) {
  return static_cast<std::uint64_t>(std::ranges::count_if(rows, &RejectedRow::in_doubt));
}

Json to_json(const std::vector<RejectedRow>& rows) {
  Json out = {{"format_version", 1}, {"count", rows.size()}, {"rows", Json::array()}};
  for (const RejectedRow& one : rows) {
    out["rows"].push_back({{"table", model::display(one.row.table)},
                           {"file", one.row.file_name},
                           {"row_number", one.row.number},
                           {"line", one.row.line},
                           {"sqlstate", one.row.sqlstate},
                           {"reason", one.row.reason},
                           {"in_doubt", one.in_doubt},
                           {"importer", one.role}});
  }
  return out;
}

ExitCode run_list(Session& session) {
  const std::vector<RejectedRow> rows = open_rows(session);
  Console& console = session.console();
  if (session.values().text("output-format") == "json") {
    console.answer(to_json(rows).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return ExitCode::kOk;
  }
  if (rows.empty()) {
    console.line("No rows are set aside.");
    return ExitCode::kOk;
  }
  report::TextTable table{.columns = {{"TABLE"},
                                      {"FILE"},
                                      {"ROW NUMBER", report::Align::kRight},
                                      {"LINE", report::Align::kRight},
                                      {"SQLSTATE"},
                                      {"REASON"}}};
  for (const RejectedRow& one : rows) {
    table.rows.push_back({model::display(one.row.table), one.row.file_name, std::to_string(one.row.number),
                          one.row.line == 0 ? "" : std::to_string(one.row.line), one.row.sqlstate,
                          (one.in_doubt ? "in doubt; before: " : "") + base::mask_secrets(one.row.reason)});
  }
  console.answer(report::table_text(table, console.answer_style()));
  if (const std::uint64_t doubtful = in_doubt(rows); doubtful > 0) {
    console.notice(NoticeLevel::kWarning,
                   fmt::format("{} in doubt: a retry of them has not come to its end, so the target may have them",
                               report::counted(doubtful, "row is", "rows are")));
  }
  console.line(fmt::format("{} are set aside. With their values: {}\nLoad them again: {}\nGive them up: {}",
                           counted(rows), (session.export_dir() / "data" / "errors").string(),
                           session.next_command("rejects retry"), session.next_command("rejects discard")));
  return ExitCode::kOk;
}

[[noreturn]] void refuse(std::string cause, std::vector<std::string> fix) {
  throw base::Error({.code = "REJ-001",
                     .exit = ExitCode::kState,
                     .title = "the set-aside rows cannot be loaded again from here",
                     .cause = std::move(cause),
                     .fix = std::move(fix),
                     .then = "nothing was changed"});
}

struct Retry {
  std::string words = {};              // The import to run again.
  Json flags = Json::array();          // As it was run last.
  std::vector<RejectedRow> rows = {};  // Those that it can load.
};

bool is_done(Session& session) {
  return migration::import_data_done(session.db());
}

/// The rows of the first importer that has some, with the flags of its last run. Rows of a user's file come with those
/// of the files that were imported with the same flags.
Retry plan_retry(Session& session, const std::vector<RejectedRow>& rows) {
  Retry out;
  std::ranges::copy_if(rows, std::back_inserter(out.rows),
                       [](const auto& one) { return one.role == migration::kTargetImporter; });
  if (!out.rows.empty()) {
    if (!is_done(session)) {
      refuse("the import that they belong to has not finished; it goes on without them",
             {session.next_command("import data")});
    }
    const Json line = Json::parse(session.db().json(kImportLineKey), nullptr, false);
    if (!line.is_object())
      refuse("the command line of the import was not noted", {session.next_command("import data")});
    out.words = line.value("command", "import data");
    out.flags = line.value("flags", Json::array());
    return out;
  }
  const Json lines = Json::parse(session.db().json(kImportFileLinesKey), nullptr, false);
  out.words = "import data file";
  const auto flags_of = [&lines](const RejectedRow& one) {
    const std::string file = migration::user_file_of(one.row.file_name);
    return lines.is_object() && lines.contains(file) ? lines[file] : Json();
  };
  out.flags = flags_of(rows.front());
  if (!out.flags.is_array()) refuse("the command line of the import was not noted", {"run import data file again"});
  std::ranges::copy_if(rows, std::back_inserter(out.rows), [&](const auto& one) { return flags_of(one) == out.flags; });
  return out;
}

CommandLine line_of(const Session& session, const Retry& retry) {
  const Command* command = find_command(retry.words);
  VOY_ASSERT(command != nullptr);
  CommandLine line{.words = retry.words, .command = command};
  const auto set = [&](const std::string& name, std::string text) {
    const Flag* flag = command->flag(name);
    if (flag != nullptr) line.flags[flag->name] = {.flag = flag, .text = std::move(text)};
  };
  // A password that is given now stands for every way in which one was given then.
  const bool password =
      std::ranges::any_of(session.line().flags, [](const auto& one) { return is_password_setting(one.first); });
  for (const Json& pair : retry.flags) {
    const std::string name = pair.at(0).get<std::string>();
    if (!password || !is_password_setting(name)) set(name, pair.at(1).get<std::string>());
  }
  for (const auto& [name, given] : session.line().flags) {
    const Flag* flag = command->flag(name);
    if (flag == nullptr || name == "table-list") continue;
    line.flags[flag->name] = given;
    line.flags[flag->name].flag = flag;
  }
  set("export-dir", session.export_dir().string());
  set("start-clean", "false");
  set("truncate-tables", "false");
  // The rows say themselves which files these are: none is looked for.
  set("data-dir", session.export_dir().string());
  set("file-table-map", "-");
  set("retry-set-aside", retry_value(retry.rows));
  return line;
}

ExitCode run_retry(Session& session) {
  if (migration::with_changes(session.db())) {
    refuse("changes are applied after the snapshot, so its rows may be old by now",
           {"mend them by hand: " + (session.export_dir() / "data" / "errors").string()});
  }
  const std::vector<RejectedRow> rows = open_rows(session);
  if (rows.empty()) {
    session.console().line("No rows are set aside.");
    return ExitCode::kOk;
  }
  const Retry retry = plan_retry(session, rows);
  session.console().line(fmt::format("{} are loaded again by {}", counted(retry.rows), retry.words));
  if (const std::size_t others = rows.size() - retry.rows.size(); others > 0) {
    session.console().notice(NoticeLevel::kWarning,
                             fmt::format("{} of other imports are left: run this command once more for them",
                                         report::counted(others, "row", "rows")));
  }
  session.turn_into(retry.words, line_of(session, retry));
  return ExitCode::kOk;
}

ExitCode run_discard(Session& session) {
  // No import may look at these rows meanwhile.
  const base::LockFile tables(session.export_dir(), "import-data");
  const base::LockFile files(session.export_dir(), "import-data-file");
  const std::vector<RejectedRow> rows = open_rows(session);
  Console& console = session.console();
  if (rows.empty()) {
    console.line("No rows are set aside.");
    return ExitCode::kOk;
  }
  if (const std::uint64_t doubtful = in_doubt(rows); doubtful > 0) {
    throw base::Error(
        {.code = "REJ-002",
         .exit = ExitCode::kState,
         .title = fmt::format("{} in doubt", report::counted(doubtful, "of these rows is", "of these rows are")),
         .cause = "a retry of them was stopped, so the target may have them by now: what is given up must not be there",
         .fix = {"let a retry come to its end, and give up what it leaves", session.next_command("rejects retry")},
         .then = "nothing was changed"});
  }
  if (!console.confirm({.danger = model::Question::Danger::kSevere,
                        .text = fmt::format("{} will never be loaded. Give them up?", counted(rows)),
                        .flag = "--yes"})) {
    base::fail(ExitCode::kNoAnswer, "nothing was changed");
  }
  format::RejectedRows state(session.export_dir());
  std::uint64_t given_up = 0;
  for (const std::string_view role : {migration::kTargetImporter, migration::kFileImporter}) {
    std::vector<RejectedRow> its;
    std::ranges::copy_if(rows, std::back_inserter(its), [role](const auto& one) { return one.role == role; });
    given_up += state.discard(role, tables_of(its));
  }
  console.notice(NoticeLevel::kSuccess,
                 fmt::format("{} given up. Their values stay in {}", report::counted(given_up, "row", "rows"),
                             (session.export_dir() / "data" / "errors").string()));
  return ExitCode::kOk;
}

}  // namespace

void add_rejects_commands(std::vector<Command>& all) {
  all.push_back({.path = "rejects list",
                 .id = "rejects-list",
                 .summary = "List the rows that the imports have set aside, each with its reason",
                 .examples = {{"of one table", "yb-voyager rejects list --export-dir shop --table-list orders"}},
                 .groups = {{"Rows", kTableFlags}, {"Answer", kListFlags}, output_flags(), global_flags()},
                 .sections = {"rejects-list"},
                 .workspace = Workspace::kReads,
                 .run = run_list});
  all.push_back({.path = "rejects retry",
                 .id = "rejects",
                 .summary = "Load the rows again that were set aside, after the target was mended",
                 .examples = {{"all of them", "yb-voyager rejects retry --export-dir shop"}},
                 .groups = {{"Rows", kTableFlags}, {"Target", kRetryFlags}, output_flags(), global_flags()},
                 .sections = {"rejects-retry"},
                 .databases = {"target"},
                 .workspace = Workspace::kStarted,
                 .run = run_retry});
  all.push_back({.path = "rejects discard",
                 .id = "rejects",
                 .summary = "Give up rows that were set aside: they are never loaded",
                 .examples = {{"of one table", "yb-voyager rejects discard --export-dir shop --table-list orders"}},
                 .groups = {{"Rows", kTableFlags}, output_flags(), global_flags()},
                 .sections = {"rejects-discard"},
                 .workspace = Workspace::kStarted,
                 .run = run_discard});
}

}  // namespace voyager::cli
