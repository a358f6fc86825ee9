// The state of a migration in memory: what tests use where no file is needed, and what MetaDb is held against
// (tests/conformance/state_conformance.cc).
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "format/chunk_file.h"
#include "format/migration_state.h"
#include "format/object_shortfall.h"

namespace voyager::format {

/// Thread-safe, also in between connections. A transaction holds all others up.
class MemoryState final : public MigrationState {
 public:
  MemoryState() : world_(std::make_shared<World>()) {}

  std::unique_ptr<MigrationState> peer() override { return std::unique_ptr<MigrationState>(new MemoryState(world_)); }

  void in_transaction(const std::function<void()>& body) override {
    const Lock lock(world_->mutex);
    if (world_->in_transaction) return body();
    const Content before = content();
    world_->in_transaction = true;
    try {
      body();
    } catch (...) {
      content() = before;
      world_->in_transaction = false;
      throw;
    }
    world_->in_transaction = false;
  }

  // --- documents
  std::string json(std::string_view key) override {
    const Lock lock(world_->mutex);
    const auto at = content().json.find(std::string(key));
    return at == content().json.end() ? std::string() : at->second;
  }
  void set_json(std::string_view key, std::string_view text) override {
    const Lock lock(world_->mutex);
    content().json[std::string(key)] = text;
  }
  void patch_json(std::string_view key, std::string_view merge_patch) override {
    const Lock lock(world_->mutex);
    const std::string before = json(key);
    nlohmann::json value = before.empty() ? nlohmann::json::object() : nlohmann::json::parse(before);
    value.merge_patch(nlohmann::json::parse(merge_patch));
    set_json(key, value.dump());
  }

  // --- plan
  void save_plan(const std::vector<model::PlannedTable>& tables) override {
    const Lock lock(world_->mutex);
    for (const model::PlannedTable& one : tables) content().plan.push_back({.planned = one});
  }
  std::vector<model::PlannedTable> plan() override {
    const Lock lock(world_->mutex);
    std::vector<model::PlannedTable> out;
    for (const PlanRow& row : content().plan) out.push_back(row.planned);
    return out;
  }
  void save_sequences(const std::vector<model::Sequence>& sequences) override {
    const Lock lock(world_->mutex);
    content().sequences = sequences;
    std::ranges::sort(content().sequences, {}, &model::Sequence::name);
  }
  std::vector<model::Sequence> sequences() override {
    const Lock lock(world_->mutex);
    return content().sequences;
  }
  void restart_table(const model::TableName& table, const model::RangeSpace& space) override {
    const Lock lock(world_->mutex);
    std::erase_if(content().chunks, [&](const model::Chunk& chunk) { return chunk.table == table; });
    PlanRow& row = row_of(table);
    row.planned.space = space;
    row.planned.next = space.all.begin;
    row.planned.handed_out = false;
    ++row.planned.generation;
    row.chunks = 0;
  }
  void clear_snapshot() override {
    const Lock lock(world_->mutex);
    content().plan.clear();
    content().sequences.clear();
    content().chunks.clear();
  }

  // --- chunks
  void lease_chunk(model::Chunk& chunk, std::uint64_t next, bool handed_out) override {
    const Lock lock(world_->mutex);
    PlanRow& row = row_of(chunk.table);
    row.planned.next = next;
    row.planned.handed_out = handed_out;
    ++row.chunks;
    chunk.id = ++content().last_chunk;
    chunk.file_name =
        chunk_file_name(chunk.table, row.planned.generation, row.chunks == 1 && handed_out ? kWholeTable : row.chunks,
                        chunk.rows_format, chunk.compressed);
    content().chunks.push_back({.id = chunk.id,
                                .table = chunk.table,
                                .range = chunk.range,
                                .file_name = chunk.file_name,
                                .rows_format = chunk.rows_format,
                                .compressed = chunk.compressed});
  }
  void finish_chunk(const model::Chunk& chunk) override {
    const Lock lock(world_->mutex);
    model::Chunk& kept = chunk_of(chunk.id);
    kept.state = model::ChunkState::kDone;
    kept.rows = chunk.rows;
    kept.raw_bytes = chunk.raw_bytes;
    kept.stored_bytes = chunk.stored_bytes;
    kept.frames = chunk.frames;
    kept.done_order = ++content().done_counter;
  }
  void reopen_chunk(const model::Chunk& chunk) override {
    const Lock lock(world_->mutex);
    model::Chunk& kept = chunk_of(chunk.id);
    kept.state = model::ChunkState::kLeased;
    kept.rows = kept.raw_bytes = 0;
    kept.done_order = 0;
    kept.frames.clear();
  }
  std::vector<model::Chunk> leased_chunks() override {
    const Lock lock(world_->mutex);
    std::vector<model::Chunk> out;
    for (const model::Chunk& chunk : content().chunks) {
      if (chunk.state != model::ChunkState::kLeased) continue;
      out.push_back(chunk);
      out.back().frames.clear();
    }
    return out;
  }
  std::vector<model::Chunk> done_chunks(std::int64_t after, Frames frames = Frames::kRead) override {
    const Lock lock(world_->mutex);
    std::vector<model::Chunk> out;
    for (const model::Chunk& chunk : content().chunks) {
      if (chunk.done_order <= after) continue;
      out.push_back(chunk);
      if (frames == Frames::kLeaveOut) out.back().frames.clear();
    }
    std::ranges::sort(out, {}, &model::Chunk::done_order);
    return out;
  }

  std::vector<model::TableTotals> table_totals() override {
    const Lock lock(world_->mutex);
    std::vector<model::TableTotals> out;
    for (const PlanRow& row : content().plan) {
      model::TableTotals one{.table = row.planned.table.name,
                             .root = row.planned.table.root,
                             .begun = row.chunks > 0,
                             .open = !row.planned.handed_out};
      for (const model::Chunk& chunk : content().chunks) {
        if (chunk.table != one.table) continue;
        one.rows += chunk.rows;
        one.raw_bytes += chunk.raw_bytes;
        if (chunk.state == model::ChunkState::kLeased) one.open = true;
        if (chunk.rows > 0 && (one.first_file.empty() || chunk.file_name < one.first_file))
          one.first_file = chunk.file_name;
      }
      out.push_back(std::move(one));
    }
    return out;
  }
  std::vector<model::TableName> open_tables() override {
    std::vector<model::TableName> out;
    for (const model::TableTotals& one : table_totals()) {
      if (one.open) out.push_back(one.table);
    }
    std::ranges::sort(out);
    return out;
  }

  // --- import
  void add_imported(std::string_view role, const model::ImportedFile& delta) override {
    const Lock lock(world_->mutex);
    model::ImportedFile& kept = file_of(role, delta);
    kept.rows += delta.rows;
    kept.bytes += delta.bytes;
    kept.rows_set_aside += delta.rows_set_aside;
    kept.bytes_set_aside += delta.bytes_set_aside;
  }
  void set_imported_rows(std::string_view role, const model::ImportedFile& file) override {
    const Lock lock(world_->mutex);
    model::ImportedFile& kept = file_of(role, file);
    kept.rows = file.rows;
    kept.bytes = file.bytes;
  }
  void set_imported_files(std::string_view role, const std::vector<model::ImportedFile>& files) override {
    const Lock lock(world_->mutex);
    for (const model::ImportedFile& file : files) content().imported[{std::string(role), file.file_name}] = file;
  }
  void set_imported(std::string_view role, const std::vector<model::ImportedFile>& files) override {
    const Lock lock(world_->mutex);
    std::erase_if(content().imported, [&](const auto& one) { return one.first.first == role; });
    set_imported_files(role, files);
  }
  std::vector<model::ImportedFile> imported(std::string_view role) override {
    const Lock lock(world_->mutex);
    std::vector<model::ImportedFile> out;
    for (const auto& [key, file] : content().imported) {
      if (key.first == role) out.push_back(file);
    }
    return out;
  }
  bool claim_chunk(std::string_view role, const model::Chunk& chunk, const model::TableName& target) override {
    const Lock lock(world_->mutex);
    const bool there = std::ranges::any_of(content().chunks, [&](const model::Chunk& one) {
      return one.id == chunk.id && one.file_name == chunk.file_name;
    });
    if (there) add_imported(role, {.file_name = chunk.file_name, .table = target});
    return there;
  }
  void clear_import(std::string_view role) override {
    const Lock lock(world_->mutex);
    set_imported(role, {});
    std::erase_if(content().set_aside, [&](const auto& one) { return std::get<0>(one.first) == role; });
    clear_lanes(role);
    forget_imported(role, 0);
    content().json.erase("carried_columns_" + std::string(role));
    const std::string pairs = "table_pairs_" + std::string(role) + "_";
    std::erase_if(content().json, [&](const auto& one) { return one.first.starts_with(pairs); });
  }
  void clear_import_of(std::string_view role, const model::TableName& table) override {
    const Lock lock(world_->mutex);
    std::erase_if(content().imported,
                  [&](const auto& one) { return one.first.first == role && one.second.table == table; });
    std::erase_if(content().set_aside,
                  [&](const auto& one) { return std::get<0>(one.first) == role && one.second.row.table == table; });
  }

  bool add_set_aside(std::string_view role, const model::SetAsideRow& row) override {
    const Lock lock(world_->mutex);
    const auto [at, added] =
        content().set_aside.try_emplace({std::string(role), row.file_name, row.number}, SetAside{.row = row});
    if (!added && at->second.released) {
      at->second.released = false;
      at->second.row.reason = row.reason;
      at->second.row.sqlstate = row.sqlstate;
    }
    return added;
  }
  std::vector<model::SetAsideRow> set_aside(std::string_view role) override {
    const Lock lock(world_->mutex);
    std::vector<model::SetAsideRow> out;
    for (const auto& [key, one] : content().set_aside) {
      if (std::get<0>(key) == role && !one.released) out.push_back(one.row);
    }
    return out;
  }
  void release_set_aside(std::string_view role, const std::vector<std::string>& files) override {
    const Lock lock(world_->mutex);
    for (auto& [key, one] : content().set_aside) {
      if (std::get<0>(key) == role && std::ranges::find(files, std::get<1>(key)) != files.end()) one.released = true;
    }
  }
  std::vector<model::TableName> released_tables(std::string_view role) override {
    const Lock lock(world_->mutex);
    std::set<model::TableName> out;
    for (const auto& [key, one] : content().set_aside) {
      if (std::get<0>(key) == role && one.released) out.insert(one.row.table);
    }
    return {out.begin(), out.end()};
  }
  void forget_set_aside(std::string_view role, const std::vector<model::BatchKey>& rows) override {
    const Lock lock(world_->mutex);
    for (const model::BatchKey& row : rows) content().set_aside.erase({std::string(role), row.file_name, row.number});
  }

  // --- statements that wait for rows
  void save_post_data(const std::vector<model::PostDataStatement>& statements) override {
    const Lock lock(world_->mutex);
    std::erase_if(content().statements, [](const model::PostDataStatement& one) { return !one.done; });
    for (const model::PostDataStatement& one : statements) add_post_data(one);
  }
  std::int64_t add_post_data(const model::PostDataStatement& statement) override {
    const Lock lock(world_->mutex);
    const auto at = std::ranges::find(content().statements, statement.sql, &model::PostDataStatement::sql);
    if (at != content().statements.end()) {
      at->done = false;
      return at->id;
    }
    content().statements.push_back(statement);
    content().statements.back().done = false;
    return content().statements.back().id = ++content().last_statement;
  }
  std::vector<model::PostDataStatement> post_data() override {
    const Lock lock(world_->mutex);
    return content().statements;
  }
  void mark_post_data_done(std::int64_t id) override {
    const Lock lock(world_->mutex);
    for (model::PostDataStatement& one : content().statements) one.done |= one.id == id;
  }
  void clear_post_data() override {
    const Lock lock(world_->mutex);
    content().statements.clear();
  }

  // --- objects
  void save_schema_objects(const std::vector<model::SchemaObject>& objects) override {
    const Lock lock(world_->mutex);
    content().objects.clear();
    content().outcomes.clear();
    for (const model::SchemaObject& one : objects) content().objects.push_back({++content().last_object, one, false});
  }
  std::vector<model::SchemaObject> schema_objects() override {
    const Lock lock(world_->mutex);
    std::vector<model::SchemaObject> out;
    for (const ObjectRow& row : content().objects) {
      ObjectShortfall shortfall{.statements_of_object = row.object.fingerprints.size()};
      for (const OutcomeRow& outcome : content().outcomes) {
        if (outcome.objects.contains(row.id)) shortfall.add(outcome.outcome);
      }
      out.push_back(row.object);
      out.back().fingerprints.clear();
      if (!shortfall.texts.empty()) shortfall.apply_to(out.back());
    }
    return out;
  }
  void note_statement_outcomes(const std::string& command, const std::vector<std::string>& files,
                               const std::vector<model::StatementOutcome>& outcomes) override {
    const Lock lock(world_->mutex);
    std::erase_if(content().outcomes, [&](const OutcomeRow& one) {
      return one.command == command && std::ranges::find(files, one.outcome.file) != files.end();
    });
    for (const model::StatementOutcome& one : outcomes) {
      std::set<std::int64_t> ids;
      for (const ObjectRow& row : content().objects) {
        if (std::ranges::find(row.object.fingerprints, one.fingerprint) != row.object.fingerprints.end())
          ids.insert(row.id);
      }
      if (ids.empty()) {
        for (const ObjectRow& row : content().objects) {
          if (row.object.kind == one.object.kind && row.object.schema == one.object.schema &&
              row.object.name == one.object.name)
            ids.insert(row.id);
        }
      }
      if (ids.empty()) {
        const model::SchemaObject added{
            .kind = one.object.kind, .schema = one.object.schema, .name = one.object.name, .property = true};
        content().objects.push_back({++content().last_object, added, true});
        ids.insert(content().last_object);
      }
      content().outcomes.push_back({command, one, ids});
    }
    forget_objects_of_import(false);
  }
  std::vector<model::StatementOutcome> statement_outcomes() override {
    const Lock lock(world_->mutex);
    std::vector<model::StatementOutcome> out;
    for (const OutcomeRow& row : content().outcomes) {
      out.push_back(row.outcome);
      out.back().fingerprint = 0;
      out.back().object = {};
    }
    return out;
  }
  void forget_statement_outcomes() override {
    const Lock lock(world_->mutex);
    content().outcomes.clear();
    forget_objects_of_import(true);
  }

  // --- queue
  std::vector<SegmentRow> segments() override {
    const Lock lock(world_->mutex);
    std::vector<SegmentRow> out;
    for (const auto& [number, row] : content().segments) out.push_back(row);
    return out;
  }
  std::optional<SegmentRow> last_segment() override {
    const Lock lock(world_->mutex);
    if (content().segments.empty()) return std::nullopt;
    return content().segments.rbegin()->second;
  }
  void add_segment(std::uint64_t number, std::int64_t first_vsn, std::string_view exporter_role,
                   const model::Position& position) override {
    const Lock lock(world_->mutex);
    content().segments.try_emplace(number, SegmentRow{.number = number,
                                                      .exporter_role = std::string(exporter_role),
                                                      .first_vsn = first_vsn,
                                                      .next_vsn = first_vsn,
                                                      .position = position});
  }
  void note_synced(const SegmentRow& segment, std::string_view /*run*/,
                   const std::map<model::TableName, ChangeCounts>& counts) override {
    const Lock lock(world_->mutex);
    if (const auto at = content().segments.find(segment.number); at != content().segments.end()) {
      at->second.bytes_safe = segment.bytes_safe;
      at->second.next_vsn = segment.next_vsn;
      at->second.position = segment.position;
      at->second.changes = segment.changes;
      at->second.closed = segment.closed;
    }
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().wall().time_since_epoch()).count();
    for (const auto& [table, one] : counts) {
      content().exported[segment.exporter_role][table] += one;
      content().exported_at[{segment.exporter_role, now - now % 10}] += one;
    }
  }
  void note_put_away(std::uint64_t number, const std::string& archive_location) override {
    const Lock lock(world_->mutex);
    const auto at = content().segments.find(number);
    if (at == content().segments.end()) return;
    at->second.archived = !archive_location.empty();
    at->second.deleted = true;
    at->second.archive_location = archive_location;
  }
  void clear_queue() override {
    const Lock lock(world_->mutex);
    content().segments.clear();
    content().exported.clear();
    content().exported_at.clear();
  }
  void note_imported(std::uint64_t number, std::string_view importer_role) override {
    const Lock lock(world_->mutex);
    const auto at = content().segments.find(number);
    if (at == content().segments.end()) return;
    std::vector<std::string>& by = at->second.imported_by;
    if (std::ranges::find(by, importer_role) == by.end()) by.emplace_back(importer_role);
  }
  void forget_imported(std::string_view importer_role, std::int64_t applied) override {
    const Lock lock(world_->mutex);
    for (auto& [number, row] : content().segments) {
      if (row.next_vsn > applied + 1) std::erase(row.imported_by, importer_role);
    }
  }
  std::map<model::TableName, ChangeCounts> exported(std::string_view exporter_role) override {
    const Lock lock(world_->mutex);
    const auto at = content().exported.find(std::string(exporter_role));
    return at == content().exported.end() ? std::map<model::TableName, ChangeCounts>() : at->second;
  }
  ChangeCounts exported_since(std::string_view exporter_role, std::int64_t unix_seconds) override {
    const Lock lock(world_->mutex);
    ChangeCounts out;
    for (const auto& [key, counts] : content().exported_at) {
      if (key.first == exporter_role && key.second >= unix_seconds) out += counts;
    }
    return out;
  }

  // --- lanes
  std::optional<LaneRecord> lanes(std::string_view importer_role) override {
    const Lock lock(world_->mutex);
    const auto at = content().lanes.find(std::string(importer_role));
    return at == content().lanes.end() ? std::nullopt : std::optional(at->second);
  }
  void save_lanes(std::string_view importer_role, const LaneRecord& record) override {
    const Lock lock(world_->mutex);
    VOY_ASSERT(record.lanes > 0);
    content().lanes[std::string(importer_role)] = record;
  }
  std::optional<LaneKeys> lane_keys(std::string_view importer_role) override {
    const Lock lock(world_->mutex);
    const auto at = content().lane_keys.find(std::string(importer_role));
    return at == content().lane_keys.end() ? std::nullopt : std::optional(at->second);
  }
  void save_lane_keys(std::string_view importer_role, const LaneKeys& changed,
                      const std::vector<std::string>& forgotten) override {
    const Lock lock(world_->mutex);
    VOY_ASSERT(content().lanes.contains(std::string(importer_role)));
    LaneKeys& keys = content().lane_keys[std::string(importer_role)];
    for (const auto& [form, key] : changed) keys[form] = key;
    for (const std::string& form : forgotten) keys.erase(form);
  }
  void clear_lanes(std::string_view importer_role) override {
    const Lock lock(world_->mutex);
    content().lanes.erase(std::string(importer_role));
    content().lane_keys.erase(std::string(importer_role));
  }

 private:
  using Lock = std::lock_guard<std::recursive_mutex>;

  struct PlanRow {
    model::PlannedTable planned = {};
    std::int64_t chunks = 0;
  };
  struct SetAside {
    model::SetAsideRow row = {};
    bool released = false;
  };
  struct ObjectRow {
    std::int64_t id = 0;
    model::SchemaObject object = {};
    bool by_import = false;
  };
  struct OutcomeRow {
    std::string command = {};
    model::StatementOutcome outcome = {};
    std::set<std::int64_t> objects = {};
  };
  struct Content {
    std::map<std::string, std::string> json = {};
    std::vector<PlanRow> plan = {};
    std::vector<model::Sequence> sequences = {};
    std::vector<model::Chunk> chunks = {};
    std::int64_t last_chunk = 0, done_counter = 0, last_statement = 0, last_object = 0;
    std::map<std::pair<std::string, std::string>, model::ImportedFile> imported = {};       // role, file
    std::map<std::tuple<std::string, std::string, std::int32_t>, SetAside> set_aside = {};  // role, file, number
    std::vector<model::PostDataStatement> statements = {};
    std::vector<ObjectRow> objects = {};
    std::vector<OutcomeRow> outcomes = {};
    std::map<std::uint64_t, SegmentRow> segments = {};
    std::map<std::string, std::map<model::TableName, ChangeCounts>> exported = {};
    std::map<std::pair<std::string, std::int64_t>, ChangeCounts> exported_at = {};  // role, second
    std::map<std::string, LaneRecord> lanes = {};
    std::map<std::string, LaneKeys> lane_keys = {};
  };
  struct World {
    std::recursive_mutex mutex = {};
    bool in_transaction = false;
    Content content = {};
  };

  explicit MemoryState(std::shared_ptr<World> world) : world_(std::move(world)) {}

  Content& content() { return world_->content; }
  PlanRow& row_of(const model::TableName& table) {
    const auto at =
        std::ranges::find_if(content().plan, [&](const PlanRow& row) { return row.planned.table.name == table; });
    VOY_ASSERT(at != content().plan.end());
    return *at;
  }
  model::Chunk& chunk_of(std::int64_t id) {
    const auto at = std::ranges::find(content().chunks, id, &model::Chunk::id);
    VOY_ASSERT(at != content().chunks.end());
    return *at;
  }
  model::ImportedFile& file_of(std::string_view role, const model::ImportedFile& file) {
    return content()
        .imported
        .try_emplace({std::string(role), file.file_name},
                     model::ImportedFile{.file_name = file.file_name, .table = file.table})
        .first->second;
  }
  void forget_objects_of_import(bool all) {
    std::erase_if(content().objects, [&](const ObjectRow& row) {
      return row.by_import && (all || std::ranges::none_of(content().outcomes, [&](const OutcomeRow& outcome) {
                                 return outcome.objects.contains(row.id);
                               }));
    });
  }

  const std::shared_ptr<World> world_;
};

}  // namespace voyager::format
