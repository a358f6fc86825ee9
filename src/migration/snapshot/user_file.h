// Reading the files that users bring to `import data file`.
#pragma once

#include <memory>

#include "base/stop.h"
#include "connector/target.h"
#include "migration/snapshot/batch.h"
#include "migration/snapshot/import_data.h"

namespace voyager::migration {

/// Streams the rows of a batch of a user file: byte ranges of the file, without its empty lines.
std::unique_ptr<connector::RowStream> open_user_rows(const Batch& batch);

/// Throws Error (kUsage) when the file cannot be what `options` say: compressed, in UTF-16, not readable. Looks at its
/// first bytes only.
void check_user_file(const UserFile& file, const FileImportOptions& options);

/// The line of the file, from 1, that is line `stream_line` of the stream that open_user_rows gives for `batch`.
std::uint64_t file_line_of(const Batch& batch, std::uint64_t stream_line);
/// The line of the file, from 1, on which the batch's first row begins. Reads no more than its frame.
std::uint64_t first_line_of(const Batch& batch);

/// The file that a name in the target's bookkeeping stands for: files with more frames than one name can number have
/// several.
std::string user_file_of(const std::string& bookkeeping_name);

/// Scans one user file from its start and hands out its rows as frames that depend on nothing but the file's bytes and
/// its format, so that a later run numbers them alike. A byte-order mark belongs to no row. Each call gives the next
/// few frames as an ImportFile (all of one name, each frame with its number). One thread.
class UserFileScan {
 public:
  UserFileScan(const UserFile& file, const FileImportOptions& options, std::vector<model::Column> columns,
               std::size_t table_index, bool triggers_on);
  ~UserFileScan();
  /// A row that cannot be sent, with where it stands.
  struct BadRow {
    Batch row = {};
    std::string reason = {};  ///< With its line.
  };
  /// Null at the file's end. Rows with a problem are appended to `bad` and are not in the frames to load.
  std::shared_ptr<const ImportFile> next(std::vector<BadRow>& bad);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voyager::migration
