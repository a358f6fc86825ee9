#include "connectors/postgresql/dump_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "model/identifier.h"
#include "sql/lexer.h"
#include "sql/splitter.h"
#include "sql/storage_options.h"

namespace voyager::postgresql {
namespace {

using connector::WrittenObject;

/// What the comments in front of a statement say.
struct Heading {
  bool starts_entry = false;
  bool end_of_dump = false;
  WrittenObject object = {};
  std::string_view number = {};  ///< Of the entry, where the dump tells.
  std::string_view needs = {};   ///< Number of the first entry that it needs: of what is said of an object, the object.
};

std::string or_nothing(std::string_view text) {
  return text == "-" ? std::string() : std::string(text);
}

/// "-- Name: x; Type: TABLE; Schema: public; Owner: -". A name may itself hold "; Type: ", so the last one that is
/// followed by "; Schema: " counts.
bool read_name(std::string_view line, WrittenObject& object) {
  constexpr std::string_view kName = "-- Name: ";
  constexpr std::string_view kType = "; Type: ";
  constexpr std::string_view kSchema = "; Schema: ";
  constexpr std::string_view kOwner = "; Owner: ";
  if (!line.starts_with(kName)) return false;
  const std::size_t schema = line.rfind(kSchema);
  const std::size_t type = schema == std::string_view::npos ? schema : line.rfind(kType, schema);
  if (type == std::string_view::npos) return false;
  const std::size_t owner = std::min(line.find(kOwner, schema), line.size());
  const auto between = [&line](std::size_t from, std::size_t to) { return line.substr(from, to - from); };
  object.name = between(kName.size(), type);
  object.kind = between(type + kType.size(), schema);
  object.schema = or_nothing(between(schema + kSchema.size(), owner));
  if (owner < line.size()) object.owner = or_nothing(line.substr(owner + kOwner.size()));
  return true;
}

/// A view that groups by a primary key, or that is in a circle with others, is written as an empty one, and what it
/// reads behind all that it needs.
bool is_rest_of_view(const WrittenObject& object) {
  return object.kind == "RULE" && object.name.ends_with(" _RETURN");
}

/// The server names the triggers of foreign keys itself, on every server otherwise.
bool is_trigger_of_foreign_key(const WrittenObject& object) {
  return object.kind == "TRIGGER" && object.name.find(" RI_ConstraintTrigger_") != std::string::npos;
}

/// Of an object, and nothing without it.
bool is_said_of_an_object(std::string_view kind) {
  return kind == "COMMENT" || kind == "ACL" || kind == "SECURITY LABEL" || kind == "ROW SECURITY";
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

/// "-- TOC entry 215 (class 1259 OID 16384)"
void read_number(std::string_view line, Heading& heading) {
  constexpr std::string_view kEntry = "-- TOC entry ";
  constexpr std::string_view kClass = " (class ";
  constexpr std::string_view kOid = " OID ";
  if (!line.starts_with(kEntry)) return;
  const std::size_t at = line.find(kClass);
  const std::size_t oid = line.find(kOid);
  if (at == std::string_view::npos || oid == std::string_view::npos || !line.ends_with(')')) return;
  heading.number = line.substr(kEntry.size(), at - kEntry.size());
  const std::string_view catalogue = line.substr(at + kClass.size(), oid - at - kClass.size());
  if (catalogue == "0") return;
  heading.object.key = catalogue;
  (heading.object.key += "/") += line.substr(oid + kOid.size(), line.size() - oid - kOid.size() - 1);
}

Heading read_heading(std::string_view comments) {
  constexpr std::string_view kNeeds = "-- Dependencies: ";
  Heading heading;
  while (!comments.empty()) {
    const std::size_t end = std::min(comments.find('\n'), comments.size());
    const std::string_view line = comments.substr(0, end);
    read_number(line, heading);
    if (line.starts_with(kNeeds)) heading.needs = first_word(line.substr(kNeeds.size()));
    if (read_name(line, heading.object)) heading.starts_entry = true;
    if (is_rest_of_view(heading.object)) heading.object.kind = "REST OF VIEW";
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

/// ALTER ... OWNER TO role;
bool gives_owner(std::string_view sql) {
  if (!sql::is_word(sql, sql::next_code_token(sql, 0), "alter")) return false;
  std::array<sql::Token, 4> last = {};  ///< Newest at the back.
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    std::rotate(last.begin(), last.begin() + 1, last.end());
    last.back() = token;
  }
  return sql::is_word(sql, last[0], "owner") && sql::is_word(sql, last[1], "to") && sql::is_symbol(sql, last[3], ';');
}

/// The schema that CREATE EXTENSION ... WITH SCHEMA names, quoted as there; empty when it names none.
std::string_view extension_schema(std::string_view sql) {
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    if (sql::is_word(sql, token, "schema")) return sql::next_code_token(sql, token.end).of(sql);
  }
  return {};
}

/// pg_dump says near the top of its text from what it has it.
std::string version_of(std::string_view dump) {
  constexpr std::string_view kDumpedFrom = "-- Dumped from database version ";
  constexpr std::size_t kHeadMax = 4096;
  const std::size_t at = dump.substr(0, kHeadMax).find(kDumpedFrom);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = dump.substr(at + kDumpedFrom.size());
  const std::string_view version = rest.substr(0, rest.find('\n'));
  return version.empty() ? std::string() : "PostgreSQL " + std::string(version);
}

class DumpReader {
 public:
  explicit DumpReader(const std::vector<std::string>& schemas) : schemas_(schemas) {}

  void start(Heading heading) {
    WrittenObject& object = schema_.objects.emplace_back(std::move(heading.object));
    if (!heading.number.empty()) keys_.insert_or_assign(heading.number, object.key);
    if (const auto found = keys_.find(heading.needs); is_said_of_an_object(object.kind) && found != keys_.end())
      object.said_of = found->second;
    if (is_trigger_of_foreign_key(object))
      object.not_kept =
          "the trigger of a foreign key is switched off on this partition, and has another name on every server";
  }

  void add(std::string sql) {
    if (schema_.objects.empty()) {
      schema_.settings.push_back(std::move(sql));
      return;
    }
    WrittenObject& object = schema_.objects.back();
    if (gives_owner(sql)) {
      object.owner_statements.push_back(std::move(sql));
      return;
    }
    if (object.kind == "DEFAULT" && is_foreign_table_alter(sql)) object.kind = "FOREIGN TABLE DEFAULT";
    if (object.kind == "EXTENSION") make_schema_for(object, sql);
    object.statements.push_back(std::move(sql));
  }

  connector::WrittenSchema finish() { return std::move(schema_); }

 private:
  void make_schema_for(WrittenObject& object, std::string_view sql) {
    const std::string_view schema = extension_schema(sql);
    if (schema.empty() || schemas_.empty()) return;
    const std::string name = model::parse_table_name(schema).name.catalog_text();
    if (name.starts_with("pg_") || std::ranges::find(schemas_, name) != schemas_.end()) return;
    // For each of them: the one before may be left out.
    object.statements.push_back("CREATE SCHEMA IF NOT EXISTS " + std::string(schema) + ";");
    if (name != "public")
      object.change = "its schema " + std::string(schema) + ", which is not exported, is made for it";
  }

  const std::vector<std::string>& schemas_;
  connector::WrittenSchema schema_ = {};
  std::map<std::string_view, std::string> keys_ = {};  ///< Of objects, by the numbers of their entries.
};

}  // namespace

connector::WrittenSchema read_dump(std::string_view dump, const std::vector<std::string>& schemas) {
  DumpReader reader(schemas);
  // The settings come again behind \connect; only their first time counts.
  bool settings_again = false;
  for (const sql::Piece& piece : sql::split_statements(dump)) {
    Heading heading = read_heading(piece.leading());
    if (heading.end_of_dump) break;
    if (heading.starts_entry) {
      settings_again = false;
      reader.start(std::move(heading));
    }
    if (piece.kind == sql::Piece::Kind::kMeta && piece.sql().starts_with("\\connect")) settings_again = true;
    if (piece.kind != sql::Piece::Kind::kStatement || settings_again || is_dropped(piece.sql())) continue;
    std::string statement = without_servers_own(piece.sql());
    if (!statement.empty()) reader.add(std::move(statement));
  }
  connector::WrittenSchema schema = reader.finish();
  schema.database_version = version_of(dump);
  return schema;
}

}  // namespace voyager::postgresql
