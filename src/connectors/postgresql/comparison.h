// What a PostgreSQL-like server tells of itself so that two of them can be compared.
#pragma once

#include <memory>

#include "connector/comparison.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// Connects, and opens a read-only transaction that all answers come from. Needs nothing on the server but the right to
/// read. YugabyteDB and other relatives are served too: what they cannot do (cut a table, share a picture) is not
/// asked.
std::unique_ptr<connector::Comparable> make_comparable(const model::ConnectionOptions& options);

}  // namespace voyager::postgresql
