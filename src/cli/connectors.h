// The product table: the one place that names products.
#pragma once

#include <string_view>

#include "connector/connector.h"

namespace voyager::cli {

/// Throws Error (kUsage) that names what this release supports.
const connector::ConnectorEntry& source_product(std::string_view type);
const connector::ConnectorEntry& target_product(std::string_view type);
/// True for a source whose database becomes one schema of the target's, and that has no --source-db-schema.
bool has_one_schema(std::string_view source_type);
/// What a target is when it does not say that it is its product.
const connector::ConnectorEntry& plain_target_product();

}  // namespace voyager::cli
