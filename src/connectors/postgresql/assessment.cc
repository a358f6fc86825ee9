#include "connectors/postgresql/assessment.h"

#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "connectors/postgresql/assessment_checks.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/gather/queries.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/query_statistics.h"

namespace voyager::postgresql {
namespace {

constexpr int kReplicaPort = 5432;  // The primary knows where a replica connected from, not where it listens.
constexpr std::size_t kWritePiece = 256 * 1024;

struct Step {
  std::string_view file = {};
  std::string_view sql = {};
};

constexpr Step kQueries = {"db-queries-summary.csv", gather::kDbQueriesSummary};
constexpr std::array<Step, 9> kCatalogue = {{
    {"column_statistics.csv", gather::kColumnStatistics},
    {"index-to-table-mapping.csv", gather::kIndexToTableMapping},
    {"object-type-mapping.csv", gather::kObjectTypeMapping},
    {"redundant-indexes.csv", gather::kRedundantIndexes},
    {"table-columns-count.csv", gather::kTableColumnsCount},
    {"table-columns-data-types.csv", gather::kTableColumnsDataTypes},
    {"table-index-sizes.csv", gather::kTableIndexSizes},
    {"table-index-usage-stats.csv", gather::kTableIndexUsageStats},
    {"table-row-counts.csv", gather::kTableRowCounts},
}};

// A file that nobody takes for whole before it is.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path path)
      : path_(std::move(path)), partial_(path_.string() + ".partial"), file_(base::File::create(partial_)) {}
  ~PartialFile() {
    std::error_code ignored;
    std::filesystem::remove(partial_, ignored);  // Nothing there once it has its name.
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void write(std::string_view bytes) { file_.write(bytes); }
  void finish() {
    file_.sync();
    file_.close();
    base::rename_durably(partial_, path_);
  }

 private:
  const std::filesystem::path path_;
  const std::filesystem::path partial_;
  base::File file_;
};

class Assessment final : public connector::AssessmentSource {
 public:
  explicit Assessment(const model::ConnectionOptions& options)
      : options_(options),
        stop_(options.stop),
        connection_(options, {.give_up = Connection::GiveUp::kWhenDraining}),
        schemas_(effective_schemas(connection_, options.schemas)) {}

  std::string version_text() override { return postgresql::version_text(connection_); }
  connector::NodeIdentity identity() override;
  std::vector<connector::NodeAddress> replicas() override;
  std::vector<model::Finding> check(bool primary) override {
    return check_assessment(connection_, options_, schemas_, primary);
  }
  std::vector<model::Finding> check_queries() override { return check_query_statistics(connection_); }
  void gather(const connector::GatherRequest& request, const std::function<void(std::string_view)>& step) override;

 private:
  void write(const connector::GatherRequest& request, const Step& step);
  void write_load(const connector::GatherRequest& request, const std::function<void(std::string_view)>& step);
  void end_if_stopped() const;

  const model::ConnectionOptions options_;
  const base::Stop* const stop_;
  Connection connection_;
  const std::vector<model::Identifier> schemas_;
};

connector::NodeIdentity Assessment::identity() {
  connector::NodeIdentity out;
  out.replica = connection_.query(queries::kInRecovery, "tell whether it is a replica").boolean(0, 0);
  const std::optional<Result> system = connection_.try_query(queries::kSystemIdentifier, {}, "tell who it is");
  if (system && system->rows() > 0) out.system = system->string(0, 0);
  return out;
}

std::vector<connector::NodeAddress> Assessment::replicas() {
  const Result rows = connection_.query(queries::kReplicas, "list its replicas");
  std::vector<connector::NodeAddress> out;
  for (int row = 0; row < rows.rows(); ++row) {
    // Without an address the replica came through a socket: it is on the primary's machine.
    out.push_back({.host = rows.text(row, 0).empty() ? options_.host : rows.string(row, 0), .port = kReplicaPort});
  }
  return out;
}

void Assessment::end_if_stopped() const {
  if (stop_ != nullptr) base::throw_if_draining(*stop_, "gathering metadata was stopped", "run the same command again");
}

void Assessment::gather(const connector::GatherRequest& request, const std::function<void(std::string_view)>& step) {
  try {
    connection_.query(queries::kGatherParameters,
                      {array_literal(schemas_), request.node, std::to_string(request.load_interval.count())},
                      "set up the session");
    connection_.run(std::string(gather::kSession), "set up the session");
    const auto run = [&](const Step& one) {
      end_if_stopped();
      step(one.file);
      write(request, one);
    };
    if (request.queries) run(kQueries);
    for (const Step& one : kCatalogue) run(one);
    // Last, so that everything else that may fail has not waited for the pause between the readings.
    write_load(request, step);
    const Result facts = connection_.query(gather::kGathered, "describe itself");
    base::write_file_atomically(request.folder / "gathered.json", facts.string(0, 0) + "\n");
  } catch (const base::Error&) {
    // The server's "canceling statement" is our own doing then.
    end_if_stopped();
    throw;
  }
}

void Assessment::write_load(const connector::GatherRequest& request,
                            const std::function<void(std::string_view)>& step) {
  constexpr std::array<std::pair<const char*, std::string_view>, 2> kReadings = {
      {{"initial", "table-index-iops-initial.csv"}, {"final", "table-index-iops-final.csv"}}};
  for (const auto& [measurement, file] : kReadings) {
    step(file);
    if (std::string_view(measurement) == "final") (void)connection_.pause(request.load_interval);
    end_if_stopped();
    connection_.query(queries::kGatherMeasurement, {measurement}, "set up the session");
    write(request, {file, gather::kTableIndexIops});
  }
}

// Rows go to the file as they come: a catalogue of any size takes no memory.
void Assessment::write(const connector::GatherRequest& request, const Step& step) {
  PartialFile file(request.folder / step.file);
  const std::string what = fmt::format("gather {}", step.file);
  connection_.copy_out(std::string(step.sql), what);
  std::string bytes;
  while (connection_.copy_out_row(bytes)) {
    if (bytes.size() < kWritePiece) continue;
    file.write(bytes);
    bytes.clear();
  }
  file.write(bytes);
  file.finish();
}

}  // namespace

std::unique_ptr<connector::AssessmentSource> make_assessment_source(const model::ConnectionOptions& options) {
  return std::make_unique<Assessment>(options);
}

}  // namespace voyager::postgresql
