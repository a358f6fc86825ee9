// What the parts of a live migration are called in state and bookkeeping: the documents' words.
#pragma once

#include <string_view>

namespace voyager::migration {

inline constexpr const char* kSourceExporter = "source_db_exporter";
inline constexpr const char* kTargetExporterBack = "target_db_exporter_fb";     ///< To the source.
inline constexpr const char* kTargetExporterForward = "target_db_exporter_ff";  ///< To the source-replica.
inline constexpr const char* kExporters[] = {kSourceExporter, kTargetExporterBack, kTargetExporterForward};

/// What people call the database that changes go to, and the one that they come from.
struct Sides {
  const char* to = "target";
  const char* from = "source";
};

/// `exporter` may be empty: of an importer whose changes have come from more than one.
inline Sides sides_of(std::string_view importer, std::string_view exporter) {
  Sides sides;
  if (importer == "source_db_importer") sides = {.to = "source", .from = "target"};
  if (importer == "source_replica_db_importer")
    sides = {.to = "source-replica", .from = exporter.empty() ? "other side" : "target"};
  if (exporter == kSourceExporter) sides.from = "source";
  return sides;
}

inline constexpr const char* kCutoverToTarget = "cutover.target";  ///< The last word of a source's changes.

}  // namespace voyager::migration
