// PostgreSQL's changes by logical replication.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "connector/changes.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/pgoutput.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// What is set up on the source for one migration.
struct CaptureNames {
  std::string slot = {};
  std::string publication = {};
};
/// "voyager_<uuid>" with underscores and "voyager_dbz_publication_<uuid>": what users of the documents look for.
CaptureNames capture_names(std::string uuid);

/// Waits for a reader that has just gone. Nothing where there is no such slot.
void drop_slot(Connection& connection, const std::string& slot);

/// Writes a record whose place is returned once it is on disk: everything committed before is before it.
Lsn mark_end_of_log(Connection& connection);
struct SlotState {
  connector::SourceLag lag = {};
  Lsn keeps = 0;  ///< Where the log begins that it keeps; 0 where that cannot be told.
};
SlotState look_at_slot(Connection& connection, const std::string& slot);

/// Has written, is open for a while, and is not committed yet.
struct OpenTransaction {
  std::string who = {};
  std::string since = {};
  std::string fix = {};
};
std::vector<OpenTransaction> open_transactions(Connection& connection);

std::unique_ptr<connector::CaptureWatch> make_capture_watch(const model::ConnectionOptions& options,
                                                            const std::string& migration);
std::unique_ptr<connector::CaptureSetup> make_capture_setup(const model::ConnectionOptions& options,
                                                            const std::string& migration);
/// `uncommitted_folder` keeps large transactions while they run; empty: the server keeps them.
std::unique_ptr<connector::ChangeSource> make_change_source(const model::ConnectionOptions& options,
                                                            const CaptureNames& names,
                                                            const std::filesystem::path& uncommitted_folder);

}  // namespace voyager::postgresql
