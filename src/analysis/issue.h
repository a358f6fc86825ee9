// The table of everything that is known not to work, or not to work well, on the target. One row is one issue.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/version.h"

namespace voyager::analysis {

struct Detector;
struct TextRule;

enum class Impact : std::uint8_t {
  kLevel1 = 1,  ///< Minimal: a change of DDL only.
  kLevel2 = 2,  ///< Moderate: queries and the application too.
  kLevel3 = 3,  ///< Significant: no simple way round.
};

enum class Category : std::uint8_t {
  kFeature,      ///< unsupported_features
  kDatatype,     ///< unsupported_datatypes
  kBody,         ///< unsupported_plpgsql_objects: found in a routine's body
  kCaveat,       ///< migration_caveats
  kPerformance,  ///< performance_optimizations
  kQuery,        ///< unsupported_query_constructs: found in a query that the application runs
};

/// The source in whose assessment a row is told.
enum class Assessed : std::uint8_t {
  kNever,  ///< Only analyze-schema tells it.
  kPostgresql,
  kOracle,
};

struct Issue {
  std::string type = {};  ///< Stable: scripts and filters know it.
  std::string name = {};  ///< For people.
  Category category = Category::kFeature;
  Impact impact = Impact::kLevel1;
  std::string objects = {};  ///< Kinds of objects it is found on, upper case, comma separated.
  FixedIn fixed = {};
  model::FixedVersions fixed_told = {};  ///< `fixed` as reports show it.
  std::string flags = {};                ///< What switches the feature on where it is a preview.
  std::string tracker = {};              ///< URL of the request for it.
  std::string docs = {};                 ///< URL.
  std::string description = {};
  std::string suggestion = {};
  /// Holds on any target that speaks PostgreSQL, not on YugabyteDB alone.
  bool any_target = false;
  /// Only for `assess-migration`, which knows statistics and the application's queries.
  bool assessment_only = false;
  Assessed assessed = Assessed::kPostgresql;
  /// Also looked for in the application's queries.
  bool in_queries = false;
  /// One finding says it all, however many statements there are; it carries this text instead of theirs.
  std::string told_once = {};
  /// A finding marks its object as invalid in the inventory.
  bool invalidates = true;
  std::string counts_as = {};  ///< The type it counts for in the inventory, where that is not the finding's own.
  /// Who finds it; null where it is raised by the analyzer itself (a statement that cannot be read), and for what only
  /// the source's catalogue tells.
  const Detector* detector = nullptr;
  std::string argument = {};       ///< For detectors that serve several rows: "gist", "citext".
  const TextRule* rule = nullptr;  ///< Instead of a detector: a pattern on the statement's words.
  /// Of an Oracle source's catalogue: the types of objects, or of columns, that are the issue.
  std::vector<std::string_view> catalog_types = {};
};

/// All rows, in the order of docs/reference/issues.md. Lives as long as the program.
std::span<const Issue> issues();
/// Null when there is no such type.
const Issue* find_issue(std::string_view type);

std::string_view to_string(Category category);
/// In words, for people.
std::string_view describe(Category category);

/// Parts of the table; each is a group with its detectors.
std::vector<Issue> table_issues();
std::vector<Issue> object_issues();
std::vector<Issue> datatype_issues();
std::vector<Issue> key_issues();
std::vector<Issue> query_issues();
std::vector<Issue> performance_issues();
std::vector<Issue> text_issues();
std::vector<Issue> oracle_issues();

/// Shared by the parts.
inline constexpr std::string_view kKnownIssues =
    "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/postgresql/";
inline constexpr std::string_view kKnownIssuesMysql =
    "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/mysql/";
inline constexpr std::string_view kKnownIssuesOracle =
    "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/oracle/";
std::string database_issue(int number);  ///< URL in yugabyte-db's tracker.
std::string voyager_issue(int number);   ///< URL in yb-voyager's tracker.
std::string known_issue(std::string_view anchor);
/// The series that came with PostgreSQL 15's grammar.
FixedIn since_pg15();

}  // namespace voyager::analysis
