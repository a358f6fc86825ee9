#include "migration/snapshot/key_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/text.h"
#include "migration/schema/post_data.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using Kind = model::PostDataStatement::Kind;

[[noreturn]] void refuse(const model::PostDataStatement& statement, const connector::StatementFault& fault) {
  throw base::Error(
      {.code = "IMP-003",
       .title = statement.kind == Kind::kOther
                    ? "the target refused a statement that waited for the rows of " + model::display(statement.table)
                    : "the target refused to build " + statement.object + " on " + model::display(statement.table),
       .where = statement.file.empty() ? "" : fmt::format("{}:{}", statement.file, statement.line),
       .cause = fault.message + " (SQLSTATE " + fault.sqlstate + ")\n" + statement.sql,
       .fix = {"mend the rows or the statement, then run the same command again"},
       .then = "all rows that were loaded stay; what is built stays",
       .sqlstate = fault.sqlstate});
}

[[noreturn]] void refuse_set_aside(const model::PostDataStatement& key, const model::TableName& parent,
                                   std::uint64_t rows, bool changes_come, const connector::StatementFault& fault) {
  throw base::Error(
      {.code = "IMP-003",
       .title = "the target refused to build " + key.object + " on " + model::display(key.table),
       .where = key.file.empty() ? "" : fmt::format("{}:{}", key.file, key.line),
       .cause = fmt::format("{} (SQLSTATE {}). Rows of {} were set aside ({}){}\n{}", fault.message, fault.sqlstate,
                            model::display(parent), base::format_count(rows),
                            changes_come ? ", which no change brings" : "", key.sql),
       .fix = {"mend those rows and load them by hand (data/errors/ has them), then run the same command again"},
       .then = "all rows that were loaded stay; what is built stays",
       .sqlstate = fault.sqlstate});
}

}  // namespace

void KeyPlan::switch_off(const std::vector<connector::LoadHook>& hooks) {
  if (hooks.empty()) return;
  std::vector<std::string> names;
  std::vector<std::int64_t> ids;
  for (const connector::LoadHook& hook : hooks) {
    names.push_back(hook.name);
    ids.push_back(statements_.add_post_data(
        {.kind = Kind::kOther, .table = hook.table, .object = hook.name, .sql = hook.on_sql}));
  }
  base::fault_point<"import_data.before_triggers_off">();  // triggers to be switched on again are noted, none is off
                                                           // yet
  context_.dialogue.notice(model::NoticeLevel::kInfo, "Off until the rows are in: " + base::join(names, ", "));
  const std::unique_ptr<connector::SchemaTarget> schema = target_.schema();
  std::vector<std::string> notices;
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::optional<connector::StatementFault> fault = schema->run(hooks[i].off_sql, notices);
    if (!fault) continue;
    statements_.mark_post_data_done(ids[i]);
    base::fail(base::ExitCode::kFailure, "the target refused to switch off " + hooks[i].name, fault->message,
               {hooks[i].off_sql + ";"});
  }
  base::fault_point<"import_data.after_triggers_off">();  // triggers are off
}

void KeyPlan::put_keys_off(const std::vector<model::TableName>& names) {
  const std::vector<model::TableName> full = target_tables_.non_empty(names);
  const std::unique_ptr<connector::SchemaTarget> schema = target_.schema();
  for (const model::TableName& name : names) {
    if (std::ranges::find(full, name) != full.end()) continue;
    const auto rebuild = conditions_.primary_key_rebuild(name);
    if (!rebuild) continue;
    const std::int64_t id = statements_.add_post_data(
        {.kind = Kind::kKey, .table = name, .object = rebuild->constraint.catalog_text(), .sql = rebuild->add_sql});
    base::fault_point<"import_data.before_drop_key">();  // a key to be rebuilt is noted, not yet dropped
    std::vector<std::string> notices;
    if (schema->run(rebuild->drop_sql, notices))
      statements_.mark_post_data_done(id);              // Refused: it stays, and is kept up.
    base::fault_point<"import_data.after_drop_key">();  // the key is dropped
  }
}

// Those of tables without rows of their own (middle levels of a partition tree) wait for everything.
void KeyPlan::hand_out(std::vector<ImportTable>& tables, const std::map<model::TableName, std::size_t>& table_of,
                       const std::set<model::TableName>& planned) {
  for (model::PostDataStatement& statement : statements_.post_data()) {
    if (statement.done) continue;
    const auto table = table_of.find(statement.table);
    const bool left_out = planned.contains(statement.table) && table == table_of.end();
    if (left_out) continue;
    if (statement.kind == Kind::kForeignKey) {
      foreign_keys_.push_back(std::move(statement));
    } else if (statement.kind == Kind::kAttach || statement.kind == Kind::kOther || table == table_of.end()) {
      attach_.push_back(std::move(statement));
    } else {
      tables[table->second].statements.push_back(std::move(statement));
    }
  }
  // What has no table here must exist before it is attached.
  std::ranges::stable_sort(attach_, {}, [](const model::PostDataStatement& one) {
    return one.kind == Kind::kAttach ? 1 : one.kind == Kind::kOther ? 2 : 0;
  });
}

std::optional<connector::StatementFault> KeyPlan::build(const model::PostDataStatement& statement,
                                                        connector::SchemaTarget& schema) {
  base::fault_point<"import_data.before_index">();  // a table's rows are in, its indexes are not
  std::vector<OptionLeftOut> left_out;
  if (auto fault = run_post_data(statement, schema, left_out)) return fault;
  base::fault_point<"import_data.index_built">();  // an index is built, the state does not know it
  const base::MutexLock lock(db_mutex_);
  note_options_left_out(documents_, left_out);
  left_out_.insert(left_out_.end(), left_out.begin(), left_out.end());
  if (statement.object.empty()) {
    statements_.mark_post_data_done(statement.id);
  } else {
    done_.push_back(statement.id);
  }
  if (statement.kind != Kind::kOther) ++indexes_built_;
  return std::nullopt;
}

void KeyPlan::run(const model::PostDataStatement& statement, connector::SchemaTarget& schema) {
  if (const auto fault = build(statement, schema)) refuse(statement, *fault);
}

void KeyPlan::save_done() {
  const base::MutexLock lock(db_mutex_);
  if (done_.empty()) return;
  documents_.in_transaction([this]() VOY_REQUIRES(db_mutex_) {
    for (const std::int64_t id : done_) statements_.mark_post_data_done(id);
  });
  done_.clear();
}

std::vector<std::string> KeyPlan::run_all(const std::vector<model::PostDataStatement>& statements, const char* stage,
                                          const MayWait& may_wait) {
  std::vector<std::string> waiting;
  if (statements.empty()) return waiting;
  context_.board.set_stage(stage);
  const std::unique_ptr<connector::SchemaTarget> schema = target_.schema();
  for (const model::PostDataStatement& statement : statements) {
    base::throw_if_draining(context_.stop, command_ + " was stopped", kImportResume);
    const model::StageWork work_time(context_.board, stage);
    const auto fault = build(statement, *schema);
    if (!fault) continue;
    if (!may_wait(statement, *fault)) refuse(statement, *fault);
    waiting.push_back(fmt::format("{} on {}", statement.object, model::display(statement.table)));
  }
  save_done();
  return waiting;
}

void KeyPlan::run_rest(const Missing& missing) {
  run_all(attach_, "attaching indexes", [](const auto&, const auto&) { return false; });
  const std::vector<std::string> waiting =
      run_all(foreign_keys_, "foreign keys", [&](const model::PostDataStatement& key, const auto& fault) {
        if (!fault.missing_row) return false;
        const model::TableName parent = sql::parse_statement(key.sql).constraint.references;
        if (const auto aside = missing.set_aside.find(parent); aside != missing.set_aside.end())
          refuse_set_aside(key, parent, aside->second, !missing.read_later.empty(), fault);
        return missing.read_later.contains(key.table) || missing.read_later.contains(parent);
      });
  if (waiting.empty()) return;
  context_.dialogue.notice(
      model::NoticeLevel::kWarning,
      fmt::format("not built yet: {}. The tables are of several moments, as the export was interrupted, and "
                  "the rows that are missing come with the changes; finalize-schema-post-data-import "
                  "builds them behind the cutover.",
                  base::join(waiting, ", ")));
}

}  // namespace voyager::migration
