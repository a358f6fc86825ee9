// The Schema Optimization Report of export schema.
#pragma once

#include <cstddef>
#include <string>

#include "model/schema_optimization.h"

namespace voyager::report {

/// Documented keys (docs/reference/optimization-report.md).
std::string optimization_json(const model::SchemaOptimization& optimization);
std::string optimization_html(const model::SchemaOptimization& optimization);
/// One numbered line for each kind of change.
std::string optimization_summary(const model::SchemaOptimization& optimization);

/// How many indexes, sharded objects or tables a kind of change touches.
std::size_t objects_of(const model::Optimization& one);

}  // namespace voyager::report
