#include "migration/live/lost_changes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "connector/begin_anew.h"

namespace voyager::migration {
namespace {

std::vector<std::string> begin_again(bool of_source) {
  return of_source ? connector::begin_both_anew() : connector::end_without_way_back();
}

// Why the changes of a table do not come, which decides what can be done about it.
enum class Why { kGone, kAnother, kDetached, kAltered };

Why why_uncaptured(const connector::UncapturedTable& table, const model::PlannedTable& planned) {
  if (table.capture_sql.empty()) return Why::kGone;
  if (table.another) return Why::kAnother;
  const bool was_partition = planned.table.root != planned.table.name;
  return was_partition && !table.partition ? Why::kDetached : Why::kAltered;
}

[[noreturn]] void refuse(Why why, const std::vector<const connector::UncapturedTable*>& tables, bool of_source) {
  std::vector<std::string> names, capture;
  for (const connector::UncapturedTable* table : tables) {
    names.push_back(model::display(table->name));
    if (std::ranges::find(capture, table->capture_sql) == capture.end()) capture.push_back(table->capture_sql);
  }
  std::string cause;
  std::vector<std::string> fix;
  switch (why) {
    case Why::kGone:
      cause = "somebody has dropped the migration's publication";
      break;
    case Why::kAnother:
      cause = "another table has the name now: it was dropped and made again, or tables exchanged their names";
      fix = {"where names were exchanged, exchange them back and run the same command again; else"};
      break;
    case Why::kDetached:
      cause = "it was a partition and is none any more: what is written to it since then does not come";
      fix = {"if nothing was written to it since, attach it again and run the same command again; else"};
      break;
    case Why::kAltered:
      cause =
          "somebody has made it unlogged, or altered the migration's publication: taken out the table or a kind of "
          "changes, or left out rows or columns";
      fix = capture;
      fix.emplace_back("run the same command again, then compare both sides: yb-voyager verify ...");
      fix.emplace_back("where they differ, begin again:");
      break;
  }
  const std::vector<std::string> again = begin_again(of_source);
  fix.insert(fix.end(), again.begin(), again.end());
  throw base::Error({.code = "CDC-008",
                     .exit = base::ExitCode::kState,
                     .title = "changes of " + base::join(names, ", ") + " do not come any more, or not all",
                     .cause = std::move(cause),
                     .fix = std::move(fix),
                     .then = "what was changed in it meanwhile is not captured"});
}

void refuse_attached(const std::vector<connector::AttachedTable>& attached, bool of_source) {
  std::vector<std::string> names, fix;
  for (const connector::AttachedTable& one : attached) {
    if (one.rows != connector::AttachedTable::Rows::kNotCaptured) continue;
    names.push_back(model::display(one.name) + " to " + model::display(one.root));
    fix.push_back(one.write_anew_sql);
  }
  if (names.empty()) return;
  fix.insert(fix.begin(),
             "have them written once more, so that they are among the changes (its triggers act; the other side needs "
             "the partition too):");
  fix.emplace_back("then run the same command again; or begin again:");
  const std::vector<std::string> again = begin_again(of_source);
  fix.insert(fix.end(), again.begin(), again.end());
  throw base::Error({.code = "CDC-015",
                     .exit = base::ExitCode::kState,
                     .title = "rows came that are not among the changes: a table was attached with its rows (" +
                              base::join(names, ", ") + ")",
                     .cause = "they were written while it was no part of what is captured",
                     .fix = std::move(fix),
                     .then = "everything that was changed until now is captured"});
}

}  // namespace

void refuse_lost_changes(const connector::CapturedTables& now,
                         const std::map<model::TableName, model::PlannedTable>& plan, bool of_source) {
  std::map<Why, std::vector<const connector::UncapturedTable*>> lost;
  for (const connector::UncapturedTable& table : now.uncaptured) {
    const auto planned = plan.find(table.name);
    // Of what was unlogged from the start it was told then that its changes do not come.
    if (planned != plan.end() && !planned->second.table.unlogged)
      lost[why_uncaptured(table, planned->second)].push_back(&table);
  }
  if (!lost.empty()) refuse(lost.begin()->first, lost.begin()->second, of_source);
  refuse_attached(now.attached, of_source);
}

}  // namespace voyager::migration
