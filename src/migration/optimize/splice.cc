#include "migration/optimize/splice.h"

#include "base/error.h"
#include "sql/lexer.h"

namespace voyager::migration {

std::string spliced(std::string_view text, const std::vector<Splice>& splices) {
  std::string result;
  std::size_t copied = 0;
  for (const Splice& one : splices) {
    VOY_ASSERT(copied <= one.begin && one.begin <= one.end && one.end <= text.size());
    (result += text.substr(copied, one.begin - copied)) += one.text;
    copied = one.end;
  }
  return result += text.substr(copied);
}

bool has_semicolon(std::string_view sql) {
  bool end = false;
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    end = sql::is_symbol(sql, token, ';');
  }
  return end;
}

std::string_view without_end(std::string_view sql) {
  std::size_t end = 0;
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    if (!sql::is_symbol(sql, token, ';')) end = token.end;
  }
  return sql.substr(0, end);
}

}  // namespace voyager::migration
