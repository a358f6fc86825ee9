// MySQL and MariaDB as a source: makers for the interfaces of connector/source.h.
#pragma once

#include <filesystem>
#include <memory>

#include "connector/assessment.h"
#include "connector/comparison.h"
#include "connector/source.h"
#include "model/connection.h"
#include "model/identifier.h"

namespace voyager::mysql {

std::unique_ptr<connector::SourcePreflight> make_source_preflight(const model::ConnectionOptions& options);
std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options);
std::unique_ptr<connector::SnapshotSource> make_snapshot_source(const model::ConnectionOptions& options);
std::unique_ptr<connector::AssessmentSource> make_assessment_source(const model::ConnectionOptions& options);
/// connector::ConnectorEntry::complete_metadata
connector::WrittenSchema complete_metadata(const std::filesystem::path& gathered,
                                           const std::filesystem::path& metadata,
                                           const model::ConnectionOptions& options);
std::unique_ptr<connector::Comparable> make_comparable(const model::ConnectionOptions& options);

/// The target's schema that the database becomes: the options' only one, else public.
model::Identifier target_schema(const model::ConnectionOptions& options);

}  // namespace voyager::mysql
