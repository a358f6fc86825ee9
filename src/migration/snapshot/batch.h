// Which rows of a file go into one transaction of the target.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/stop.h"
#include "connector/target.h"
#include "format/chunk_store.h"
#include "format/migration_state.h"
#include "format/row_scan.h"
#include "model/rows.h"

namespace voyager::migration {

/// The rows of a chunk that lies in no file, read from the source once more. Thread-safe.
class RowsAgain {
 public:
  virtual ~RowsAgain() = default;
  /// Rows [first, first + rows) of the chunk.
  virtual std::unique_ptr<connector::RowStream> open(std::uint64_t first, std::uint64_t rows) = 0;
};

/// Some bytes of memory, for rows on their way. Thread-safe.
class HoldingRoom {
 public:
  explicit HoldingRoom(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  /// False when there is not enough; whatever is wanted fits when nothing is held.
  bool try_take(std::size_t bytes);
  /// Waits for it; false when stopped.
  bool take(std::size_t bytes, const base::Stop& stop);
  void give_back(std::size_t bytes);

 private:
  const std::size_t bytes_max_;
  base::Mutex mutex_;
  std::condition_variable changed_;
  std::size_t bytes_ VOY_GUARDED_BY(mutex_) = 0;
};

/// Rows [first, first + rows) of a chunk that lies in no file, in memory; gives its room back in the end. Constant once
/// it is handed over.
struct HeldRows {
  explicit HeldRows(std::shared_ptr<HoldingRoom> whose) : room(std::move(whose)) {}
  ~HeldRows() { room->give_back(bytes); }
  HeldRows(const HeldRows&) = delete;
  HeldRows& operator=(const HeldRows&) = delete;

  const std::shared_ptr<HoldingRoom> room;  ///< Of which `bytes` were taken.
  std::uint64_t first = 0;
  std::uint64_t rows = 0;
  std::size_t bytes = 0;
  std::vector<std::string> blocks = {};  ///< Whole rows.
};

/// A file whose rows are imported: a chunk of our export or a file that the user brings; or a chunk that lies in no
/// file, whose rows are counted through: it has one frame, with the number 0, however many they are. Constant once
/// made.
struct ImportFile {
  std::string name = {};                      ///< BatchKey::file_name: how the target's bookkeeping calls it.
  std::filesystem::path path = {};            ///< User files.
  const format::ChunkStore* store = nullptr;  ///< Chunks that lie in files: where.
  std::shared_ptr<RowsAgain> again = {};      ///< Chunks that lie in no file.
  bool user_file = false;                     ///< Frames are plain byte ranges; rows end as its CopyFormat says.
  bool compressed = false;
  model::CopyFormat format = {};
  model::TableName table = {};  ///< On the target.
  model::TableKind kind = model::TableKind::kPlain;
  std::vector<model::Column> columns = {};  ///< As the target has them.
  bool triggers_on = false;                 ///< As BatchRequest::triggers_on.
  std::vector<model::Frame> frames = {};
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
  std::shared_ptr<const HeldRows> held = {};  ///< The parts' rows, of a chunk that lies in no file: when in memory.

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
  /// Of the file with that name.
  std::uint64_t rows_of(const std::string& file_name) const;

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

/// Cuts those of `held` that are in `missing` (of the chunk, in order) into batches of at most `rows_max` rows.
std::vector<Batch> plan_batches(const std::shared_ptr<const ImportFile>& file, std::shared_ptr<const HeldRows> held,
                                const std::vector<FrameRows>& missing, std::uint64_t rows_max);

/// What waits to be tried again must not fill the memory that others need: a few rows are kept in `room`, the rest is
/// read again when its turn comes. Does nothing for rows that lie in a file.
void put_down(Batch& batch, const std::shared_ptr<HoldingRoom>& room);

/// The first `rows` rows of `batch`, and the rest.
std::pair<Batch, Batch> split_batch(const Batch& batch, std::uint64_t rows);

/// Streams the batch's rows: from memory, from its file, or from the source.
std::unique_ptr<connector::RowStream> open_rows(const Batch& batch);

}  // namespace voyager::migration
