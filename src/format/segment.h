// The files of the queue between capture and appliers. Format: docs/formats/segment.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/changes.h"

namespace voyager::format {

inline constexpr std::uint16_t kSegmentVersion = 4;
inline constexpr std::uint16_t kSegmentVersionOldestReadable = 4;
static_assert(kSegmentVersionOldestReadable <= kSegmentVersion);

/// data/queue/segment.<number>
std::filesystem::path segment_path(const std::filesystem::path& export_dir, std::uint64_t number);

struct SegmentHeader {
  std::uint64_t number = 0;
  std::int64_t first_vsn = 1;  ///< Of the first change that it will hold.
  std::string migration = {};
  std::string exporter_role = {};
};

struct SegmentTotals {
  std::uint64_t changes = 0;  ///< Numbered ones, whatever their kind.
  std::uint64_t inserts = 0;
  std::uint64_t updates = 0;
  std::uint64_t deletes = 0;
  auto operator<=>(const SegmentTotals&) const = default;
};

/// What of a segment is on the disk for certain.
struct SegmentEnd {
  std::uint64_t bytes = 0;  ///< Of the file, with the mark.
  std::int64_t next_vsn = 1;
  model::Position position = {};  ///< Behind the last record; empty when there is none.
};

/// Appends records to one segment. Memory: one block, its compressed form, and one description for each table that was
/// ever spoken of. One thread.
class SegmentWriter {
 public:
  /// A new file, which must not exist; its folder must.
  /// `previous`, when given, hands its tables on and is of no use afterwards.
  static SegmentWriter create(const std::filesystem::path& path, const SegmentHeader& header,
                              SegmentWriter* previous = nullptr);
  /// Goes on with a file that an earlier writer left: takes over what is whole, cuts a torn tail and syncs. One that
  /// has its footer stays `closed`: a reader that saw it never looks behind it. Throws Error (DIR-006) when less is
  /// whole than the `safe_bytes` that the state knows of.
  static SegmentWriter resume(const std::filesystem::path& path, std::uint64_t safe_bytes);
  ~SegmentWriter();
  SegmentWriter(SegmentWriter&&) noexcept;
  SegmentWriter& operator=(SegmentWriter&&) noexcept;

  /// Whole records, as model::ChangeWriter made them, and the position behind the last, which is not empty. Tables have
  /// to be described before they are spoken of, to this writer or to the previous one. An append is kept whole or not
  /// at all.
  void append(std::string_view records, const model::Position& end);
  /// All that was appended is on the disk when it returns, and readers see it.
  const SegmentEnd& sync();
  /// Syncs and ends the file.
  void close();
  bool closed() const;

  const SegmentHeader& header() const;
  SegmentTotals totals() const;   ///< Of the whole file, with what is not synced yet.
  std::uint64_t bytes() const;    ///< Of the file, with what is not synced yet.
  std::int64_t next_vsn() const;  ///< That the next change gets.
  const SegmentEnd& end() const;  ///< What the last sync reached.

 private:
  struct Impl;
  explicit SegmentWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Whole records, read in place by model::ChangeReader.
struct SegmentBlock {
  std::int64_t first_vsn = 0;
  std::uint32_t changes = 0;  ///< Numbered ones.
  bool fresh = false;         ///< Speaks only of tables that it, or a block behind it, describes.
  model::Position end = {};
  std::string records = {};
};

/// Reads one segment, also one that is being written by another process. One thread. Damage and a file that a newer
/// version wrote throw Error (DIR-006, DIR-007).
class SegmentReader {
 public:
  explicit SegmentReader(const std::filesystem::path& path);
  ~SegmentReader();
  SegmentReader(SegmentReader&&) noexcept;

  const SegmentHeader& header() const;
  /// The next call of `next` gives the last fresh block whose changes begin at or before `vsn`.
  void seek(std::int64_t vsn);
  /// The next block that is on the disk for certain. False when there is none (yet).
  [[nodiscard]] bool next(SegmentBlock& block);
  /// The state knows that the first `safe_bytes` are safe (SegmentEnd::bytes): throws when there are fewer. Without it
  /// damage near the end of a file looks like a file whose end is not written yet.
  void expect(std::uint64_t safe_bytes);
  /// Up to where of the file `next` has given.
  std::uint64_t read_bytes() const;
  /// True when `next` has given everything and nothing more will come.
  bool finished() const;
  /// Of a finished file.
  std::optional<SegmentTotals> totals();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voyager::format
