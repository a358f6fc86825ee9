// How far a capture is, seen from outside, and what rows the source has.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/queries.h"
#include "connectors/mysql/server_log.h"
#include "connectors/mysql/source.h"
#include "connectors/mysql/source_changes.h"

namespace voyager::mysql {
namespace {

class Watch final : public connector::CaptureWatch {
 public:
  Watch(const model::ConnectionOptions& options, std::filesystem::path folder)
      : connection_(options), folder_(std::move(folder)) {}

  model::Position end_of_log() override {
    BinlogPlace end = mysql::end_of_log(connection_);
    const BinlogPlace confirmed = confirmed_place(folder_);
    if (confirmed.server == end.server) end.file |= confirmed.logs_before();
    return end.position();
  }

  // What a capture of another server has done tells nothing of this one.
  bool captured(const model::Position& place) override {
    const BinlogPlace confirmed = confirmed_place(folder_), wanted = BinlogPlace::of(place);
    return confirmed.server == wanted.server && confirmed.reaches(wanted);
  }

  connector::SourceLag lag() override {
    const BinlogPlace place = confirmed_place(folder_);
    const auto files = log_files(connection_);
    if (!files || place.number() == 0) return {};
    if (!place.server.empty() && place.server != server_name(connection_)) return {};
    const auto behind = bytes_behind(*files, place);
    return {.behind_bytes = behind.value_or(0), .lost = !behind.has_value()};
  }

  std::vector<model::Finding> open_transactions() override {
    std::vector<model::Finding> out;
    const auto rows = connection_.try_query(queries::kOpenTransactions, "look for open transactions");
    for (int row = 0; rows && row < rows->rows(); ++row) {
      const std::string thread = rows->string(row, 0);
      out.push_back({.note = true,
                     .title = fmt::format("the transaction of connection {} is open", thread),
                     .cause = fmt::format("it is open for {} s (user {})", rows->number(row, 1), rows->string(row, 2)),
                     .fix = {fmt::format("wait for it, or KILL {};", thread)}});
    }
    const auto prepared = connection_.try_query("XA RECOVER", "look for transactions that are prepared");
    if (prepared && prepared->rows() > 0) {
      out.push_back({.note = true,
                     .title = fmt::format("{} XA transactions are prepared", prepared->rows()),
                     .cause = "whether they are committed is not known yet, and a cutover waits for it",
                     .fix = {"XA RECOVER; lists them, then XA COMMIT or XA ROLLBACK each"}});
    }
    return out;
  }

  std::string display(const model::Position& place) override { return BinlogPlace::of(place).text(); }

 private:
  Connection connection_;
  const std::filesystem::path folder_;
};

class SourceCounts final : public connector::ImportedCounts {
 public:
  explicit SourceCounts(const model::ConnectionOptions& options) : options_(options), connection_(options) {}

  std::vector<connector::ImportedTable> imported() override { return {}; }
  std::int64_t applied() override { return 0; }
  std::map<model::TableName, std::uint64_t> count(const std::vector<model::TableName>& tables) override {
    const Conversion conversion = convert(read_catalog(connection_, CatalogDepth::kTables), target_schema(options_));
    std::map<model::TableName, std::uint64_t> out;
    connection_.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", "count rows");
    const std::set<model::TableName> wanted(tables.begin(), tables.end());
    for (const ConvertedTable& one : conversion.tables) {
      if (!wanted.contains(one.table.name)) continue;
      out[one.table.name] =
          connection_.query("SELECT count(*) FROM " + quoted_name(one.source_name), "count rows").number(0, 0);
    }
    connection_.run("COMMIT", "count rows");
    return out;
  }

 private:
  const model::ConnectionOptions options_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<connector::CaptureWatch> make_capture_watch(const model::ConnectionOptions& options,
                                                            const std::string& /*migration*/,
                                                            const std::filesystem::path& folder) {
  return std::make_unique<Watch>(options, folder);
}

std::unique_ptr<connector::ImportedCounts> make_source_counts(const model::ConnectionOptions& options,
                                                              const std::string& /*migration*/) {
  return std::make_unique<SourceCounts>(options);
}

}  // namespace voyager::mysql
