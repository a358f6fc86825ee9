#include "migration/assess/assessed_finding.h"

namespace voyager::migration {
namespace {

constexpr std::string_view kOn = " ON ";

}  // namespace

std::string qualified(std::string_view name) {
  return name.find('.') == std::string_view::npos ? "public." + std::string(name) : std::string(name);
}

std::string table_of_index(std::string_view index) {
  const std::size_t on = index.rfind(kOn);
  return on == std::string_view::npos ? std::string() : qualified(index.substr(on + kOn.size()));
}

std::string qualified_index(std::string_view index) {
  const std::string table = table_of_index(index);
  if (table.empty()) return qualified(index);
  return table.substr(0, table.find('.') + 1) + std::string(index.substr(0, index.rfind(kOn)));
}

}  // namespace voyager::migration
