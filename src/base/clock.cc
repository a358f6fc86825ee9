#include "base/clock.h"

#include <array>
#include <ctime>

namespace voyager::base {

std::string utc_now(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> text = {};
  return std::string(text.data(), std::strftime(text.data(), text.size(), format, &parts));
}

}  // namespace voyager::base
