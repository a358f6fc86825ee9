// Tables of a source that no capture sees.
#pragma once

#include <cstdint>
#include <vector>

#include "format/ledgers.h"
#include "model/identifier.h"

namespace voyager::migration {

/// Whose tables: each database that is captured has its own.
enum class CapturedSide : std::uint8_t { kSource, kTarget };

/// The tables that are left out on purpose: whatever is not captured when the capture begins.
void note_left_out(format::DocumentLedger& db, CapturedSide side, const std::vector<model::TableName>& tables);
/// `now` are the tables that are not captured. Returns those that are new since the last call and were not left out on
/// purpose, and keeps them. Without a note of what was left out, `now` becomes it.
std::vector<model::TableName> note_uncaptured(format::DocumentLedger& db, CapturedSide side,
                                              const std::vector<model::TableName>& now);
/// All of them so far.
std::vector<model::TableName> new_uncaptured(format::DocumentLedger& db, CapturedSide side);

}  // namespace voyager::migration
