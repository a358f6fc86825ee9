#include "migration/schema/options_left_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sql/storage_options.h"

namespace voyager::migration {
namespace {

using connector::StatementFault;
using nlohmann::json;

constexpr const char* kKey = "options_left_out";
constexpr std::size_t kShownBytesMax = 120;

bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool names(std::string_view message, std::string_view word) {
  for (std::size_t at = message.find(word); at != std::string_view::npos; at = message.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !continues_name(message[at - 1])) && (end == message.size() || !continues_name(message[end])))
      return true;
  }
  return false;
}

/// The option of `sql` that the server names. It leaves a prefix out ("toast.vacuum_truncate").
std::string refused_option(const std::string& sql, const std::string& message) {
  const std::vector<std::string> options = sql::option_names(sql);
  for (const std::string& option : options) {
    if (names(message, option)) return option;
  }
  for (const std::string& option : options) {
    const std::size_t dot = option.rfind('.');
    if (dot != std::string::npos && names(message, std::string_view(option).substr(dot + 1))) return option;
  }
  return {};
}

}  // namespace

std::optional<StatementFault> run_with_known_options(connector::SchemaStatements& target, const std::string& sql,
                                                     std::vector<std::string>& notices,
                                                     std::vector<OptionLeftOut>& left_out) {
  const std::string beginning(base::beginning(base::one_line(sql), kShownBytesMax));
  std::vector<OptionLeftOut> own;
  std::string rest = sql;
  std::optional<StatementFault> fault = target.run(rest, notices);
  if (fault && fault->may_be_option && !fault->missing_object && sql::only_tunes_column(sql)) {
    left_out.push_back({.statement = beginning, .option = beginning, .reason = fault->message});
    return std::nullopt;
  }
  while (fault && fault->may_be_option) {
    const std::string name = refused_option(rest, fault->message);
    const std::optional<sql::Reduced> reduced = name.empty() ? std::nullopt : sql::without_option(rest, name);
    if (!reduced) break;
    own.push_back({.statement = beginning, .option = reduced->left_out, .name = name, .reason = fault->message});
    rest = reduced->sql;
    fault = rest.empty() ? std::nullopt : target.run(rest, notices);
  }
  // A statement that is refused all the same is tried again as it is, or fails as it is.
  if (!fault) left_out.insert(left_out.end(), own.begin(), own.end());
  return fault;
}

std::vector<OptionLeftOut> options_left_out(format::DocumentLedger& db) {
  std::vector<OptionLeftOut> out;
  const std::string text = db.json(kKey);
  const json all = text.empty() ? json::array() : json::parse(text);
  for (const json& one : all) {
    out.push_back({.file = one.value("file", ""),
                   .line = one.value("line", 0),
                   .statement = one.value("statement", ""),
                   .option = one.value("option", ""),
                   .name = one.value("name", ""),
                   .reason = one.value("reason", "")});
  }
  return out;
}

void note_options_left_out(format::DocumentLedger& db, const std::vector<OptionLeftOut>& more) {
  if (more.empty()) return;
  std::vector<OptionLeftOut> all = options_left_out(db);
  for (const OptionLeftOut& one : more) {
    if (std::ranges::find(all, one) == all.end()) all.push_back(one);
  }
  json out = json::array();
  for (const OptionLeftOut& one : all) {
    out.push_back({{"file", one.file},
                   {"line", one.line},
                   {"statement", one.statement},
                   {"option", one.option},
                   {"name", one.name},
                   {"reason", one.reason}});
  }
  // Bytes of the server's words need not be UTF-8.
  db.set_json(kKey, out.dump(-1, ' ', false, json::error_handler_t::replace));
}

void forget_options_left_out(format::DocumentLedger& db) {
  db.set_json(kKey, "");
}

std::vector<std::string> describe(const std::vector<OptionLeftOut>& left_out) {
  std::map<std::string, std::pair<const OptionLeftOut*, std::size_t>> by_option;
  for (const OptionLeftOut& one : left_out) {
    auto& [first, count] = by_option.try_emplace(one.option, &one, 0).first->second;
    ++count;
  }
  std::vector<std::string> out;
  for (const auto& [option, known] : by_option) {
    const auto& [first, count] = known;
    const std::string place = first->file.empty() ? "" : fmt::format("{}:{}", first->file, first->line);
    out.push_back(count == 1 ? fmt::format("{} ({})", option, place)
                             : fmt::format("{} ({} statements, the first at {})", option, count, place));
  }
  return out;
}

}  // namespace voyager::migration
