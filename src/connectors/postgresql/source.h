// PostgreSQL as a source: makers for the interfaces of connector/source.h, and what of them can be tested without a
// server.
#pragma once

#include <memory>
#include <string>

#include "connector/source.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

std::unique_ptr<connector::SourcePreflight> make_source_preflight(const model::ConnectionOptions& options);
std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options);
std::unique_ptr<connector::SnapshotSource> make_snapshot_source(const model::ConnectionOptions& options);

/// The COPY statement that reads `range` of `table`. `open_end`: no upper bound, for the last range of a table.
std::string copy_out_statement(const model::Table& table, const model::Range& range, bool open_end,
                               model::RowFormat format);

/// Takes the file header and the trailer of COPY's binary form away, so that rows alone remain. One for each COPY.
class BinaryStripper {
 public:
  /// `row` is one message of the server, appended to `block` at `start`. True when it held a row.
  bool strip(std::string& block, std::size_t start);

 private:
  bool header_seen_ = false;
};

}  // namespace voyager::postgresql
