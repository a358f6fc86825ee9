// A schema statement that is run when rows are in.
#pragma once

#include <cstdint>
#include <string>

#include "model/identifier.h"

namespace voyager::model {

/// A schema statement that waits until rows are in.
struct PostDataStatement {
  enum class Kind : std::uint8_t { kKey, kUnique, kIndex, kAttach, kForeignKey, kOther };
  std::int64_t id = 0;
  Kind kind = Kind::kIndex;
  TableName table = {};     ///< That it belongs to.
  std::string object = {};  ///< Name of the index or constraint, unquoted.
  std::string sql = {};
  std::string file = {};
  int line = 0;
  bool done = false;
};

}  // namespace voyager::model
