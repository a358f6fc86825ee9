#include "model/table_list.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace voyager::model {
namespace {

/// One part of a pattern: text in double quotes stands for itself, anything else is a glob without case.
struct PatternPart {
  std::string text = {};
  bool exact = false;

  bool matches(const Identifier& name) const {
    if (exact) return name.catalog_text() == text;
    return base::glob_match(base::lower(text), base::lower(name.catalog_text()));
  }
};

struct Pattern {
  std::string typed = {};
  PatternPart schema = {};
  PatternPart name = {};

  bool matches(const TableName& table) const { return schema.matches(table.schema) && name.matches(table.name); }
};

[[noreturn]] void fail_pattern(const std::string& typed, const std::string& why) {
  base::fail(base::ExitCode::kUsage, "the table list has a wrong entry: " + typed, why,
             {"write table, schema.table, a pattern such as schema.order_*, or \"Exact Name\""});
}

// Takes one part off the front of `rest`, with its blanks.
PatternPart take_part(std::string_view& rest, const std::string& typed) {
  PatternPart part;
  rest = base::trim(rest);
  if (!rest.starts_with('"')) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    part.text = base::trim(rest.substr(0, dot));
    rest.remove_prefix(dot);
    if (part.text.find('"') != std::string::npos) fail_pattern(typed, "a double quote stands inside a name");
    return part;
  }
  part.exact = true;
  std::size_t at = 1;
  for (; at < rest.size(); ++at) {
    if (rest[at] == '"') {
      if (at + 1 >= rest.size() || rest[at + 1] != '"') break;
      ++at;
    }
    part.text += rest[at];
  }
  if (at >= rest.size()) fail_pattern(typed, "a double quote is not closed");
  rest = base::trim(rest.substr(at + 1));
  if (!rest.empty() && rest[0] != '.') fail_pattern(typed, "text follows the closing double quote");
  return part;
}

Pattern parse_pattern(const std::string& typed, const Identifier& default_schema) {
  std::string_view rest = typed;
  std::vector<PatternPart> parts = {take_part(rest, typed)};
  while (!rest.empty()) {
    rest.remove_prefix(1);
    parts.push_back(take_part(rest, typed));
  }
  for (const PatternPart& part : parts) {
    if (part.text.empty()) fail_pattern(typed, "a name is empty");
  }
  if (parts.size() > 2) fail_pattern(typed, "it has more than one dot");
  if (parts.size() == 2) return {.typed = typed, .schema = parts[0], .name = parts[1]};
  if (default_schema.empty()) fail_pattern(typed, "there is no default schema among several: name the schema too");
  return {.typed = typed, .schema = {.text = default_schema.catalog_text(), .exact = true}, .name = parts[0]};
}

// The candidate nearest to `typed`; people leave out the schema, so names are compared with and without it.
std::string nearest_name(const std::string& typed, const std::vector<Table>& all) {
  std::vector<std::string> names;
  for (const Table& table : all) names.push_back(display(table.name));
  if (const auto found = base::nearest(typed, names)) return *found;
  names.clear();
  for (const Table& table : all) names.push_back(display(table.name.name));
  const auto found = base::nearest(typed.substr(typed.rfind('.') + 1), names);
  if (!found) return {};
  const auto at = std::ranges::find_if(all, [&](const Table& table) { return display(table.name.name) == *found; });
  return display(at->name);
}

[[noreturn]] void fail_unknown(const std::vector<std::string>& unknown, const std::vector<Table>& all) {
  std::vector<std::string> valid;
  for (const Table& table : all) valid.push_back(display(table.name));
  std::ranges::sort(valid);
  std::vector<std::string> fix;
  for (const std::string& typed : unknown) {
    const std::string near = nearest_name(typed, all);
    if (!near.empty()) fix.push_back("instead of " + typed + ", did you mean " + near + "?");
  }
  fix.emplace_back("a name with capital letters matches in any case; in double quotes it matches exactly");
  base::fail(base::ExitCode::kUsage, "the table list names no known table: " + base::join(unknown, ", "),
             "the valid names are: " + base::join(valid, ", "), std::move(fix));
}

using Names = std::set<TableName>;

// All tables that some pattern names. What matches nothing is added to `unknown`.
Names matched(const std::vector<Table>& all, const std::vector<std::string>& patterns, const Identifier& default_schema,
              std::vector<std::string>& unknown) {
  Names names;
  for (const std::string& typed : patterns) {
    const Pattern pattern = parse_pattern(typed, default_schema);
    bool found = false;
    for (const Table& table : all) {
      if (!pattern.matches(table.name)) continue;
      names.insert(table.name);
      found = true;
    }
    if (!found) unknown.push_back(typed);
  }
  return names;
}

// A leaf is named by its own name or by its root's.
bool named(const Table& table, const Names& names) {
  return names.contains(table.name) || names.contains(table.root);
}

}  // namespace

std::vector<std::string> split_table_list(const std::string& text) {
  std::vector<std::string> entries;
  std::string entry;
  bool quoted_part = false;
  const auto flush = [&] {
    if (const std::string_view whole = base::trim(entry); !whole.empty()) entries.emplace_back(whole);
    entry.clear();
  };
  for (const char c : text) {
    if (c == '"') quoted_part = !quoted_part;
    if (c == '\n') quoted_part = false;  // No name spans lines: an unclosed quote stays one entry's fault.
    if (c == '\n' || (c == ',' && !quoted_part)) {
      flush();
    } else {
      entry += c;
    }
  }
  flush();
  return entries;
}

std::vector<Table> select_tables(const std::vector<Table>& all, const TableList& list,
                                 const Identifier& default_schema) {
  std::vector<std::string> unknown;
  const Names included = matched(all, list.include, default_schema, unknown);
  const Names excluded = matched(all, list.exclude, default_schema, unknown);
  if (!unknown.empty()) fail_unknown(unknown, all);

  const auto in_scope = [&](const Table& table) {
    return (list.include.empty() || named(table, included)) && !named(table, excluded);
  };
  Names roots_with_leaves;    // in `all`
  Names roots_with_selected;  // among what is selected
  for (const Table& table : all) {
    if (table.kind != TableKind::kLeafPartition) continue;
    roots_with_leaves.insert(table.root);
    if (in_scope(table)) roots_with_selected.insert(table.root);
  }
  // A root follows its leaves: it is there when one of them is, and only then (unless it has none at all).
  std::vector<Table> selected;
  for (const Table& table : all) {
    const bool wanted = table.kind == TableKind::kPartitionRoot && roots_with_leaves.contains(table.name)
                            ? roots_with_selected.contains(table.name)
                            : in_scope(table);
    if (wanted) selected.push_back(table);
  }
  return selected;
}

}  // namespace voyager::model
