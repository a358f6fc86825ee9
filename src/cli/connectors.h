// The product table: the one place that names products.
#pragma once

#include <string_view>

#include "connector/connector.h"

namespace voyager::cli {

/// Throws Error (kUsage) that names what this release supports.
const connector::ConnectorEntry& source_product(std::string_view type);
const connector::ConnectorEntry& target_product(std::string_view type);
/// What a target is when it does not say that it is its product.
const connector::ConnectorEntry& plain_target_product();

}  // namespace voyager::cli
