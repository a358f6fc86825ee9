// How many connections load rows at a time, where the target's load is followed.
#pragma once

#include <cstdint>
#include <optional>

namespace voyager::migration {

/// What the target's nodes say of themselves.
struct Strain {
  bool cpu = false;     ///< The busiest is above the limit.
  bool memory = false;  ///< One is short of it.
};

/// Climbs: as long as more connections bring more bytes a second there are more of them, and no more than that; under
/// strain there are fewer as long as that costs nothing, and when memory is short in any case. Measures in windows
/// after each change; knows no clock and no thread.
class Pacer {
 public:
  Pacer(int begin, int most);

  /// One look, some times a second. `seconds` and `bytes` (sent in all) only grow. `fed`: every connection had rows to
  /// send since the last look; what is measured otherwise says nothing (but short memory counts all the same). Returns
  /// how many may load from now on.
  int look(double seconds, std::uint64_t bytes, const Strain& strain, bool fed);
  int allowed() const { return allowed_; }

 private:
  void start_window(double seconds, std::uint64_t bytes);
  void judge(double rate, const Strain& strain);
  void give_way(double seconds);
  void try_number(int number);

  int most_;
  int allowed_;
  int before_ = 0;          // what is compared with: 0 = nothing yet
  double rate_before_ = 0;  // of `before_`, bytes a second
  bool doubling_ = true;    // until a step brings less than it should
  bool trimming_ = false;   // from then on fewer, until that costs something
  int rest_ = 0;            // windows until the next try
  int rest_next_ = 4;
  std::optional<double> gave_way_ = {};  // when, since memory is short
  double window_begin_ = -1;
  std::uint64_t window_bytes_ = 0;
};

}  // namespace voyager::migration
