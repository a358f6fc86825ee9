#include "migration/changes/table_pairs.h"

#include <nlohmann/json.hpp>

#include "migration/changes/roles.h"
#include "migration/changes/state_text.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

std::string numbers_key(const std::string& exporter) {
  return "numbered_tables_" + exporter;
}

std::string pairs_key(const std::string& importer, const std::string& exporter) {
  return "table_pairs_" + importer + "_" + exporter;
}

std::string later_key(const std::string& exporter) {
  return "later_numbered_tables_" + exporter;
}

void save_numbered(format::DocumentLedger& db, const std::string& key,
                   const std::vector<connector::NumberedTable>& tables) {
  json out = json::array();
  for (const connector::NumberedTable& table : tables) {
    json columns = json::object();
    for (const auto& [name, number] : table.columns) columns[state_text(name.catalog_text())] = number;
    out.push_back({{"name", state_text(model::quoted(table.name))}, {"number", table.number}, {"columns", columns}});
  }
  db.set_json(key, out.dump());
}

std::vector<connector::NumberedTable> saved_numbered(format::DocumentLedger& db, const std::string& key) {
  std::vector<connector::NumberedTable> out;
  const json saved = json::parse(db.json(key), nullptr, false);
  if (!saved.is_array()) return out;
  for (const json& table : saved) {
    connector::NumberedTable& one = out.emplace_back(
        connector::NumberedTable{model::parse_table_name(from_state_text(table.at("name").get<std::string>())),
                                 table.at("number").get<std::uint64_t>()});
    for (const auto& [name, number] : table.at("columns").items())
      one.columns[model::Identifier(from_state_text(name))] = number.get<std::uint32_t>();
  }
  return out;
}

}  // namespace

void note_numbered_tables(format::DocumentLedger& db, const std::string& exporter,
                          const std::vector<connector::NumberedTable>& tables) {
  save_numbered(db, numbers_key(exporter), tables);
  db.set_json(later_key(exporter), "");
}

void note_later_snapshot(format::DocumentLedger& db, const std::string& exporter,
                         const std::vector<connector::NumberedTable>& tables) {
  std::vector<connector::NumberedTable> all = saved_numbered(db, later_key(exporter));
  for (const connector::NumberedTable& table : tables) {
    std::erase_if(all, [&](const connector::NumberedTable& one) { return one.name == table.name; });
    all.push_back(table);
  }
  save_numbered(db, later_key(exporter), all);
  for (const char* importer : {"target_db_importer", "source_replica_db_importer"}) {
    TablePairs pairs = table_pairs(db, importer, exporter);
    std::size_t forgotten = 0;
    for (const connector::NumberedTable& table : tables) forgotten += pairs.erase(table.number);
    if (forgotten > 0) save_table_pairs(db, importer, exporter, pairs);
  }
}

std::vector<connector::NumberedTable> numbered_tables(format::DocumentLedger& db, const std::string& exporter) {
  return saved_numbered(db, numbers_key(exporter));
}

TablePairs table_pairs(format::DocumentLedger& db, const std::string& importer, const std::string& exporter) {
  TablePairs out;
  const json saved = json::parse(db.json(pairs_key(importer, exporter)), nullptr, false);
  if (!saved.is_object()) return out;
  for (const auto& [number, table] : saved.items()) {
    TablePair& pair = out[std::stoull(number)];
    pair.target = table.at("target").get<std::uint64_t>();
    pair.name = model::parse_table_name(from_state_text(table.at("name").get<std::string>()));
    for (const auto& [column, there] : table.at("columns").items())
      pair.columns[static_cast<std::uint32_t>(std::stoul(column))] = {
          there.at(0).get<std::uint32_t>(), model::Identifier(from_state_text(there.at(1).get<std::string>()))};
  }
  return out;
}

void save_table_pairs(format::DocumentLedger& db, const std::string& importer, const std::string& exporter,
                      const TablePairs& pairs) {
  json out = json::object();
  for (const auto& [number, pair] : pairs) {
    json columns = json::object();
    for (const auto& [column, there] : pair.columns)
      columns[std::to_string(column)] = json::array({there.target, state_text(there.name.catalog_text())});
    out[std::to_string(number)] = {
        {"target", pair.target}, {"name", state_text(model::quoted(pair.name))}, {"columns", columns}};
  }
  db.set_json(pairs_key(importer, exporter), out.dump());
}

void forget_pairs(format::DocumentLedger& db, const std::string& importer) {
  for (const char* exporter : kExporters) db.set_json(pairs_key(importer, exporter), "");
}

TablePair pair_of(const connector::NumberedTable& source, const connector::ApplyTable& target) {
  TablePair pair{.target = target.number, .name = target.name};
  for (const connector::ApplyColumn& column : target.columns) {
    const auto there = source.columns.find(column.name);
    if (there != source.columns.end()) pair.columns[there->second] = {column.number, column.name};
  }
  return pair;
}

TablePairs pair_tables(format::DocumentLedger& db, const std::string& importer, const std::string& exporter,
                       const std::vector<connector::ApplyTable>& tables) {
  const TablePairs before = table_pairs(db, importer, exporter);
  TablePairs pairs = before;
  std::map<model::TableName, const connector::ApplyTable*> by_name;
  for (const connector::ApplyTable& table : tables) by_name[table.name] = &table;
  std::vector<connector::NumberedTable> sources = saved_numbered(db, later_key(exporter));
  for (connector::NumberedTable& source : numbered_tables(db, exporter)) sources.push_back(std::move(source));
  for (const connector::NumberedTable& source : sources) {
    const auto target = by_name.find(source.name);
    if (target != by_name.end()) pairs.try_emplace(source.number, pair_of(source, *target->second));
  }
  if (pairs != before) save_table_pairs(db, importer, exporter, pairs);
  return pairs;
}

}  // namespace voyager::migration
