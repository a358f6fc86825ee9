// Which rows of a file go into one transaction of the target.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connector/target.h"
#include "format/meta_db.h"
#include "format/row_scan.h"
#include "model/rows.h"

namespace voyager::migration {

/// A file whose rows are imported: a chunk of our export or a file that the user brings. Constant once made.
struct ImportFile {
  std::string name = {};  ///< BatchKey::file_name: how the target's bookkeeping calls it.
  std::filesystem::path path = {};
  bool user_file = false;  ///< Frames are plain byte ranges; rows end as its CopyFormat says.
  bool compressed = false;
  model::CopyFormat format = {};
  model::TableName table = {};  ///< On the target.
  model::TableKind kind = model::TableKind::kPlain;
  std::vector<model::Column> columns = {};  ///< As the target has them.
  bool triggers_on = false;                 ///< As BatchRequest::triggers_on.
  std::vector<format::Frame> frames = {};
  std::vector<std::vector<format::ByteRange>> gaps = {};  ///< User files: per frame, bytes that are not rows.
  std::vector<std::uint64_t> lines = {};  ///< User files: on which line of the file each frame begins, from 1.
  format::LineEnd line_end = format::LineEnd::kUnknown;  ///< User files.
  std::size_t table_index = 0;                           ///< On the WorkBoard.
};

/// Rows [first, first + rows) of one frame.
struct FrameRows {
  std::uint32_t frame = 0;  ///< Index into ImportFile::frames.
  std::uint32_t first = 0;
  std::uint32_t rows = 0;
};

struct Size {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

/// What one transaction loads. Parts are in file order.
struct Batch {
  std::shared_ptr<const ImportFile> file = {};
  std::vector<FrameRows> parts = {};

  std::uint64_t rows() const;
  /// Raw bytes; parts of frames count by their share.
  std::uint64_t bytes() const;
  std::vector<model::BatchKey> keys() const;
};

/// The rows of each file that need no loading any more: committed on the target, or set aside.
class Coverage {
 public:
  void add(const model::BatchKey& key);
  /// The uncovered parts of `file`, in order.
  std::vector<FrameRows> missing(const ImportFile& file) const;
  bool complete(const ImportFile& file) const { return missing(file).empty(); }

 private:
  // file name -> (number of the first row -> rows)
  std::map<std::string, std::map<std::int32_t, std::uint64_t>> covered_ = {};
};

/// What of the file needs no loading.
Size size_that_is_in(const ImportFile& file, const Coverage& coverage);

struct BatchLimits {
  std::uint64_t rows_max = 100'000;
  std::uint64_t bytes_max = 16ULL * 1024 * 1024;
};

/// Owner and comment of a large object are set under a lock that is held until the commit, and all loaders together
/// have some thousand of them on a server as it is installed.
inline constexpr std::uint64_t kLargeObjectRightsMax = 500;

/// Cuts the missing parts into batches: whole frames together up to the limits, frames above the limit of rows apart.
std::vector<Batch> plan_batches(const std::shared_ptr<const ImportFile>& file, const Coverage& coverage,
                                const BatchLimits& limits);

/// The first `rows` rows of `batch`, and the rest.
std::pair<Batch, Batch> split_batch(const Batch& batch, std::uint64_t rows);

/// Streams the batch's rows from its file.
std::unique_ptr<connector::RowStream> open_rows(const Batch& batch);

}  // namespace voyager::migration
