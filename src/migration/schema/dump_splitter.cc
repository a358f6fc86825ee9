#include "migration/schema/dump_splitter.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/text.h"
#include "migration/schema/object_types.h"
#include "sql/lexer.h"
#include "sql/splitter.h"
#include "sql/storage_options.h"

namespace voyager::migration {
namespace {

constexpr std::string_view kPreambleComment = "-- setting variables for current session\n";
constexpr std::string_view kSpacing = "\n\n\n";

/// "TABLE" from "-- Name: x; Type: TABLE; Schema: public; Owner: -". A name may itself hold "; Type: ", so the last one
/// that is followed by "; Schema: " counts.
std::string_view entry_type(std::string_view line) {
  constexpr std::string_view kName = "-- Name: ";
  constexpr std::string_view kType = "; Type: ";
  constexpr std::string_view kSchema = "; Schema: ";
  if (!line.starts_with(kName)) return {};
  const std::size_t schema = line.rfind(kSchema);
  const std::size_t type = schema == std::string_view::npos ? schema : line.rfind(kType, schema);
  if (type == std::string_view::npos) return {};
  return line.substr(type + kType.size(), schema - type - kType.size());
}

/// What the comments in front of a statement say.
struct Heading {
  std::string_view entry = {};  ///< Empty when no new section starts here.
  bool end_of_dump = false;
};

Heading read_heading(std::string_view comments) {
  Heading heading;
  while (!comments.empty()) {
    const std::size_t end = std::min(comments.find('\n'), comments.size());
    const std::string_view line = comments.substr(0, end);
    if (const std::string_view type = entry_type(line); !type.empty()) heading.entry = type;
    if (line.starts_with("-- PostgreSQL database dump complete")) heading.end_of_dump = true;
    comments.remove_prefix(std::min(end + 1, comments.size()));
  }
  return heading;
}

/// Settings that would spoil the import: the first names storage that the target need not have, the second hides that a
/// function's body does not work there.
bool is_dropped(std::string_view sql) {
  const sql::Token set = sql::next_code_token(sql, 0);
  if (!sql::is_word(sql, set, "set")) return false;
  const sql::Token name = sql::next_code_token(sql, set.end);
  return sql::is_word(sql, name, "default_table_access_method") || sql::is_word(sql, name, "check_function_bodies");
}

/// Every column of a server with the security releases of November 2026 has this option, which the server keeps for
/// itself: it says nothing of the column, and no server without that release takes it.
constexpr std::string_view kServersOwnOption = "pg_attver";

std::string without_servers_own(std::string_view sql) {
  if (sql.find(kServersOwnOption) == std::string_view::npos) return std::string(sql);
  const std::optional<sql::Reduced> reduced = sql::without_option(sql, kServersOwnOption);
  return reduced ? reduced->sql : std::string(sql);
}

/// A dump names a column's default in the section "DEFAULT" whatever kind of table it belongs to.
bool is_foreign_table_alter(std::string_view sql) {
  const sql::Token alter = sql::next_code_token(sql, 0);
  return sql::is_word(sql, alter, "alter") && sql::is_word(sql, sql::next_code_token(sql, alter.end), "foreign");
}

class Sorter {
 public:
  explicit Sorter(const std::vector<std::string>& types) : types_(types.begin(), types.end()) {}

  void add_preamble(std::string_view sql) { (preamble_ += sql) += "\n"; }

  void add(std::string_view entry, std::string_view sql) {
    const EntryPlace* place = entry_place(entry);
    if (place == nullptr) {
      ++result_.uncategorized;
      append(std::string(kUncategorizedFile), sql);
      return;
    }
    const bool foreign = entry == "DEFAULT" && is_foreign_table_alter(sql);
    if (!types_.contains(foreign ? "FOREIGN TABLE" : std::string(place->type))) return;
    if (entry == "TABLE ATTACH") {
      (attaches_ += sql) += kSpacing;  // A partition can only be attached once both tables are there.
    } else {
      append(std::string(foreign ? kForeignTableFile : place->file), sql);
    }
  }

  SchemaFiles finish() {
    if (!attaches_.empty()) result_.text[std::string(kTableFile)] += attaches_;
    for (auto& [file, text] : result_.text) {
      text.insert(0, std::string(kPreambleComment) + preamble_ + "\n\n");
    }
    return std::move(result_);
  }

 private:
  void append(const std::string& file, std::string_view sql) { (result_.text[file] += sql) += kSpacing; }

  std::set<std::string, std::less<>> types_;
  std::string preamble_ = {};
  std::string attaches_ = {};
  SchemaFiles result_ = {};
};

}  // namespace

SchemaFiles split_dump(std::string_view dump, const std::vector<std::string>& types) {
  Sorter sorter(types);
  std::string_view entry;
  for (const sql::Piece& piece : sql::split_statements(dump)) {
    const Heading heading = read_heading(piece.leading());
    if (heading.end_of_dump) break;
    if (!heading.entry.empty()) entry = heading.entry;
    if (piece.kind != sql::Piece::Kind::kStatement || is_dropped(piece.sql())) continue;
    const std::string statement = without_servers_own(piece.sql());
    if (statement.empty()) continue;
    if (entry.empty()) {
      sorter.add_preamble(statement);
    } else {
      sorter.add(entry, statement);
    }
  }
  return sorter.finish();
}

}  // namespace voyager::migration
