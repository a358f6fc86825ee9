#include "migration/assess/not_looked_at.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "migration/schema/object_types.h"
#include "sql/password_mask.h"

namespace voyager::migration {
namespace {

constexpr std::size_t kNamedMax = 25;
constexpr std::size_t kQueriesShownMax = 5;
constexpr std::size_t kQueryBytesMax = 200;
constexpr std::string_view kAnalyze = "yb-voyager analyze-schema";

std::string first_part(std::string_view text) {
  const std::string line = base::one_line(text);
  if (line.size() <= kQueryBytesMax) return line;
  return std::string(base::beginning(line, kQueryBytesMax)) + " ...";
}

void add_unread(std::span<const analysis::Unread> unread, std::string_view what, std::string_view fix,
                const SchemaPlaces& places, std::vector<model::NotLookedAt>& all) {
  for (const analysis::Unread& one : unread.first(std::min(unread.size(), kNamedMax))) {
    const std::string object = one.object.empty() ? "" : " of " + one.object;
    all.push_back({.what = fmt::format("the {}{} ({}:{})", what, object, places.file(one.file), one.line),
                   .why = fmt::format("the grammar does not read it: {}", one.reason),
                   .fix = std::string(fix)});
  }
  if (unread.size() > kNamedMax) {
    all.push_back({.what = fmt::format("{} more like the {} before", unread.size() - kNamedMax, what),
                   .why = "the grammar does not read them",
                   .fix = std::string(kAnalyze)});
  }
}

void add_queries(const NotLookedAtInput& input, std::vector<model::NotLookedAt>& all) {
  const auto& unread = input.analysis.unread_queries;
  if (unread.empty()) return;
  std::string why = "the grammar does not read:";
  for (std::size_t i = 0; i < unread.size() && i < kQueriesShownMax; ++i) {
    why += fmt::format("{} {} ({})", i == 0 ? "" : ";",
                       first_part(sql::mask_passwords(input.queries[unread[i].number])), unread[i].reason);
  }
  if (unread.size() > kQueriesShownMax) why += "; ...";
  all.push_back({.what = fmt::format("{} of {} queries that the application ran", unread.size(), input.queries.size()),
                 .why = std::move(why)});
}

void add_left_out(const NotLookedAtInput& input, std::vector<model::NotLookedAt>& all) {
  std::set<std::pair<std::size_t, int>> refused;  // Told above, each for itself.
  for (const analysis::Unread& one : input.analysis.unread_statements) refused.emplace(one.file, one.line);
  std::map<std::string, std::size_t> by_type;
  std::size_t count = 0;
  for (const analysis::Finding& one : input.left_out) {
    if (one.issue->type == "UNSUPPORTED_PG_SYNTAX" && refused.contains({one.file, one.line})) continue;
    ++by_type[one.issue->type];
    ++count;
  }
  if (count == 0) return;
  std::vector<std::string> names;
  for (const auto& [type, number] : by_type) names.push_back(fmt::format("{} ({})", type, number));
  all.push_back({.what = fmt::format("{} issue{} that only analyze-schema tells", count, count == 1 ? "" : "s"),
                 .why = fmt::format("an assessment does not grade such issues: {}", base::join(names, ", ")),
                 .fix = std::string(kAnalyze)});
}

}  // namespace

std::vector<model::NotLookedAt> not_looked_at(const NotLookedAtInput& input) {
  std::vector<model::NotLookedAt> all;
  add_unread(input.analysis.unread_statements, "statement", {}, input.places, all);
  add_unread(input.analysis.unread_bodies, "body", {}, input.places, all);
  add_queries(input, all);
  if (std::filesystem::exists(input.places.folder / kUncategorizedFile)) {
    all.push_back({.what = fmt::format("the statements in {}", (input.places.folder / kUncategorizedFile).string()),
                   .why = "they fit no kind of object",
                   .fix = "look through the file by hand"});
  }
  add_left_out(input, all);
  return all;
}

}  // namespace voyager::migration
