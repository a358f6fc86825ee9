#include "cli/table_lists.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"

namespace voyager::cli {
namespace {

std::vector<std::string> patterns(const Values& values, const std::string& flag) {
  if (!values.text(flag).empty()) return model::split_table_list(values.text(flag));
  const std::string file_flag = flag + "-file-path";
  const std::string& file = values.text(file_flag);
  if (file.empty()) return {};
  if (!std::filesystem::is_regular_file(file)) {
    base::fail(base::ExitCode::kUsage, fmt::format("--{}: there is no file {}", file_flag, file));
  }
  return model::split_table_list(base::read_file(file));
}

}  // namespace

model::TableList table_lists(const Values& values) {
  return {.include = patterns(values, "table-list"), .exclude = patterns(values, "exclude-table-list")};
}

}  // namespace voyager::cli
