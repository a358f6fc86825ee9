// Numbers as progress shows them: short, in IEC units.
#pragma once

#include <cstdint>
#include <string>

namespace voyager::report {

/// "413 GiB", "4.2 MiB", "512 B": one decimal below 10.
std::string short_bytes(double bytes);
/// "413 / ~676 GiB" in the unit of the total; only what is done when the total is not known (0).
std::string done_of_total(std::uint64_t done, std::uint64_t total, bool estimate);
/// "218 MiB/s"
std::string byte_rate(double bytes_per_s);
/// "1.9 M rows/s", "12,345 rows/s"
std::string row_rate(double rows_per_s);
/// "45 s", "20 min", "2 h 07 min"
std::string eta_words(double seconds);
/// "45s", "20m", "2h07m"
std::string eta_compact(double seconds);
/// `text` without blanks: "413GiB/~676GiB".
std::string without_blanks(std::string text);

}  // namespace voyager::report
