// How a table is cut by the first column of its primary key.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/mutex.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/row_reading.h"

namespace voyager::mysql {

/// The values of the column from the smallest to the largest, as units counted from 0.
class KeySpace {
 public:
  KeySpace() = default;
  /// Texts of whole numbers between -2^63 and 2^64-1.
  KeySpace(const std::string& least, const std::string& most);
  /// 0: no rows, or more values than can be counted.
  std::uint64_t units() const { return units_; }
  KeyRange range(std::uint64_t begin, std::uint64_t end) const;

 private:
  __extension__ using Wide = __int128;
  static Wide number(const std::string& text);
  static std::string text(Wide number);
  Wide least_ = 0;
  std::uint64_t units_ = 0;
};

/// Of all tables, each asked for once. Thread-safe. Under one snapshot the answer is always the same.
class KeySpaces {
 public:
  const KeySpace& space_of(const ConvertedTable& table, Connection& connection) VOY_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<model::TableName, KeySpace> spaces_ VOY_GUARDED_BY(mutex_) = {};
};

}  // namespace voyager::mysql
