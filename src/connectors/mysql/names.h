// Names of the source as names of the target. Pure.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace voyager::mysql {

/// As PostgreSQL folds a name that is written without quotes: ASCII letters to lower case.
std::string folded(std::string_view name);

/// The names of one kind of thing in one place, all different and none longer than the 63 bytes that the target keeps.
class NameSpace {
 public:
  /// `wanted`, or when that is too long or taken a name made of its beginning and a checksum of `identity`, which
  /// tells this object from all others, so that the same schema always gets the same names.
  std::string take(std::string_view wanted, std::string_view identity);
  bool taken(std::string_view name) const { return names_.contains(name); }

 private:
  std::set<std::string, std::less<>> names_ = {};
};

/// Names that every table of the target has for columns of its own.
bool is_system_column(std::string_view name);

}  // namespace voyager::mysql
