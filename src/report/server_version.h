// A server's version in reports: "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)".
#pragma once

#include <string>
#include <string_view>

namespace voyager::report {

/// For people: "PostgreSQL 15.20".
inline std::string short_version(std::string_view version) {
  return std::string(version.substr(0, version.find(" (")));
}

/// The server's own text, as machines know it: "15.20 (Debian 15.20-0+deb12u1)".
inline std::string own_version(std::string_view version) {
  const std::size_t blank = version.find(' ');
  return std::string(blank == std::string_view::npos ? version : version.substr(blank + 1));
}

}  // namespace voyager::report
