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

// name(parameters) [RETURNS type] characteristics, and what the routine is made of behind it.
class HeadParser {
 public:
  explicit HeadParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  RoutineHead run() {
    while (!is_word(peek(), "function") && !is_word(peek(), "procedure")) {
      if (peek().kind == Token::Kind::kEnd || is_word(peek(), "aggregate")) return refuse("a head of another form");
      ++at_;
    }
    const bool function = is_word(peek(), "function");
    ++at_;
    if (is_word(peek(), "if")) at_ += 3;
    while (is_name(peek()) || is_symbol(peek(), ".")) ++at_;
    if (!is_symbol(peek(), "(")) return refuse("a head of another form");
    ++at_;
    while (!is_symbol(peek(), ")")) {
      if (is_word(peek(), "out") || is_word(peek(), "inout")) return refuse(upper(peek().text));
      if (is_word(peek(), "in") && !is_symbol(peek(1), "(")) ++at_;
      if (!is_name(peek())) return refuse("a head of another form");
      const Token name = peek();
      ++at_;
      head_.parameters.push_back(type(name.text));
      if (is_symbol(peek(), ",")) ++at_;
    }
    ++at_;
    if (function) {
      if (!is_word(peek(), "returns")) return refuse("a head of another form");
      ++at_;
      head_.result = type({});
    }
    characteristics();
    head_.body = at_;
    return head_;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  RoutineHead refuse(const std::string& what) const {
    return {.why_not = fmt::format("line {}: {}", peek().line, what)};
  }

  RoutineParameter type(const std::string& name) {
    RoutineParameter out{.name = name, .type = base::lower(peek().text), .line = peek().line};
    ++at_;
    if (is_symbol(peek(), "(")) {
      for (; peek().kind != Token::Kind::kEnd; ++at_) {
        out.type += peek().kind == Token::Kind::kText ? "'" + peek().text + "'" : peek().text;
        if (is_symbol(peek(), ")")) break;
      }
      ++at_;
    }
    while (true) {
      if (is_word(peek(), "unsigned") || is_word(peek(), "zerofill")) {
        out.type += " " + base::lower(peek().text);
      } else if (is_word(peek(), "charset") || is_word(peek(), "collate")) {
        ++at_;
        if (out.charset.empty()) out.charset = base::lower(peek().text);
      } else if (is_word(peek(), "character") && is_word(peek(1), "set")) {
        at_ += 2;
        out.charset = base::lower(peek().text);
      } else {
        return out;
      }
      ++at_;
    }
  }

  void characteristics() {
    while (true) {
      if (is_word(peek(), "comment")) {
        at_ += 2;
      } else if (is_word(peek(), "sql") && is_word(peek(1), "security")) {
        head_.by_invoker = is_word(peek(2), "invoker");
        at_ += 3;
      } else if (is_word(peek(), "modifies") || is_word(peek(), "reads")) {
        at_ += 3;
      } else if (is_word(peek(), "contains") || is_word(peek(), "no") || is_word(peek(), "not") ||
                 is_word(peek(), "language")) {
        at_ += 2;
      } else if (is_word(peek(), "deterministic")) {
        ++at_;
      } else {
        return;
      }
    }
  }

  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
  RoutineHead head_ = {};
};

class BodyParser {
 public:
  BodyParser(std::vector<Token> tokens, std::size_t at, const BodyNames& names)
      : tokens_(std::move(tokens)), names_(names), at_(at) {}

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
    const bool writes = is_word(peek(), "insert") || is_word(peek(), "update") || is_word(peek(), "delete");
    if (names_.one_write && writes_ > 0 && !writes && !is_word(peek(), "begin"))
      return refuse(upper(peek().text) + " behind a statement that writes, which stays there when this one fails");
    if (accept_word("begin")) {
      statements(depth);
      expect_word("end");
    } else if (accept_word("set")) {
      assignments(depth);
    } else if (accept_word("if")) {
      choice(depth);
    } else if (accept_word("signal")) {
      error(depth);
    } else if (names_.give && accept_word("return")) {
      result(depth);
    } else if (names_.table && is_word(peek(), "insert")) {
      insert(depth);
    } else if (names_.table && is_word(peek(), "update")) {
      update(depth);
    } else if (names_.table && is_word(peek(), "delete")) {
      remove(depth);
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
    Translation done = translate(tokens, [this](const std::vector<std::string>& parts) { return meaning_of(parts); });
    if (!done.value) refuse(done.why_not, std::max(line, done.line));
    return std::move(done.value);
  }

  // A parameter has another meaning than a column of its name, and comes first.
  std::optional<Operand> meaning_of(const std::vector<std::string>& parts) {
    if (std::optional<Operand> found = names_.read(parts)) return found;
    const bool of_table =
        written_ && (parts.size() == 1 || (parts.size() == 2 && base::equals_ignoring_case(parts[0], written_name_)));
    if (!of_table) return std::nullopt;
    const std::string& column = parts.back();
    read_.insert(base::lower(column));
    return written_->read(column);
  }

  // Where nothing is left of it: one more would be a transaction of its own.
  bool open_table() {
    if (names_.one_write && writes_++ > 0) {
      refuse("a second statement that writes: each is a transaction of its own there");
      return false;
    }
    const Token first = peek();
    std::vector<std::string> parts;
    if (is_name(first)) {
      parts.push_back(first.text);
      ++at_;
      if (is_symbol(peek(), ".")) {
        parts.push_back(peek(1).text);
        at_ += 2;
      }
    }
    written_ = parts.empty() ? std::nullopt : names_.table(parts);
    if (!written_) {
      refuse(fmt::format("the table {}, which may not be written to here", parts.empty() ? first.text : parts.back()),
             first.line);
      return false;
    }
    written_name_ = parts.back();
    return true;
  }

  bool ends_statement() const { return is_symbol(peek(), ";") || peek().kind == Token::Kind::kEnd; }
  static bool ends_value(const Token& one) { return is_symbol(one, ",") || is_symbol(one, ")") || is_symbol(one, ";"); }

  std::optional<std::string> assigned(const Token& column, std::span<const Token> value) {
    const auto operand = value_of(value);
    if (!operand) return std::nullopt;
    auto out = written_->assigned(column.text, *operand);
    if (!out) refuse(fmt::format("the column {} would make something else of this value", column.text), column.line);
    return out;
  }

  // INSERT INTO t (a, b) VALUES (1, 2), (3, 4) and INSERT INTO t SET a = 1
  void insert(int depth) {
    ++at_;
    (void)accept_word("into");
    if (is_word(peek(), "ignore") || is_word(peek(), "delayed")) return refuse("INSERT " + upper(peek().text));
    if (!open_table()) return;
    const std::optional<WrittenTable> table = std::exchange(written_, std::nullopt);
    std::vector<Token> columns;
    std::string rows;
    if (accept_word("set")) {
      written_ = table;
      do {
        columns.push_back(peek());
        if (!is_name(peek()) || !is_symbol(peek(1), "=")) return refuse(peek().text);
        at_ += 2;
        const auto value = inserted(columns.back());
        if (!value) return;
        rows += (rows.empty() ? "(" : ", ") + *value;
      } while (is_symbol(peek(), ",") && ++at_ > 0);
      rows += ")";
    } else {
      if (is_symbol(peek(), "(")) {
        do {
          ++at_;
          if (!is_name(peek())) return refuse(peek().text);
          columns.push_back(peek());
          ++at_;
        } while (is_symbol(peek(), ","));
        if (!is_symbol(peek(), ")")) return refuse(peek().text);
        ++at_;
      } else {
        for (const std::string& one : table->columns)
          columns.push_back({.kind = Token::Kind::kName, .text = one, .line = peek().line});
      }
      if (!accept_word("values") && !accept_word("value")) return refuse("INSERT ... " + upper(peek().text));
      written_ = table;
      do {
        if (!is_symbol(peek(), "(")) return refuse(peek().text);
        rows += rows.empty() ? "(" : ", (";
        for (std::size_t i = 0; i < columns.size(); ++i) {
          ++at_;
          const auto value = inserted(columns[i]);
          if (!value) return;
          rows += (i == 0 ? "" : ", ") + *value;
          if (!is_symbol(peek(), i + 1 < columns.size() ? "," : ")")) return refuse("another number of values");
        }
        ++at_;
        rows += ")";
      } while (is_symbol(peek(), ",") && ++at_ > 0);
    }
    if (!ends_statement()) return refuse(is_word(peek(), "on") ? "ON DUPLICATE KEY UPDATE" : upper(peek().text));
    std::string names;
    for (const Token& one : columns) names += (names.empty() ? "" : ", ") + table->name(one.text);
    for (const std::string& one : table->to_be_named) {
      if (std::ranges::none_of(columns, [&](const Token& it) { return base::equals_ignoring_case(it.text, one); }))
        return refuse(fmt::format("the column {} gets a default that is another one here", one));
    }
    add(depth, fmt::format("INSERT INTO {} ({}) VALUES {};", table->sql, names, rows));
    written_.reset();
  }

  // Of a row that is not there yet nothing can be read.
  std::optional<std::string> inserted(const Token& column) {
    const auto tokens = take(ends_value);
    const auto read = std::exchange(written_->read, [](const std::string&) { return std::nullopt; });
    auto out = assigned(column, tokens);
    if (written_) written_->read = read;
    return out;
  }

  void update(int depth) {
    ++at_;
    if (is_word(peek(), "ignore") || is_word(peek(), "low_priority")) return refuse("UPDATE " + upper(peek().text));
    if (!open_table()) return;
    if (!accept_word("set")) return refuse("UPDATE of several tables, or with another name for one");
    std::string list;
    std::set<std::string> changed;
    do {
      if (is_name(peek()) && is_symbol(peek(1), ".") && base::equals_ignoring_case(peek().text, written_name_))
        at_ += 2;
      const Token column = peek();
      if (!is_name(column) || !is_symbol(peek(1), "=")) return refuse(peek().text);
      at_ += 2;
      read_.clear();
      const auto value = assigned(column, take([](const Token& one) {
                                    return is_symbol(one, ",") || is_symbol(one, ";") || is_word(one, "where");
                                  }));
      if (!value) return;
      // Assignments see those before them there, and none here.
      for (const std::string& one : read_) {
        if (changed.contains(one))
          return refuse(fmt::format("the column {} is read behind its own assignment", one), column.line);
      }
      changed.insert(base::lower(column.text));
      list += (list.empty() ? "" : ", ") + written_->name(column.text) + " = " + *value;
    } while (is_symbol(peek(), ",") && ++at_ > 0);
    const std::string sql = "UPDATE " + written_->sql + " SET " + list;
    filter(depth, sql);
  }

  void remove(int depth) {
    ++at_;
    if (!accept_word("from")) return refuse("DELETE of several tables");
    if (!open_table()) return;
    filter(depth, "DELETE FROM " + written_->sql);
  }

  void filter(int depth, const std::string& sql) {
    std::string where;
    if (accept_word("where")) {
      const int line = peek().line;
      const auto value = value_of(take([](const Token& one) { return is_symbol(one, ";"); }));
      if (!value) return;
      const auto condition = as_condition(*value);
      if (!condition) return refuse("WHERE of something that is no condition", line);
      where = " WHERE " + *condition;
    }
    if (!ends_statement()) return refuse(upper(peek().text));
    add(depth, sql + where + ";");
    written_.reset();
  }

  void result(int depth) {
    const int line = peek().line;
    const auto value = value_of(take([](const Token& one) { return is_symbol(one, ";"); }));
    if (!value) return;
    const auto given = names_.give(*value);
    if (!given) return refuse("RETURN of a value that the type would make something else of", line);
    add(depth, *given);
  }

  void assignments(int depth) {
    do {
      if (!names_.assign) return refuse("SET " + peek().text);
      if (!is_word(peek(), "new") || !is_symbol(peek(1), ".") || !is_name(peek(2)))
        return refuse("SET of anything but a column of NEW: " + peek().text);
      const Token column = peek(2);
      at_ += 3;
      if (!is_symbol(peek(), "=") && !is_symbol(peek(), ":=")) return refuse(peek().text);
      ++at_;
      const auto value = value_of(take([](const Token& one) { return is_symbol(one, ",") || is_symbol(one, ";"); }));
      if (!value) return;
      const auto statement = names_.assign(column.text, *value);
      if (!statement)
        return refuse(fmt::format("the column {} would make something else of this value", column.text), column.line);
      add(depth, *statement);
    } while (is_symbol(peek(), ",") && ++at_ > 0);
  }

  void choice(int depth) {
    std::string_view word = "IF";
    // Of the branches one is taken.
    const int before = writes_;
    int most = before;
    const auto branch = [&] {
      writes_ = before;
      statements(depth + 1);
      most = std::max(most, writes_);
    };
    do {
      const int line = peek().line;
      const auto value = value_of(take([](const Token& one) { return is_word(one, "then"); }));
      if (!value) return;
      const auto condition = as_condition(*value);
      if (!condition) return refuse("IF of something that is no condition", line);
      expect_word("then");
      add(depth, fmt::format("{} {} THEN", word, *condition));
      branch();
      word = "ELSIF";
    } while (why_.empty() && accept_word("elseif"));
    if (accept_word("else")) {
      add(depth, "ELSE");
      branch();
    }
    writes_ = most;
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
  const BodyNames& names_;
  std::size_t at_;
  std::optional<WrittenTable> written_ = {};  // by the statement in hand
  std::string written_name_ = {};
  std::set<std::string> read_ = {};  // columns of it
  int writes_ = 0;
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

RoutineHead head_of_routine(const CodeRow& code) {
  return HeadParser(tokens_of(code.text)).run();
}

ConvertedBody convert_routine(const CodeRow& code, const RoutineHead& head, const BodyNames& names) {
  if (const std::string fault = fault_of_mode(code.sql_mode); !fault.empty()) return {.why_not = fault};
  return BodyParser(tokens_of(code.text), head.body, names).run();
}

ConvertedBody convert_trigger(const CodeRow& code, const BodyNames& names) {
  std::vector<Token> tokens = tokens_of(code.text);
  const Head head = read_head(tokens);
  if (head.body == 0 || head.what.event.empty()) return {.why_not = "line 1: a head of another form"};
  if (head.what.before && head.what.event == "delete")
    return {.why_not = "line 1: BEFORE DELETE: only BEFORE INSERT and UPDATE, and AFTER are translated"};
  if (const std::string fault = fault_of_mode(code.sql_mode); !fault.empty()) return {.why_not = fault};
  return BodyParser(std::move(tokens), head.body, names).run();
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
