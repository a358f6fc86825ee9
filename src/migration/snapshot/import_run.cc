#include "migration/snapshot/import_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/fault_point.h"
#include "base/group.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/post_data.h"
#include "migration/schema/status.h"

namespace voyager::migration {
namespace {

constexpr int kPassesMax = 10;
constexpr int kDeadlockTries = 5;
constexpr std::chrono::seconds kIndexLook{1};

int env_number(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || std::atoi(text) <= 0 ? otherwise : std::atoi(text);
}

const char* to_text(ErrorPolicy policy) {
  return policy == ErrorPolicy::kAbort ? "abort" : "stash-and-continue";
}
const char* to_text(KeyConflict conflict) {
  return conflict == KeyConflict::kIgnore ? "IGNORE" : "ERROR-POLICY";
}

std::string names_of(const std::vector<model::TableName>& names) {
  std::vector<std::string> texts;
  for (const model::TableName& name : names) texts.push_back(model::display(name));
  return base::join(texts, ", ");
}

std::vector<model::TableName> names_of(const std::vector<model::Table>& tables) {
  std::vector<model::TableName> names;
  for (const model::Table& table : tables) names.push_back(table.name);
  return names;
}

}  // namespace

ImportRun::ImportRun(const connector::ConnectorEntry& product, const model::ConnectionOptions& target_options,
                     const ImportDataOptions& options, std::string_view role, format::MetaDb& db,
                     model::ProgressBoard& board, model::Dialogue& dialogue, base::Stop& stop)
    : product_(product),
      target_options_(target_options),
      options_(options),
      role_(role),
      db_(db),
      board_(board),
      dialogue_(dialogue),
      stop_(stop),
      ledger_db_(options.export_dir),
      ledger_(ledger_db_, role, options.export_dir),
      migration_(migration_uuid(db)),
      target_(product.target(target_options)),
      traits_(target_->preflight()->traits()) {
  choose_workers();
  admin_ = target_->admin(migration_);
}

void ImportRun::choose_workers() {
  const bool wanted = options_.adaptive ? *options_.adaptive != Adaptive::kDisabled
                                        : traits_.distributed && options_.parallel_jobs == 0;
  adaptive_ = wanted && target_->load().has_value();
  if (wanted && !adaptive_) {
    dialogue_.notice(model::NoticeLevel::kWarning, "the target does not tell its load, so adaptive parallelism is off");
  }
  const int begin = std::max(1, options_.parallel_jobs > 0 ? options_.parallel_jobs : traits_.default_connections);
  workers_ = !adaptive_ ? begin : std::max(begin, options_.adaptive_max > 0 ? options_.adaptive_max : 4 * begin);
  workers_allowed_ = begin;
  const int fallback = options_.adaptive == Adaptive::kAggressive ? 95 : 80;
  cpu_limit_ = env_number("MAX_CPU_THRESHOLD", fallback);
  dialogue_.notice(model::NoticeLevel::kInfo, adaptive_ ? fmt::format("Using 1-{} parallel jobs (adaptive)", workers_)
                                                        : fmt::format("Using {} parallel jobs.", workers_));
  dialogue_.notice(model::NoticeLevel::kInfo, traits_.version_text);
  for (const std::string& note : traits_.notes) dialogue_.notice(model::NoticeLevel::kWarning, note);
  if (options_.batch_rows > traits_.default_batch_rows) {
    base::fail(base::ExitCode::kUsage,
               fmt::format("--batch-size {} is above the largest for this target", options_.batch_rows), {},
               {fmt::format("pass at most {}", traits_.default_batch_rows)});
  }
}

void ImportRun::check_rights(const std::vector<model::Table>& tables) {
  if (!options_.run_guardrails) return;
  answer_findings(target_->preflight()->check_import_data(tables), command_name(), dialogue_);
}

void ImportRun::check_immutable_flags() {
  const std::string key = role_ == kFileImporter ? "import_data_file_status" : "import_data_status";
  const std::string policy_key = role_ == kFileImporter ? "errorPolicy" : "errorPolicySnapshot";
  const nlohmann::json before = nlohmann::json::parse(db_.json(key), nullptr, false);
  const nlohmann::json now = {{policy_key, to_text(options_.error_policy)},
                              {"onPrimaryKeyConflict", to_text(options_.key_conflict)},
                              {"importDataStarted", true}};
  if (before.is_object() && before.value("importDataStarted", false)) {
    for (const auto& [name, value] : now.items()) {
      if (before.contains(name) && before[name] != value) {
        base::fail(base::ExitCode::kState, "the run that this one resumes had another " + name,
                   fmt::format("it was {}, now it is {}", before[name].dump(), value.dump()),
                   {"pass the same value, or begin anew with --start-clean true"});
      }
    }
  }
  db_.patch_json(key, now.dump());
}

namespace {

model::Finding finding_of(connector::LoadHook::Kind kind) {
  using Kind = connector::LoadHook::Kind;
  switch (kind) {
    case Kind::kTrigger:
      return {.title = "triggers of the target will fire while rows are loaded and may change them"};
    case Kind::kRule:
      return {.title = "rules of the target will act while rows are loaded"};
    case Kind::kForeignKey:
      return {.title = "foreign keys of the target will be checked while rows are loaded"};
    case Kind::kKey:
      return {.title =
                  "deferrable keys of the target are not checked while rows are loaded: triggers or foreign keys of "
                  "their tables must not fire"};
  }
  return {};
}

}  // namespace

std::vector<connector::LoadHook> ImportRun::answer_hooks(const std::vector<model::TableName>& tables, bool switching) {
  std::vector<connector::LoadHook> ours;
  std::map<connector::LoadHook::Kind, model::Finding> findings;
  const bool ignores_keys = options_.key_conflict == KeyConflict::kIgnore;
  for (const connector::LoadHook& hook : admin_->load_hooks(tables, ignores_keys).hooks) {
    if (switching && hook.may_switch) {
      ours.push_back(hook);
      continue;
    }
    model::Finding& finding = findings.try_emplace(hook.kind, finding_of(hook.kind)).first->second;
    finding.cause += (finding.cause.empty() ? "" : ", ") + hook.name;
    if (!hook.off_sql.empty()) finding.fix.push_back(hook.off_sql + ";");
  }
  std::vector<model::Finding> told;
  for (auto& [kind, finding] : findings) {
    if (!traits_.can_disable_triggers) finding.cause += "; this user may not set session_replication_role";
    told.push_back(std::move(finding));
  }
  if (options_.run_guardrails) answer_findings(told, command_name(), dialogue_);
  return ours;
}

void ImportRun::plan_loading(std::vector<ImportTable>& tables) {
  std::map<model::TableName, ImportTable*> by_name;
  std::vector<model::TableName> names;
  for (ImportTable& table : tables) {
    by_name[table.target.name] = &table;
    names.push_back(table.target.name);
  }
  const connector::LoadHooks hooks = admin_->load_hooks(names, options_.key_conflict == KeyConflict::kIgnore);
  for (const model::TableName& name : hooks.triggers_on) by_name.at(name)->triggers_on = true;
  for (const connector::LoadHook& hook : hooks.hooks) by_name.at(hook.table)->rows_depend = true;
  for (const connector::RowDependence& one : admin_->row_dependences(names)) {
    ImportTable& table = *by_name.at(one.table);
    table.rows_depend = true;
    if (one.wants_others_first) table.turn = 1;
  }
}

void ImportRun::prepare_target(const std::vector<model::Table>& tables) {
  const std::vector<model::TableName> names = names_of(tables);
  if (options_.start_clean) {
    if (options_.truncate_tables) {
      admin_->truncate(names);
    } else if (const auto full = admin_->non_empty(names);
               !full.empty() && !dialogue_.confirm({.text = "These tables hold rows: " + names_of(full) +
                                                            ". Import into them all the same?",
                                                    .flag = "--truncate-tables true, or --yes"})) {
      base::fail(base::ExitCode::kNoAnswer, "nothing was changed");
    }
    admin_->clear_bookkeeping();
    db_.clear_import(role_);
    db_.set_json(role_ == kFileImporter ? "import_data_file_status" : "import_data_status", "{}");
    std::error_code error;
    std::filesystem::remove_all(options_.export_dir / "data" / "errors", error);
  }
  check_immutable_flags();
  for (const format::ImportedFile& file : db_.imported(role_)) begun_.push_back(file.table);
  if (options_.start_clean) return;
  std::vector<model::TableName> fresh;
  std::ranges::copy_if(names, std::back_inserter(fresh),
                       [this](const model::TableName& name) { return untouched(name); });
  const std::vector<model::TableName> full = admin_->non_empty(fresh);
  if (!full.empty() && !dialogue_.confirm({.text = "These tables hold rows that this migration did not import: " +
                                                   names_of(full) + ". Add the rows of the source to them?",
                                           .flag = "--start-clean true --truncate-tables true, or --yes"})) {
    base::fail(base::ExitCode::kNoAnswer, "nothing was changed");
  }
}

bool ImportRun::untouched(const model::TableName& table) const {
  return std::ranges::find(begun_, table) == begun_.end();
}

Coverage ImportRun::coverage_of_target() {
  Coverage coverage;
  for (const model::BatchKey& key : target_->loader(migration_)->imported()) coverage.add(key);
  for (const model::BatchKey& key : ledger_.handled()) coverage.add(key);
  return coverage;
}

void ImportRun::load(std::vector<ImportTable>& tables, ImportFeed& feed) {
  BatchLimits limits{.rows_max = static_cast<std::uint64_t>(traits_.default_batch_rows),
                     .bytes_max = std::min<std::uint64_t>(traits_.batch_bytes_max, 16ULL * 1024 * 1024)};
  if (options_.batch_rows > 0) limits.rows_max = static_cast<std::uint64_t>(options_.batch_rows);
  if (const std::optional<connector::ClusterLoad> load = target_->load()) refuse_replication(*load);
  Coverage coverage = coverage_of_target();
  // One pass is all there is unless a server lost what it had committed (a crash with synchronous_commit off).
  for (int pass = 1;; ++pass) {
    WorkBoard work({.workers = workers_, .batches_max = static_cast<std::size_t>(4 * workers_)});
    for (const ImportTable& table : tables) work.add_table(table.statements, table.turn);
    base::Group group(stop_);
    base::Stop watch;
    base::Group watchers(watch);
    group.spawn("feed", [&] {
      feed.feed(work, coverage, limits);
      if (!stop_.draining()) work.close();  // A table whose batches were not all brought is not done.
    });
    for (int i = 0; i < workers_; ++i) {
      group.spawn(fmt::format("import-{}", i), [&, i] { this->work(i, work, tables); });
    }
    watchers.spawn("index-progress", [&] { watch_index_builds(work, tables, watch); });
    std::exception_ptr failure;
    try {
      group.join();
    } catch (...) {  // Handed on below, once the other threads have ended.
      failure = std::current_exception();
    }
    watch.request_drain();
    watchers.join();
    settle_items(work, tables);
    if (failure) std::rethrow_exception(failure);
    base::throw_if_draining(stop_, "import data was stopped", kImportResume);
    // First what is committed is made durable, then it is looked at: what is seen here stays.
    target_->loader(migration_)->flush();
    coverage = coverage_of_target();
    if (feed.all_covered(coverage)) break;
    if (pass == kPassesMax) {
      base::fail(base::ExitCode::kFailure, "the target keeps losing batches that it confirmed",
                 "its own bookkeeping lacks them after several passes", {"look at the target's log for restarts"});
    }
    dialogue_.notice(model::NoticeLevel::kWarning,
                     "the target lacks batches that it had confirmed; loading them again");
  }
}

void ImportRun::work(int number, WorkBoard& work, std::vector<ImportTable>& tables) {
  BatchLoader loader(*target_, migration_, options_, ledger_, board_, stop_);
  std::unique_ptr<connector::SchemaTarget> schema;
  while (!stop_.draining()) {
    if (number >= workers_allowed_) {
      if (!base::system_clock().sleep_for(std::chrono::milliseconds(200), stop_)) return;
      if (work.finished()) return;
      continue;
    }
    const std::optional<WorkBoard::Task> task = work.next(stop_);
    if (!task) return;
    std::vector<Batch> refused;
    if (const auto* rows = std::get_if<WorkBoard::RowsTask>(&*task)) {
      const ImportTable& table = tables[rows->batch.file->table_index];
      board_.set_state(table.board_item, model::WorkState::kRunning);
      refused = loader.load(rows->batch, table.board_item, table.rows_depend ? rows->attempt : Attempt::kLast);
    } else {
      const auto& statement = std::get<WorkBoard::StatementTask>(*task);
      if (!schema) schema = target_->schema();
      run_statement(statement.statement, *schema);
    }
    work.done(*task, std::move(refused));
    settle_items(work, tables);
  }
}

void ImportRun::settle_items(WorkBoard& work, std::vector<ImportTable>& tables) {
  for (const std::size_t table : work.take_finished_tables()) {
    board_.finish_item(tables[table].board_item, "already imported");
  }
}

void ImportRun::run_statement(const format::PostDataStatement& statement, connector::SchemaTarget& schema) {
  base::fault_point("import_data.before_index");
  std::optional<connector::StatementFault> fault;
  std::vector<OptionLeftOut> left_out;
  for (int tries = 1;; ++tries) {
    fault = run_post_data(statement, schema, left_out);
    if (!fault || fault->sqlstate != "40P01" || tries == kDeadlockTries) break;
  }
  if (fault) {
    throw base::Error(
        {.code = "IMP-003",
         .title = statement.kind == format::PostDataStatement::Kind::kOther
                      ? "the target refused a statement that waited for the rows of " + model::display(statement.table)
                      : "the target refused to build " + statement.object + " on " + model::display(statement.table),
         .where = statement.file.empty() ? "" : fmt::format("{}:{}", statement.file, statement.line),
         .cause = fault->message + " (SQLSTATE " + fault->sqlstate + ")\n" + statement.sql,
         .fix = {"mend the rows or the statement, then run the same command again"},
         .then = "all rows that were loaded stay; what is built stays",
         .sqlstate = fault->sqlstate});
  }
  base::fault_point("import_data.index_built");
  const std::lock_guard lock(db_mutex_);
  note_options_left_out(db_, left_out);
  left_out_.insert(left_out_.end(), left_out.begin(), left_out.end());
  db_.mark_post_data_done(statement.id);
  if (statement.kind != format::PostDataStatement::Kind::kOther) ++indexes_built_;
}

void ImportRun::run_statements(const std::vector<format::PostDataStatement>& statements, const std::string& stage) {
  if (statements.empty()) return;
  board_.set_stage(stage);
  const std::unique_ptr<connector::SchemaTarget> schema = target_->schema();
  for (const format::PostDataStatement& statement : statements) {
    base::throw_if_draining(stop_, "import data was stopped", kImportResume);
    run_statement(statement, *schema);
  }
}

// Shows running index builds as notes of their tables, and steers the number of workers by the cluster's load.
void ImportRun::watch_index_builds(WorkBoard& work, std::vector<ImportTable>& tables, base::Stop& watch) {
  const auto every = std::chrono::seconds(env_number("ADAPTIVE_PARALLELISM_FREQUENCY_SECONDS", 10));
  auto next_look = std::chrono::steady_clock::now() + every;
  const std::unique_ptr<connector::ImportAdmin> own = target_->admin(migration_);
  while (base::system_clock().sleep_for(kIndexLook, watch)) {
    try {
      std::map<model::TableName, std::string> notes;
      for (const connector::IndexBuildProgress& build : own->index_builds()) {
        const std::uint64_t percent = build.total == 0 ? 0 : build.done * 100 / build.total;
        notes[build.table] = fmt::format("index {}: {} {} %", model::display(build.index), build.phase, percent);
      }
      for (std::size_t i = 0; i < tables.size(); ++i) {
        const auto note = notes.find(tables[i].target.name);
        if (note != notes.end()) board_.set_state(tables[i].board_item, model::WorkState::kRunning, note->second);
      }
      if (adaptive_ && std::chrono::steady_clock::now() >= next_look) {
        next_look = std::chrono::steady_clock::now() + every;
        watch_cluster();
      }
    } catch (const base::Error& error) {
      if (error.info().exit == base::ExitCode::kPreflight) {
        stop_.request_drain();
        throw;
      }
      base::log_warn(std::string("the target's progress cannot be read: ") + error.what());
    }
    settle_items(work, tables);
  }
}

void ImportRun::watch_cluster() {
  const std::optional<connector::ClusterLoad> load = target_->load();
  if (!load) return;
  const bool strained = load->cpu_percent_max > cpu_limit_ || load->memory_above_limit;
  const int now = workers_allowed_;
  workers_allowed_ = strained ? std::max(1, now - 1) : std::min(workers_, now + 1);
  board_.set_workers(workers_allowed_);
  board_.set_reason(strained ? fmt::format("paced: target CPU {:.0f} %", load->cpu_percent_max) : "");
  if (!options_.skip_node_health_checks && !load->nodes_down.empty()) {
    dialogue_.notice(model::NoticeLevel::kWarning,
                     "nodes of the target are down: " + base::join(load->nodes_down, ", "));
  }
  refuse_replication(*load);
}

void ImportRun::refuse_replication(const connector::ClusterLoad& load) const {
  if (!options_.skip_replication_checks && !load.replication.empty()) {
    throw base::Error({.exit = base::ExitCode::kPreflight,
                       .title = "the target replicates to elsewhere while rows are imported",
                       .cause = base::join(load.replication, ", "),
                       .fix = {"drop the streams, or pass --skip-replication-checks true"}});
  }
}

}  // namespace voyager::migration
