#include "migration/snapshot/import_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "base/clock.h"
#include "base/error.h"
#include "base/fault_point.h"
#include "base/retry.h"
#include "base/text.h"
#include "format/rejected_rows.h"
#include "migration/schema/guardrails.h"
#include "migration/snapshot/export_identity.h"
#include "migration/state/status.h"

namespace voyager::migration {
namespace {

constexpr int kPassesMax = 10;
// Where batches are handed out in any order, so many are there to choose from.
constexpr std::size_t kShuffledBatches = 20'000;

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
                     const ImportDataOptions& options, std::string_view role, format::MigrationState& db,
                     const model::FlowContext& context)
    : options_(options),
      role_(role),
      db_(db),
      context_(context),
      ledger_db_(db.peer()),
      ledger_(*ledger_db_, role, options.export_dir),
      migration_(migration_uuid(db)),
      target_(product.target(target_options)),
      traits_(target_->preflight()->traits()) {
  admin_ = target_->admin(migration_);
  keys_ = std::make_unique<KeyPlan>(options_.command, *target_, *admin_, *admin_, db_, db_, context_);
  pool_ = std::make_unique<LoaderPool>(*target_, traits_, migration_, options_, *keys_, ledger_, context_);
  context_.dialogue.notice(model::NoticeLevel::kInfo, traits_.version_text);
  for (const std::string& note : traits_.notes) context_.dialogue.notice(model::NoticeLevel::kWarning, note);
  if (options_.batch_rows > traits_.default_batch_rows) {
    base::fail(base::ExitCode::kUsage,
               fmt::format("--batch-size {} is above the largest for this target", options_.batch_rows), {},
               {fmt::format("pass at most {}", traits_.default_batch_rows)});
  }
}

void ImportRun::check_rights(const std::vector<model::Table>& tables) {
  if (!options_.run_guardrails) return;
  const bool empties = options_.start_clean && options_.truncate_tables;
  const auto preflight = target_->preflight();
  std::vector<model::Finding> findings = preflight->check_import_data(tables, empties);
  if (role_ != kFileImporter)
    std::ranges::move(preflight->check_database(source_database(db_)), std::back_inserter(findings));
  answer_findings(findings, command_name(), context_.dialogue);
}

void ImportRun::check_emptying(std::vector<model::TableName> names) {
  for (const model::PlannedTable& one : noted_to_be_emptied()) names.push_back(one.table.root);
  if (!options_.run_guardrails || names.empty()) return;
  answer_findings(target_->preflight()->check_emptying(names), command_name(), context_.dialogue);
}

void ImportRun::note_begin(bool rows_left) {
  change_import_record(db_, role_, [this, rows_left](ImportRecord& record) {
    const auto keep = [&record](const std::string& name, std::string& known, const std::string& now) {
      if (record.begun && !known.empty() && known != now) {
        base::fail(base::ExitCode::kState, "the run that this one resumes had another " + name,
                   fmt::format("it was \"{}\", now it is \"{}\"", known, now),
                   {"pass the same value, or begin anew: yb-voyager --start-clean true ..."});
      }
      known = now;
    };
    keep(role_ == kFileImporter ? "errorPolicy" : "errorPolicySnapshot", record.error_policy,
         std::string(to_text(options_.error_policy)));
    keep("onPrimaryKeyConflict", record.key_conflict, std::string(to_text(options_.key_conflict)));
    record.begun = true;
    if (options_.retried.empty() && rows_left) record.done = false;
  });
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
  if (options_.run_guardrails) answer_findings(told, command_name(), context_.dialogue);
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

void ImportRun::prepare_target(const std::vector<model::Table>& tables, bool rows_left) {
  const std::vector<model::TableName> names = names_of(tables);
  refuse_half_emptied();
  if (options_.start_clean) {
    begin_anew(names);
    note_begin(rows_left);
  } else {
    if (role_ != kFileImporter) {
      refuse_lost_bookkeeping();
      refuse_other_copy(db_, *admin_, role_, command_name());
      if (options_.before_begun) options_.before_begun();
    }
    note_begin(rows_left);
    note_begun();
    ask_about_rows(names);
    take_over();
    empty_noted_tables();
  }
  if (options_.on_begun) options_.on_begun();
  ledger_.release(options_.retried);
  for (const model::TableName& table : ledger_.released_tables()) retried_.insert(table);
}

// Nothing is emptied or forgotten before this run is the noted one, and nothing of an earlier run comes in behind that.
void ImportRun::begin_anew(const std::vector<model::TableName>& names) {
  std::vector<model::TableName> full;
  if (!options_.truncate_tables) {
    full = admin_->non_empty(names);
    if (!full.empty() && !context_.dialogue.confirm(
                             {.text = "These tables hold rows: " + names_of(full) + ". Import into them all the same?",
                              .flag = "--truncate-tables true, or --yes"})) {
      base::fail(base::ExitCode::kNoAnswer, "nothing was changed");
    }
  }
  fence_ = take_import_over_anew(db_, *admin_, role_, command_name());
  if (options_.truncate_tables) {
    // Bookkeeping that outlives the rows would call them loaded: until it is gone too, no run may go on.
    change_import_record(db_, role_, [](ImportRecord& record) { record.emptying = true; });
    empty_tables(names);
    // --start-clean: tables are empty, the bookkeeping still says that rows are in.
    base::fault_point<"import_data.tables_emptied">();
  } else {
    std::vector<model::TableName> now = admin_->non_empty(names);
    std::erase_if(now, [&](const model::TableName& name) { return std::ranges::find(full, name) != full.end(); });
    if (!now.empty()) {
      base::fail(base::ExitCode::kState, "another run has loaded rows while this one began",
                 "tables hold rows now that were empty when it was asked: " + names_of(now),
                 {"run the same command again"});
    }
  }
  admin_->clear_bookkeeping(fence_);
  forget_import(db_, role_);
  note_rows_of_others(full);
  std::error_code error;
  // What is there is the target's: rows for a replica are never set aside.
  if (role_ != kReplicaImporter) std::filesystem::remove_all(options_.export_dir / "data" / "errors", error);
}

// Files of the user may come from several directories.
void ImportRun::take_over() {
  fence_ = take_import_over(db_, *admin_, role_, command_name());
}

void ImportRun::note_begun() {
  begun_.clear();
  for (const model::ImportedFile& file : db_.imported(role_)) begun_.insert(file.table);
}

std::vector<model::PlannedTable> ImportRun::noted_to_be_emptied() {
  const std::set<std::string> noted = import_record(db_, role_).to_empty;
  if (noted.empty()) return {};
  std::vector<model::PlannedTable> plan = db_.plan();
  std::erase_if(plan, [&](const model::PlannedTable& one) { return !noted.contains(model::quoted(one.table.root)); });
  return plan;
}

// Also those that an earlier run was killed over. Nothing was loaded into them since: that comes after the mark is
// gone.
void ImportRun::empty_noted_tables() {
  std::vector<model::TableName> tables;
  std::vector<model::TableName> all;
  for (const model::PlannedTable& one : noted_to_be_emptied()) {
    if (std::ranges::find(all, one.table.root) != all.end()) continue;
    all.push_back(one.table.root);
    if (!model::is_large_objects(one.table.kind)) tables.push_back(one.table.root);
  }
  if (all.empty()) return;
  empty_tables(tables);
  if (tables.size() < all.size()) remove_large_objects();
  admin_->forget_batches(fence_, all);
  base::fault_point<"copy_data.restart_emptied">();  // they are empty, the state does not know it
  db_.in_transaction([&] {
    for (const model::TableName& table : all) db_.clear_import_of(role_, table);
    change_import_record(db_, role_, [](ImportRecord& record) { record.to_empty.clear(); });
  });
  note_begun();
}

void ImportRun::empty_tables(const std::vector<model::TableName>& names) {
  admin_->truncate(fence_, names,
                   [this](const std::string& text) { context_.dialogue.notice(model::NoticeLevel::kWarning, text); });
}

void ImportRun::ask_about_rows(const std::vector<model::TableName>& names) {
  // Once changes are applied, what is in a table that was empty in the snapshot has come with them.
  if (changes_were_applied(db_, role_)) return;
  const std::set<std::string> to_empty = import_record(db_, role_).to_empty;
  std::vector<model::TableName> fresh;
  std::ranges::copy_if(names, std::back_inserter(fresh), [&](const model::TableName& name) {
    return untouched(name) && !to_empty.contains(model::quoted(name));
  });
  const std::vector<model::TableName> full = admin_->non_empty(fresh);
  if (!full.empty() && !context_.dialogue.confirm(
                           {.text = "These tables hold rows that this migration did not import: " + names_of(full) +
                                    ". Add the rows of the source to them?",
                            .flag = "--start-clean true --truncate-tables true, or --yes"})) {
    base::fail(base::ExitCode::kNoAnswer, "nothing was changed");
  }
  note_rows_of_others(full);
}

// What was there before must outlive whatever is put right later.
void ImportRun::note_rows_of_others(const std::vector<model::TableName>& names) {
  if (names.empty()) return;
  change_import_record(db_, role_, [&](ImportRecord& record) {
    for (const model::TableName& name : names) record.rows_of_others.insert(model::quoted(name));
  });
}

std::vector<model::TableName> ImportRun::with_rows_of_others(const std::vector<model::TableName>& names) const {
  const std::set<std::string> noted = import_record(db_, role_).rows_of_others;
  std::vector<model::TableName> out;
  std::ranges::copy_if(names, std::back_inserter(out),
                       [&](const model::TableName& name) { return noted.contains(model::quoted(name)); });
  return out;
}

// A database that was made anew has no row of ours; one whose bookkeeping alone is gone would get them twice.
void ImportRun::refuse_lost_bookkeeping() {
  if (!lost_its_runs(db_, *admin_, role_)) return;
  std::vector<model::TableName> begun;
  for (const model::ImportedFile& file : db_.imported(role_)) begun.push_back(file.table);
  const std::vector<model::TableName> full = admin_->non_empty(begun);
  if (full.empty()) return;
  refuse_lost_runs("they are rows of " + names_of(full), {begin_import_anew(command_name())});
}

void ImportRun::refuse_half_emptied() {
  if (!options_.start_clean && role_ != kFileImporter) refuse_earlier_export(db_, role_, command_name());
  if (!import_record(db_, role_).emptying) return;
  if (options_.start_clean && options_.truncate_tables) return;
  throw base::Error(
      {.code = "IMP-005",
       .exit = base::ExitCode::kState,
       .title = "an earlier run was stopped while it emptied the tables",
       .cause = "some of them may be empty although their rows are noted as loaded",
       .fix = {fmt::format("yb-voyager {} --start-clean true --truncate-tables true ...", command_name())},
       .then = "nothing was changed"});
}

bool ImportRun::untouched(const model::TableName& table) const {
  return !begun_.contains(table);
}

Coverage ImportRun::coverage_of_target() {
  Coverage coverage;
  for (const model::BatchKey& key : target_->loader(migration_, {})->imported()) coverage.add(key);
  for (const model::BatchKey& key : ledger_.handled()) coverage.add(key);
  return coverage;
}

void ImportRun::load(std::vector<ImportTable>& tables, ImportFeed& feed) {
  BatchLimits limits{.rows_max = static_cast<std::uint64_t>(traits_.default_batch_rows),
                     .bytes_max = std::min<std::uint64_t>(traits_.batch_bytes_max, 16ULL * 1024 * 1024)};
  if (options_.batch_rows > 0) limits.rows_max = static_cast<std::uint64_t>(options_.batch_rows);
  pool_->refuse_replication();
  WorkBoard::Options work_options{.workers = pool_->workers(),
                                  .batches_max = static_cast<std::size_t>(4 * pool_->workers())};
  if (options_.random_batches.value_or(traits_.distributed)) {
    work_options.batches_max = kShuffledBatches;
    work_options.shuffle_seed = static_cast<std::uint32_t>(std::hash<std::string>()(migration_));
  }
  Coverage coverage = coverage_of_target();
  // One pass is all there is unless a server lost what it had committed (a crash with synchronous_commit off).
  for (int pass = 1;; ++pass) {
    WorkBoard work(work_options);
    for (const ImportTable& table : tables) work.add_table(table.statements, feed.keeps_turns() ? 0 : table.turn);
    pool_->run(fence_, work, tables, [&] { feed.feed(work, coverage, limits); });
    // First what is committed is made durable, then it is looked at: what is seen here stays.
    base::retry({.tries_max = options_.tries_max, .longest_wait = options_.longest_wait}, context_.clock, context_.stop,
                [&] {
                  target_->loader(migration_, {})->flush();
                  coverage = coverage_of_target();
                });
    if (feed.all_covered(coverage)) break;
    if (pass == kPassesMax) {
      base::fail(base::ExitCode::kFailure, "the target keeps losing batches that it confirmed",
                 "its own bookkeeping lacks them after several passes", {"look at the target's log for restarts"});
    }
    change_import_record(db_, role_, [](ImportRecord& record) { record.done = false; });
    context_.dialogue.notice(model::NoticeLevel::kWarning,
                             "the target lacks batches that it had confirmed; loading them again");
  }
}

std::vector<model::BatchKey> ImportRun::set_aside_but_in(const ImportFeed& feed) {
  std::map<std::string, std::set<std::int32_t>> noted;
  for (const format::RejectedRow& one : format::RejectedRows(options_.export_dir).all()) {
    if (one.role == role_) noted[one.row.file_name].insert(one.row.number);
  }
  std::vector<model::BatchKey> out;
  if (noted.empty()) return out;
  Coverage in;
  for (const model::BatchKey& key : target_->loader(migration_, {})->imported()) in.add(key);
  for (const std::shared_ptr<const ImportFile>& file : feed.files()) {
    const auto numbers = noted.find(file->name);
    if (numbers == noted.end()) continue;
    std::map<std::int32_t, std::int32_t> missing;  // first row -> the one behind the last
    for (const FrameRows& part : in.missing(*file)) {
      const auto first =
          file->frames[part.frame].number * model::kRowsPerFrameMax + static_cast<std::int32_t>(part.first);
      missing[first] = first + static_cast<std::int32_t>(part.rows);
    }
    for (const model::Frame& frame : file->frames) {
      const std::int32_t base = frame.number * model::kRowsPerFrameMax;
      const auto end = numbers->second.lower_bound(base + static_cast<std::int32_t>(frame.rows));
      for (auto number = numbers->second.lower_bound(base); number != end; ++number) {
        const auto behind = missing.upper_bound(*number);
        const bool is_missing = behind != missing.begin() && *number < std::prev(behind)->second;
        if (!is_missing) out.push_back({file->name, *number, 1});
      }
    }
  }
  return out;
}

}  // namespace voyager::migration
