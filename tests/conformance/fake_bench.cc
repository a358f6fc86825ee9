#include <algorithm>

#include "bench.h"
#include "connectors/fake/entry.h"

namespace voyager::conformance {
namespace {

class FakeBench final : public Bench {
 public:
  connector::ConnectorEntry entry() override { return connectors::fake_entry(world_); }
  model::ConnectionOptions source() override { return {.side = model::Side::kSource, .product = "fake"}; }
  model::ConnectionOptions target() override { return {.side = model::Side::kTarget, .product = "fake"}; }
  model::TableName fresh_name() override {
    return {model::Identifier("public"), model::Identifier("t" + std::to_string(++names_))};
  }
  void make_source_table(const model::TableName& name, const std::vector<std::string>& rows) override {
    world_->add_source_table({.table = table(name), .rows = rows});
  }
  void write_source(const model::TableName& name, const std::string& row) override { world_->write_source(name, row); }
  void make_target_table(const model::TableName& name, bool with_key) override {
    fake::FakeTable one{.table = table(name)};
    if (with_key) one.table.primary_key = {model::Identifier("id")};
    world_->add_target_table(std::move(one));
  }
  std::vector<std::string> target_rows(const model::TableName& name) override {
    std::vector<std::string> rows = world_->target_rows(name);
    std::ranges::sort(rows);
    return rows;
  }
  std::string refused_row(const model::TableName&) override {
    const std::string row = "x\trefused\n";
    world_->refused_rows.insert(row);
    return row;
  }
  void cut_connections(model::Side side) override {
    if (side == model::Side::kSource) world_->snapshot_lost = true;
    world_->order(
        {.at = side == model::Side::kSource ? fake::FakeFault::At::kRead : fake::FakeFault::At::kBeforeCommit});
  }

 private:
  static model::Table table(const model::TableName& name) {
    return {.name = name,
            .columns = {{.name = model::Identifier("id"), .type = "integer", .wire_type = "int4"},
                        {.name = model::Identifier("body"), .type = "text", .wire_type = "text"}}};
  }
  const std::shared_ptr<fake::FakeWorld> world_ = std::make_shared<fake::FakeWorld>();
  int names_ = 0;
};

}  // namespace

std::unique_ptr<Bench> make_fake_bench() {
  return std::make_unique<FakeBench>();
}

}  // namespace voyager::conformance
