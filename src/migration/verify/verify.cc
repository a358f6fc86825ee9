#include "migration/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "base/error.h"
#include "migration/verify/object_compare.h"
#include "migration/verify/row_compare.h"

namespace voyager::migration {
namespace {

using connector::Comparable;

struct Pictures {
  std::unique_ptr<Comparable> source = {};
  std::unique_ptr<Comparable> target = {};
};

std::unique_ptr<Comparable> open(const connector::ConnectorEntry& product, const model::ConnectionOptions& options) {
  if (!product.comparable) {
    base::fail(base::ExitCode::kUsage, fmt::format("verify cannot read {}", product.product));
  }
  return product.comparable(options);
}

void fail_when_draining(const base::Stop& stop) {
  if (!stop.draining()) return;
  throw base::Error({.exit = stop.signal_number() == 15 ? base::ExitCode::kTerminated : base::ExitCode::kInterrupted,
                     .title = "verify was stopped before it had compared everything",
                     .then = "run the same command again; it changes nothing and starts from the beginning"});
}

void set_intended_apart(const VerifyOptions& options, VerifyReport& report) {
  const auto is_difference = [&](const ObjectDifference& one) {
    if (one.kind != ObjectDifference::Kind::kMissingOnTarget) return true;
    if (one.object_kind == "index") return !options.indexes_left_out.contains(one.name);
    // The parameter stands behind the name of what has it.
    return one.object_kind != "storage parameter" ||
           !options.options_left_out.contains(one.name.substr(one.name.rfind(' ') + 1));
  };
  const auto intended = std::ranges::stable_partition(report.objects, is_difference);
  std::ranges::move(intended, std::back_inserter(report.intended));
  report.objects.erase(intended.begin(), intended.end());
}

void compare_all_objects(const Pictures& pictures, const VerifyOptions& options, VerifyReport& report) {
  ObjectComparison comparison =
      compare_objects(pictures.source->objects(options.schemas), pictures.target->objects(options.schemas));
  report.objects = std::move(comparison.differences);
  report.objects_compared = comparison.compared;
  for (ObjectDifference& difference : compare_sequence_values(pictures.source->sequences(options.schemas),
                                                              pictures.target->sequences(options.schemas))) {
    report.objects.push_back(std::move(difference));
  }
  set_intended_apart(options, report);
}

// Rows are compared at the root: where a row lies inside a table is an object's matter.
std::vector<model::Table> without_leaves(std::vector<model::Table> tables) {
  std::erase_if(tables, [](const model::Table& table) { return table.kind == model::TableKind::kLeafPartition; });
  return tables;
}

std::vector<model::Table> tables_in_scope(Comparable& side, const VerifyOptions& options) {
  const std::vector<model::Table> all = side.tables(options.schemas);
  const model::Identifier first = options.schemas.empty() ? model::Identifier("public") : options.schemas.front();
  return without_leaves(model::select_tables(all, options.tables, first));
}

struct Pairing {
  std::vector<TablePair> pairs = {};
  std::vector<TableVerdict> without_pair = {};
};

Pairing pair_all(const std::vector<model::Table>& source, const std::vector<model::Table>& target,
                 const VerifyOptions& options) {
  std::map<model::TableName, const model::Table*> on_target;
  for (const model::Table& table : target) on_target[table.name] = &table;
  Pairing out;
  for (const model::Table& table : source) {
    const auto other = on_target.find(table.name);
    if (other == on_target.end()) {
      out.without_pair.push_back({.table = table.name, .error = "the table is missing on the target"});
      continue;
    }
    out.pairs.push_back(pair_tables(table, *other->second));
    on_target.erase(other);
  }
  const bool all_tables = options.tables.include.empty() && options.tables.exclude.empty();
  if (!all_tables) return out;
  for (const auto& [name, table] : on_target) {
    out.without_pair.push_back({.table = name, .error = "the table is only on the target"});
  }
  return out;
}

// As many connections as there is work for; all of them see what `picture` sees.
Readers open_readers(Comparable& picture, std::size_t jobs) {
  Readers readers;
  for (std::size_t i = 0; i < jobs; ++i) readers.push_back(picture.peer());
  return readers;
}

void compare_all_rows(const Pictures& pictures, const VerifyOptions& options, VerifyReport& report,
                      model::ProgressBoard& board, base::Stop& stop) {
  const std::vector<model::Table> source = tables_in_scope(*pictures.source, options);
  const std::vector<model::Table> target = without_leaves(pictures.target->tables(options.schemas));
  Pairing pairing = pair_all(source, target, options);
  report.tables = std::move(pairing.without_pair);
  if (!pairing.pairs.empty()) {
    const auto jobs = static_cast<std::size_t>(std::max(1, options.parallel_jobs));
    Readers source_readers = open_readers(*pictures.source, jobs);
    Readers target_readers = open_readers(*pictures.target, jobs);
    std::vector<TableVerdict> verdicts =
        compare_rows(pairing.pairs, source_readers, target_readers, options.keys_named_max, board, stop);
    std::ranges::move(verdicts, std::back_inserter(report.tables));
  }
  std::ranges::sort(report.tables, {}, &TableVerdict::table);
}

}  // namespace

bool VerifyReport::equal() const {
  return objects.empty() && std::ranges::all_of(tables, [](const TableVerdict& table) { return table.equal(); });
}

VerifyReport verify(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
                    const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target,
                    const VerifyOptions& options, model::ProgressBoard& board, model::Dialogue& /*dialogue*/,
                    base::Stop& stop) {
  const auto begin = std::chrono::steady_clock::now();
  VerifyReport report;
  const Pictures pictures{.source = open(source_product, source), .target = open(target_product, target)};
  if (options.objects) {
    board.set_stage("objects");
    compare_all_objects(pictures, options, report);
  }
  fail_when_draining(stop);
  if (options.rows) compare_all_rows(pictures, options, report, board, stop);
  fail_when_draining(stop);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace voyager::migration
