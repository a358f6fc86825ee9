#include "migration/schema/dump_splitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "migration/schema/object_types.h"
#include "model/identifier.h"
#include "sql/foreign_options.h"
#include "sql/lexer.h"
#include "sql/splitter.h"
#include "sql/statement.h"
#include "sql/storage_options.h"

namespace voyager::migration {
namespace {

constexpr std::string_view kPreambleComment = "-- setting variables for current session\n";
constexpr std::string_view kSpacing = "\n\n\n";

/// What the comments in front of a statement say.
struct Heading {
  bool starts_entry = false;
  bool end_of_dump = false;
  DumpEntry entry = {};
  std::string_view number = {};      ///< Of the entry, where the dump tells.
  std::string_view belongs_to = {};  ///< Number of the entry of its object, for what is said of one.
};

std::string or_nothing(std::string_view text) {
  return text == "-" ? std::string() : std::string(text);
}

/// "-- Name: x; Type: TABLE; Schema: public; Owner: -". A name may itself hold "; Type: ", so the last one that is
/// followed by "; Schema: " counts.
bool read_name(std::string_view line, DumpEntry& entry) {
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
  entry.name = between(kName.size(), type);
  entry.type = between(type + kType.size(), schema);
  entry.schema = or_nothing(between(schema + kSchema.size(), owner));
  if (owner < line.size()) entry.owner = or_nothing(line.substr(owner + kOwner.size()));
  return true;
}

/// A view that groups by a primary key, or that is in a circle with others, is written as an empty one, and what it
/// reads behind all that it needs.
bool is_rest_of_view(const DumpEntry& entry) {
  return entry.type == "RULE" && entry.name.ends_with(" _RETURN");
}

/// The server names the triggers of foreign keys itself, on every server otherwise.
bool is_trigger_of_foreign_key(const DumpEntry& entry) {
  return entry.type == "TRIGGER" && entry.name.find(" RI_ConstraintTrigger_") != std::string::npos;
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
  heading.entry.key = catalogue;
  (heading.entry.key += "/") += line.substr(oid + kOid.size(), line.size() - oid - kOid.size() - 1);
}

Heading read_heading(std::string_view comments) {
  constexpr std::string_view kNeeds = "-- Dependencies: ";
  Heading heading;
  while (!comments.empty()) {
    const std::size_t end = std::min(comments.find('\n'), comments.size());
    const std::string_view line = comments.substr(0, end);
    read_number(line, heading);
    if (line.starts_with(kNeeds)) heading.belongs_to = first_word(line.substr(kNeeds.size()));
    if (read_name(line, heading.entry)) heading.starts_entry = true;
    if (is_rest_of_view(heading.entry)) heading.entry.type = kRestOfView;
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

/// The role of ALTER ... OWNER TO role; nothing for another statement.
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

bool may_hold_secrets(std::string_view type) {
  return type == "USER MAPPING" || type == "SERVER" || type == "FOREIGN DATA WRAPPER" || type == "FOREIGN TABLE";
}

/// A source is often frozen this way for a migration. On the target it would stop the migration and those who use it.
constexpr std::string_view kReadOnly = "default_transaction_read_only";

/// Of an object, and nothing without it.
bool is_said_of_an_object(std::string_view type) {
  return type == "COMMENT" || type == "ACL" || type == "SECURITY LABEL" || type == "ROW SECURITY";
}

class Sorter {
 public:
  explicit Sorter(const SplitOptions& options)
      : options_(options), types_(options.types.begin(), options.types.end()) {}

  void add_preamble(std::string_view sql) { (preamble_ += sql) += "\n"; }

  void start(Heading heading) {
    DumpEntry& entry = result_.entries.emplace_back(std::move(heading.entry));
    if (!heading.number.empty()) by_number_[heading.number] = result_.entries.size() - 1;
    place_ = entry_place(entry.type);
    decide(entry, heading);
  }
  bool has_entry() const { return !result_.entries.empty(); }

  void add(std::string_view sql) {
    DumpEntry& entry = result_.entries.back();
    if (!entry.reason.empty() && place_ != nullptr) {
      const std::optional<std::string> harmless =
          may_hold_secrets(entry.type) ? sql::without_secret_options(sql) : std::nullopt;
      (entry.statement += harmless ? std::string_view(*harmless) : sql) += "\n";
    } else if (place_ == nullptr) {
      ++result_.uncategorized;
      append(std::string(kUncategorizedFile), sql);
      (entry.statement += sql) += "\n";
    } else if (entry.type == "DATABASE PROPERTIES" && sql.find(kReadOnly) != std::string_view::npos) {
      entry.change = fmt::format("{} is left out: it would make the target read only", sql);
    } else if (gives_owner(sql)) {
      add_owner(entry, sql);
    } else if (may_hold_secrets(entry.type)) {
      add_without_secrets(entry, sql);
    } else {
      add_as_it_is(entry, sql);
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
  void decide(DumpEntry& entry, const Heading& heading) {
    if (place_ == nullptr) {
      entry.reason = "the dump has a kind of object that this program does not know; its statements are in schema/" +
                     std::string(kUncategorizedFile);
      return;
    }
    const auto known = options_.left_out.find(entry.key.empty() ? entry.type + " " + entry.name : entry.key);
    if (known != options_.left_out.end()) {
      entry.reason = known->second;
    } else if (is_trigger_of_foreign_key(entry)) {
      entry.reason =
          "the trigger of a foreign key is switched off on this partition, and has another name on every server";
    } else if (place_->file.empty()) {
      entry.reason = place_->type;
    } else if (!types_.contains(place_->type) && entry.type != "DEFAULT") {
      entry.reason = why_not_exported(place_->type);
    } else if (is_said_of_an_object(entry.type)) {
      const auto object = by_number_.find(heading.belongs_to);
      // What is said of the database is said of the target's.
      if (object != by_number_.end() && result_.entries[object->second].type != "DATABASE" &&
          !result_.entries[object->second].reason.empty())
        entry.reason = "what it is said of is left out";
    }
    if (entry.reason.empty()) entry.file = place_->file;
  }

  void add_owner(DumpEntry& entry, std::string_view sql) {
    if (!types_.contains("OWNER")) {
      entry.owner_left_out = true;
    } else if (entry.type == "EVENT TRIGGER") {
      add_to(entry, sql);  // It is made last, and so is its owner.
    } else {
      append(std::string(kOwnerFile), sql);
    }
  }

  void add_without_secrets(DumpEntry& entry, std::string_view sql) {
    const std::optional<std::string> harmless = sql::without_secret_options(sql);
    if (harmless) entry.change = "its password is left out";
    add_as_it_is(entry, harmless ? std::string_view(*harmless) : sql);
  }

  void add_as_it_is(DumpEntry& entry, std::string_view sql) {
    if (entry.type == "DEFAULT") {
      const bool foreign = is_foreign_table_alter(sql);
      if (foreign) entry.file = kForeignTableFile;
      if (!types_.contains(foreign ? "FOREIGN TABLE" : "TABLE")) return;
    }
    if (entry.type == "EXTENSION") make_schema_for(entry, sql);
    if (entry.type == "TABLE ATTACH") {
      (attaches_ += sql) += kSpacing;  // A partition can only be attached once both tables are there.
    } else {
      add_to(entry, sql);
    }
  }

  void make_schema_for(DumpEntry& entry, std::string_view sql) {
    const std::string_view schema = extension_schema(sql);
    if (schema.empty() || options_.schemas.empty()) return;
    const std::string name = model::parse_table_name(schema).name.catalog_text();
    if (name.starts_with("pg_") || std::ranges::find(options_.schemas, name) != options_.schemas.end()) return;
    if (made_.insert(name).second) append(entry.file, "CREATE SCHEMA IF NOT EXISTS " + std::string(schema) + ";");
    if (name != "public")
      entry.change = "its schema " + std::string(schema) + ", which is not exported, is made for it";
  }

  void add_to(DumpEntry& entry, std::string_view sql) {
    entry.fingerprints.push_back(sql::fingerprint(sql));
    append(entry.file, sql);
  }

  void append(const std::string& file, std::string_view sql) { (result_.text[file] += sql) += kSpacing; }

  const SplitOptions& options_;
  std::set<std::string, std::less<>> types_;
  std::string preamble_ = {};
  std::string attaches_ = {};
  const EntryPlace* place_ = nullptr;                       ///< Of the entry in hand.
  std::map<std::string_view, std::size_t> by_number_ = {};  ///< Place in the entries.
  std::set<std::string> made_ = {};                         ///< Schemas of extensions.
  SchemaFiles result_ = {};
};

}  // namespace

SchemaFiles split_dump(std::string_view dump, const SplitOptions& options) {
  Sorter sorter(options);
  // The settings come again behind \connect; only their first time counts.
  bool settings_again = false;
  for (const sql::Piece& piece : sql::split_statements(dump)) {
    Heading heading = read_heading(piece.leading());
    if (heading.end_of_dump) break;
    if (heading.starts_entry) {
      settings_again = false;
      sorter.start(std::move(heading));
    }
    if (piece.kind == sql::Piece::Kind::kMeta && piece.sql().starts_with("\\connect")) settings_again = true;
    if (piece.kind != sql::Piece::Kind::kStatement || settings_again || is_dropped(piece.sql())) continue;
    const std::string statement = without_servers_own(piece.sql());
    if (statement.empty()) continue;
    if (sorter.has_entry()) {
      sorter.add(statement);
    } else {
      sorter.add_preamble(statement);
    }
  }
  return sorter.finish();
}

}  // namespace voyager::migration
