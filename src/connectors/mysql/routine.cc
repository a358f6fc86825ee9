#include "connectors/mysql/routine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/tokens.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kConstructsMax = 12;

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

bool is_word(const Token& token, std::string_view word) {
  return token.kind == Token::Kind::kWord && base::equals_ignoring_case(token.text, word);
}
bool is_symbol(const Token& token, std::string_view symbol) {
  return token.kind == Token::Kind::kSymbol && token.text == symbol;
}
bool is_name(const Token& token) {
  return token.kind == Token::Kind::kName || token.kind == Token::Kind::kWord;
}

// Modes under which the same text means something else, or a value that does not fit is cut without an error.
std::string fault_of_mode(const std::string& sql_mode) {
  const std::vector<std::string> modes = base::split(sql_mode, ',');
  const auto has = [&](std::string_view mode) { return std::ranges::find(modes, mode) != modes.end(); };
  for (const char* one : {"ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "HIGH_NOT_PRECEDENCE", "PAD_CHAR_TO_FULL_LENGTH",
                          "EMPTY_STRING_IS_NULL", "ORACLE"}) {
    if (has(one)) return fmt::format("it was made under sql_mode {}, which reads it in another way", one);
  }
  if (!has("STRICT_TRANS_TABLES") && !has("STRICT_ALL_TABLES"))
    return "it was made under a sql_mode that is not strict, which cuts what does not fit";
  return {};
}

// What stands before the body: CREATE ... TRIGGER name BEFORE INSERT ON t FOR EACH ROW [FOLLOWS|PRECEDES other].
struct Head {
  TriggerHead what = {};
  std::size_t body = 0;
};

Head read_head(std::span<const Token> tokens) {
  Head head;
  for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
    const bool moment = is_word(tokens[i], "before") || is_word(tokens[i], "after");
    if (moment && head.what.event.empty() && is_word(tokens[i + 2], "on") && tokens[i + 1].kind == Token::Kind::kWord) {
      head.what.before = is_word(tokens[i], "before");
      head.what.event = base::lower(tokens[i + 1].text);
    }
    if (!is_word(tokens[i], "for") || !is_word(tokens[i + 1], "each") || !is_word(tokens[i + 2], "row")) continue;
    head.body = i + 3;
    if (is_word(tokens[head.body], "follows") || is_word(tokens[head.body], "precedes")) head.body += 2;
    return head;
  }
  return {};
}

class BodyParser {
 public:
  BodyParser(std::vector<Token> tokens, std::size_t at, const TriggerRow& row)
      : tokens_(std::move(tokens)), row_(row), at_(at) {}

  ConvertedBody run() {
    statement(1);
    if (why_.empty() && is_symbol(peek(), ";")) ++at_;
    if (why_.empty() && peek().kind != Token::Kind::kEnd) refuse(peek().text);
    if (why_.empty() && sql_.empty()) refuse("a body without a statement");
    return why_.empty() ? ConvertedBody{.sql = sql_} : ConvertedBody{.why_not = why_};
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool accept_word(std::string_view word) {
    if (!is_word(peek(), word)) return false;
    ++at_;
    return true;
  }
  void expect_word(std::string_view word) {
    if (!accept_word(word)) refuse(peek().text);
  }
  void refuse(const std::string& what) { refuse(what, peek().line); }
  void refuse(const std::string& what, int line) {
    if (why_.empty()) why_ = fmt::format("line {}: {}", line, what.empty() ? "its end" : what);
    at_ = tokens_.size() - 1;
  }
  void add(int depth, std::string_view text) {
    sql_.append(static_cast<std::size_t>(depth) * 2, ' ');
    sql_ += text;
    sql_ += '\n';
  }

  void statement(int depth) {
    if (accept_word("begin")) {
      statements(depth);
      expect_word("end");
    } else if (accept_word("set")) {
      assignments(depth);
    } else if (accept_word("if")) {
      choice(depth);
    } else if (accept_word("signal")) {
      error(depth);
    } else {
      const bool query = is_word(peek(), "select");
      refuse(query ? "SELECT" : upper(peek().text));
    }
  }

  // Up to a word that ends a list of statements.
  void statements(int depth) {
    while (why_.empty() && !is_word(peek(), "end") && !is_word(peek(), "elseif") && !is_word(peek(), "else")) {
      statement(depth);
      if (!why_.empty()) return;
      if (!is_symbol(peek(), ";")) return refuse(peek().text);
      ++at_;
    }
  }

  // The tokens up to the first that ends them outside of parentheses and CASE.
  template <typename Ends>
  std::span<const Token> take(Ends&& ends) {
    const std::size_t from = at_;
    int depth = 0;
    for (; peek().kind != Token::Kind::kEnd; ++at_) {
      if (depth == 0 && ends(peek())) break;
      if (is_symbol(peek(), "(") || is_word(peek(), "case")) ++depth;
      if (is_symbol(peek(), ")") || is_word(peek(), "end")) --depth;
    }
    return std::span<const Token>(tokens_).subspan(from, at_ - from);
  }

  std::optional<Operand> value_of(std::span<const Token> tokens) {
    // A strict session has an error where a division by zero is a null in a query.
    const auto division = std::ranges::find_if(
        tokens, [](const Token& one) { return is_word(one, "div") || is_word(one, "mod") || is_symbol(one, "%"); });
    if (division != tokens.end()) {
      refuse("a division", division->line);
      return std::nullopt;
    }
    const int line = tokens.empty() ? peek().line : tokens.front().line;
    Translation done = translate(tokens, [this](const std::vector<std::string>& parts) -> std::optional<Operand> {
      if (parts.size() != 2) return std::nullopt;
      const std::string row = base::lower(parts[0]);
      return row == "new" || row == "old" ? row_.read(row, parts[1]) : std::nullopt;
    });
    if (!done.value) refuse(done.why_not, std::max(line, done.line));
    return std::move(done.value);
  }

  void assignments(int depth) {
    do {
      if (!is_word(peek(), "new") || !is_symbol(peek(1), ".") || !is_name(peek(2)))
        return refuse("SET of anything but a column of NEW: " + peek().text);
      const Token column = peek(2);
      at_ += 3;
      if (!is_symbol(peek(), "=") && !is_symbol(peek(), ":=")) return refuse(peek().text);
      ++at_;
      const auto value = value_of(take([](const Token& one) { return is_symbol(one, ",") || is_symbol(one, ";"); }));
      if (!value) return;
      const auto assigned = row_.assign(column.text, *value);
      if (!assigned)
        return refuse(fmt::format("the column {} would make something else of this value", column.text), column.line);
      add(depth, *assigned);
    } while (is_symbol(peek(), ",") && ++at_ > 0);
  }

  void choice(int depth) {
    std::string_view word = "IF";
    do {
      const int line = peek().line;
      const auto value = value_of(take([](const Token& one) { return is_word(one, "then"); }));
      if (!value) return;
      const auto condition = as_condition(*value);
      if (!condition) return refuse("IF of something that is no condition", line);
      expect_word("then");
      add(depth, fmt::format("{} {} THEN", word, *condition));
      statements(depth + 1);
      word = "ELSIF";
    } while (why_.empty() && accept_word("elseif"));
    if (accept_word("else")) {
      add(depth, "ELSE");
      statements(depth + 1);
    }
    expect_word("end");
    expect_word("if");
    add(depth, "END IF;");
  }

  // SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'text': the statement fails with these on both sides.
  void error(int depth) {
    expect_word("sqlstate");
    (void)accept_word("value");
    const std::string state = peek().text;
    const bool warning = state.starts_with("00") || state.starts_with("01") || state.starts_with("02");
    if (peek().kind != Token::Kind::kText || state.size() != 5 || warning) return refuse("SIGNAL " + state);
    ++at_;
    std::string message = "'unhandled user-defined exception'";
    if (accept_word("set")) {
      if (!is_word(peek(), "message_text") || !is_symbol(peek(1), "=") || peek(2).kind != Token::Kind::kText)
        return refuse("SIGNAL ... SET " + peek().text);
      message = literal(peek(2).text);
      at_ += 3;
    }
    add(depth, fmt::format("RAISE EXCEPTION USING ERRCODE = {}, MESSAGE = {};", literal(state), message));
  }

  const std::vector<Token> tokens_;
  const TriggerRow& row_;
  std::size_t at_;
  std::string sql_ = {};
  std::string why_ = {};
};

struct Construct {
  std::string_view first = {};
  std::string_view second = {};  // Empty: the first word alone.
  std::string_view text = {};
};

constexpr std::array kConstructs = {
    Construct{"declare", "continue", "a handler that goes on"},
    Construct{"declare", "exit", "a handler that leaves the block"},
    Construct{"cursor", "for", "a cursor"},
    Construct{"prepare", "", "a statement made of text (PREPARE)"},
    Construct{"start", "transaction", "START TRANSACTION"},
    Construct{"commit", "", "COMMIT"},
    Construct{"rollback", "", "ROLLBACK"},
    Construct{"savepoint", "", "SAVEPOINT"},
    Construct{"lock", "tables", "LOCK TABLES"},
    Construct{"on", "duplicate", "ON DUPLICATE KEY UPDATE"},
    Construct{"replace", "into", "REPLACE INTO"},
    Construct{"insert", "ignore", "INSERT IGNORE"},
    Construct{"temporary", "table", "a temporary table"},
    Construct{"get", "diagnostics", "GET DIAGNOSTICS"},
    Construct{"signal", "", "SIGNAL"},
    Construct{"resignal", "", "RESIGNAL"},
    Construct{"leave", "", "LEAVE"},
    Construct{"iterate", "", "ITERATE"},
    Construct{"repeat", "", "REPEAT"},
    Construct{"loop", "", "LOOP"},
    Construct{"call", "", "CALL"},
    Construct{"into", "outfile", "SELECT INTO OUTFILE"},
    Construct{"straight_join", "", "STRAIGHT_JOIN"},
    Construct{"rollup", "", "WITH ROLLUP"},
    Construct{"match", "(", "MATCH ... AGAINST"},
    Construct{"regexp", "", "REGEXP"},
    Construct{"last_insert_id", "(", "last_insert_id()"},
    Construct{"row_count", "(", "row_count()"},
    Construct{"found_rows", "(", "found_rows()"},
    Construct{"group_concat", "(", "group_concat()"},
    Construct{"date_format", "(", "date_format()"},
    Construct{"str_to_date", "(", "str_to_date()"},
    Construct{"date_add", "(", "date_add()"},
    Construct{"date_sub", "(", "date_sub()"},
    Construct{"ifnull", "(", "ifnull()"},
    Construct{"find_in_set", "(", "find_in_set()"},
    Construct{"json_extract", "(", "json_extract()"},
    Construct{"sleep", "(", "sleep()"},
    Construct{"get_lock", "(", "get_lock()"},
};

}  // namespace

TriggerHead head_of_trigger(const CodeRow& code) {
  return read_head(tokens_of(code.text)).what;
}

ConvertedBody convert_trigger(const CodeRow& code, const TriggerRow& row) {
  std::vector<Token> tokens = tokens_of(code.text);
  const Head head = read_head(tokens);
  if (head.body == 0 || head.what.event.empty()) return {.why_not = "line 1: a head of another form"};
  if (!head.what.before || head.what.event == "delete")
    return {.why_not = fmt::format("line 1: {} {}: only BEFORE INSERT and BEFORE UPDATE are translated",
                                   head.what.before ? "BEFORE" : "AFTER", upper(head.what.event))};
  if (const std::string fault = fault_of_mode(code.sql_mode); !fault.empty()) return {.why_not = fault};
  return BodyParser(std::move(tokens), head.body, row).run();
}

std::vector<std::string> constructs_of(const CodeRow& code) {
  const std::vector<Token> tokens = tokens_of(code.text);
  std::vector<std::string> found;
  std::set<std::string_view> told;
  bool variable = false;
  for (std::size_t i = 0; i + 1 < tokens.size() && found.size() < kConstructsMax; ++i) {
    if (tokens[i].kind == Token::Kind::kBad) {
      found.push_back(fmt::format("line {}: a comment that the server carries out, or an open quote", tokens[i].line));
      break;
    }
    // The head names its definer as user@host.
    const bool definer =
        i >= 1 && (tokens[i - 1].kind == Token::Kind::kName || tokens[i - 1].kind == Token::Kind::kText);
    if (is_symbol(tokens[i], "@") && !definer && !variable) {
      variable = true;
      found.push_back(fmt::format("line {}: a variable of the session (@{})", tokens[i].line, tokens[i + 1].text));
    }
    for (const Construct& one : kConstructs) {
      if (!is_word(tokens[i], one.first)) continue;
      const Token& next = tokens[i + 1];
      if (!one.second.empty() && !is_word(next, one.second) && !is_symbol(next, one.second)) continue;
      // "IF", "REPEAT" and "LOOP" also end what they begin.
      if (i > 0 && is_word(tokens[i - 1], "end")) continue;
      if (told.insert(one.text).second) found.push_back(fmt::format("line {}: {}", tokens[i].line, one.text));
    }
  }
  return found;
}

}  // namespace voyager::mysql
