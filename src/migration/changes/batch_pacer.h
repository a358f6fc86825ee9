// How large the transactions of lanes are.
#pragma once

#include <cstdint>

namespace voyager::migration {

/// Looks for the size at which most is applied: from time to time it tries twice or half as much as is usual, and stays
/// with what is clearly quicker. Measures in windows after each change; knows no clock and no thread. In parts of the
/// usual size.
class BatchPacer {
 public:
  static constexpr double kLeast = 1.0 / 16, kMost = 4;
  /// `usual`: changes in a transaction of the usual size.
  explicit BatchPacer(double usual) : usual_(usual) {}

  /// One look, about once a second. `seconds` and `changes` (applied in all) only grow. `fed`: something was waiting
  /// for the lanes whenever somebody looked since; what is measured otherwise says nothing. Returns the size from now
  /// on.
  double look(double seconds, std::uint64_t changes, bool fed);
  double size() const { return size_; }

 private:
  void begin_window(double seconds, std::uint64_t changes);
  void judge(double rate);

  const double usual_;
  double size_ = 1;
  double before_ = 0;  // what is compared with; 0: nothing is tried
  double rate_before_ = 0;
  bool larger_ = true;  // what is tried next
  int rest_ = 1;        // windows until then
  int rest_next_ = 4;
  double window_begin_ = -1;
  std::uint64_t window_changes_ = 0;
};

}  // namespace voyager::migration
