// The row of the product table for a world in memory; tests only.
#pragma once

#include <memory>

#include "connector/connector.h"
#include "connectors/fake/world.h"

namespace voyager::connectors {

/// Source and target over one world. Rows travel as text only. There is nothing to compare.
connector::ConnectorEntry fake_entry(const std::shared_ptr<fake::FakeWorld>& world);

}  // namespace voyager::connectors
