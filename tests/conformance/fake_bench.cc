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
    const std::string text = name.name.catalog_text(), schema = name.schema.catalog_text();
    world_->catalogue.push_back({.key = text, .kind = "TABLE", .schema = schema, .name = text});
    world_->schema.objects.push_back({.key = text,
                                      .kind = "TABLE",
                                      .schema = schema,
                                      .name = text,
                                      .statements = {"CREATE TABLE " + model::quoted(name) + " (id int, body text);"}});
    for (const char* file : {"table-index-iops-initial.csv", "table-index-iops-final.csv"})
      world_->assessment_files[file] = "source_node,schema_name,object_name,object_type,seq_reads,row_writes\n";
    std::string& counts = world_->assessment_files["table-row-counts.csv"];
    if (counts.empty()) counts = "source_node,schema_name,table_name,row_count\n";
    counts += "primary," + schema + "," + text + ",1\n";
  }
  void write_source(const model::TableName& name, const std::string& row) override {
    world_->commit(model::Side::kSource, {.changes = {{.table = name, .after = fake::fake_values(row)}}});
  }
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
  model::TableName make_index(const model::TableName& table, bool valid) override {
    const model::TableName name{table.schema, model::Identifier("i" + std::to_string(++names_))};
    world_->indexes[name] = valid;
    return name;
  }
  model::TableName make_view(const model::TableName& table) override {
    const model::TableName name{table.schema, model::Identifier("v" + std::to_string(++names_))};
    world_->materialized_views.push_back(name);
    return name;
  }
  std::string statement_for_what_is_there(const model::TableName& table) override {
    const std::string statement = "CREATE TABLE " + model::quoted(table) + " ()";
    world_->on_statement = [statement](std::string_view sql) -> std::optional<connector::StatementFault> {
      if (sql != statement) return std::nullopt;
      return connector::StatementFault{.sqlstate = "42P07", .message = "it is there", .already_exists = true};
    };
    return statement;
  }
  void ask_target(const std::string& query, int times) override {
    world_->target_queries.push_back(
        {.id = "1", .query = query, .calls = times, .total_ms = 2.0 * times, .mean_ms = 2, .min_ms = 1, .max_ms = 3});
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
