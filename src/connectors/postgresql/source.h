// PostgreSQL as a source: makers for the interfaces of connector/source.h, and what of them can be tested without a
// server.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process.h"
#include "connector/source.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

std::unique_ptr<connector::SourcePreflight> make_source_preflight(const model::ConnectionOptions& options);
std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options);
std::unique_ptr<connector::SnapshotSource> make_snapshot_source(const model::ConnectionOptions& options);

/// A pg_dump and its major version; `major` 0 when there is none.
struct DumpProgram {
  std::filesystem::path path = {};
  int major = 0;
};
/// The first pg_dump of PATH when it is at least `major_wanted`, else the newest one in the places where distributions
/// put client programs, else whatever PATH has.
DumpProgram find_pg_dump(int major_wanted);
/// 16 for "pg_dump (PostgreSQL) 16.4 (Debian ...)"; 0 when it is no such text.
int pg_dump_major(std::string_view version_output);
/// What must be there at least to dump a server of `server_major`.
int pg_dump_major_wanted(int server_major);

/// Options that `/etc/yb-voyager/pg_dump-args.ini` adds or replaces: lines `name = value`; true means the bare option,
/// false takes it away. `#` and `;` start comments, `[section]` lines are passed over.
std::vector<std::pair<std::string, std::string>> parse_dump_args(std::string_view ini);

/// The whole call: names quoted as exact patterns, the password only among the child's secrets.
base::ChildCommand dump_command(const model::ConnectionOptions& options, const DumpProgram& program,
                                const std::filesystem::path& file, bool comments,
                                const std::vector<std::pair<std::string, std::string>>& overrides);

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
