// Rows that differ while changes flow: on their way, or different?
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "connector/comparison.h"
#include "migration/verify/verify.h"

namespace voyager::migration {

/// Gathers what several looks at the same rows of both sides have found. At each look the target's picture has all that
/// the source's shows, and what came since: a row that is equal at one look is equal, and one that is on its way looks
/// otherwise at the next. A row that differs is taken for different when it has looked the same, on both sides, often
/// enough.
class MovingRows {
 public:
  static constexpr int kLooksForDifference = 3;

  /// All rows of some buckets, the same ones each time.
  void look(std::vector<connector::RowHash> source, std::vector<connector::RowHash> target);
  bool equal() const { return looks_ > 0 && rows_.empty(); }
  /// More looks would tell nothing new.
  bool settled() const { return looks_ > 0 && differences().size() == rows_.size(); }
  std::vector<KeyDifference> differences() const;
  /// Rows in memory.
  std::size_t held() const { return rows_.size(); }
  /// Keys of which nobody can tell.
  std::size_t moving() const { return rows_.size() - differences().size(); }

 private:
  struct Row {
    std::vector<std::string> source = {};  // hashes, sorted: rows may share a key
    std::vector<std::string> target = {};
    int looks = 1;
    bool same_as(const Row& other) const { return source == other.source && target == other.target; }
  };
  std::map<std::string, Row> rows_ = {};  // by key
  int looks_ = 0;
};

}  // namespace voyager::migration
