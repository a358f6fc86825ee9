// A segment of the queue as the documented JSON lines.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace voyager::migration {

/// One line a change, in order, with the documented keys: vsn, op (c, u, d; t of a truncation; of a control its text),
/// schema_name, table_name, partition_schema_name and partition_table_name of a partition, key, fields, before_fields,
/// event_id (transaction, place in it), exporter_role. Values are PostgreSQL's text or null; of an update only what is
/// set stands in `fields`. Throws Error (DIR-006) for damage, after the lines before it.
void segment_as_json(const std::filesystem::path& segment, const std::function<void(const std::string&)>& line);

}  // namespace voyager::migration
