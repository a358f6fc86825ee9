// What users of the migrated databases do: transactions from a seed.
#pragma once

#include <string>
#include <vector>

#include "connectors/fake/world.h"

namespace voyager::simulation {

/// Makes the tables on all sides, some rows of them on the source, and the sequence that ids come from.
void make_tables(fake::FakeWorld& world);

/// One transaction: rows come, change, go, change their keys and hand over unique values; tables are emptied.
void write_something(fake::FakeWorld& world, model::Side side);

/// What of the two sides is not the same; empty: nothing.
std::string difference(fake::FakeWorld& world, model::Side one, model::Side other);

}  // namespace voyager::simulation
