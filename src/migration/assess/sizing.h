// Which cluster the source's tables need, and which of them are better kept together on one tablet.
#pragma once

#include <span>
#include <string>

#include "migration/assess/sizing_figures.h"
#include "model/assessment.h"

namespace voyager::migration {

/// `figures` are all tables and indexes of the source, `redundant` the indexes that need not be made. Always answers: a
/// database that fits no cluster comes back with `failure` and the reasons of every candidate. Table names are written
/// schema.table.
model::Sizing size_cluster(std::span<const model::ObjectFigures> figures,
                           std::span<const model::RedundantIndex> redundant, const SizingFigures& data);

}  // namespace voyager::migration
