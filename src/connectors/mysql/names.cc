#include "connectors/mysql/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/crc32c.h"
#include "base/text.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kBytesMax = 63;
constexpr std::size_t kBytesKept = kBytesMax - 9;  // "_" and eight digits

}  // namespace

std::string folded(std::string_view name) {
  return base::lower(name);
}

std::string NameSpace::take(std::string_view wanted, std::string_view identity) {
  std::string name(wanted);
  for (std::uint32_t seed = 0; name.size() > kBytesMax || names_.contains(name); ++seed)
    name = fmt::format("{}_{:08x}", base::beginning(wanted, kBytesKept), base::crc32c(identity, seed));
  names_.insert(name);
  return name;
}

bool is_system_column(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace voyager::mysql
