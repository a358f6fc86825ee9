// The fake target.
#pragma once

#include <memory>

#include "connector/target.h"
#include "connectors/fake/world.h"

namespace voyager::fake {

std::unique_ptr<connector::Target> make_target(std::shared_ptr<FakeWorld> world, model::Side side);

}  // namespace voyager::fake
