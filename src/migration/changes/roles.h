// What the parts of a live migration are called in state and bookkeeping: the documents' words.
#pragma once

namespace voyager::migration {

inline constexpr const char* kSourceExporter = "source_db_exporter";
inline constexpr const char* kCutoverToTarget = "cutover.target";  ///< The last word of a source's changes.

}  // namespace voyager::migration
