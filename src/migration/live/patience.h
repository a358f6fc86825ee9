// The patience of a live migration's processes with a database that does not answer.
#pragma once

#include <string>

#include "base/error.h"
#include "base/retry.h"
#include "migration/live/live_role.h"

namespace voyager::migration {

/// Calls what may be asked again until the database answers, and tells people once that it does not. Throws the last
/// error.
template <typename Body>
auto patiently(const LiveContext& context, const base::RetryPolicy& patience, const Body& body) {
  bool said = false;
  return base::retry(patience, context.flow.clock, context.flow.stop, [&] {
    try {
      return body();
    } catch (const base::Error& error) {
      if (error.info().retry != base::Retry::kNever && !said)
        context.flow.dialogue.notice(model::NoticeLevel::kWarning, std::string("trying again after: ") + error.what());
      said = true;
      throw;
    }
  });
}

}  // namespace voyager::migration
