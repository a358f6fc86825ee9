#include "connectors/fake/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace voyager::fake {
namespace {

using Tables = std::map<model::TableName, FakeTable>;

class Preflight final : public connector::SourcePreflight {
 public:
  explicit Preflight(std::shared_ptr<FakeWorld> world) : world_(std::move(world)) {
    world_->pass(FakeFault::At::kConnect, model::Side::kSource);
  }
  std::string version_text() override { return "Fake 1.0"; }
  connector::DatabaseForm database_form() override { return {.encoding = "UTF8", .collation = "C"}; }
  std::vector<model::Finding> check_export_schema() override { return world_->source_findings; }
  std::vector<model::Finding> check_export_data(const std::vector<model::Table>&) override {
    return world_->source_findings;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
};

class Schema final : public connector::SchemaSource {
 public:
  explicit Schema(std::shared_ptr<FakeWorld> world)
      : world_(std::move(world)), schema_(world_->schema), catalogue_(world_->catalogue) {}
  connector::WrittenSchema written(connector::SchemaContents, const base::Stop&) override {
    world_->pass(FakeFault::At::kConnect, model::Side::kSource);
    return schema_;
  }
  std::vector<connector::CatalogueObject> objects() override { return catalogue_; }
  std::string role_statements() override { return world_->role_statements; }
  std::optional<connector::TypeExplanation> explain_type(const std::vector<std::string>&) override { return {}; }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const connector::WrittenSchema schema_;
  const std::vector<connector::CatalogueObject> catalogue_;
};

class Reader final : public connector::SnapshotReader {
 public:
  Reader(std::shared_ptr<FakeWorld> world, std::shared_ptr<const Tables> tables)
      : world_(std::move(world)), tables_(std::move(tables)) {
    world_->pass(FakeFault::At::kConnect, model::Side::kSource);
    if (!world_->snapshot_lost) return;
    throw base::Error({.code = "SRC-002",
                       .exit = base::ExitCode::kSourceUnreachable,
                       .title = "the snapshot of the source is lost",
                       .where = "fake",
                       .connection_lost = true});
  }

  void start(const model::Table& table, const model::Range& range, model::RowFormat format) override {
    VOY_ASSERT(format == model::RowFormat::kText);
    rows_ = &tables_->at(table.name).rows;
    at_ = range.begin == range.end ? 0 : range.begin;
    end_ = range.begin == range.end ? rows_->size() : std::min<std::uint64_t>(range.end, rows_->size());
  }

  std::vector<connector::ValueChange> value_changes() override { return {}; }
  bool next(model::RowBlock& block, std::size_t bytes_wanted) override {
    block.clear();
    world_->pass(FakeFault::At::kRead, model::Side::kSource);
    while (at_ < end_ && block.bytes.size() < bytes_wanted && block.rows < model::kRowsPerBlockMax) {
      block.bytes += (*rows_)[at_++];
      ++block.rows;
    }
    return block.rows > 0;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const std::shared_ptr<const Tables> tables_;
  const std::vector<std::string>* rows_ = nullptr;
  std::uint64_t at_ = 0;
  std::uint64_t end_ = 0;
};

class Snapshot final : public connector::SnapshotSource {
 public:
  explicit Snapshot(std::shared_ptr<FakeWorld> world) : world_(std::move(world)) {
    world_->pass(FakeFault::At::kConnect, model::Side::kSource);
  }

  std::string begin(const std::string& anchor, int /*readers*/) override {
    const WorldLock lock(world_->mutex);
    if (!anchor.empty()) {
      tables_ = std::make_shared<Tables>(world_->anchors.at(anchor));
      return anchor;
    }
    tables_ = std::make_shared<Tables>(world_->source);
    return fmt::format("fake/{}", world_->source_writes);
  }
  model::Position position() override { return {}; }
  std::string how() override { return {}; }
  bool raw_bytes() override { return false; }
  std::vector<model::Table> tables() override {
    std::vector<model::Table> out;
    for (const auto& [name, table] : *tables_) out.push_back(table.table);
    return out;
  }
  std::vector<model::Table> large_objects() override { return {}; }
  std::vector<model::Sequence> sequences() override {
    const WorldLock lock(world_->mutex);
    std::vector<model::Sequence> out;
    for (const auto& [name, sequence] : world_->source_sequences) out.push_back(sequence);
    return out;
  }
  std::vector<model::RangeSpace> range_spaces(const std::vector<model::Table>& tables) override {
    std::vector<model::RangeSpace> out(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const FakeTable& one = tables_->at(tables[i].name);
      if (!one.can_be_cut || one.rows.empty()) continue;
      out[i] = {.all = {0, one.rows.size()},
                .bytes_per_unit = static_cast<double>(one.table.bytes) / static_cast<double>(one.rows.size())};
    }
    return out;
  }
  std::unique_ptr<connector::SnapshotReader> open_reader() override {
    return std::make_unique<Reader>(world_, tables_);
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  std::shared_ptr<const Tables> tables_;
};

}  // namespace

std::unique_ptr<connector::SourcePreflight> make_source_preflight(std::shared_ptr<FakeWorld> world) {
  return std::make_unique<Preflight>(std::move(world));
}
std::unique_ptr<connector::SchemaSource> make_schema_source(std::shared_ptr<FakeWorld> world) {
  return std::make_unique<Schema>(std::move(world));
}
std::unique_ptr<connector::SnapshotSource> make_snapshot_source(std::shared_ptr<FakeWorld> world) {
  return std::make_unique<Snapshot>(std::move(world));
}

}  // namespace voyager::fake
