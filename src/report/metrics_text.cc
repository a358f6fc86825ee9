#include "report/metrics_text.h"

#include <fmt/format.h>

namespace voyager::report {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

const char* word(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "untyped";
}

void append(std::string& out, const MetricLabels& labels) {
  for (const auto& [name, value] : labels)
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, escaped(value));
}

}  // namespace

void MetricsText::add(std::string_view name, MetricType type, std::string_view help, const MetricLabels& labels,
                      double value) {
  family(name, type, help).samples += fmt::format("{}{{{}}} {}\n", name, labelled(labels), value);
}

void MetricsText::add_histogram(std::string_view name, std::string_view help, const MetricLabels& labels,
                                std::span<const std::uint64_t> limits, std::span<const std::uint64_t> counts,
                                std::uint64_t count, std::uint64_t sum) {
  std::string& out = family(name, MetricType::kHistogram, help).samples;
  const std::string all = labelled(labels);
  std::uint64_t at_most = 0;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    at_most += counts[i];
    out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, all, limits[i], at_most);
  }
  out += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", name, all, count);
  out += fmt::format("{0}_sum{{{1}}} {2}\n{0}_count{{{1}}} {3}\n", name, all, sum, count);
}

MetricsText::Family& MetricsText::family(std::string_view name, MetricType type, std::string_view help) {
  Family& family = families_[std::string(name)];
  family.type = type;
  family.help = help;
  return family;
}

std::string MetricsText::labelled(const MetricLabels& labels) const {
  std::string all;
  append(all, common_);
  append(all, labels);
  return all;
}

std::string MetricsText::text() const {
  std::string out;
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n{}", name, family.help, name, word(family.type), family.samples);
  }
  return out;
}

}  // namespace voyager::report
