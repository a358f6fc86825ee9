#include "migration/assess/sizing_testing_test.h"

#include <stdlib.h>

#include <filesystem>
#include <map>

#include "base/temporary_folder_testing.h"

namespace voyager::migration {

void TableText::add_to(std::vector<model::ObjectFigures>& out) const {
  const std::size_t dot = name.find('.');
  model::ObjectFigures table{.schema = name.substr(0, dot),
                             .name = name.substr(dot + 1),
                             .object_type = type,
                             .rows = rows,
                             .columns = columns,
                             .reads_per_second = reads,
                             .writes_per_second = writes,
                             .bytes = bytes};
  out.push_back(table);
  for (std::size_t i = 1; i <= indexes; ++i) {
    out.push_back({.schema = table.schema,
                   .name = table.name + "_" + std::to_string(i),
                   .object_type = index_type,
                   .parent = name,
                   .is_index = true,
                   .columns = 1,
                   .reads_per_second = reads,
                   .writes_per_second = 0,
                   .bytes = index_bytes});
  }
}

const SizingFigures& figures_for(const std::string& target_version) {
  static std::map<std::string, SizingFigures> known;
  const auto found = known.find(target_version);
  if (found != known.end()) return found->second;
  const base::TemporaryFolder folder;
  SizingFigures figures = make_sizing_figures(folder.path() / "yb_experiment_data_source.db", target_version);
  return known.emplace(target_version, std::move(figures)).first->second;
}

}  // namespace voyager::migration
