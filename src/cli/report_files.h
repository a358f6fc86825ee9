// Putting reports in place.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/session.h"

namespace voyager::cli {

/// File and text. Made before the first file is touched, so that a report that cannot be made leaves the others alone.
using ReportFiles = std::vector<std::pair<std::filesystem::path, std::string>>;

/// All files are on disk beside their places before the first one is replaced, so a full disk leaves the earlier
/// reports as they are. Each is replaced atomically; the one before stays as .bak, and the user hears of it.
void replace_reports(Session& session, const ReportFiles& files);

/// reports/objects.json from the state. No earlier one is kept: it is a view.
void write_object_report(Session& session);

/// "report.html" beside "report_anonymized.html".
std::filesystem::path anonymized_file(const std::filesystem::path& file);

}  // namespace voyager::cli
