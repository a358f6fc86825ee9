// Capture and apply of the databases in memory.
#pragma once

#include <memory>
#include <string>

#include "connector/changes.h"
#include "connectors/fake/world.h"

namespace voyager::fake {

std::unique_ptr<connector::CaptureSetup> make_capture_setup(std::shared_ptr<FakeWorld> world, model::Side side,
                                                            std::string migration);
/// The options' side and stop count.
std::unique_ptr<connector::ChangeSource> make_change_source(std::shared_ptr<FakeWorld> world,
                                                            const model::ConnectionOptions& options,
                                                            std::string migration);
std::unique_ptr<connector::ChangeTarget> make_change_target(std::shared_ptr<FakeWorld> world, model::Side side,
                                                            std::string migration);
std::unique_ptr<connector::ImportedCounts> make_imported_counts(std::shared_ptr<FakeWorld> world, model::Side side,
                                                                std::string migration);

}  // namespace voyager::fake
