// The cluster, where each table goes, and what export schema changes by itself.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/assessment_sections.h"
#include "report/numbers.h"
#include "report/page.h"
#include "report/page_table.h"

namespace voyager::report {
namespace {

using model::Assessment;
using model::Sizing;

constexpr std::size_t kPlacementsMax = 300;
constexpr std::size_t kRedundantMax = 200;

std::string minutes(const std::optional<double>& value) {
  return value ? import_time_text(*value) : "–";
}

std::string recommended_html(const Sizing& sizing) {
  PageTable table("The cluster", {{"What"}, {"How much", true}});
  const auto total = static_cast<std::uint64_t>(std::max(0.0, sizing.nodes) * sizing.vcpus);
  table.row({"Nodes", fmt::format("{:g}", sizing.nodes)});
  table.row({"vCPU of a node", fmt::format("{}", sizing.vcpus)});
  table.row({"Memory of a node", fmt::format("{} GiB", sizing.memory_gib)});
  table.row({"vCPU in sum", base::format_count(total)});
  table.row({"Connections for reading, each node", fmt::format("{}", sizing.select_connections)});
  table.row({"Connections for writing, each node", fmt::format("{}", sizing.insert_connections)});
  table.row({"Import of all rows", minutes(sizing.import_minutes)});
  table.row({"Import without redundant indexes", minutes(sizing.import_minutes_without_redundant)});
  return table.html();
}

std::string candidates_html(const Sizing& sizing) {
  if (sizing.candidates.empty()) return {};
  PageTable table("What was tried: nodes against time", {{"Placement"},
                                                         {"vCPU of a node", true},
                                                         {"Nodes", true},
                                                         {"vCPU in sum", true},
                                                         {"Colocated", true},
                                                         {"Sharded", true},
                                                         {"Import", true},
                                                         {"Result"}});
  for (const model::SizingCandidate& one : sizing.candidates) {
    const bool fits = one.failure.empty();
    const std::string result = one.chosen ? "<strong>recommended</strong>" : fits ? "fits" : escape_html(one.failure);
    table.row({one.colocation ? "small tables together" : "every table on its own", fmt::format("{}", one.vcpus),
               fits ? fmt::format("{}", one.nodes) : "–", fits ? fmt::format("{}", one.nodes * one.vcpus) : "–",
               base::format_count(one.colocated), base::format_count(one.sharded), minutes(one.import_minutes),
               result});
  }
  return table.html();
}

std::string placement_list(const Sizing& sizing, bool colocated) {
  std::vector<const model::Placement*> chosen;
  std::int64_t bytes = 0;
  for (const model::Placement& one : sizing.placements) {
    if (one.colocated != colocated) continue;
    chosen.push_back(&one);
    bytes += one.bytes;
  }
  const char* word = colocated ? "Colocated" : "Sharded";
  if (chosen.empty()) return fmt::format("<p>{}: none.</p>", word);
  std::ranges::stable_sort(chosen, [](const auto* a, const auto* b) { return a->bytes > b->bytes; });
  PageTable table(fmt::format("{}, largest first", word), {{"Table"}, {"Size", true}, {"Indexes", true}, {"Why"}});
  for (std::size_t i = 0; i < chosen.size() && i < kPlacementsMax; ++i) {
    const model::Placement& one = *chosen[i];
    table.row({escape_html(one.table), short_bytes(static_cast<double>(one.bytes)), base::format_count(one.indexes),
               escape_html(one.reason)});
  }
  std::string html = table.html();
  if (chosen.size() > kPlacementsMax)
    html += fmt::format("<p class=\"dim\">{} smaller ones are in the JSON form of this report.</p>",
                        base::format_count(chosen.size() - kPlacementsMax));
  return folded_html(fmt::format("{}: {} {}, {} with indexes", word, base::format_count(chosen.size()),
                                 chosen.size() == 1 ? "table" : "tables", short_bytes(static_cast<double>(bytes))),
                     html);
}

/// Where reasons are not known there are still lists of names.
std::string name_list(const std::optional<std::vector<std::string>>& names, std::string_view word) {
  if (!names || names->empty()) return {};
  return folded_html(fmt::format("{}: {} tables", word, base::format_count(names->size())),
                     "<p>" + names_html(*names, kPlacementsMax) + "</p>");
}

}  // namespace

std::string cluster_html(const Assessment& assessment) {
  const Sizing& sizing = assessment.sizing;
  std::string html;
  if (!sizing.failure.empty()) {
    html = "<div class=\"callout bad\"><p><strong>No cluster that was tried fits.</strong> " +
           escape_html(sizing.failure) + "</p></div>";
  } else if (sizing.vcpus == 0) {
    return "<p>No cluster is recommended for this target.</p>";
  } else {
    html = "<div class=\"pair\">" + recommended_html(sizing) + "<div><p>" + escape_html(sizing.reasoning) +
           "</p></div></div>";
  }
  html += candidates_html(sizing) + "<h3>Where each table goes</h3>";
  if (sizing.placements.empty()) {
    html += name_list(sizing.colocated, "Colocated") + name_list(sizing.sharded, "Sharded");
  } else {
    html += placement_list(sizing, true) + placement_list(sizing, false);
  }
  return html + notes_html(assessment, model::NoteKind::kPlacement) + notes_html(assessment, model::NoteKind::kSizing);
}

std::string changes_html(const Assessment& assessment) {
  const std::vector<model::RedundantIndex>& indexes = assessment.redundant_indexes;
  const std::string merging = "Primary keys and checks move into their CREATE TABLE statement.";
  if (assessment.analysis.target_version.empty()) return "<p>" + merging + " For this target that is all.</p>";
  constexpr std::string_view kRefused = "<code>--skip-performance-recommendations true</code>";
  std::string html =
      "<p>export schema makes these changes by itself, keeps the files as they were, and tells each change in a report "
      "of its own.</p><ul><li>" +
      merging + "</li>";
  if (assessment.sizing.failure.empty())
    html +=
        "<li>Tables are colocated or sharded as recommended above; <code>--skip-colocation-recommendations true</code> "
        "refuses it.</li>";
  html += fmt::format(
      "<li>Primary keys are spread by hash; those that begin with a date or a time, and unique constraints, are kept "
      "in range order; {0} refuses it.</li><li>Secondary indexes are kept in range order; the same flag refuses "
      "it.</li><li>Indexes that another one makes needless are moved to a file of their own; the same flag refuses "
      "it.</li></ul>",
      kRefused);
  if (indexes.empty()) return html + "<p>No redundant indexes were found.</p>";
  PageTable table("Redundant indexes", {{"Index"}, {"Table"}, {"Another one does its work"}, {"Statements"}});
  for (std::size_t i = 0; i < indexes.size() && i < kRedundantMax; ++i) {
    const model::RedundantIndex& one = indexes[i];
    table.row({escape_html(one.index), escape_html(one.schema + "." + one.table), escape_html(one.existing_index),
               folded_html("statements", diff_html(one.ddl + "\n" + one.existing_ddl, one.existing_ddl))});
  }
  html += table.html();
  if (indexes.size() > kRedundantMax)
    html += fmt::format("<p class=\"dim\">{} more are in the JSON form of this report.</p>",
                        base::format_count(indexes.size() - kRedundantMax));
  return html;
}

}  // namespace voyager::report
