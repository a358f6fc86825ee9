// The wall clock, for people and file names. Never for measuring: it jumps.
#pragma once

#include <string>

namespace voyager::base {

/// Now in UTC, by a strftime format; the default reads 2006-01-02T15:04:05Z.
std::string utc_now(const char* format = "%Y-%m-%dT%H:%M:%SZ");

}  // namespace voyager::base
