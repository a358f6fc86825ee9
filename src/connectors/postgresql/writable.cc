#include "connectors/postgresql/writable.h"

#include <fmt/format.h>

namespace voyager::postgresql {

void check_writable(Connection& connection, const model::ConnectionOptions& options, std::vector<model::Finding>& out) {
  const Result row = connection.query(
      "SELECT current_setting('transaction_read_only') = 'on', pg_catalog.pg_is_in_recovery()", "look at the server");
  if (!row.boolean(0, 0)) return;
  const bool standby = row.boolean(0, 1);
  const char* side = options.side == model::Side::kTarget ? "target" : "source";
  // What is said of a role in a database stands above what is said of either.
  const std::string mend = fmt::format("ALTER ROLE {} IN DATABASE {} SET default_transaction_read_only TO off;",
                                       model::quoted(model::Identifier(connection.user())),
                                       model::quoted(model::Identifier(options.database)));
  out.push_back({.fatal = true,
                 .title = fmt::format("the {} takes no writes", side),
                 .cause = standby ? "it is a standby" : "default_transaction_read_only is on for this session",
                 .fix = {standby ? fmt::format("give the primary as --{}-db-host", side) : mend}});
}

}  // namespace voyager::postgresql
