// What a capture needs of the source. Nothing is set up there: the log is written anyway, and kept as the server likes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/acting_foreign_keys.h"
#include "connectors/mysql/captured_table.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/queries.h"
#include "connectors/mysql/server_log.h"
#include "connectors/mysql/snapshot_set.h"
#include "connectors/mysql/source.h"
#include "connectors/mysql/source_changes.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {
namespace {

constexpr const char* kConnectAnew = "sessions that are open keep the old setting: let the application connect anew";
constexpr std::uint64_t kDay = 86'400;

class CaptureSetup final : public connector::CaptureSetup {
 public:
  explicit CaptureSetup(const model::ConnectionOptions& options) : options_(options), connection_(options) {
    user_ = grantee(connection_.query(queries::kIdentity, "tell who it is").string(0, 0));
  }

  std::vector<model::Finding> check(const std::vector<model::Table>& tables) override {
    std::vector<model::Finding> out;
    check_log(out);
    check_rights(out);
    check_filters(out);
    check_expiry(out);
    check_tables(tables, out);
    return out;
  }

  std::vector<std::string> undo(const std::vector<model::Table>& /*tables*/) override { return {}; }

  connector::CaptureStart begin(const std::vector<model::Table>& /*tables*/,
                                connector::CaptureSnapshot snapshot) override {
    // With a snapshot the two begin together: it says where. A capture that is there knows what is prepared.
    if (snapshot == connector::CaptureSnapshot::kAgain) return {};
    if (snapshot == connector::CaptureSnapshot::kFirst) return {.anchor = kBetweenPrepared};
    BinlogPlace end;
    const std::size_t left = once_none_is_prepared(options_.stop, [&] {
      const std::size_t before = prepared_transactions(connection_).size();
      end = end_of_log(connection_);
      return before + prepared_transactions(connection_).size();
    });
    if (left > 0) refuse_prepared(left, connection_.where());
    if (connection_.is_mariadb()) end.gtids = gtids_before(connection_, end);
    return {.position = end.position()};
  }
  std::uint64_t retained_bytes() override { return 0; }
  std::vector<model::Sequence> sequences() override {
    return convert(read_catalog(connection_, CatalogDepth::kTables), target_schema(options_)).sequences;
  }
  void end(const std::vector<std::string>& /*undo*/) override {}

 private:
  std::string setting(const char* name) {
    const auto found = connection_.try_query(fmt::format("SELECT @@global.{}", name), "look at its settings");
    return found && found->rows() > 0 ? found->string(0, 0) : std::string();
  }

  // Others come meanwhile where an application works with them: those that end are no reason to begin later.
  std::size_t long_prepared() {
    std::vector<std::string> first = prepared_transactions(connection_);
    return once_none_is_prepared(options_.stop, [&] {
      if (first.empty()) return first.size();
      const std::vector<std::string> now = prepared_transactions(connection_);
      std::erase_if(first, [&](const std::string& one) { return std::ranges::find(now, one) == now.end(); });
      return first.size();
    });
  }

  void check_log(std::vector<model::Finding>& out) {
    const Result facts = connection_.query(queries::kCaptureFacts, "look at its settings");
    if (facts.number(0, 0) == 0) {
      out.push_back({.fatal = true,
                     .title = "the server writes no binary log",
                     .cause = "changes are read from it",
                     .fix = {"in its configuration: [mysqld] log_bin = mysql-bin, server_id = 1, binlog_format = ROW",
                             "restart the server"}});
      return;
    }
    if (!base::equals_ignoring_case(facts.string(0, 1), "ROW")) {
      out.push_back({.fatal = true,
                     .title = fmt::format("binlog_format is {}, not ROW", facts.string(0, 1)),
                     .cause = "changes are in the log as statements, or some are, and not as rows",
                     .fix = {"SET GLOBAL binlog_format = 'ROW';  -- and in its configuration", kConnectAnew}});
    }
    image_ = facts.string(0, 2);
    if (facts.number(0, 3) == 0) {
      out.push_back({.fatal = true,
                     .title = "server_id is 0",
                     .cause = "a server without an id sends its log to nobody",
                     .fix = {"SET GLOBAL server_id = 1;  -- and in its configuration"}});
    }
    const bool full = base::equals_ignoring_case(image_, "FULL") || image_.empty();
    if (!full && setting("binlog_row_value_options").find("PARTIAL_JSON") != std::string::npos) {
      out.push_back({.fatal = true,
                     .title = "binlog_row_value_options is PARTIAL_JSON, and binlog_row_image is not FULL",
                     .cause = "of a JSON value that changes only the difference is in the log, and not what it was",
                     .fix = {"SET GLOBAL binlog_row_value_options = '';  -- and in its configuration", kConnectAnew}});
    }
    if (setting("lower_case_table_names") != "0") {
      out.push_back({.fatal = true,
                     .title = "lower_case_table_names is " + setting("lower_case_table_names"),
                     .cause = "the log then writes names in other letters than the catalogue, and statements in any",
                     .fix = {"take the rows offline: --export-type snapshot-only while nothing is written",
                             "or migrate a replica of this server where it is 0"}});
    }
    if (const std::size_t left = long_prepared(); left > 0)
      out.push_back({.fatal = true, .title = still_prepared(left), .cause = kWhyNonePrepared, .fix = {kEndPrepared}});
    if (!base::equals_ignoring_case(setting("binlog_row_metadata"), "FULL")) {
      out.push_back({.note = true,
                     .title = "the log does not name the columns of its rows",
                     .cause =
                         "they are told by their places then: while changes flow, no column may be added in front of "
                         "others, dropped or get another type",
                     .fix = {"SET GLOBAL binlog_row_metadata = 'FULL';  -- MySQL 8, MariaDB 10.5; costs some log"}});
    }
  }

  void check_rights(std::vector<model::Finding>& out) {
    const Result grants = connection_.query("SHOW GRANTS", "list the user's rights");
    bool roles = false, replicate = false, look = false;
    for (int row = 0; row < grants.rows(); ++row) {
      const std::string text = grants.string(row, 0);
      const std::size_t on = text.find(" ON *.*");
      roles |= text.find(" ON ") == std::string::npos;
      if (on == std::string::npos) continue;
      const std::string rights = text.substr(0, on);
      const auto has = [&](std::string_view right) { return rights.find(right) != std::string::npos; };
      // Neither of the names may be the beginning of another right's (REPLICATION SLAVE ADMIN).
      const auto lists = [&](const std::string& right) {
        return (rights + ",").find(right + ",") != std::string::npos;
      };
      const bool all = has("ALL PRIVILEGES");
      replicate |= all || lists("REPLICATION SLAVE");
      look |= all || lists("REPLICATION CLIENT") || lists("BINLOG MONITOR");
      look |= lists("SUPER") && !connection_.is_mariadb();
    }
    if (replicate && look) return;
    const char* client = connection_.is_mariadb() ? "BINLOG MONITOR" : "REPLICATION CLIENT";
    std::string missing = replicate ? "" : "REPLICATION SLAVE";
    if (!look) missing += (missing.empty() ? "" : ", ") + std::string(client);
    out.push_back({.fatal = !roles,
                   .note = roles,
                   .title = fmt::format("the user {} may not read the log", user_),
                   .cause = missing + " is not granted to it" + (roles ? "; what a role brings cannot be told" : ""),
                   .fix = {fmt::format("GRANT REPLICATION SLAVE, {} ON *.* TO {};", client, user_)}});
  }

  void check_filters(std::vector<model::Finding>& out) {
    const std::optional<LogStatus> status = log_status(connection_);
    const std::string why = status ? unlogged_writes(connection_, *status) : std::string();
    if (why.empty()) return;
    out.push_back(
        {.fatal = true,
         .title = fmt::format("the server's log leaves out writes to {}", connection_.database()),
         .cause = why,
         .fix = {"in its configuration: log_slave_updates = ON, and neither binlog_do_db nor binlog_ignore_db",
                 "restart the server", "or migrate from the server that it replicates"}});
  }

  void check_expiry(std::vector<model::Finding>& out) {
    std::uint64_t seconds = std::strtoull(setting("binlog_expire_logs_seconds").c_str(), nullptr, 10);
    if (seconds == 0)
      seconds = static_cast<std::uint64_t>(std::strtod(setting("expire_logs_days").c_str(), nullptr) * kDay);
    if (seconds == 0 || seconds >= 2 * kDay) return;
    out.push_back({.title = fmt::format("the server keeps its log for {} hours only", seconds / 3600),
                   .cause =
                       "when the capture stands still for longer, changes are gone and everything has to be exported "
                       "again",
                   .fix = {"SET GLOBAL binlog_expire_logs_seconds = 604800;"}});
  }

  void check_tables(const std::vector<model::Table>& tables, std::vector<model::Finding>& out) {
    const Catalog catalog = read_catalog(connection_, CatalogDepth::kTables);
    const Conversion conversion = convert(catalog, target_schema(options_));
    std::set<model::TableName> wanted;
    for (const model::Table& one : tables) wanted.insert(one.name);
    std::set<std::string> captured;
    for (const ConvertedTable& one : conversion.tables) {
      if (wanted.contains(one.table.name)) captured.insert(one.source_name);
    }
    const bool full = base::equals_ignoring_case(image_, "FULL") || image_.empty();
    std::vector<std::string> unnamed, versioned, untransactional;
    for (const TableRow& one : catalog.tables) {
      if (!captured.contains(one.name)) continue;
      if (!full && key_columns(one).empty()) unnamed.push_back(one.name);
      if (one.system_versioned) versioned.push_back(one.name);
      if (!has_transactions(one.engine)) untransactional.push_back(fmt::format("{} ({})", one.name, one.engine));
    }
    const auto refuse = [&](std::vector<std::string>& names, const char* title, const char* cause, std::string fix) {
      if (names.empty()) return;
      std::ranges::sort(names);
      names.erase(std::ranges::unique(names).begin(), names.end());
      out.push_back(
          {.fatal = true,
           .title = std::string(title) + ": " + base::join(names, ", "),
           .cause = cause,
           .fix = {std::move(fix), "or leave the tables out with --exclude-table-list, and move them offline"}});
    };
    refuse(unnamed, "rows of tables without a key cannot be told from the log",
           "binlog_row_image is not FULL, so what is in the log of a row does not name it",
           fmt::format("SET GLOBAL binlog_row_image = 'FULL';  -- {}", kConnectAnew));
    refuse(versioned, "changes of system-versioned tables cannot be captured",
           "the log has rows of their history among them", "ALTER TABLE ... DROP SYSTEM VERSIONING;");
    refuse(untransactional, "no snapshot holds the rows of tables without transactions",
           "a row that is written while they are read would come with the snapshot and again as a change",
           "ALTER TABLE ... ENGINE = InnoDB;");
    if (!logs_cascades(connection_)) check_keys(catalog, captured, refuse, out);
    const std::vector<ValueRule> rules = parse_rules(options_.value_rules);
    const bool rejects =
        std::ranges::any_of(rules, [](const ValueRule& one) { return one.action == RuleAction::kReject; });
    if (!full && rejects) {
      out.push_back({.fatal = true,
                     .title = "a rule leaves rows out, and the log does not have all of a row",
                     .cause = fmt::format("--value-rules says reject, and binlog_row_image is {}", image_),
                     .fix = {fmt::format("SET GLOBAL binlog_row_image = 'FULL';  -- {}", kConnectAnew)}});
    }
  }

  // What keys do by themselves is told from the row that leads to it.
  template <typename Refuse>
  void check_keys(const Catalog& catalog, const std::set<std::string>& captured, const Refuse& refuse,
                  std::vector<model::Finding>& out) {
    std::vector<std::string> strangers, not_unique, computed, unlogged, unequal, unpadded, unfound, texts;
    for (const TableRow& one : catalog.tables) {
      for (const ForeignKeyRow& key : one.foreign_keys) {
        if (!captured.contains(one.name) || !acts(key)) continue;
        const std::string name = fmt::format("{} ({} of {})", one.name, key.name, key.other_table);
        const auto parent = std::ranges::find(catalog.tables, key.other_table, &TableRow::name);
        if (key.other_schema != catalog.database || parent == catalog.tables.end() ||
            !captured.contains(parent->name)) {
          strangers.push_back(name);
          continue;
        }
        if (!names_rows(*parent, key.other_columns)) not_unique.push_back(name);
        if (is_computed(one, key.columns) || is_computed(*parent, key.other_columns)) computed.push_back(name);
        if (!std::ranges::is_permutation(key_columns(*parent), key.other_columns)) unlogged.push_back(name);
        if (is_unequal(one, *parent, key)) unequal.push_back(name);
        if (key.on_update == "CASCADE" && pads_by_bytes(*parent, key.other_columns)) unpadded.push_back(name);
        if (finds_no_blanks(one, *parent, key)) unfound.push_back(name);
        if (compares_loosely(one, key.columns)) texts.push_back(name);
      }
    }
    if (base::equals_ignoring_case(image_, "FULL") || image_.empty()) unlogged.clear();
    const char* title = "what foreign keys do to rows by themselves cannot be told";
    refuse(strangers, title, "rows of these tables change with those of a table whose changes are not captured",
           "capture both tables");
    refuse(not_unique, title, "they refer to columns that do not name one row", "make the columns unique");
    refuse(computed, title, "they are over columns that the server computes", "make them RESTRICT for the time being");
    refuse(unequal, title, "the source compares their columns otherwise than the target (labels by their places)",
           "make them RESTRICT for the time being");
    refuse(unpadded, title,
           "they refer to a char(n) in a character set of one or two bytes, of which the server hands blanks on",
           "make them RESTRICT for the time being, or the columns varchar");
    refuse(
        unfound, title,
        "a char(n) refers to a varchar, and blanks count in the collation of both: the server looks for rows with the "
        "blanks that it stores, and finds none",
        "make them RESTRICT for the time being, or the columns of one type");
    refuse(unlogged, title, "they refer to columns that the log has only when binlog_row_image is FULL",
           fmt::format("SET GLOBAL binlog_row_image = 'FULL';  -- {}", kConnectAnew));
    if (texts.empty()) return;
    out.push_back({.note = true,
                   .title = "foreign keys over texts are followed letter by letter: " + base::join(texts, ", "),
                   .cause =
                       "rows that write the text of the row that they refer to in other letters stay on the target "
                       "when that row goes; the foreign key does not hold for them there anyway"});
  }

  static bool is_unequal(const TableRow& child, const TableRow& parent, const ForeignKeyRow& key) {
    const auto type_of = [](const TableRow& table, const std::string& column) -> std::optional<SourceType> {
      const auto found = std::ranges::find(table.columns, column, &ColumnRow::name);
      return found == table.columns.end() ? std::nullopt : parse_type(found->type);
    };
    for (std::size_t i = 0; i < key.columns.size() && i < key.other_columns.size(); ++i) {
      const auto one = type_of(child, key.columns[i]), other = type_of(parent, key.other_columns[i]);
      if (one && other && key_obstacle(*one, *other) != nullptr) return true;
    }
    return false;
  }

  // The server does not do what such a key says, whatever the version.
  static bool finds_no_blanks(const TableRow& child, const TableRow& parent, const ForeignKeyRow& key) {
    for (std::size_t i = 0; i < key.columns.size() && i < key.other_columns.size(); ++i) {
      const auto no_pad = [](const ColumnRow& one) {
        return one.collation.find("_0900_") != std::string::npos || one.collation.find("_nopad_") != std::string::npos;
      };
      const bool padded =
          any_column(child, {key.columns[i]}, [&](const auto& one) { return one.type.starts_with("char("); });
      const bool counted = any_column(parent, {key.other_columns[i]},
                                      [&](const auto& one) { return no_pad(one) && !one.type.starts_with("char("); });
      if (padded && counted) return true;
    }
    return false;
  }

  // How many blanks depends on the bytes of the text, which are not at hand as UTF-8.
  static bool pads_by_bytes(const TableRow& table, const std::vector<std::string>& columns) {
    constexpr std::array<std::string_view, 10> kOneOrMore = {"big5",  "gbk",  "gb2312",  "gb18030", "sjis",
                                                             "cp932", "ujis", "eucjpms", "euckr",   "utf16"};
    return any_column(table, columns, [&](const ColumnRow& one) {
      return one.type.starts_with("char(") && std::ranges::find(kOneOrMore, one.charset) != kOneOrMore.end();
    });
  }

  // A unique index over exactly these columns.
  static bool names_rows(const TableRow& table, const std::vector<std::string>& columns) {
    return std::ranges::any_of(table.indexes, [&](const IndexRow& index) {
      std::vector<std::string> names;
      for (const IndexPart& part : index.parts) names.push_back(part.prefix == 0 ? part.column : std::string());
      return index.unique && std::ranges::is_permutation(names, columns);
    });
  }

  template <typename Is>
  static bool any_column(const TableRow& table, const std::vector<std::string>& columns, const Is& is) {
    return std::ranges::any_of(table.columns, [&](const ColumnRow& one) {
      return std::ranges::find(columns, one.name) != columns.end() && is(one);
    });
  }
  static bool is_computed(const TableRow& table, const std::vector<std::string>& columns) {
    return any_column(table, columns, [](const ColumnRow& one) { return !one.generated.empty(); });
  }
  static bool compares_loosely(const TableRow& table, const std::vector<std::string>& columns) {
    return any_column(table, columns, [](const ColumnRow& one) {
      return !one.collation.empty() && one.collation != "binary" && !one.collation.ends_with("_bin");
    });
  }

  const model::ConnectionOptions options_;
  Connection connection_;
  std::string user_ = {};
  std::string image_ = {};
};

}  // namespace

std::unique_ptr<connector::CaptureSetup> make_capture_setup(const model::ConnectionOptions& options,
                                                            const std::string& /*migration*/) {
  return std::make_unique<CaptureSetup>(options);
}

}  // namespace voyager::mysql
