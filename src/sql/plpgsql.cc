#include "sql/plpgsql.h"

#include <pg_query.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sql/lexer.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VOY_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define VOY_ADDRESS_SANITIZER
#endif
#ifdef VOY_ADDRESS_SANITIZER
// libpg_query loses the one-byte text of what was written to standard error whenever it reads PL/pgSQL.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:pg_query_raw_parse\n";
}
#endif

namespace voyager::sql {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kRoutineBytesMax = 2UL * 1024 * 1024;
constexpr std::size_t kTreeDepthMax = 20'000;

class PlpgsqlResult {
 public:
  explicit PlpgsqlResult(const std::string& routine) : value_(pg_query_parse_plpgsql(routine.c_str())) {}
  ~PlpgsqlResult() { pg_query_free_plpgsql_parse_result(value_); }
  PlpgsqlResult(const PlpgsqlResult&) = delete;
  PlpgsqlResult& operator=(const PlpgsqlResult&) = delete;
  const PgQueryPlpgsqlParseResult& value() const { return value_; }

 private:
  PgQueryPlpgsqlParseResult value_;
};

ParseMode mode_of(std::int64_t number) {
  constexpr std::array<std::pair<int, ParseMode>, 4> kModes = {{
      {PG_QUERY_PARSE_PLPGSQL_EXPR, ParseMode::kExpression},
      {PG_QUERY_PARSE_PLPGSQL_ASSIGN1, ParseMode::kAssignment},
      {PG_QUERY_PARSE_PLPGSQL_ASSIGN2, ParseMode::kAssignmentToTwo},
      {PG_QUERY_PARSE_PLPGSQL_ASSIGN3, ParseMode::kAssignmentToThree},
  }};
  for (const auto& [option, mode] : kModes) {
    if (number == option) return mode;
  }
  return ParseMode::kStatement;
}

/// The value of a string constant; empty when `token` is none that can be undone simply.
std::string unquoted(std::string_view token) {
  if (token.starts_with('$')) {
    const std::size_t tag = token.find('$', 1) + 1;
    return token.size() >= 2 * tag ? std::string(token.substr(tag, token.size() - 2 * tag)) : std::string();
  }
  if (!token.starts_with('\'') || token.size() < 2 || !token.ends_with('\'')) return {};
  std::string value;
  for (std::size_t at = 1; at + 1 < token.size(); ++at) {
    value.push_back(token[at]);
    if (token[at] == '\'') ++at;
  }
  return value;
}

BodyQuery query_of(object expression, int line) {
  BodyQuery query{.text = std::string(text_of(expression, "query")),
                  .mode = mode_of(number_of(expression, "parseMode")),
                  .line = line};
  const Token first = next_code_token(query.text, 0);
  const bool lone_string =
      first.kind == TokenKind::kString && next_code_token(query.text, first.end).kind == TokenKind::kEnd;
  if (lone_string) {
    if (std::string value = unquoted(first.of(query.text)); !value.empty()) {
      query = {.text = std::move(value), .mode = ParseMode::kStatement, .line = line, .dynamic = true};
    }
  }
  return query;
}

/// Every PLpgSQL_expr below `root`, with the line of the nearest statement around it.
void collect(element root, std::vector<BodyQuery>& queries) {
  std::vector<std::pair<element, int>> open{{root, 1}};
  while (!open.empty()) {
    const auto [node, outer_line] = open.back();
    open.pop_back();
    if (object members; node.get(members) == simdjson::SUCCESS) {
      const auto own_line = static_cast<int>(number_of(members, "lineno"));
      const int line = own_line > 0 ? own_line : outer_line;
      for (const auto member : members) {
        object expression;
        if (member.key == "PLpgSQL_expr" && member.value.get(expression) == simdjson::SUCCESS) {
          queries.push_back(query_of(expression, line));
        } else {
          open.emplace_back(member.value, line);
        }
      }
    } else if (array items; node.get(items) == simdjson::SUCCESS) {
      for (const element item : items) open.emplace_back(item, outer_line);
    }
  }
  std::stable_sort(queries.begin(), queries.end(),
                   [](const BodyQuery& a, const BodyQuery& b) { return a.line < b.line; });
}

Body read(const std::string& routine) {
  Body body;
  const PlpgsqlResult result(routine);
  if (result.value().error != nullptr) {
    body.refused = result.value().error->message;
    return body;
  }
  const std::string_view json = result.value().plpgsql_funcs;
  simdjson::dom::parser parser;
  element document;
  if (parser.allocate(json.size(), kTreeDepthMax) != simdjson::SUCCESS ||
      parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS) {
    body.refused = "the body is nested too deeply";
    return body;
  }
  collect(document, body.queries);
  return body;
}

}  // namespace

Body plpgsql_queries(std::string_view routine) {
  if (routine.size() > kRoutineBytesMax) return {.refused = "the routine is longer than 2 MiB"};
  if (routine.find('\0') != std::string_view::npos) return {.refused = "the routine holds a zero byte"};
  Body body;
  with_large_stack([&] { body = read(std::string(routine)); });
  return body;
}

BodyText body_text(std::string_view routine) {
  bool after_as = is_word(routine, next_code_token(routine, 0), "do");
  for (Token token = next_code_token(routine, 0); token.kind != TokenKind::kEnd;
       token = next_code_token(routine, token.end)) {
    if (token.kind == TokenKind::kString && after_as) {
      const std::string_view quoted = token.of(routine);
      const std::size_t quote = quoted.starts_with('$') ? quoted.find('$', 1) + 1 : 1;
      return {token.begin + quote, unquoted(quoted)};
    }
    if (token.kind == TokenKind::kWord) after_as = after_as || is_word(routine, token, "as");
  }
  return {};
}

}  // namespace voyager::sql
