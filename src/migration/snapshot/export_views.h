// The JSON files below metainfo/ that scripts read. They are views written from the state, never read back.
#pragma once

#include <filesystem>

#include "format/meta_db.h"

namespace voyager::migration {

/// metainfo/export_snapshot_status.json: per table NOT-STARTED, EXPORTING or DONE and the rows so far.
void write_export_snapshot_status(const std::filesystem::path& export_dir, format::MetaDb& db);

/// metainfo/dataFileDescriptor.json: the files below data/, one entry a chunk file, mapped to the table they are
/// imported into.
void write_data_file_descriptor(const std::filesystem::path& export_dir, format::MetaDb& db);

}  // namespace voyager::migration
