#include "connectors/fake/target.h"

#include <algorithm>

namespace voyager::fake {
namespace {

class Preflight final : public connector::TargetPreflight {
 public:
  explicit Preflight(std::shared_ptr<FakeWorld> world) : world_(std::move(world)) {}
  model::TargetTraits traits() override { return world_->traits; }
  std::vector<model::Finding> check_import_schema(const std::vector<model::Identifier>&) override {
    return world_->target_findings;
  }
  std::vector<model::Finding> check_database(const connector::DatabaseForm& source) override {
    if (source.collation == world_->target_collation) return {};
    return {{.note = true, .title = "sorts otherwise", .fix = {source.create_options}}};
  }
  std::vector<model::Finding> check_import_data(const std::vector<model::Table>&, bool) override {
    return world_->target_findings;
  }
  std::vector<model::Finding> check_emptying(const std::vector<model::TableName>& names) override {
    return names.empty() ? std::vector<model::Finding>() : world_->emptying_findings;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
};

class Schema final : public connector::SchemaTarget {
 public:
  explicit Schema(std::shared_ptr<FakeWorld> world) : world_(std::move(world)) {}

  std::optional<connector::StatementFault> run(std::string_view sql, std::vector<std::string>&) override {
    world_->pass(FakeFault::At::kStatement, model::Side::kTarget);
    const WorldLock lock(world_->mutex);
    if (world_->on_statement) {
      if (auto fault = world_->on_statement(sql)) return fault;
    }
    world_->statements.emplace_back(sql);
    return std::nullopt;
  }
  void check_routine_bodies(bool check) override {
    const WorldLock lock(world_->mutex);
    world_->routine_bodies_checked = check;
  }
  void set_search_path(const std::vector<model::Identifier>&) override {}
  void wait_for_disk(bool) override {}
  std::vector<connector::TargetRole> roles() override { return {}; }
  void reset_setting(const std::string& name) override {
    const WorldLock lock(world_->mutex);
    world_->settings_put_back.push_back(name);
  }
  bool schema_exists(const model::Identifier& schema) override {
    const WorldLock lock(world_->mutex);
    return world_->schemas.contains(schema);
  }
  void create_schema(const model::Identifier& schema) override {
    const WorldLock lock(world_->mutex);
    world_->schemas.insert(schema);
  }
  void drop_schema(const model::Identifier& schema) override {
    const WorldLock lock(world_->mutex);
    world_->schemas.erase(schema);
    std::erase_if(world_->target, [&](const auto& entry) { return entry.first.schema == schema; });
    std::erase_if(world_->indexes, [&](const auto& entry) { return entry.first.schema == schema; });
  }
  std::vector<model::TableName> valid_indexes(const std::vector<model::TableName>& names) override {
    const WorldLock lock(world_->mutex);
    std::vector<model::TableName> out;
    std::ranges::copy_if(names, std::back_inserter(out), [&](const model::TableName& name) {
      const auto at = world_->indexes.find(name);
      return at != world_->indexes.end() && at->second;
    });
    return out;
  }
  void drop_invalid_index(const model::TableName& index) override {
    const WorldLock lock(world_->mutex);
    const auto at = world_->indexes.find(index);
    if (at != world_->indexes.end() && !at->second) world_->indexes.erase(at);
  }
  std::vector<model::TableName> materialized_views(const std::vector<model::Identifier>& schemas) override {
    std::vector<model::TableName> out;
    std::ranges::copy_if(world_->materialized_views, std::back_inserter(out), [&](const model::TableName& view) {
      return std::ranges::find(schemas, view.schema) != schemas.end();
    });
    return out;
  }
  std::optional<connector::StatementFault> refresh_materialized_view(const model::TableName& view) override {
    const WorldLock lock(world_->mutex);
    if (world_->on_statement) {
      if (auto fault = world_->on_statement("REFRESH MATERIALIZED VIEW " + model::quoted(view))) return fault;
    }
    world_->refreshed.push_back(view);
    return std::nullopt;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
};

class Loader final : public connector::SnapshotTarget {
 public:
  Loader(std::shared_ptr<FakeWorld> world, std::string migration, connector::Fence fence, model::Side side)
      : world_(std::move(world)), migration_(std::move(migration)), fence_(std::move(fence)), side_(side) {
    world_->pass(FakeFault::At::kConnect, side_);
  }

  connector::BatchOutcome import(const connector::BatchRequest& request, connector::RowStream& rows) override {
    std::string bytes;
    for (std::string_view piece = rows.next_piece(); !piece.empty(); piece = rows.next_piece()) bytes += piece;
    if (world_->on_batch) world_->on_batch(request, bytes);
    world_->pass(FakeFault::At::kBeforeCommit, side_);
    connector::BatchOutcome outcome = world_->import(migration_, fence_, request, bytes, side_);
    if (world_->planted == PlantedFault::kBatchApart && std::holds_alternative<connector::RowsIn>(outcome)) {
      world_->pass(FakeFault::At::kApart, side_);
      const WorldLock lock(world_->mutex);
      world_->bookkeeping[FakeWorld::batches_of(side_, migration_)].insert(request.keys.begin(), request.keys.end());
    }
    world_->pass(FakeFault::At::kAfterCommit, side_);
    return outcome;
  }
  std::vector<model::BatchKey> imported() override {
    world_->pass(FakeFault::At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    const std::set<model::BatchKey>& keys = world_->bookkeeping[FakeWorld::batches_of(side_, migration_)];
    return {keys.begin(), keys.end()};
  }
  std::vector<model::BatchKey> imported_among(const std::vector<model::BatchKey>& keys) override {
    std::vector<model::BatchKey> out;
    for (const model::BatchKey& there : imported()) {
      const auto named = [&](const model::BatchKey& key) {
        return key.file_name == there.file_name && key.number == there.number;
      };
      if (std::ranges::any_of(keys, named)) out.push_back(there);
    }
    return out;
  }
  void flush() override {
    const WorldLock lock(world_->mutex);
    ++world_->flushes;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const std::string migration_;
  const connector::Fence fence_;
  const model::Side side_;
};

class Admin final : public connector::ImportAdmin {
 public:
  Admin(std::shared_ptr<FakeWorld> world, std::string migration, model::Side side)
      : world_(std::move(world)), migration_(std::move(migration)), side_(side) {
    world_->pass(FakeFault::At::kConnect, side_);
  }

  void wait_for_earlier_batches() override {}  // Whoever ends here has no commit on its way.
  void remove_large_objects(const connector::Fence& fence) override {
    const WorldLock lock(world_->mutex);
    check(fence);
  }
  void create_bookkeeping() override {
    const WorldLock lock(world_->mutex);
    world_->has_bookkeeping = true;
  }
  void drop_bookkeeping() override {
    const WorldLock lock(world_->mutex);
    world_->bookkeeping.erase(FakeWorld::batches_of(side_, migration_));
    world_->runs.erase(FakeWorld::batches_of(side_, migration_));
    const bool empty = std::ranges::all_of(world_->bookkeeping, [](const auto& entry) { return entry.second.empty(); });
    if (empty) world_->has_bookkeeping = false;
  }
  void clear_bookkeeping(const connector::Fence& fence) override {
    const WorldLock lock(world_->mutex);
    check(fence);
    world_->bookkeeping.erase(FakeWorld::batches_of(side_, migration_));
    std::map<std::string, std::string>& runs = world_->runs[FakeWorld::batches_of(side_, migration_)];
    std::erase_if(runs, [&](const auto& noted) { return !fence || noted.first != fence->importer; });
  }
  std::string noted_run(const std::string& importer) override {
    const WorldLock lock(world_->mutex);
    return world_->runs[FakeWorld::batches_of(side_, migration_)][importer];
  }
  bool note_run(const std::string& importer, const std::string& run, const std::string& last) override {
    const WorldLock lock(world_->mutex);
    std::string& noted = world_->runs[FakeWorld::batches_of(side_, migration_)][importer];
    if (noted == last) noted = run;
    return noted == run;
  }
  std::vector<model::Table> describe(const std::vector<model::TableName>& names) override {
    const WorldLock lock(world_->mutex);
    std::vector<model::Table> out;
    for (const auto& [name, table] : world_->tables(side_)) {
      if (std::ranges::find(names, name) != names.end()) out.push_back(table.table);
    }
    return out;
  }
  std::vector<model::TableName> non_empty(const std::vector<model::TableName>& names) override {
    const WorldLock lock(world_->mutex);
    std::vector<model::TableName> out;
    std::ranges::copy_if(names, std::back_inserter(out), [&](const model::TableName& name) {
      const auto at = world_->tables(side_).find(name);
      if (at == world_->tables(side_).end()) return world_->sequences(side_).contains(name);
      return !at->second.rows.empty();
    });
    return out;
  }
  void truncate(const connector::Fence& fence, const std::vector<model::TableName>& names,
                const std::function<void(const std::string&)>&) override {
    const WorldLock lock(world_->mutex);
    check(fence);
    for (const model::TableName& name : names) world_->tables(side_).at(name).rows.clear();
  }
  void forget_batches(const connector::Fence& fence, const std::vector<model::TableName>& names) override {
    const WorldLock lock(world_->mutex);
    check(fence);
    world_->batches_forgotten.insert(world_->batches_forgotten.end(), names.begin(), names.end());
  }
  void set_sequences(const std::vector<model::Sequence>& sequences) override {
    world_->pass(FakeFault::At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    for (const model::Sequence& sequence : sequences) world_->sequences(side_)[sequence.name] = sequence;
  }
  void advance_sequences(const std::vector<model::TableName>& names) override {
    const WorldLock lock(world_->mutex);
    world_->sequences_advanced = names;
  }
  std::vector<std::string> relations_like(const model::Identifier&) override { return {}; }
  std::optional<KeyRebuild> primary_key_rebuild(const model::TableName& table) override {
    const WorldLock lock(world_->mutex);
    const auto at = world_->key_rebuilds.find(table);
    return at == world_->key_rebuilds.end() ? std::nullopt : std::optional<KeyRebuild>(at->second);
  }
  std::vector<connector::IndexBuildProgress> index_builds() override { return {}; }
  connector::LoadHooks load_hooks(const std::vector<model::TableName>& names, bool) override {
    const WorldLock lock(world_->mutex);
    connector::LoadHooks out;
    std::ranges::copy_if(world_->load_hooks, std::back_inserter(out.hooks), [&](const connector::LoadHook& hook) {
      const bool switched_off = std::ranges::find(world_->statements, hook.off_sql) != world_->statements.end();
      return !switched_off && std::ranges::find(names, hook.table) != names.end();
    });
    return out;
  }
  std::vector<connector::RowDependence> row_dependences(const std::vector<model::TableName>& names) override {
    const WorldLock lock(world_->mutex);
    std::vector<connector::RowDependence> out;
    std::ranges::copy_if(world_->row_dependences, std::back_inserter(out), [&](const connector::RowDependence& one) {
      return std::ranges::find(names, one.table) != names.end();
    });
    return out;
  }

 private:
  void check(const connector::Fence& fence) {
    if (!fence) return;
    const std::string& noted = world_->runs[FakeWorld::batches_of(side_, migration_)][fence->importer];
    if (noted != fence->run) connector::throw_taken_over("the order to change what is there", "fake");
  }

  const std::shared_ptr<FakeWorld> world_;
  const std::string migration_;
  const model::Side side_;
};

class Target final : public connector::Target {
 public:
  Target(std::shared_ptr<FakeWorld> world, model::Side side) : world_(std::move(world)), side_(side) {}
  std::unique_ptr<connector::TargetPreflight> preflight() override { return std::make_unique<Preflight>(world_); }
  std::unique_ptr<connector::SchemaTarget> schema() override { return std::make_unique<Schema>(world_); }
  std::unique_ptr<connector::ImportAdmin> admin(const std::string& migration) override {
    return std::make_unique<Admin>(world_, migration, side_);
  }
  std::unique_ptr<connector::SnapshotTarget> loader(const std::string& migration,
                                                    const connector::Fence& fence) override {
    return std::make_unique<Loader>(world_, migration, fence, side_);
  }
  std::optional<connector::ClusterLoad> load() override {
    const WorldLock lock(world_->mutex);
    return world_->load;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const model::Side side_;
};

}  // namespace

std::unique_ptr<connector::Target> make_target(std::shared_ptr<FakeWorld> world, model::Side side) {
  return std::make_unique<Target>(std::move(world), side);
}

}  // namespace voyager::fake
