#include "migration/schema/role_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "migration/schema/statement_runner.h"
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
  NotRun one = migration::not_run_of(statement, std::move(reason));
  one.role = std::move(role);
  return one;
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
          one.sql = roles_of_policy(one.sql);
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

}  // namespace

void check_roles(std::vector<SchemaStatement>& statements, const std::vector<connector::TargetRole>& roles,
                 std::vector<NotRun>& not_run) {
  if (roles.empty()) return;
  const RoleCheck check(roles);
  std::erase_if(statements, [&](SchemaStatement& one) { return !one.info.roles.empty() && check.check(one, not_run); });
}

std::string roles_of_policy(std::string_view create_policy) {
  sql::Token token = sql::next_code_token(create_policy, 0);  // CREATE
  const std::size_t name = token.end;
  std::size_t table = 0;
  std::size_t roles = 0;
  std::size_t end = 0;
  std::size_t depth = 0;
  for (token = sql::next_code_token(create_policy, token.end); token.kind != sql::TokenKind::kEnd && end == 0;
       token = sql::next_code_token(create_policy, token.end)) {
    if (sql::is_symbol(create_policy, token, '(')) ++depth;
    if (sql::is_symbol(create_policy, token, ')') && depth > 0) --depth;
    if (depth > 0) continue;
    const auto is = [&](std::string_view word) { return sql::is_word(create_policy, token, word); };
    if (table == 0 && (is("as") || is("for") || is("to") || is("using") || is("with"))) table = token.begin;
    if (roles == 0 && is("to")) {
      roles = token.begin;
    } else if (roles > 0 && (is("using") || is("with") || sql::is_symbol(create_policy, token, ';'))) {
      end = token.begin;
    }
  }
  if (end == 0) end = create_policy.size();
  const std::string head = "ALTER" + std::string(create_policy.substr(name, (table > 0 ? table : end) - name));
  const std::string to = roles > 0 ? std::string(base::trim(create_policy.substr(roles, end - roles))) : "TO PUBLIC";
  return std::string(base::trim(head)) + " " + to + ";";
}

}  // namespace voyager::migration
