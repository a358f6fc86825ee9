#include "cli/report_files.h"

#include <fmt/format.h>

#include "base/files.h"

namespace voyager::cli {

void replace_reports(Session& session, const ReportFiles& files) {
  for (const auto& [path, text] : files) {
    std::filesystem::create_directories(path.parent_path());
    if (std::filesystem::exists(path)) {
      base::rename_durably(path, path.string() + ".bak");
      session.console().notice(model::NoticeLevel::kInfo,
                               fmt::format("the report of the last run is kept as {}.bak", path.filename().string()));
    }
    base::write_file_atomically(path, text);
  }
}

std::filesystem::path anonymized_file(const std::filesystem::path& file) {
  return file.parent_path() / fmt::format("{}_anonymized{}", file.stem().string(), file.extension().string());
}

}  // namespace voyager::cli
