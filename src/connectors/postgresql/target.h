// PostgreSQL as a target: makers for the interfaces of connector/target.h. A relative (yugabytedb) adds what it needs
// through Flavour instead of repeating them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "connector/target.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

/// What a relative of PostgreSQL does differently when rows and statements are sent. The defaults are PostgreSQL's own.
struct Flavour {
  Connection::Extras connection = {};
  /// Sent one by one when a loader's connection opens; one that the server refuses is skipped and noted in the log.
  std::vector<std::string> loader_settings = {};
  /// COPY ... WITH (ROWS_PER_TRANSACTION n) is understood: the batch must be one transaction.
  bool rows_per_transaction = false;
  /// Commits may return before they are on disk; `flush` makes up for it.
  bool asynchronous_commit = true;
  /// LOCK TABLE ... ACCESS EXCLUSIVE is understood.
  bool table_locks = true;
  /// A key may be dropped during a load and added afterwards at little cost.
  bool rebuilds_keys = true;
};

std::unique_ptr<connector::TargetPreflight> make_target_preflight(const model::ConnectionOptions& options,
                                                                  const Flavour& flavour);
std::unique_ptr<connector::SchemaTarget> make_schema_target(const model::ConnectionOptions& options,
                                                            const Flavour& flavour);
std::unique_ptr<connector::ImportAdmin> make_import_admin(const model::ConnectionOptions& options,
                                                          const Flavour& flavour, const std::string& migration);
std::unique_ptr<connector::SnapshotTarget> make_snapshot_target(const model::ConnectionOptions& options,
                                                                const Flavour& flavour, const std::string& migration,
                                                                const connector::Fence& fence);
std::unique_ptr<connector::Target> make_target(const model::ConnectionOptions& options);

/// Calls `open(i)` for i from `first` on round `count` nodes until one can be reached; throws what the last one said.
template <typename Open>
auto open_first_reachable(std::size_t first, std::size_t count, Open&& open) {
  for (std::size_t tried = 1;; ++tried) {
    try {
      return open((first + tried - 1) % count);
    } catch (const base::Error& error) {
      // A refused login is refused everywhere, a node that is down is not.
      if (!error.info().connection_lost || error.info().retry == base::Retry::kNever || tried >= count) throw;
      base::log_warn(std::string("trying another node: ") + error.what());
    }
  }
}

/// The options of one node: host and port of "host[:port]" (or "[v6]:port") instead of the user's.
model::ConnectionOptions at_endpoint(model::ConnectionOptions options, const std::string& endpoint);

/// True when this user may switch triggers and foreign keys off for a session: tried for real, then rolled back.
bool can_disable_triggers(Connection& connection);

/// For connector::TargetPreflight::check_database.
std::vector<model::Finding> check_database(Connection& connection, const connector::DatabaseForm& source);

/// Checks that hold for PostgreSQL and its relatives alike.
void check_create_rights(Connection& connection, const std::vector<model::Identifier>& schemas,
                         std::vector<model::Finding>& out);
void check_table_rights(Connection& connection, const std::vector<model::Table>& tables, bool empties,
                        std::vector<model::Finding>& out);
/// Why TRUNCATE of the tables is refused, and what to do.
std::vector<model::Finding> emptying_blockers(Connection& connection, const std::vector<model::TableName>& names);

// --- pure parts, for tests -------------------------------------------------------------------------------------------

/// COPY ... FROM STDIN. `destination` is the table of the rows or a staging table.
struct CopyInText {
  std::string destination = {};  ///< Quoted.
  bool rows_per_transaction = false;
  bool raw_bytes = false;  ///< The target's database knows no encoding.
};
std::string copy_in_statement(const connector::BatchRequest& request, const CopyInText& text);
/// INSERT of the batch's bookkeeping rows; `literal` quotes a value.
/// With the fence of a run that another one has taken over it breaks the table's NOT NULL; else nobody can take it over
/// until the transaction has ended.
std::string bookkeeping_insert(const connector::BatchRequest& request, const std::string& migration,
                               const connector::Fence& fence,
                               const std::function<std::string(std::string_view)>& literal);

/// The 0-based row that an error's CONTEXT names: "COPY <table>, line 7, column a: ..." gives 6. `table` is the
/// unquoted name of the destination.
std::optional<std::uint64_t> row_of_context(std::string_view context, std::string_view table);

/// True when a refusal while rows are taken speaks of a row and not of the server or the table.
bool blames_row(std::string_view sqlstate);

/// The name that CREATE INDEX or ADD CONSTRAINT in `sql` gives, unquoted; empty when it gives none.
std::string built_name(std::string_view sql);

/// Sorts a refusal of a schema statement.
connector::StatementFault statement_fault(const ServerFault& fault, std::string_view sql);

}  // namespace voyager::postgresql
