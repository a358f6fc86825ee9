// How many objects of which type there are, and which of them have findings.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/finding.h"

namespace voyager::analysis {

class Inventory {
 public:
  /// `file_type` is what the file is for: packages and synonyms come as other statements and are counted by it.
  void count(const Statement& statement, std::string_view file_type);
  void invalidate(const std::string& type, const std::string& name) {
    invalid_[type].insert(name);
    flag(type, name);
  }
  /// It has a finding, which need not be mended.
  void flag(const std::string& type, const std::string& name) { flagged_[type].insert(name); }
  void note(const std::string& type, std::string sentence) { notes_[type].insert(std::move(sentence)); }
  /// Types that have an object, in the order in which they were met.
  std::vector<ObjectCount> counts() const;

 private:
  std::vector<ObjectCount> counts_ = {};
  std::map<std::string, std::size_t, std::less<>> by_type_ = {};
  std::map<std::string, std::set<std::string>> invalid_ = {};
  std::map<std::string, std::set<std::string>> flagged_ = {};
  std::map<std::string, std::set<std::string>> notes_ = {};
};

}  // namespace voyager::analysis
