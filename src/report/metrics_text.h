// Metrics in Prometheus' text form.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voyager::report {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

using MetricLabels = std::vector<std::pair<std::string_view, std::string>>;

/// Collects samples; those of one metric stand together, whoever adds them.
class MetricsText {
 public:
  /// `common` labels stand before those of each sample.
  explicit MetricsText(MetricLabels common) : common_(std::move(common)) {}
  void add(std::string_view name, MetricType type, std::string_view help, const MetricLabels& labels, double value);
  /// `counts` by limit, of the values that are at most so large and larger than the limit before; `count` of all.
  void add_histogram(std::string_view name, std::string_view help, const MetricLabels& labels,
                     std::span<const std::uint64_t> limits, std::span<const std::uint64_t> counts, std::uint64_t count,
                     std::uint64_t sum);
  /// Version 0.0.4 of the form.
  std::string text() const;

 private:
  struct Family;
  Family& family(std::string_view name, MetricType type, std::string_view help);
  std::string labelled(const MetricLabels& labels) const;

  struct Family {
    MetricType type = MetricType::kGauge;
    std::string help = {};
    std::string samples = {};
  };
  const MetricLabels common_;
  std::map<std::string, Family, std::less<>> families_ = {};
};

}  // namespace voyager::report
