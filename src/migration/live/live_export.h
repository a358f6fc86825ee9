// What exporters do while changes flow: they capture their database until the cutover away from it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "migration/changes/capture.h"
#include "migration/live/live_role.h"

namespace voyager::migration {

struct LiveExportOptions {
  std::string run = {};
  bool limited = false;  ///< The export has a table list, so only the sequences of its tables count.
  std::uint64_t segment_bytes_max = 1ULL << 30U;
  std::uint64_t retained_bytes_max = 0;  ///< As CapturePolicy.
  bool stop_at_retained_max = false;
  std::function<void()> begins = [] {};          ///< Everything is set up, and changes are read from now on.
  std::uint64_t free_bytes_min = 256ULL << 20U;  ///< With less on the queue's disk, capture waits.
};

/// As kFromSource (after the snapshot) or kFromTarget: captures until the cutover is requested and everything
/// committed before it is in the queue; then notes the sequences and removes what was set up for the capture. Returns
/// what to do then: kEnd or kBecome. Throws when stopped before; the same call goes on. Main thread.
LiveNext export_changes(LiveRole role, const LiveContext& context, const LiveExportOptions& options,
                        const std::function<void(const CaptureProgress&)>& tell);

}  // namespace voyager::migration
