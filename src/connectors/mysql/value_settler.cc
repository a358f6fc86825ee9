#include "connectors/mysql/value_settler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/error.h"
#include "connectors/mysql/proposed_rule.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kKeysNamed = 5;
constexpr std::size_t kShownBytesMax = 60;

// Dates are shown as they are; the content of texts is nobody's business but the user's.
bool may_be_shown(Form form) {
  return form == Form::kDate || form == Form::kDateTime || form == Form::kTimestamp || form == Form::kTime;
}

}  // namespace

bool ValueSettler::settle(const ConvertedTable& table, const ConvertedColumn& column, const ValueRule* rule,
                          const char* what, std::string_view raw, const std::function<std::string()>& key,
                          std::optional<std::string_view>& text) {
  if (rule == nullptr || rule->action == RuleAction::kStop || rule->action == RuleAction::kRepair) {
    const std::string full = table.source_name + "." + column.source_name;
    std::string shown;
    if (may_be_shown(column.source_type.form)) shown = fmt::format(": '{}'", raw.substr(0, kShownBytesMax));
    throw base::Error(
        {.code = "VAL-001",
         .title = fmt::format("{} holds {}, which {} cannot hold{}", full, what, column.column.type, shown),
         .where = where_,
         .cause = fmt::format("the row with {}", key()),
         .fix = {fmt::format("decide what becomes of such values: --value-rules '{}=null' (or reject, or "
                             "replace:VALUE); each is counted and listed in reports/value-changes.json",
                             names_for_rule(table.source_name, column.source_name)),
                 "or change the value on the source"},
         .then = "run the same command again; tables that are complete are kept"});
  }
  note(table, column, *rule, what, key);
  text = rule->action == RuleAction::kReplace ? std::optional<std::string_view>(rule->value) : std::nullopt;
  return rule->action != RuleAction::kReject;
}

void ValueSettler::repair(const ConvertedTable& table, const ConvertedColumn& column, const ValueRule& rule,
                          const std::function<std::string()>& key, std::string& scratch,
                          std::optional<std::string_view>& text) {
  if (!text) return;
  std::optional<std::string> once = repaired(column.source_type, *text);
  if (!once) return;
  note(table, column, rule, kEncodedTwice, key);
  scratch = std::move(*once);
  text = scratch;
}

void ValueSettler::note(const ConvertedTable& table, const ConvertedColumn& column, const ValueRule& rule,
                        std::string_view what, const std::function<std::string()>& key) {
  const auto known = std::ranges::find_if(changes_, [&](const connector::ValueChange& one) {
    return one.table == table.table.name && one.column == column.column.name && one.what == what;
  });
  connector::ValueChange& change =
      known != changes_.end()
          ? *known
          : changes_.emplace_back(connector::ValueChange{.table = table.table.name,
                                                         .column = column.column.name,
                                                         .what = std::string(what),
                                                         .action = std::string(word_of(rule.action))});
  ++change.rows;
  if (change.keys.size() < kKeysNamed) change.keys.push_back(key());
}

void append_key_part(const ConvertedColumn& column, std::optional<std::string_view> text, std::string& out) {
  const std::string_view shown = text.value_or("?");
  const Form form = column.source_type.form;
  const bool bare = form == Form::kInteger || form == Form::kDecimal || form == Form::kYear;
  out += fmt::format("{}{}=", out.empty() ? "" : ", ", model::display(column.column.name));
  if (bare) {
    out += shown;
    return;
  }
  // As quote_literal() of the target writes it.
  const bool escaped = shown.find('\\') != std::string_view::npos;
  out += escaped ? "E'" : "'";
  for (const char c : shown) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  out += '\'';
}

}  // namespace voyager::mysql
