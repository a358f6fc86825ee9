// Changes of MySQL and MariaDB, from the binary log.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "connector/changes.h"
#include "connectors/mysql/binlog_place.h"
#include "model/connection.h"

namespace voyager::mysql {

/// The server keeps nothing for a capture, and knows nothing of it: how far it is stands in a file of its folder.
BinlogPlace confirmed_place(const std::filesystem::path& folder);
void note_confirmed(const std::filesystem::path& folder, const BinlogPlace& place);

std::unique_ptr<connector::CaptureSetup> make_capture_setup(const model::ConnectionOptions& options,
                                                            const std::string& migration);
std::unique_ptr<connector::CaptureWatch> make_capture_watch(const model::ConnectionOptions& options,
                                                            const std::string& migration,
                                                            const std::filesystem::path& folder);
std::unique_ptr<connector::ChangeSource> make_change_source(const model::ConnectionOptions& options,
                                                            const std::string& migration,
                                                            const std::filesystem::path& folder);
/// Counts rows; nothing is ever imported here.
std::unique_ptr<connector::ImportedCounts> make_source_counts(const model::ConnectionOptions& options,
                                                              const std::string& migration);

}  // namespace voyager::mysql
