// A source's assessment: one connection reads the catalogue, the counters twice, and the rows where that is asked for.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "connectors/mysql/answers.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/data_scan.h"
#include "connectors/mysql/metadata.h"
#include "connectors/mysql/queries.h"
#include "connectors/mysql/source.h"

namespace voyager::mysql {
namespace {

class Assessment final : public connector::AssessmentSource {
 public:
  explicit Assessment(const model::ConnectionOptions& options) : options_(options), connection_(options) {}

  std::string version_text() override { return connection_.version_text(); }
  // A replica is of no use here: what it has its primary has, but for reads, which nobody counts by table.
  connector::NodeIdentity identity() override { return {}; }
  std::vector<connector::NodeAddress> replicas() override { return {}; }
  std::vector<model::Finding> check(bool /*primary*/) override {
    return make_source_preflight(options_)->check_export_schema();
  }
  std::vector<model::Finding> check_queries() override { return {}; }

  void gather(const connector::GatherRequest& request, const std::function<void(std::string_view)>& step) override {
    const auto begin = [&](std::string_view what) {
      end_if_stopped();
      step(what);
    };
    begin("the catalogue");
    const Catalog catalog = read_catalog(connection_, CatalogDepth::kEverything);
    const Conversion conversion = convert(catalog, target_schema(options_));
    const Result sizes = connection_.query(queries::kSizes, "tell sizes");
    DataScanResult scanned;
    if (request.scan) {
      scanned = scan_rows(connection_, conversion, request.scan->rows_max,
                          [&](std::string_view table) { begin(fmt::format("the rows of {}", table)); });
    }
    begin("the load");
    const Result first = load();
    if (first.rows() > 0) {
      base::Stop own;
      const base::Stop& stop = options_.stop == nullptr ? own : *options_.stop;
      (void)base::system_clock().sleep_for(request.load_interval, stop);
    }
    end_if_stopped();
    const Result last = load();
    MetadataInput input{.catalog = catalog,
                        .conversion = conversion,
                        .sizes = sizes,
                        .load_first = first,
                        .load_last = last,
                        .node = request.node,
                        .version_text = connection_.version_text(),
                        .load_interval = request.load_interval.count(),
                        .scanned = request.scan.has_value(),
                        .unfit = std::move(scanned.unfit)};
    if (scanned.tables_cut > 0)
      input.scan_note =
          fmt::format("of {} tables only the first {} rows were read", scanned.tables_cut, request.scan->rows_max);
    write_metadata(input, request.folder);
  }

 private:
  Result load() { return connection_.try_query(queries::kLoad, "tell the load").value_or(Result()); }

  void end_if_stopped() const {
    if (options_.stop != nullptr)
      base::throw_if_draining(*options_.stop, "gathering metadata was stopped", "run the same command again");
  }

  const model::ConnectionOptions options_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<connector::AssessmentSource> make_assessment_source(const model::ConnectionOptions& options) {
  return std::make_unique<Assessment>(options);
}

connector::WrittenSchema complete_metadata(const std::filesystem::path& gathered, const std::filesystem::path& metadata,
                                           const model::ConnectionOptions& options) {
  const std::filesystem::path node = gathered / "node-primary";
  const auto answers = answers_of(node);
  Catalog catalog = read_catalog(*answers, CatalogDepth::kEverything);
  catalog.type_rules = options.type_rules;
  Conversion conversion = convert(catalog, target_schema(options));
  const Result sizes = answers->ask(queries::kSizes, "tell sizes");
  const auto load = [&](const char* file) {
    const std::filesystem::path path = node / file;
    if (!std::filesystem::exists(path)) return Result();
    auto found = parse_client_xml(base::read_file(path));
    return found && !found->empty() ? Result(std::move(found->front().rows)) : Result();
  };
  const Result first = load("load_initial.xml");
  const Result last = load("load_final.xml");
  std::int64_t interval = 0;
  if (const std::filesystem::path file = node / "interval"; std::filesystem::exists(file))
    interval = std::atoll(base::read_file(file).c_str());
  std::filesystem::create_directories(metadata / "node-primary");
  write_metadata({.catalog = catalog,
                  .conversion = conversion,
                  .sizes = sizes,
                  .load_first = first,
                  .load_last = last,
                  .node = "primary",
                  .version_text = answers->version_text(),
                  .load_interval = interval},
                 metadata / "node-primary");
  return written_schema(std::move(conversion.written));
}

}  // namespace voyager::mysql
