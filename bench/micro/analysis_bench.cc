// Parsing, walking and checking statements by all detectors. What must hold: 10,000 CREATE TABLE in under 0.5 s on one
// core, and under 100 MB.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <string>

#include "analysis/analyzer.h"

namespace {

using namespace voyager;

/// About 530 bytes each: eleven columns, a key, a check, and a foreign key in every third.
std::string tables(int count) {
  std::string sql;
  for (int i = 0; i < count; ++i) {
    sql += fmt::format(
        "CREATE TABLE public.table_{0} (\n    id bigint NOT NULL,\n    customer_id integer NOT NULL,\n    name "
        "character varying(100) NOT NULL,\n"
        "    description text,\n    price numeric(10,2) DEFAULT 0.00,\n    created_at timestamp with time zone DEFAULT "
        "now() NOT NULL,\n"
        "    updated_at timestamp with time zone,\n    is_active boolean DEFAULT true,\n    tags text[],\n    data "
        "jsonb,\n    code uuid,\n"
        "    CONSTRAINT table_{0}_pkey PRIMARY KEY (id),\n    CONSTRAINT table_{0}_price CHECK ((price >= "
        "(0)::numeric))",
        i);
    if (i % 3 == 0)
      sql += fmt::format(",\n    CONSTRAINT table_{0}_fk FOREIGN KEY (customer_id) REFERENCES public.table_{1}(id)", i,
                         i / 2);
    sql += "\n);\n\n";
  }
  return sql;
}

void run(benchmark::State& state, bool assessment) {
  const auto count = static_cast<int>(state.range(0));
  const std::string sql = tables(count);
  const analysis::SchemaText text{.object_type = "TABLE", .text = sql};
  const analysis::Options options{.target = analysis::parse_version("2.18.0.0"), .assessment = assessment};
  std::size_t found = 0;
  for (auto _ : state) {
    found = analysis::analyze(std::span(&text, 1), options).findings.size();
    benchmark::DoNotOptimize(found);
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  state.counters["statements/s"] = benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["findings"] = static_cast<double>(found);
  state.counters["peak MB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

void analyze_tables(benchmark::State& state) {
  run(state, false);
}
void assess_tables(benchmark::State& state) {
  run(state, true);
}
// Wall time: the work is done on a thread of its own.
BENCHMARK(analyze_tables)->Arg(10'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(assess_tables)->Arg(10'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
