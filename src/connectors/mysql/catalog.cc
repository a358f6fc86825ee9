#include "connectors/mysql/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/queries.h"
#include "connectors/mysql/tokens.h"

namespace voyager::mysql {
namespace {

constexpr unsigned long kFunctionalIndexes = 80013;
constexpr unsigned long kMySqlChecks = 80016;

bool contains(const std::string& text, std::string_view part) {
  return base::lower(text).find(part) != std::string::npos;
}

// MySQL shows expressions with their quotes escaped.
std::string unescaped(std::string text, bool mariadb) {
  if (mariadb) return text;
  for (std::size_t at = text.find("\\'"); at != std::string::npos; at = text.find("\\'", at + 1)) text.erase(at, 1);
  return text;
}

bool holds_bytes(const std::string& type) {
  return type.starts_with("binary") || type.starts_with("varbinary") || contains(type, "blob");
}

// The literal behind DEFAULT in a column's line of CREATE TABLE, as x'..'; nothing where there is none.
std::optional<std::string> bytes_of_default(const std::string& create, const std::string& column) {
  const std::vector<Token> tokens = tokens_of(create);
  int depth = 0;
  bool ours = false;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& one = tokens[i];
    const bool symbol = one.kind == Token::Kind::kSymbol;
    if (symbol && one.text == "(") ++depth;
    if (symbol && one.text == ")") --depth;
    const Token& next = tokens[i + 1];
    if (depth == 1 && symbol && (one.text == "(" || one.text == ","))
      ours = next.kind == Token::Kind::kName && next.text == column;
    const bool is_default = one.kind == Token::Kind::kWord && base::equals_ignoring_case(one.text, "default");
    if (!ours || depth != 1 || !is_default) continue;
    if (next.kind != Token::Kind::kText) return std::nullopt;
    std::string out = "x'";
    for (const char c : next.text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out + "'";
  }
  return std::nullopt;
}

// MariaDB shows an expression, MySQL the bare value unless EXTRA says that it is one.
std::optional<std::string> default_of(const std::optional<std::string>& shown, const std::string& type,
                                      const std::string& extra, bool mariadb) {
  if (!shown || mariadb) return shown;
  if (contains(extra, "default_generated")) return unescaped(*shown, false);
  const bool moment = type.starts_with("datetime") || type.starts_with("timestamp");
  if (moment && base::lower(*shown).starts_with("current_timestamp")) return shown;
  if (type.starts_with("bit") && shown->starts_with("b'")) return shown;
  if (holds_bytes(type) && shown->starts_with("0x")) return shown;
  return quoted_text(*shown);
}

ColumnRow column_of(const Result& rows, int row, bool mariadb) {
  const std::string extra = rows.string(row, 5);
  return {.name = rows.string(row, 1),
          .type = rows.string(row, 2),
          .default_value = default_of(rows.optional(row, 3), rows.string(row, 2), extra, mariadb),
          .nullable = rows.yes(row, 4),
          .auto_increment = contains(extra, "auto_increment"),
          .on_update_now = contains(extra, "on update current_timestamp"),
          .generated = unescaped(rows.string(row, 6), mariadb),
          .invisible = contains(extra, "invisible"),
          .system = rows.string(row, 6) == "ROW START" || rows.string(row, 6) == "ROW END",
          .charset = rows.string(row, 7),
          .collation = rows.string(row, 8),
          .comment = rows.string(row, 9)};
}

class CatalogReader {
 public:
  CatalogReader(Answers& answers, CatalogDepth depth) : answers_(answers), depth_(depth) {}

  Catalog run() {
    catalog_.flavor = answers_.is_mariadb() ? Flavor::kMariaDb : Flavor::kMySql;
    catalog_.database = answers_.database();
    catalog_.user = grantee(ask(queries::kIdentity, "tell who it is").string(0, 0));
    read_tables();
    read_views();
    read_columns();
    read_indexes();
    read_foreign_keys();
    read_checks();
    read_partitions();
    if (depth_ == CatalogDepth::kEverything) read_code();
    return std::move(catalog_);
  }

 private:
  Result ask(std::string_view sql, std::string_view what) { return answers_.ask(sql, what); }

  void read_tables() {
    const Result rows = ask(queries::kTables, "list tables");
    for (int row = 0; row < rows.rows(); ++row) {
      const std::string name = rows.string(row, 0);
      if (rows.string(row, 1) == "SEQUENCE") {
        read_sequence(name);
        continue;
      }
      place_[name] = catalog_.tables.size();
      catalog_.tables.push_back({.name = name,
                                 .engine = rows.string(row, 2),
                                 .comment = rows.string(row, 3),
                                 .system_versioned = rows.string(row, 1) == "SYSTEM VERSIONED",
                                 .auto_increment = rows.number(row, 4),
                                 .bytes = rows.number(row, 5),
                                 .estimated_rows = rows.number(row, 6)});
    }
  }

  void read_sequence(const std::string& name) {
    const Result row =
        ask(fmt::format("SELECT next_not_cached_value, minimum_value, maximum_value, start_value, increment, "
                        "cycle_option FROM {}",
                        quoted_name(name)),
            "read a sequence");
    catalog_.sequences.push_back({.name = name,
                                  .next = row.signed_number(0, 0),
                                  .least = row.signed_number(0, 1),
                                  .most = row.signed_number(0, 2),
                                  .start = row.signed_number(0, 3),
                                  .increment = row.signed_number(0, 4),
                                  .cycle = row.number(0, 5) != 0});
  }

  TableRow* table(const Result& rows, int row) {
    const auto found = place_.find(rows.string(row, 0));
    return found == place_.end() ? nullptr : &catalog_.tables[found->second];
  }

  void read_views() {
    if (depth_ != CatalogDepth::kEverything) return;
    const Result rows = ask(queries::kViews, "list views");
    for (int row = 0; row < rows.rows(); ++row)
      catalog_.views.push_back({.name = rows.string(row, 0),
                                .definition = rows.string(row, 1),
                                .check_option = rows.string(row, 2),
                                .by_invoker = rows.string(row, 3) == "INVOKER"});
  }

  void read_columns() {
    const Result rows = ask(queries::kColumns, "list columns");
    std::map<std::string, ViewRow*> views;
    for (ViewRow& one : catalog_.views) views[one.name] = &one;
    for (int row = 0; row < rows.rows(); ++row) {
      ColumnRow column = column_of(rows, row, answers_.is_mariadb());
      if (TableRow* of = table(rows, row)) {
        of->columns.push_back(std::move(column));
      } else if (const auto view = views.find(rows.string(row, 0)); view != views.end()) {
        view->second->columns.push_back(std::move(column));
      }
    }
    if (!answers_.is_mariadb()) return;
    for (TableRow& table : catalog_.tables) read_bytes(table);
  }

  // MariaDB's catalogue has a question mark for each byte of a default that is no character. What a script gathered
  // does not say more.
  void read_bytes(TableRow& table) {
    std::string create;
    for (ColumnRow& column : table.columns) {
      const bool unclear = column.default_value && column.default_value->find('?') != std::string::npos;
      if (!unclear || !holds_bytes(column.type)) continue;
      if (create.empty()) {
        const std::optional<Result> shown =
            answers_.try_ask("SHOW CREATE TABLE " + quoted_name(table.name), "look at a table");
        if (!shown || shown->rows() == 0) return;
        create = shown->string(0, 1);
      }
      if (auto bytes = bytes_of_default(create, column.name)) column.default_value = std::move(bytes);
    }
  }

  void read_indexes() {
    const bool functional = !answers_.is_mariadb() && answers_.version() >= kFunctionalIndexes;
    const Result rows = ask(functional ? queries::kIndexesMysql : queries::kIndexesMariadb, "list indexes");
    for (int row = 0; row < rows.rows(); ++row) {
      TableRow* of = table(rows, row);
      if (of == nullptr) continue;
      const std::string name = rows.string(row, 1);
      if (of->indexes.empty() || of->indexes.back().name != name)
        of->indexes.push_back({.name = name,
                               .unique = rows.number(row, 2) == 0,
                               .type = rows.string(row, 3),
                               .comment = rows.string(row, 8)});
      const bool whole = of->indexes.back().type == "FULLTEXT" || of->indexes.back().type == "SPATIAL";
      of->indexes.back().parts.push_back({.column = rows.string(row, 4),
                                          .expression = unescaped(rows.string(row, 7), answers_.is_mariadb()),
                                          .prefix = whole ? 0 : static_cast<int>(rows.number(row, 5)),
                                          .descending = rows.string(row, 6) == "D"});
    }
  }

  void read_foreign_keys() {
    const Result rows = ask(queries::kForeignKeys, "list foreign keys");
    for (int row = 0; row < rows.rows(); ++row) {
      TableRow* of = table(rows, row);
      if (of == nullptr) continue;
      const std::string name = rows.string(row, 1);
      if (of->foreign_keys.empty() || of->foreign_keys.back().name != name)
        of->foreign_keys.push_back({.name = name,
                                    .other_schema = rows.string(row, 3),
                                    .other_table = rows.string(row, 4),
                                    .on_update = rows.string(row, 6),
                                    .on_delete = rows.string(row, 7)});
      of->foreign_keys.back().columns.push_back(rows.string(row, 2));
      of->foreign_keys.back().other_columns.push_back(rows.string(row, 5));
    }
  }

  void read_checks() {
    const bool mariadb = answers_.is_mariadb();
    if (!mariadb && answers_.version() < kMySqlChecks) return;
    const Result rows = ask(mariadb ? queries::kChecksMariadb : queries::kChecksMysql, "list checks");
    for (int row = 0; row < rows.rows(); ++row) {
      TableRow* of = table(rows, row);
      if (of == nullptr) continue;
      of->checks.push_back({.name = rows.string(row, 1),
                            .clause = unescaped(rows.string(row, 2), mariadb),
                            .enforced = rows.yes(row, 3)});
    }
  }

  void read_partitions() {
    const Result rows = ask(queries::kPartitions, "list partitions");
    for (int row = 0; row < rows.rows(); ++row) {
      TableRow* of = table(rows, row);
      if (of == nullptr) continue;
      of->partitions.push_back({.name = rows.string(row, 1),
                                .method = rows.string(row, 2),
                                .expression = rows.string(row, 3),
                                .description = rows.string(row, 4),
                                .has_subpartitions = rows.number(row, 5) > 0});
    }
  }

  // The texts come from SHOW CREATE, whose column differs by kind; null without the right to see it.
  void read_code() {
    const Result rows = ask(queries::kCode, "list triggers, routines and events");
    for (int row = 0; row < rows.rows(); ++row) {
      const std::string kind = rows.string(row, 0);
      const std::string name = rows.string(row, 1);
      const std::optional<Result> text =
          answers_.try_ask(fmt::format("SHOW CREATE {} {}", kind, quoted_name(name)), "show a routine");
      const int column = kind == "EVENT" ? 3 : 2;
      const bool seen = text && text->rows() > 0;
      catalog_.code.push_back({.kind = kind,
                               .name = name,
                               .table = rows.string(row, 2),
                               .text = seen ? text->string(0, column) : std::string(),
                               .collation = seen ? text->string(0, column + 3) : std::string(),
                               .sql_mode = seen ? text->string(0, 1) : std::string()});
    }
  }

  Answers& answers_;
  const CatalogDepth depth_;
  Catalog catalog_ = {};
  std::map<std::string, std::size_t> place_ = {};
};

}  // namespace

Catalog read_catalog(Answers& answers, CatalogDepth depth) {
  return CatalogReader(answers, depth).run();
}

Catalog read_catalog(Connection& connection, CatalogDepth depth) {
  Catalog catalog = read_catalog(*answers_of(connection), depth);
  catalog.type_rules = connection.type_rules();
  return catalog;
}

bool has_transactions(std::string_view engine) {
  constexpr std::array<std::string_view, 9> kWithout = {"myisam",     "aria",      "memory",    "csv",    "archive",
                                                        "mrg_myisam", "blackhole", "federated", "connect"};
  return std::ranges::find(kWithout, base::lower(engine)) == kWithout.end();
}

std::string grantee(const std::string& current_user) {
  const std::size_t at = current_user.rfind('@');
  if (at == std::string::npos) return quoted_text(current_user) + "@'%'";
  return quoted_text(current_user.substr(0, at)) + "@" + quoted_text(current_user.substr(at + 1));
}

}  // namespace voyager::mysql
