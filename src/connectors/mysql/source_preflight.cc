// Checks before an export: version, rights, engines.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/queries.h"
#include "connectors/mysql/source.h"
#include "connectors/mysql/type_rules.h"

namespace voyager::mysql {
namespace {

constexpr unsigned long kOldestMySql = 50700;
constexpr unsigned long kOldestMariaDb = 100500;

class Preflight final : public connector::SourcePreflight {
 public:
  explicit Preflight(const model::ConnectionOptions& options) : connection_(options) {
    const Result row = connection_.query(queries::kIdentity, "tell who it is");
    user_ = grantee(row.string(0, 0));
  }

  std::string version_text() override { return connection_.version_text(); }
  // The collations are the columns' own, so there is none to compare the target's with.
  connector::DatabaseForm database_form() override { return {.encoding = "UTF8"}; }

  std::vector<model::Finding> check_export_schema() override {
    std::vector<model::Finding> out;
    check_version(out);
    check_sight(out);
    // A rule that fits no type is said before anything is exported.
    if (connection_.type_rules().empty()) return out;
    const Catalog catalog = read_catalog(connection_, CatalogDepth::kTables);
    (void)convert(catalog, model::Identifier("public"));
    if (const std::vector<std::string> unused = unused_type_rules(catalog); !unused.empty()) {
      out.push_back({.note = true,
                     .title = "--type-rules: no column has its type by " + base::join(unused, ", "),
                     .cause = "no column's name and type fit, or a rule in front of it fits first",
                     .fix = {"look at the names in it; export schema --explain-type TABLE.COLUMN says what a column "
                             "becomes and why"}});
    }
    return out;
  }

  std::vector<model::Finding> check_export_data(const std::vector<model::Table>& /*tables*/) override {
    std::vector<model::Finding> out = check_export_schema();
    check_tables(out);
    return out;
  }

 private:
  std::string database() const { return quoted_name(connection_.database()); }

  void check_version(std::vector<model::Finding>& out) {
    const bool mariadb = connection_.is_mariadb();
    if (connection_.version() >= (mariadb ? kOldestMariaDb : kOldestMySql)) return;
    out.push_back({.fatal = true,
                   .title = connection_.version_text() + " is not a supported source",
                   .cause = "MySQL 5.7 or MariaDB 10.5 or newer is needed"});
  }

  // The catalogue hides what the user has no right to: without a right to the whole database something may be missing
  // that nobody can name.
  void check_sight(std::vector<model::Finding>& out) {
    const Result grants = connection_.query("SHOW GRANTS", "list the user's rights");
    const std::string own = database() + ".*";
    bool roles = false, select = false, show_view = false;
    for (int row = 0; row < grants.rows(); ++row) {
      const std::string text = grants.string(row, 0);
      const std::size_t on = text.find(" ON ");
      roles |= on == std::string::npos;
      if (on == std::string::npos) continue;
      std::string place = text.substr(on + 4, text.find(" TO ") - on - 4);
      // Wildcards of a grant are escaped where they are meant as themselves.
      std::erase(place, '\\');
      if (place != "*.*" && place != own) continue;
      const std::string rights = text.substr(0, on);
      const bool all = rights.find("ALL PRIVILEGES") != std::string::npos;
      select |= all || rights.find("SELECT") != std::string::npos;
      show_view |= all || rights.find("SHOW VIEW") != std::string::npos;
    }
    // What a role brings is not listed with the user's own.
    if (select && show_view) return;
    std::string missing = select ? "" : "SELECT";
    if (!show_view) missing += missing.empty() ? "SHOW VIEW" : ", SHOW VIEW";
    out.push_back(
        {.note = roles,
         .title = fmt::format("the user may not see all of {}", database()),
         .cause = fmt::format("{} on the whole database is not granted to {}: what it may not see is not exported, "
                              "and nobody can tell what that is",
                              missing, user_),
         .fix = {fmt::format("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON {}.* TO {};", database(), user_)}});
  }

  void check_tables(std::vector<model::Finding>& out) {
    const Result tables = connection_.query(queries::kTables, "list tables");
    std::vector<std::string> unreadable, untransactional;
    for (int row = 0; row < tables.rows(); ++row) {
      const std::string name = tables.string(row, 0);
      const auto refused =
          connection_.try_run(fmt::format("SELECT 1 FROM {} LIMIT 0", quoted_name(name)), "look at a table");
      if (refused) unreadable.push_back(name);
      if (!has_transactions(tables.string(row, 2)))
        untransactional.push_back(fmt::format("{} ({})", name, tables.string(row, 2)));
    }
    if (!unreadable.empty()) {
      out.push_back({.fatal = true,
                     .title = "no right to read " + base::join(unreadable, ", "),
                     .cause = "the right SELECT is missing, or the table is damaged",
                     .fix = {fmt::format("GRANT SELECT ON {}.* TO {};", database(), user_)}});
    }
    if (untransactional.empty()) return;
    out.push_back({.title = "tables without transactions: " + base::join(untransactional, ", "),
                   .cause = "no snapshot holds their rows: each is read as it is at that time",
                   .fix = {"stop what writes to them for the export",
                           fmt::format("or ALTER TABLE {}.{} ENGINE = InnoDB;", database(),
                                       quoted_name(untransactional[0].substr(0, untransactional[0].rfind(" ("))))}});
  }

  Connection connection_;
  std::string user_ = {};
};

}  // namespace

std::unique_ptr<connector::SourcePreflight> make_source_preflight(const model::ConnectionOptions& options) {
  return std::make_unique<Preflight>(options);
}

}  // namespace voyager::mysql
