// A place in a server's log, in the order of commits.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "model/changes.h"

namespace voyager::mysql {

/// As bytes: the four numbers, big-endian, and the file's name without its number; then, each behind a zero, the other
/// words.
struct BinlogPlace {
  /// Number of the file, which its name ends with. The upper half counts the logs that one capture has gone through:
  /// those of other servers, or of a server that names its files otherwise now.
  std::uint64_t file = 0;
  std::uint64_t begin = 0;    ///< Where in it the transaction in hand begins.
  std::uint64_t changes = 0;  ///< Of it that came before this place.
  std::uint64_t end = 0;      ///< The same as `begin` between two transactions. Else 0.
  std::string base = {};      ///< "bin" of "bin.000012"
  std::string server = {};    ///< As server_name() tells it; empty: not known.
  std::uint32_t made = 0;     ///< When the file was begun, in seconds since 1970; 0: not known.
  /// The transactions that end in the log before this place, and all of earlier files, by their global names; empty:
  /// not known.
  std::string gtids = {};

  /// Between two transactions.
  static BinlogPlace between(std::uint64_t file, std::uint64_t position, std::string base) {
    return {.file = file, .begin = position, .end = position, .base = std::move(base)};
  }
  /// "bin.000012" and a position in it; file 0 for a name without a number.
  static BinlogPlace of_file(std::string_view name, std::uint64_t position);
  model::Position position() const;
  /// Throws Error (kState) on bytes that are not one.
  static BinlogPlace of(const model::Position& position);

  bool complete() const { return end != 0; }
  std::uint64_t number() const { return file & kNumbers; }
  std::uint64_t logs_before() const { return file & ~kNumbers; }
  /// Where in the file a server is asked to begin: it takes 32 bits, and of a longer file all is sent again.
  std::uint64_t asked_from() const { return begin > kPositionMax ? kFileBegin : begin; }
  std::string file_name() const;
  /// "bin.000012:4711", of a second log "1/bin.000012:4711": for files that name where the transaction in hand begins.
  std::string begin_text() const;
  static BinlogPlace of_begin_text(std::string_view text);
  /// "bin.000012:4711"
  std::string text() const;
  /// Everything that ends in the log before `other`, a place between transactions, is before this place.
  bool reaches(const BinlogPlace& other) const {
    return complete() && std::tie(file, end) >= std::tie(other.file, other.end);
  }
  /// The transaction of this place begins in the log before `other`, a place between transactions.
  bool begins_before(const BinlogPlace& other) const { return std::tie(file, begin) < std::tie(other.file, other.end); }
  static constexpr std::uint64_t kNumbers = 0xFFFF'FFFF;
  static constexpr std::uint64_t kNextLog = kNumbers + 1;
  static constexpr std::uint64_t kPositionMax = 0xFFFF'FFFF;
  static constexpr std::uint64_t kFileBegin = 4;
  std::strong_ordering operator<=>(const BinlogPlace& other) const {
    return std::tie(file, begin, changes) <=> std::tie(other.file, other.begin, other.changes);
  }
  bool operator==(const BinlogPlace& other) const { return (*this <=> other) == std::strong_ordering::equal; }
};

}  // namespace voyager::mysql
