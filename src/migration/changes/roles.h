// What the parts of a live migration are called in state and bookkeeping: the documents' words.
#pragma once

namespace voyager::migration {

inline constexpr const char* kSourceExporter = "source_db_exporter";
inline constexpr const char* kTargetExporterBack = "target_db_exporter_fb";     ///< To the source.
inline constexpr const char* kTargetExporterForward = "target_db_exporter_ff";  ///< To the source-replica.
inline constexpr const char* kExporters[] = {kSourceExporter, kTargetExporterBack, kTargetExporterForward};
inline constexpr const char* kCutoverToTarget = "cutover.target";  ///< The last word of a source's changes.

}  // namespace voyager::migration
