// The fake source.
#pragma once

#include <memory>

#include "connector/source.h"
#include "connectors/fake/world.h"

namespace voyager::fake {

std::unique_ptr<connector::SourcePreflight> make_source_preflight(std::shared_ptr<FakeWorld> world);
std::unique_ptr<connector::SchemaSource> make_schema_source(std::shared_ptr<FakeWorld> world);
std::unique_ptr<connector::SnapshotSource> make_snapshot_source(std::shared_ptr<FakeWorld> world);

}  // namespace voyager::fake
