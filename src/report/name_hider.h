// Replaces names in texts by hashes. What anonymize.h promises is made of this.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace voyager::report {

/// Learns names from what it is given. Sentences need all names first, and names with blanks or signs in them have to
/// be known before texts that hold them without quotes: give it everything twice and keep the second answers. Used by
/// one thread.
class NameHider {
 public:
  explicit NameHider(std::string_view key) : key_(key) {}

  /// One name, whatever it is made of. Empty stays empty.
  std::string name(std::string_view whole);
  /// What an object is called: "sales.orders", "i ON sales.orders", "f(integer)".
  std::string names(std::string_view text);
  /// Lines stay lines, so that places in the text stay right.
  std::string sql(std::string_view text);
  /// A sentence of ours with names in it.
  std::string prose(std::string_view text);
  /// A host, a node: known as a name from now on.
  void learn(std::string_view whole);

 private:
  enum class Kind { kSql, kNames };
  struct Scan;

  std::string scan(std::string_view text, Kind kind);
  std::string hidden(std::string_view word) const;
  std::string without_odd_names(std::string_view text) const;

  std::string key_;
  std::set<std::string, std::less<>> known_ = {};  ///< Folded to lower case.
  /// Names with blanks or signs in them, longest first.
  std::set<std::string, std::function<bool(const std::string&, const std::string&)>> odd_{
      [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; }};
  mutable std::set<std::string, std::less<>> made_ = {};  ///< Hashes that were given out: they are not hidden again.
};

}  // namespace voyager::report
