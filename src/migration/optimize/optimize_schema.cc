#include "migration/optimize/optimize_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "migration/optimize/colocation.h"
#include "migration/optimize/key_sharding.h"
#include "migration/optimize/range_indexes.h"
#include "migration/optimize/redundant_indexes.h"
#include "sql/parse_tree.h"

namespace voyager::migration {
namespace {

using model::Optimization;

constexpr const char* kPerformanceFlag = "--skip-performance-recommendations true";
constexpr const char* kColocationFlag = "--skip-colocation-recommendations true";
constexpr const char* kShardingDocs = "https://docs.yugabyte.com/stable/architecture/docdb-sharding/sharding/";
constexpr const char* kHotspotDocs =
    "https://docs.yugabyte.com/stable/develop/best-practices-develop/best-practices-ysql/";

std::string reference_to(const SchemaPart& part) {
  return "../schema/" + part.file;
}

class Optimizer {
 public:
  Optimizer(SchemaParts parts, const OptimizeInput& input) : parts_(std::move(parts)), input_(input) {}

  OptimizedSchema run() {
    take_out_indexes();
    colocate();
    order_secondary_indexes();
    shard_keys();
    return {.parts = std::move(parts_), .optimizations = std::move(optimizations_)};
  }

 private:
  static std::string title(const char* what, bool applied) {
    return fmt::format("{} - {}", what, applied ? "Applied" : "Not Applied");
  }

  void add(Optimization optimization) { optimizations_.push_back(std::move(optimization)); }

  /// "not done: you asked for it with the flag", or nothing.
  std::string refused_note() const {
    return input_.performance ? "" : fmt::format(" Not done because of {}.", kPerformanceFlag);
  }

  // --- redundant indexes ---

  void take_out_indexes() {
    if (input_.redundant.empty() || parts_.indexes.document.text().empty()) return;
    RedundantIndexResult result = take_out_redundant({.indexes = parts_.indexes.document,
                                                      .tables = parts_.tables.document,
                                                      .comments = parts_.comments.document,
                                                      .pairs = input_.redundant});
    if (result.removed.empty() && result.left.empty()) return;
    const bool applied = input_.performance && !result.removed.empty();
    Optimization change{.key = "redundant_index_change",
                        .title = applied ? "Redundant Indexes - Removed" : "Redundant Indexes - Not Removed",
                        .description =
                            "Indexes that another index of the same table makes needless: it begins with the "
                            "same keys in the same order. They cost writing time and space and help no query." +
                            refused_note(),
                        .applied = applied,
                        .flag = kPerformanceFlag,
                        .reference_file = reference_to(applied ? parts_.redundant_indexes : parts_.indexes),
                        .indexes = std::move(result.removed),
                        .changes = std::move(result.changes),
                        .left = std::move(result.left)};
    if (applied) {
      parts_.indexes.document.apply(std::move(result.indexes));
      parts_.comments.document.apply(std::move(result.comments));
      parts_.redundant_indexes.document = sql::Document(std::move(result.redundant));
    }
    add(std::move(change));
  }

  // --- colocation ---

  void colocate() {
    const bool applied = input_.colocation && input_.why_no_colocation.empty();
    const std::vector<std::string> sharded = input_.sharded.value_or(std::vector<std::string>());
    ColocationResult tables = mark_sharded(parts_.tables.document, sharded);
    ColocationResult views = mark_sharded(parts_.materialized_views.document, sharded);
    Optimization table_change = colocation_change("table_colocation_recommendation", "Table Colocation Recommendation",
                                                  applied, parts_.tables, tables);
    note_missing(sharded, tables, views, table_change);
    add(std::move(table_change));
    if (applied && !views.objects.empty()) {
      add(colocation_change("mview_colocation_recommendation", "Materialized View Colocation Recommendation", applied,
                            parts_.materialized_views, views));
    }
    if (!applied) return;
    parts_.tables.document.apply(std::move(tables.edits));
    parts_.materialized_views.document.apply(std::move(views.edits));
  }

  std::string colocation_text(bool applied) const {
    if (!input_.why_no_colocation.empty()) return "Nothing was changed: " + input_.why_no_colocation + ".";
    std::string text =
        "Small tables share one tablet, which saves memory and makes joins local. What is large or written to a lot "
        "gets tablets of its own: its statement says WITH (colocation='false'). This takes effect in a database that "
        "was created with colocation.";
    if (input_.sharded.value_or(std::vector<std::string>()).empty())
      text += " The assessment names none that needs it.";
    if (!applied) text += fmt::format(" Not done because of {}.", kColocationFlag);
    return text;
  }

  Optimization colocation_change(const char* key, const char* what, bool applied, const SchemaPart& part,
                                 ColocationResult& result) const {
    Optimization change{.key = key,
                        .title = title(what, applied),
                        .description = colocation_text(applied),
                        .applied = applied,
                        .flag = kColocationFlag,
                        .reference_file = reference_to(part),
                        .sharded = result.changed,
                        .changes = std::move(result.changes),
                        .left = std::move(result.left)};
    change.sharded.insert(change.sharded.end(), result.has_clause.begin(), result.has_clause.end());
    const std::vector<std::string> colocated = input_.colocated.value_or(std::vector<std::string>());
    const std::set<std::string> made(result.objects.begin(), result.objects.end());
    std::ranges::copy_if(colocated, std::back_inserter(change.colocated),
                         [&made](const std::string& name) { return made.contains(name); });
    return change;
  }

  /// Names of the recommendation that stand for nothing in the files.
  static void note_missing(const std::vector<std::string>& sharded, const ColocationResult& tables,
                           const ColocationResult& views, Optimization& change) {
    std::set<std::string> found;
    for (const ColocationResult* result : {&tables, &views}) {
      found.insert(result->found.begin(), result->found.end());
    }
    for (const std::string& name : sharded) {
      if (found.contains(name)) continue;
      change.left.push_back({.object = name,
                             .reason = "No statement that makes it was found in the exported schema; if there is one, "
                                       "add WITH (colocation='false') by hand"});
    }
  }

  // --- indexes and keys ---

  void order_secondary_indexes() {
    if (parts_.indexes.document.text().empty()) return;
    RangeIndexResult result = order_indexes(parts_.indexes.document);
    add({.key = "secondary_index_to_range_change",
         .title = title("Secondary Indexes in Range Order", input_.performance),
         .description = "The first key of a secondary index is ordered (ASC) and not spread by hash, so that the index "
                        "serves comparisons and sorting, and splits into range shards as it grows." +
                        refused_note(),
         .links = {{"range shards", std::string(kShardingDocs) + "#range-sharding"}},
         .applied = input_.performance,
         .flag = kPerformanceFlag,
         .reference_file = reference_to(parts_.indexes),
         .indexes = std::move(result.indexes),
         .changes = std::move(result.changes),
         .left = std::move(result.left)});
    if (input_.performance) parts_.indexes.document.apply(std::move(result.edits));
  }

  Optimization key_change(const char* key, const char* what, bool applied, std::string description) const {
    return {.key = key,
            .title = title(what, applied),
            .description = std::move(description),
            .applied = applied,
            .flag = kPerformanceFlag,
            .reference_file = reference_to(parts_.tables)};
  }

  static model::StatementChange hash_switched(bool on, const char* reason) {
    return {.object = fmt::format("SETTING {}", kHashSetting), .after = hash_setting_text(on), .reason = reason};
  }

  void shard_keys() {
    KeyShardingResult result = group_keys(parts_.tables.document);
    const bool applied = input_.performance && result.why_not.empty();
    std::string note = refused_note();
    if (!result.why_not.empty()) note += fmt::format(" The file was left as it is: {}.", result.why_not);
    Optimization hash = key_change("pk_hash_sharding_change", "Primary Keys Spread by Hash", applied,
                                   "A primary key is spread over the nodes by hash sharding of its first column: rows "
                                   "that are added one after the other do not all meet on one node." +
                                       note);
    hash.links = {{"hash sharding", std::string(kShardingDocs) + "#hash-sharding"}};
    hash.tables = std::move(result.hash);
    Optimization range =
        key_change("pk_on_timestamp_range_sharding_change", "Primary Keys on Dates and Times in Range Order", applied,
                   "A primary key that begins with a date or a time is kept in range order, since "
                   "such a column is asked for by spans. Where rows come in order of time this can "
                   "make one node hot: see the hotspots in the best practices." +
                       note);
    range.links = {{"best practices", kHotspotDocs}};
    range.tables = std::move(result.range);
    Optimization unique = key_change("uk_range_splitting_change", "Unique Keys in Range Order", applied,
                                     "Unique constraints are kept in range order, so that they split by range "
                                     "sharding as they grow and serve comparisons and sorting." +
                                         note);
    unique.links = {{"range sharding", std::string(kShardingDocs) + "#range-sharding"}};
    unique.tables = std::move(result.unique);
    if (result.applied) {
      hash.changes.push_back(hash_switched(true, "Above the tables with such a key"));
      hash.changes.insert(hash.changes.end(), result.kept_behind.begin(), result.kept_behind.end());
      range.changes.push_back(hash_switched(false, "Above the tables with such a key"));
      unique.changes.push_back(hash_switched(false, "Stands above the unique constraints"));
    }
    for (Optimization* one : {&hash, &range, &unique}) add(std::move(*one));
    if (applied) parts_.tables.document = sql::Document(std::move(result.text));
  }

  SchemaParts parts_;
  const OptimizeInput& input_;
  std::vector<Optimization> optimizations_ = {};
};

}  // namespace

OptimizedSchema optimize_schema(SchemaParts parts, const OptimizeInput& input) {
  OptimizedSchema result;
  sql::with_large_stack([&] { result = Optimizer(std::move(parts), input).run(); });
  return result;
}

}  // namespace voyager::migration
