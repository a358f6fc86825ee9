// Names of database objects.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace voyager::model {

/// A name exactly as the catalog holds it: unquoted, case kept, any byte but NUL. It becomes SQL through `quoted` (or
/// another product's dialect) and text for people through `display`, never by itself.
class Identifier {
 public:
  Identifier() = default;
  explicit Identifier(std::string text) : text_(std::move(text)) {}
  /// The catalog spelling, for comparing with catalog rows and passing as a query parameter.
  const std::string& catalog_text() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Identifier&) const = default;

 private:
  std::string text_ = {};
};

/// Schema and name of a table, sequence, view, ...
struct TableName {
  Identifier schema = {};
  Identifier name = {};
  auto operator<=>(const TableName&) const = default;
};

/// PostgreSQL's quoted form: "na""me", always with quotes.
std::string quoted(const Identifier& name);
std::string quoted(const TableName& name);  ///< "schema"."name": the key in state and JSON maps.
/// As a person would type it: quotes only where PostgreSQL needs them (not all lower-case letters, digits and _, or a
/// reserved word).
std::string display(const Identifier& name);
std::string display(const TableName& name);  ///< schema.name
/// As `display`, without the schema when it is `public`: the start of data-file names and of report rows.
std::string display_short(const TableName& name);
/// Reads one possibly quoted identifier or `schema.name`; unquoted parts are folded to lower case. An absent schema
/// comes back empty. Throws Error (kUsage) on a stray quote or more than one dot.
TableName parse_table_name(std::string_view text);

}  // namespace voyager::model
