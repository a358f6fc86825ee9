// Numbers as people read them: short, in IEC units, with the right plural.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace voyager::report {

/// "1 table", "2,140 tables"
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
/// "2026-01-02 03:04:05 UTC" of an RFC 3339 time in UTC; other text stays as it is.
std::string moment_text(std::string_view time);

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
