// What YugabyteDB's refusals mean beyond PostgreSQL's codes.
#pragma once

#include "connectors/postgresql/errors.h"

namespace voyager::yugabytedb {

/// A distributed server refuses work that would pass a moment later, and says so in the text of an internal error more
/// often than in the code.
postgresql::Verdict judge(const postgresql::ServerFault& fault);

}  // namespace voyager::yugabytedb
