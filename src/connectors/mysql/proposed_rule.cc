#include "connectors/mysql/proposed_rule.h"

#include <cstddef>

namespace voyager::mysql {

std::string names_for_rule(std::string_view table, std::string_view column) {
  const auto readable = [](std::string_view name, std::string_view special) {
    std::string out(name);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto byte = static_cast<unsigned char>(out[i]);
      const bool outer = i == 0 || i + 1 == out.size();
      if (byte < ' ' || byte == 0x7F || (outer && byte == ' ') || special.find(out[i]) != std::string_view::npos)
        out[i] = '?';
    }
    return out;
  };
  constexpr std::string_view kSpecial = ",=*?[]\"'\\$`!:";
  return readable(table, std::string(kSpecial) + ".") + "." + readable(column, kSpecial);
}

}  // namespace voyager::mysql
