#include "connectors/fake/assessment.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/files.h"

namespace voyager::fake {
namespace {

constexpr const char* kQueries = "db-queries-summary.csv";
constexpr const char* kFinalLoad = "table-index-iops-final.csv";

class Assessment final : public connector::AssessmentSource {
 public:
  Assessment(std::shared_ptr<FakeWorld> world, const model::ConnectionOptions& options)
      : world_(std::move(world)), stop_(options.stop) {
    world_->pass(FakeFault::At::kConnect, model::Side::kSource);
    replica_ = std::ranges::any_of(world_->replicas, [&](const connector::NodeAddress& node) {
      return node.host == options.host && node.port == options.port;
    });
  }

  std::string version_text() override { return "Fake 1.0"; }
  connector::NodeIdentity identity() override { return {.system = world_->system, .replica = replica_}; }
  std::vector<connector::NodeAddress> replicas() override { return world_->replicas; }
  std::vector<model::Finding> check(bool primary) override {
    return primary ? world_->source_findings : std::vector<model::Finding>();
  }
  std::vector<model::Finding> check_queries() override { return world_->query_findings; }

  void gather(const connector::GatherRequest& request, const std::function<void(std::string_view)>& step) override {
    for (const auto& [name, text] : world_->assessment_files) {
      if (name == kQueries && !request.queries) continue;
      step(name);
      if (stop_ != nullptr) {
        if (name == kFinalLoad) (void)base::system_clock().sleep_for(request.load_interval, *stop_);
        base::throw_if_draining(*stop_, "gathering metadata was stopped", "run the same command again");
      }
      world_->pass(FakeFault::At::kRead, model::Side::kSource);
      base::write_file_atomically(request.folder / name, text);
    }
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const base::Stop* const stop_;
  bool replica_ = false;  // Constant after construction.
};

class QueryStatistics final : public connector::QueryStatisticsSource {
 public:
  QueryStatistics(std::shared_ptr<FakeWorld> world, model::Side side) : world_(std::move(world)), side_(side) {
    world_->pass(FakeFault::At::kConnect, side_);
  }

  std::string version_text() override { return "Fake 1.0"; }
  std::vector<model::Finding> check_queries() override { return world_->query_findings; }
  std::vector<model::QueryStatistics> queries() override {
    world_->pass(FakeFault::At::kRead, side_);
    return side_ == model::Side::kSource ? world_->source_queries : world_->target_queries;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const model::Side side_;
};

}  // namespace

std::unique_ptr<connector::AssessmentSource> make_assessment_source(std::shared_ptr<FakeWorld> world,
                                                                    const model::ConnectionOptions& options) {
  return std::make_unique<Assessment>(std::move(world), options);
}

std::unique_ptr<connector::QueryStatisticsSource> make_query_statistics(std::shared_ptr<FakeWorld> world,
                                                                        const model::ConnectionOptions& options) {
  return std::make_unique<QueryStatistics>(std::move(world), options.side);
}

}  // namespace voyager::fake
