// The product table of the program that is simulated.
#pragma once

#include <memory>

#include "connectors/fake/world.h"

namespace voyager::simulation {

/// The databases that every connection of this program goes to.
void connect_to(std::shared_ptr<fake::FakeWorld> world);

}  // namespace voyager::simulation
