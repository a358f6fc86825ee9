#include "migration/snapshot/loader_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/clock.h"
#include "base/error.h"
#include "base/group.h"
#include "base/log.h"
#include "base/text.h"
#include "migration/snapshot/batch_loader.h"

namespace voyager::migration {
namespace {

constexpr std::chrono::milliseconds kLook{250};
constexpr std::chrono::milliseconds kIdle{100};
constexpr int kLooksASecond = 4;
constexpr double kBalancedCpu = 80;
constexpr double kAggressiveCpu = 95;
constexpr const char* kNoting = "noting what is imported";

}  // namespace

LoaderPool::LoaderPool(connector::Target& target, const model::TargetTraits& traits, std::string migration,
                       const ImportDataOptions& options, KeyPlan& keys, ImportLedger& ledger,
                       const model::FlowContext& context)
    : target_(target),
      migration_(std::move(migration)),
      options_(options),
      keys_(keys),
      ledger_(ledger),
      context_(context) {
  const bool wanted =
      options_.adaptive ? *options_.adaptive != Adaptive::kDisabled : traits.distributed && options_.parallel_jobs == 0;
  adaptive_ = wanted && target_.load().has_value();
  if (wanted && !adaptive_) {
    context_.dialogue.notice(model::NoticeLevel::kWarning,
                             "the target does not tell its load, so adaptive parallelism is off");
  }
  const int begin = std::max(1, options_.parallel_jobs > 0 ? options_.parallel_jobs : traits.default_connections);
  workers_ = !adaptive_ ? begin : std::max(begin, options_.adaptive_max > 0 ? options_.adaptive_max : 4 * begin);
  allowed_ = begin;
  pacer_ = Pacer(begin, workers_);
  cpu_limit_ = options_.cpu_percent_max > 0                 ? options_.cpu_percent_max
               : options_.adaptive == Adaptive::kAggressive ? kAggressiveCpu
                                                            : kBalancedCpu;
  context_.dialogue.notice(model::NoticeLevel::kInfo, adaptive_
                                                          ? fmt::format("Using 1-{} parallel jobs (adaptive)", workers_)
                                                          : fmt::format("Using {} parallel jobs.", workers_));
}

void LoaderPool::run(const connector::Fence& fence, WorkBoard& work, const std::vector<ImportTable>& tables,
                     const std::function<void()>& feed) {
  context_.board.set_workers(allowed_);
  base::Group group(context_.stop);
  base::Stop watch_stop;
  base::Group watchers(watch_stop);
  group.spawn("feed", [&] {
    feed();
    if (!context_.stop.draining()) work.close();  // A table whose batches were not all brought is not done.
  });
  for (int i = 0; i < workers_; ++i) {
    group.spawn(fmt::format("import-{}", i), [&, i] { load(i, fence, work, tables); });
  }
  watchers.spawn("watch", [&] { watch(work, tables, watch_stop); });
  std::exception_ptr failure;
  try {
    group.join();
  } catch (...) {  // Handed on below, once the other threads have ended.
    failure = std::current_exception();
  }
  watch_stop.request_drain();
  try {
    watchers.join();
  } catch (...) {
    if (!failure) failure = std::current_exception();
  }
  settle_items(work, tables);
  try {
    ledger_.save();
    keys_.save_done();
  } catch (const base::Error& error) {
    if (!failure) throw error.within(kNoting);
    base::log_warn(std::string(kNoting) + ": " + error.what());
  }
  if (failure) std::rethrow_exception(failure);
  base::throw_if_draining(context_.stop, options_.command + " was stopped", kImportResume);
}

void LoaderPool::load(int number, const connector::Fence& fence, WorkBoard& work,
                      const std::vector<ImportTable>& tables) {
  BatchLoader loader(target_, migration_, fence, options_, ledger_, bytes_sent_, context_);
  std::unique_ptr<connector::SchemaTarget> schema;
  while (!context_.stop.draining()) {
    if (number >= allowed_) {
      if (!context_.clock.sleep_for(kIdle, context_.stop)) return;
      if (work.finished()) return;
      continue;
    }
    const std::optional<WorkBoard::Task> task = work.next(context_.stop);
    if (!task) return;
    std::vector<Batch> refused;
    if (const auto* rows = std::get_if<WorkBoard::RowsTask>(&*task)) {
      const ImportTable& table = tables[rows->batch.file->table_index];
      context_.board.set_state(table.board_item, model::WorkState::kRunning);
      const model::StageWork work_time(context_.board, "rows");
      refused = loader.load(rows->batch, table.board_item, table.rows_depend ? rows->attempt : Attempt::kLast);
    } else {
      if (!schema) schema = target_.schema();
      const model::StageWork work_time(context_.board, "indexes and keys");
      keys_.run(std::get<WorkBoard::StatementTask>(*task).statement, *schema);
    }
    for (Batch& one : refused) put_down(one, refused_room_);
    work.done(*task, std::move(refused));
    settle_items(work, tables);
  }
}

void LoaderPool::settle_items(WorkBoard& work, const std::vector<ImportTable>& tables) {
  for (const std::size_t table : work.take_finished_tables()) {
    context_.board.finish_item(tables[table].board_item, "already imported");
  }
}

// Shows running index builds as notes of their tables, saves what is only for showing, and sets the number of workers.
void LoaderPool::watch(WorkBoard& work, const std::vector<ImportTable>& tables, base::Stop& stop) {
  const int cluster_every = kLooksASecond * static_cast<int>(options_.cluster_look.count());
  const std::unique_ptr<connector::ImportAdmin> own = target_.admin(migration_);
  std::map<model::TableName, std::size_t> items;
  for (const ImportTable& table : tables) items[table.target.name] = table.board_item;
  const auto begun = context_.clock.now();
  for (int look = 1; context_.clock.sleep_for(kLook, stop); ++look) {
    try {
      if (adaptive_ && look % cluster_every == 0) look_at_cluster();
      if (adaptive_) pace(work, std::chrono::duration<double>(context_.clock.now() - begun).count());
      if (look % kLooksASecond == 0) show_index_builds(*own, items);
    } catch (const base::Error& error) {
      if (error.info().exit == base::ExitCode::kPreflight) {
        context_.stop.request_drain();
        throw;
      }
      base::log_warn(std::string("the target's progress cannot be read: ") + error.what());
    }
    if (look % kLooksASecond != 0) continue;
    try {
      ledger_.save();
      keys_.save_done();
    } catch (const base::Error& error) {  // Only shown; the run's end tries once more.
      base::log_warn(std::string(kNoting) + ": " + error.what());
    }
    settle_items(work, tables);
  }
}

void LoaderPool::show_index_builds(connector::TargetTables& admin,
                                   const std::map<model::TableName, std::size_t>& items) {
  for (const connector::IndexBuildProgress& build : admin.index_builds()) {
    const auto item = items.find(build.table);
    if (item == items.end()) continue;
    const std::uint64_t percent = build.total == 0 ? 0 : build.done * 100 / build.total;
    context_.board.set_state(item->second, model::WorkState::kRunning,
                             fmt::format("index {}: {} {} %", model::display(build.index), build.phase, percent));
  }
}

void LoaderPool::pace(WorkBoard& work, double seconds) {
  const int now = pacer_.look(seconds, bytes_sent_, strain_, work.has_rows_ready());
  if (now == allowed_) return;
  base::log_info(fmt::format("{} connections load rows now", now));
  allowed_ = now;
  context_.board.set_workers(now);
  context_.board.set_reason(strained_);
}

void LoaderPool::look_at_cluster() {
  const std::optional<connector::ClusterLoad> load = target_.load();
  if (!load) return;
  context_.board.set_node_cpu(load->cpu_percent);
  strain_ = {.cpu = load->cpu_percent_max > cpu_limit_, .memory = load->memory_above_limit};
  strained_ = strain_.memory ? "paced: the target is short of memory"
              : strain_.cpu  ? fmt::format("paced: target CPU {:.0f} %", load->cpu_percent_max)
                             : "";
  context_.board.set_reason(strained_);
  if (!options_.skip_node_health_checks && !load->nodes_down.empty()) {
    context_.dialogue.notice(model::NoticeLevel::kWarning,
                             "nodes of the target are down: " + base::join(load->nodes_down, ", "));
  }
  refuse_replication(*load);
}

void LoaderPool::refuse_replication() {
  if (const std::optional<connector::ClusterLoad> load = target_.load()) refuse_replication(*load);
}

void LoaderPool::refuse_replication(const connector::ClusterLoad& load) const {
  if (options_.skip_replication_checks || load.replication.empty()) return;
  throw base::Error({.exit = base::ExitCode::kPreflight,
                     .title = "the target replicates to elsewhere while rows are imported",
                     .cause = base::join(load.replication, ", "),
                     .fix = {"drop the streams, or pass --skip-replication-checks true"}});
}

}  // namespace voyager::migration
