// What the bookkeeping of a PostgreSQL database says has arrived there.
#pragma once

#include <memory>
#include <string>

#include "connector/changes.h"
#include "model/connection.h"

namespace voyager::postgresql {

std::unique_ptr<connector::ImportedCounts> make_imported_counts(const model::ConnectionOptions& options,
                                                                const std::string& migration);

}  // namespace voyager::postgresql
