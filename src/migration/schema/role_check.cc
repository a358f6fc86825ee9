#include "migration/schema/role_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "migration/schema/statement_runner.h"
#include "model/schema_object.h"
#include "sql/lexer.h"

namespace voyager::migration {
namespace {

using sql::StatementKind;

/// The statement with only those of its roles behind TO that `keeps` says yes to; nothing when none is left.
template <typename Keeps>
std::optional<std::string> with_roles(std::string_view sql, const Keeps& keeps) {
  sql::Token token = sql::next_code_token(sql, 0);
  while (token.kind != sql::TokenKind::kEnd && !sql::is_word(sql, token, "to"))
    token = sql::next_code_token(sql, token.end);
  const std::size_t begin = token.end;
  std::size_t end = begin;
  std::vector<std::string_view> kept;
  for (bool more = true; more;) {
    const sql::Token name = sql::next_code_token(sql, end);
    if (keeps(model::parse_table_name(name.of(sql)).name.catalog_text())) kept.push_back(name.of(sql));
    const sql::Token comma = sql::next_code_token(sql, name.end);
    more = sql::is_symbol(sql, comma, ',');
    end = more ? comma.end : name.end;
  }
  if (kept.empty()) return std::nullopt;
  std::string list;
  for (const std::string_view one : kept) (list += list.empty() ? " " : ", ") += one;
  return std::string(sql.substr(0, begin)) + list + std::string(sql.substr(end));
}

NotRun not_run_of(const SchemaStatement& statement, std::string reason, std::string role) {
  return {.file = statement.file,
          .line = statement.line,
          .sql = statement.sql,
          .reason = std::move(reason),
          .role = std::move(role),
          .info = statement.info};
}

class RoleCheck {
 public:
  explicit RoleCheck(const std::vector<connector::TargetRole>& roles) {
    for (const connector::TargetRole& one : roles) {
      may_own_.emplace(one.name, one.may_own);
      if (one.is_self) self_ = one.name;
    }
  }

  /// True when the statement is not to run.
  bool check(SchemaStatement& statement, std::vector<NotRun>& not_run) const {
    const auto missing =
        std::ranges::find_if(statement.info.roles, [&](const std::string& role) { return !may_own_.contains(role); });
    if (missing != statement.info.roles.end()) {
      NotRun one = not_run_of(statement, fmt::format("role {} is missing on the target", *missing), *missing);
      if (statement.info.kind == StatementKind::kCreatePolicy) {
        const auto rest = with_roles(
            statement.sql, [&](const std::string& role) { return may_own_.contains(role) || role == "public"; });
        if (rest) {
          statement.sql = *rest;
          one.made_with_rest = true;
          one.reason = fmt::format("made without role {}, which is missing on the target", *missing);
        }
      }
      const bool made = one.made_with_rest;
      not_run.push_back(std::move(one));
      return !made;
    }
    if (statement.info.kind != StatementKind::kOwner) return false;
    // Of 20,000 tables that saves as many statements. A schema may have been there before.
    if (!statement.info.names_schema && statement.info.roles.front() == self_) return true;
    for (const std::string& role : statement.info.roles) {
      if (may_own_.at(role)) continue;
      not_run.push_back(not_run_of(
          statement, fmt::format("the user that imports is no member of role {}, and may give it nothing", role),
          role));
      return true;
    }
    return false;
  }

 private:
  std::map<std::string, bool> may_own_ = {};
  std::string self_ = {};
};

/// The object or property as the export's list has it.
model::SchemaObject object_of(const NotRun& one) {
  model::SchemaObject object{
      .property = true,
      .outcome = one.made_with_rest ? model::ObjectOutcome::kMovedWithChange : model::ObjectOutcome::kLeftOut,
      .note = one.reason,
      .statement = one.sql};
  switch (one.info.kind) {
    case StatementKind::kCreatePolicy:
      object.kind = "POLICY";
      object.schema = one.info.table.schema.catalog_text();
      object.name = one.info.table.name.catalog_text() + " " + one.info.object.name.catalog_text();
      break;
    case StatementKind::kCreateUserMapping:
      object.kind = "USER MAPPING";
      object.name = fmt::format("USER MAPPING {} SERVER {}", one.info.roles.empty() ? "public" : one.info.roles.front(),
                                one.info.object.name.catalog_text());
      break;
    case StatementKind::kCreateExtension:
      object.kind = "EXTENSION";
      object.name = one.info.object.name.catalog_text();
      break;
    default:
      object.kind = one.info.kind == StatementKind::kOwner     ? "OWNER"
                    : one.info.kind == StatementKind::kSetting ? "SETTING"
                                                               : "GRANT";
      object.name = base::one_line(one.sql);
  }
  return object;
}

}  // namespace

void check_roles(std::vector<SchemaStatement>& statements, const std::vector<connector::TargetRole>& roles,
                 std::vector<NotRun>& not_run) {
  if (roles.empty()) return;
  const RoleCheck check(roles);
  std::erase_if(statements, [&](SchemaStatement& one) { return !one.info.roles.empty() && check.check(one, not_run); });
}

void tell_not_run(const std::vector<NotRun>& not_run, model::Dialogue& dialogue) {
  std::map<std::string, std::size_t> by_reason;
  for (const NotRun& one : not_run) ++by_reason[one.reason];
  for (const auto& [reason, count] : by_reason) {
    dialogue.notice(
        model::NoticeLevel::kWarning,
        fmt::format("{}: {} in schema/{}", reason,
                    count == 1 ? std::string("1 statement") : fmt::format("{} statements", count), kNotRunFile));
  }
}

void note_not_run(format::MetaDb& db, const std::vector<NotRun>& not_run) {
  for (const NotRun& one : not_run) db.note_import_of_object(object_of(one));
}

}  // namespace voyager::migration
