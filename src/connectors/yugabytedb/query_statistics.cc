#include "connectors/yugabytedb/query_statistics.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/query_statistics.h"
#include "connectors/yugabytedb/cluster.h"
#include "connectors/yugabytedb/target.h"

namespace voyager::yugabytedb {
namespace {

using postgresql::Connection;

class QueryStatistics final : public connector::QueryStatisticsSource {
 public:
  explicit QueryStatistics(const model::ConnectionOptions& options)
      : options_(with_defaults(options)), connection_(options_, connection_extras()) {
    version_text_ = product_version(connection_.query("SELECT version()", "tell its version").string(0, 0));
    endpoints_ = query_endpoints(options_, nodes_of(connection_));
    base::log_info("queries are read from " + base::join(endpoints_, ", "));
  }

  std::string version_text() override { return version_text_; }
  std::vector<model::Finding> check_queries() override { return postgresql::check_query_statistics(connection_); }
  std::vector<model::QueryStatistics> queries() override;

 private:
  const model::ConnectionOptions options_;
  Connection connection_;
  std::string version_text_;            // Constant after construction.
  std::vector<std::string> endpoints_;  // Constant after construction.
};

// A node that does not answer fails the whole: its share of the calls would be missing without a word.
std::vector<model::QueryStatistics> QueryStatistics::queries() {
  std::vector<model::QueryStatistics> all;
  for (const std::string& endpoint : endpoints_) {
    if (options_.stop != nullptr)
      base::throw_if_draining(*options_.stop, "reading the queries was stopped", "run the same command again");
    Connection node(postgresql::at_endpoint(options_, endpoint), connection_extras());
    std::vector<model::QueryStatistics> own = postgresql::read_query_statistics(node);
    all.insert(all.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  }
  return model::merge_by_text(std::move(all));
}

}  // namespace

std::unique_ptr<connector::QueryStatisticsSource> make_query_statistics(const model::ConnectionOptions& options) {
  return std::make_unique<QueryStatistics>(options);
}

}  // namespace voyager::yugabytedb
