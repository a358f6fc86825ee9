#include "migration/assess/sized_table.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"

namespace voyager::migration {
namespace {

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
constexpr double kLeastGb = 0.0001;

double gigabytes(const model::ObjectFigures& object) {
  const double gb = static_cast<double>(object.bytes.value_or(0)) / kBytesPerGb;
  return gb < kLeastGb ? 0 : gb;
}

bool is_table(const model::ObjectFigures& object) {
  const std::string type = base::lower(object.object_type);
  return !object.is_index && (type.find("table") != std::string::npos || type == "materialized view");
}

bool is_index(const model::ObjectFigures& object) {
  return object.is_index && base::lower(object.object_type).find("index") != std::string::npos;
}

std::vector<const model::ObjectFigures*> by_size(std::span<const model::ObjectFigures> figures) {
  std::vector<const model::ObjectFigures*> sorted;
  for (const model::ObjectFigures& one : figures) sorted.push_back(&one);
  std::ranges::sort(sorted, {}, [](const model::ObjectFigures* one) {
    return std::tuple(one->bytes.value_or(0), std::string_view(one->schema), std::string_view(one->name));
  });
  return sorted;
}

void add_load(SizedTable& table, const model::ObjectFigures& object) {
  table.total_gb += gigabytes(object);
  table.total_bytes += object.bytes.value_or(0);
  table.reads_per_second += static_cast<double>(object.reads_per_second.value_or(0));
  table.writes_per_second += static_cast<double>(object.writes_per_second.value_or(0));
}

}  // namespace

std::vector<SizedTable> sized_tables(std::span<const model::ObjectFigures> figures,
                                     std::span<const model::RedundantIndex> redundant) {
  const std::vector<const model::ObjectFigures*> sorted = by_size(figures);
  std::vector<SizedTable> tables;
  std::unordered_map<std::string, std::size_t> places;
  for (const model::ObjectFigures* object : sorted) {
    if (!is_table(*object)) continue;
    places.emplace(object->qualified(), tables.size());
    tables.push_back({.name = object->qualified(),
                      .gb = gigabytes(*object),
                      .rows = static_cast<double>(object->rows.value_or(0)),
                      .columns = static_cast<double>(object->columns.value_or(1))});
    add_load(tables.back(), *object);
  }
  std::unordered_set<std::string> needless;
  for (const model::RedundantIndex& one : redundant) needless.insert(one.schema + "." + one.index);
  for (const model::ObjectFigures* object : sorted) {
    const auto place = is_index(*object) ? places.find(object->parent) : places.end();
    if (place == places.end()) continue;
    SizedTable& table = tables[place->second];
    table.index_gb.push_back(gigabytes(*object));
    table.redundant_indexes += needless.contains(object->qualified()) ? 1U : 0U;
    add_load(table, *object);
  }
  return tables;
}

}  // namespace voyager::migration
