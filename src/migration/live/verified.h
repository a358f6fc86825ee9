// What the last comparison while changes flowed has found (JSON key `verified`).
#pragma once

#include <optional>
#include <string>

#include "format/ledgers.h"

namespace voyager::migration {

struct Verified {
  std::string at = {};           ///< RFC 3339, UTC
  std::string equal_up_to = {};  ///< Place in the captured side's log, for people.
  std::int64_t unix_seconds = 0;
  bool from_source = true;  ///< The changes that flowed.
  bool equal = false;
  bool all_tables = true;  ///< It was not limited to some.
};

std::optional<Verified> last_verified(format::DocumentLedger& db);
/// A comparison of some tables that found them equal says nothing about the rest, and does not replace one of all.
void note_verified(format::DocumentLedger& db, const Verified& verified);

/// Empty when a cutover that asks for it (--require-verified) may go ahead; else why not. `now` in Unix seconds.
std::string why_not_verified(const std::optional<Verified>& last, bool from_source, std::int64_t now);
/// A comparison older than this is not taken.
inline constexpr std::int64_t kVerifiedForSeconds = 24 * 3600;

}  // namespace voyager::migration
