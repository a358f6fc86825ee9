// What happened to tables of a captured database that its changes do not tell.
#pragma once

#include <cstdint>
#include <vector>

#include "connector/changes.h"
#include "format/ledgers.h"
#include "model/identifier.h"

namespace voyager::migration {

/// Whose tables: each database that is captured has its own.
enum class CapturedSide : std::uint8_t { kSource, kTarget };

struct NoticedTable {
  enum class Kind : std::uint8_t {
    kNew,       ///< Nothing of it is captured.
    kAttached,  ///< Now a partition; it is not known whether rows that it held came with the changes.
    kGone,
  };
  Kind kind = Kind::kNew;
  model::TableName table = {};
  model::TableName root = {};  ///< kAttached
  bool operator==(const NoticedTable&) const = default;
};

/// The tables that are left out on purpose: whatever is not captured when the capture begins.
void note_left_out(format::DocumentLedger& db, CapturedSide side, const std::vector<model::TableName>& tables);
/// Returns what is new since the last call, and keeps it. Without a note of what was left out, all that is not captured
/// now becomes it.
std::vector<NoticedTable> note_tables(format::DocumentLedger& db, CapturedSide side,
                                      const connector::CapturedTables& now);
/// All of them so far.
std::vector<NoticedTable> noticed_tables(format::DocumentLedger& db, CapturedSide side);

}  // namespace voyager::migration
