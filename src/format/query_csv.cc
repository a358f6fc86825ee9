#include "format/query_csv.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "format/numbers.h"

namespace voyager::format {
namespace {

// The names of each field; the second one was used before PostgreSQL 13.
enum Field : std::size_t { kId, kQuery, kCalls, kRows, kTotal, kMean, kMin, kMax, kDeviation, kFieldCount };
struct Name {
  std::string_view now = {};
  std::string_view before = {};
  bool needed = false;
};
constexpr std::array<Name, kFieldCount> kNames = {{
    {"queryid", "", true},
    {"query", "", true},
    {"calls", "", true},
    {"rows", ""},
    {"total_exec_time", "total_time", true},
    {"mean_exec_time", "mean_time"},
    {"min_exec_time", "min_time"},
    {"max_exec_time", "max_time"},
    {"stddev_exec_time", "stddev_time"},
}};

using Values = std::array<std::string, kFieldCount>;

// A missing key, a null and an empty text are the same: not known.
Values values_of_json(const CsvReader& csv, std::string_view text) {
  const nlohmann::json row = nlohmann::json::parse(text, nullptr, false);
  if (!row.is_object()) csv.fail("the column pgss_data holds no JSON object");
  Values values;
  for (std::size_t field = 0; field < kFieldCount; ++field) {
    auto value = row.find(kNames[field].now);
    if (value == row.end()) value = row.find(kNames[field].before);
    if (value == row.end() || value->is_null()) continue;
    values[field] = value->is_string() ? value->get<std::string>() : value->dump();
  }
  return values;
}

double real_of(const CsvReader& csv, const Values& values, Field field) {
  if (values[field].empty()) return 0;
  const std::optional<double> value = read_real(values[field]);
  if (!value) csv.fail(fmt::format("\"{}\" of {} is not a number", values[field], kNames[field].now));
  return *value;
}

std::int64_t integer_of(const CsvReader& csv, const Values& values, Field field) {
  if (values[field].empty()) return 0;
  const std::optional<std::int64_t> value = read_integer(values[field]);
  if (!value) csv.fail(fmt::format("\"{}\" of {} is not an integer", values[field], kNames[field].now));
  return *value;
}

}  // namespace

QueryCsv::QueryCsv(CsvReader& csv) : csv_(csv), json_column_(csv.column("pgss_data")) {
  if (json_column_) return;
  for (const Name& name : kNames) {
    std::optional<std::size_t> column = csv.column(name.now);
    if (!column && !name.before.empty()) column = csv.column(name.before);
    if (!column && name.needed)
      csv.fail(fmt::format("the header has neither the column pgss_data nor the column {}", name.now));
    columns_.push_back(column);
  }
}

std::optional<model::QueryStatistics> QueryCsv::read() {
  Values values;
  if (json_column_) {
    values = values_of_json(csv_, csv_.values()[*json_column_].text);
  } else {
    for (std::size_t field = 0; field < kFieldCount; ++field)
      if (columns_[field]) values[field] = csv_.values()[*columns_[field]].text;
  }
  model::QueryStatistics query{.id = values[kId],
                               .query = values[kQuery],
                               .calls = integer_of(csv_, values, kCalls),
                               .rows = integer_of(csv_, values, kRows),
                               .total_ms = real_of(csv_, values, kTotal),
                               .mean_ms = real_of(csv_, values, kMean),
                               .min_ms = real_of(csv_, values, kMin),
                               .max_ms = real_of(csv_, values, kMax),
                               .stddev_ms = real_of(csv_, values, kDeviation)};
  if (query.id.empty() || query.query.empty() || query.calls <= 0) return std::nullopt;
  return query;
}

}  // namespace voyager::format
