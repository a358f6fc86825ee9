#include "connectors/mysql/routine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/names.h"
#include "connectors/mysql/tokens.h"
#include "model/identifier.h"

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

// A column's type, of a parameter or a variable.
RoutineParameter read_type(const std::vector<Token>& tokens, std::size_t& at, const std::string& name) {
  const auto peek = [&](std::size_t ahead = 0) -> const Token& {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  };
  RoutineParameter out{.name = name, .type = base::lower(peek().text), .line = peek().line};
  ++at;
  if (is_symbol(peek(), "(")) {
    for (; peek().kind != Token::Kind::kEnd; ++at) {
      out.type += peek().kind == Token::Kind::kText ? "'" + peek().text + "'" : peek().text;
      if (is_symbol(peek(), ")")) break;
    }
    ++at;
  }
  while (true) {
    if (is_word(peek(), "unsigned") || is_word(peek(), "zerofill")) {
      out.type += " " + base::lower(peek().text);
    } else if (is_word(peek(), "charset") || is_word(peek(), "collate")) {
      ++at;
      if (out.charset.empty()) out.charset = base::lower(peek().text);
    } else if (is_word(peek(), "character") && is_word(peek(1), "set")) {
      at += 2;
      out.charset = base::lower(peek().text);
    } else {
      return out;
    }
    ++at;
  }
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

  RoutineParameter type(const std::string& name) { return read_type(tokens_, at_, name); }

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
      : tokens_(std::move(tokens)), names_(names), at_(at) {
    blocks_.push_back({.label = std::string(kBodyBlock), .variables = names.parameters});
  }

  ConvertedBody run() {
    statement(1);
    if (why_.empty() && is_symbol(peek(), ";")) ++at_;
    if (why_.empty() && peek().kind != Token::Kind::kEnd) refuse(peek().text);
    if (why_.empty() && sql_.empty()) refuse("a body without a statement");
    if (!why_.empty()) return {.why_not = why_};
    return {.sql = sql_, .declarations = declarations_, .reads = reads_};
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
    std::string label;
    if (is_name(peek()) && is_symbol(peek(1), ":")) {
      label = peek().text;
      at_ += 2;
      constexpr std::array<std::string_view, 4> kLabelled = {"begin", "loop", "while", "repeat"};
      if (std::ranges::none_of(kLabelled, [&](std::string_view one) { return is_word(peek(), one); }))
        return refuse(peek().text);
    }
    const bool writes = is_word(peek(), "insert") || is_word(peek(), "update") || is_word(peek(), "delete");
    if (names_.one_write && writes_ > 0 && !writes && !is_word(peek(), "begin"))
      return refuse(upper(peek().text) + " behind a statement that writes, which stays there when this one fails");
    if (accept_word("begin")) {
      block(depth, label);
    } else if (accept_word("while")) {
      loop(depth, label, "while");
    } else if (accept_word("repeat")) {
      loop(depth, label, "repeat");
    } else if (accept_word("loop")) {
      loop(depth, label, "loop");
    } else if (is_word(peek(), "leave") || is_word(peek(), "iterate")) {
      jump(depth);
    } else if (accept_word("set")) {
      assignments(depth);
    } else if (accept_word("if")) {
      choice(depth);
    } else if (accept_word("case")) {
      cases(depth);
    } else if (accept_word("signal")) {
      error(depth);
    } else if (names_.give && accept_word("return")) {
      result(depth);
    } else if (is_word(peek(), "open") || is_word(peek(), "fetch") || is_word(peek(), "close")) {
      use_cursor(depth);
    } else if (names_.relation && is_word(peek(), "select")) {
      select_into(depth);
    } else if (names_.table && is_word(peek(), "insert")) {
      insert(depth);
    } else if (names_.table && is_word(peek(), "update")) {
      update(depth);
    } else if (names_.table && is_word(peek(), "delete")) {
      remove(depth);
    } else {
      refuse(upper(peek().text));
    }
  }

  // Up to a word that ends a list of statements.
  void statements(int depth) {
    constexpr std::array<std::string_view, 5> kEnds = {"end", "elseif", "else", "until", "when"};
    while (why_.empty() && std::ranges::none_of(kEnds, [&](std::string_view one) { return is_word(peek(), one); })) {
      statement(depth);
      if (!why_.empty()) return;
      if (!is_symbol(peek(), ";")) return refuse(peek().text);
      ++at_;
    }
  }

  // --- blocks and loops ----------------------------------------------------------------------------------------------

  struct Cursor {
    std::string sql = {};     // what it is opened for
    std::string called = {};  // "block.name"
    std::string row = {};     // "block.name_row"
    std::vector<Operand> columns = {};
  };
  struct Block {
    std::string label = {};
    std::map<std::string, BodyVariable> variables = {};  // by name in small letters, as cursors
    std::map<std::string, Cursor> cursors = {};
    std::optional<std::size_t> not_found = {};  // where the statement of its handler stands
  };
  struct Label {
    std::string name = {};    // as written
    std::string target = {};  // empty: of the whole body
    bool loops = false;
  };

  static std::string called(const std::string& name) { return model::display(model::Identifier(folded(name))); }

  // Of the outermost block the declarations are the body's own.
  void block(int depth, const std::string& label) {
    const bool outermost = !std::exchange(began_, true) && labels_.empty() && sql_.empty();
    const bool declares = is_word(peek(), "declare") && !outermost;
    std::string target = outermost || label.empty() ? std::string() : called(label);
    if (target.starts_with(kBodyBlock)) return refuse("the label " + label);
    if (declares) {
      target = fmt::format("{}_{}", kBodyBlock, ++blocks_made_);
      blocks_.push_back({.label = target});
    }
    if (!label.empty()) labels_.push_back({.name = label, .target = target});
    std::string lines;
    while (why_.empty() && accept_word("declare")) declare(lines);
    const bool nested = !outermost && !target.empty();
    if (outermost) declarations_ = lines;
    if (nested) {
      add(depth, fmt::format("<<{}>>", target));
      if (!lines.empty()) add(depth, "DECLARE");
      for (const std::string& line : base::split(lines, '\n')) {
        if (!line.empty()) add(depth, line);
      }
      add(depth, "BEGIN");
    }
    statements(nested ? depth + 1 : depth);
    if (nested) add(depth, "END;");
    expect_word("end");
    end_label(label);
    if (declares) blocks_.pop_back();
  }

  // "END LOOP name"
  void end_label(const std::string& label) {
    if (label.empty()) return;
    if (is_name(peek()) && base::equals_ignoring_case(peek().text, label)) ++at_;
    labels_.pop_back();
  }

  void declare(std::string& lines) {
    const int line = peek().line;
    if (is_word(peek(), "continue") || is_word(peek(), "exit") || is_word(peek(), "undo")) return handler();
    std::vector<std::string> declared;
    do {
      if (!is_name(peek())) return refuse(peek().text);
      declared.push_back(peek().text);
      ++at_;
    } while (is_symbol(peek(), ",") && ++at_ > 0);
    if (accept_word("cursor")) return cursor(declared.front(), lines);
    if (is_word(peek(), "condition")) return refuse("a condition with a name");
    if (!names_.variable) return refuse("DECLARE");
    const RoutineParameter type = read_type(tokens_, at_, {});
    std::optional<Operand> value;
    if (accept_word("default")) {
      value = value_of(take([](const Token& one) { return is_symbol(one, ";"); }));
      if (!value) return;
    }
    for (const std::string& name : declared) {
      const BodyVariable* const made = add_variable(name, type, line);
      if (made == nullptr) return;
      const auto given = value ? made->assigned(*value) : std::optional(std::string());
      if (!given) return refuse_value(name, line);
      lines += fmt::format("  {} {}{}{};\n", called(name), made->type, given->empty() ? "" : " := ", *given);
    }
    end_declaration();
  }

  void end_declaration() {
    if (!why_.empty()) return;
    if (!is_symbol(peek(), ";")) return refuse(peek().text);
    ++at_;
  }

  bool take_name(const std::string& name, int line) {
    const std::string lower = base::lower(name);
    if (!blocks_.back().variables.contains(lower) && !blocks_.back().cursors.contains(lower)) return true;
    refuse(fmt::format("{}, which is called as a parameter, a variable or a cursor", name), line);
    return false;
  }

  const BodyVariable* add_variable(const std::string& name, RoutineParameter type, int line) {
    if (!take_name(name, line)) return nullptr;
    type.name = name;
    std::optional<BodyVariable> made = names_.variable(type, blocks_.back().label);
    if (!made) {
      refuse(fmt::format("the type {}, which takes other values here", type.type), line);
      return nullptr;
    }
    return &(blocks_.back().variables[base::lower(name)] = std::move(*made));
  }

  // CONTINUE HANDLER FOR NOT FOUND statement: it is written wherever it may be that no row is found.
  void handler() {
    const int line = peek().line;
    if (!accept_word("continue")) return refuse("a handler that leaves the block", line);
    expect_word("handler");
    expect_word("for");
    do {
      const bool not_found = is_word(peek(), "not") && is_word(peek(1), "found");
      const bool state = is_word(peek(), "sqlstate") && peek(1).text == "02000";
      constexpr std::string_view kNoData = "1329";
      if (!not_found && !state && peek().text != kNoData)
        return refuse("a handler of another condition than NOT FOUND", line);
      at_ += peek().text == kNoData ? 1 : 2;
    } while (is_symbol(peek(), ",") && ++at_ > 0);
    if (blocks_.back().not_found) return refuse("two handlers of one condition", line);
    const std::size_t begin = at_;
    // To see where it ends.
    const std::string sql = std::exchange(sql_, std::string());
    const int writes = writes_;
    statement(0);
    sql_ = sql;
    writes_ = writes;
    blocks_.back().not_found = begin;
    end_declaration();
  }

  bool handles_not_found() const {
    return std::ranges::any_of(blocks_, [](const Block& one) { return one.not_found.has_value(); });
  }

  // The handler's statement, with what its own block sees.
  void not_found(int depth) {
    const auto has = [](const Block& one) { return one.not_found.has_value(); };
    const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(), has);
    if (found == blocks_.rend()) return add(depth, "NULL;");
    std::vector<Block> inner(std::make_move_iterator(found.base()), std::make_move_iterator(blocks_.end()));
    blocks_.erase(found.base(), blocks_.end());
    const std::size_t begin = *std::exchange(blocks_.back().not_found, std::nullopt);
    const std::size_t after = std::exchange(at_, begin);
    statement(depth);
    blocks_.back().not_found = begin;
    std::ranges::move(inner, std::back_inserter(blocks_));
    if (why_.empty()) at_ = after;
  }

  void loop(int depth, const std::string& label, std::string_view kind) {
    const int line = tokens_[at_ - 1].line;
    const int writes = writes_;
    if (!label.empty()) {
      const std::string target = called(label);
      if (target.starts_with(kBodyBlock)) return refuse("the label " + label, line);
      labels_.push_back({.name = label, .target = target, .loops = true});
      add(depth, fmt::format("<<{}>>", target));
    }
    if (kind == "while") {
      const auto condition = condition_of("WHILE", [](const Token& one) { return is_word(one, "do"); });
      if (!condition) return;
      expect_word("do");
      add(depth, fmt::format("WHILE {} LOOP", *condition));
    } else {
      add(depth, "LOOP");
    }
    statements(depth + 1);
    if (kind == "repeat") {
      expect_word("until");
      const auto condition = condition_of("UNTIL", [](const Token& one) { return is_word(one, "end"); });
      if (!condition) return;
      add(depth + 1, fmt::format("EXIT WHEN {};", *condition));
    }
    expect_word("end");
    expect_word(kind);
    add(depth, "END LOOP;");
    end_label(label);
    if (names_.one_write && writes_ > writes)
      refuse("a loop that writes: each time is a transaction of its own there", line);
  }

  template <typename Ends>
  std::optional<std::string> condition_of(const char* what, Ends&& ends) {
    const int line = peek().line;
    const auto value = value_of(take(ends));
    if (!value) return std::nullopt;
    auto condition = as_condition(*value);
    if (!condition) refuse(fmt::format("{} of something that is no condition", what), line);
    return condition;
  }

  void jump(int depth) {
    const bool leaves = is_word(peek(), "leave");
    ++at_;
    const Token name = peek();
    ++at_;
    const auto label = std::find_if(labels_.rbegin(), labels_.rend(),
                                    [&](const Label& one) { return base::equals_ignoring_case(one.name, name.text); });
    if (label == labels_.rend() || (!leaves && !label->loops)) return refuse("the label " + name.text, name.line);
    if (!label->target.empty()) return add(depth, fmt::format("{} {};", leaves ? "EXIT" : "CONTINUE", label->target));
    if (names_.leave.empty()) return refuse("LEAVE without a value", name.line);
    add(depth, names_.leave);
  }

  // --- queries -------------------------------------------------------------------------------------------------------

  const BodyVariable* variable(const std::string& name) const {
    for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
      const auto found = block->variables.find(base::lower(name));
      if (found != block->variables.end()) return &found->second;
    }
    return nullptr;
  }

  std::optional<ConvertedQuery> query_of(std::vector<Token> tokens, int line) {
    if (refuse_division(tokens)) return std::nullopt;
    if (!names_.relation) {
      refuse("SELECT", line);
      return std::nullopt;
    }
    const Resolve names = [this](const std::vector<std::string>& parts) { return named(parts); };
    ConvertedQuery made = convert_query(std::move(tokens), names_.database, names_.relation, names);
    if (!made.why_not.empty()) {
      refuse(made.why_not, std::max(line, made.line));
      return std::nullopt;
    }
    reads_ = reads_ || !made.rest.empty();
    return made;
  }

  // a, b: the variables, in order. Nothing where one is none.
  std::optional<std::vector<const BodyVariable*>> targets(std::span<const Token> tokens, std::size_t& at) {
    std::vector<const BodyVariable*> out;
    while (at < tokens.size() && is_name(tokens[at])) {
      const BodyVariable* const found = variable(tokens[at].text);
      if (found == nullptr) break;
      out.push_back(found);
      ++at;
      if (at >= tokens.size() || !is_symbol(tokens[at], ",")) return out;
      ++at;
    }
    const Token& wrong = at < tokens.size() ? tokens[at] : peek();
    refuse("INTO something that is no variable: " + wrong.text, wrong.line);
    return std::nullopt;
  }

  void select_into(int depth) {
    const int line = peek().line;
    const auto tokens = take([](const Token& one) { return is_symbol(one, ";"); });
    std::vector<Token> query;
    std::optional<std::vector<const BodyVariable*>> into;
    int inside = 0;
    for (std::size_t i = 0; i < tokens.size();) {
      if (is_symbol(tokens[i], "(")) ++inside;
      if (is_symbol(tokens[i], ")")) --inside;
      if (inside > 0 || into || !is_word(tokens[i], "into")) {
        query.push_back(tokens[i++]);
        continue;
      }
      into = targets(tokens, ++i);
      if (!into) return;
    }
    if (!into) return refuse("SELECT", line);
    const auto made = query_of(std::move(query), line);
    if (!made) return;
    if (made->columns.size() != into->size()) return refuse("another number of variables", line);
    std::string items, names;
    for (std::size_t i = 0; i < into->size(); ++i) {
      const auto value = (*into)[i]->assigned(made->columns[i]);
      if (!value) return refuse_value((*into)[i]->value.sql, line);
      items += (i == 0 ? "" : ", ") + *value;
      names += (i == 0 ? "" : ", ") + (*into)[i]->value.sql;
    }
    const std::string sql =
        fmt::format("SELECT {}{} INTO STRICT {}{};", made->distinct ? "DISTINCT " : "", items, names, made->rest);
    if (made->one_row) return add(depth, sql);
    // Without a row the variables stay as they are, as there.
    add(depth, "BEGIN");
    add(depth + 1, sql);
    add(depth, "EXCEPTION WHEN no_data_found THEN");
    not_found(depth + 1);
    add(depth, "END;");
  }

  void refuse_value(const std::string& name, int line) {
    refuse(fmt::format("the variable {} would make something else of this value", name.substr(name.rfind('.') + 1)),
           line);
  }

  void cursor(const std::string& name, std::string& lines) {
    const int line = peek().line;
    expect_word("for");
    const std::string row = name + "_row";
    if (!take_name(name, line) || !take_name(row, line)) return;
    const auto tokens = take([](const Token& one) { return is_symbol(one, ";"); });
    const auto made = query_of({tokens.begin(), tokens.end()}, line);
    if (!made) return;
    const std::string& block = blocks_.back().label;
    Cursor out{.sql = made->distinct ? "SELECT DISTINCT " : "SELECT ",
               .called = fmt::format("{}.{}", block, called(name)),
               .row = fmt::format("{}.{}", block, called(row))};
    for (const Operand& one : made->columns) {
      const std::string column = fmt::format("v{}", out.columns.size() + 1);
      out.sql +=
          fmt::format("{}{} AS {}", out.columns.empty() ? "" : ", ", one.text ? one.sql + "::text" : one.sql, column);
      Operand value = one;
      value.sql = out.row + "." + column;
      value.text.reset();
      out.columns.push_back(std::move(value));
    }
    out.sql += made->rest;
    lines += fmt::format("  {} refcursor;\n  {} record;\n", called(name), called(row));
    blocks_.back().cursors[base::lower(name)] = std::move(out);
    blocks_.back().cursors[base::lower(row)] = {};  // Nobody may be called so.
    end_declaration();
  }

  void use_cursor(int depth) {
    const std::string what = base::lower(peek().text);
    const int line = peek().line;
    ++at_;
    if (what == "fetch") {
      (void)accept_word("next");
      (void)accept_word("from");
    }
    const Cursor* cursor = nullptr;
    for (auto block = blocks_.rbegin(); cursor == nullptr && block != blocks_.rend(); ++block) {
      const auto found = block->cursors.find(base::lower(peek().text));
      if (found != block->cursors.end()) cursor = &found->second;
    }
    if (cursor == nullptr || cursor->sql.empty()) return refuse("the cursor " + peek().text);
    ++at_;
    if (what == "open") return add(depth, fmt::format("OPEN {} FOR {};", cursor->called, cursor->sql));
    if (what == "close") return add(depth, fmt::format("CLOSE {};", cursor->called));
    expect_word("into");
    const auto tokens = take([](const Token& one) { return is_symbol(one, ";"); });
    std::size_t at = 0;
    const auto into = targets(tokens, at);
    if (!into) return;
    if (into->size() != cursor->columns.size()) return refuse("another number of variables", line);
    if (!handles_not_found()) return refuse("FETCH without a handler for NOT FOUND", line);
    add(depth, fmt::format("FETCH {} INTO {};", cursor->called, cursor->row));
    // Without a row the variables stay as they are, as there.
    add(depth, "IF FOUND THEN");
    for (std::size_t i = 0; i < into->size(); ++i) {
      const auto value = (*into)[i]->assigned(cursor->columns[i]);
      if (!value) return refuse_value((*into)[i]->value.sql, line);
      add(depth + 1, fmt::format("{} := {};", (*into)[i]->value.sql, *value));
    }
    add(depth, "ELSE");
    not_found(depth + 1);
    add(depth, "END IF;");
  }

  // --- statements ----------------------------------------------------------------------------------------------------

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

  // A strict session has an error where a division by zero is a null in a query.
  bool refuse_division(std::span<const Token> tokens) {
    const auto division = std::ranges::find_if(
        tokens, [](const Token& one) { return is_word(one, "div") || is_word(one, "mod") || is_symbol(one, "%"); });
    if (division == tokens.end()) return false;
    refuse("a division", division->line);
    return true;
  }

  // Variables come before columns of their name.
  std::optional<Operand> named(const std::vector<std::string>& parts) const {
    if (parts.size() == 1) {
      if (const BodyVariable* const found = variable(parts[0])) return found->value;
    }
    return names_.read ? names_.read(parts) : std::nullopt;
  }

  std::optional<Operand> value_of(std::span<const Token> tokens) {
    if (refuse_division(tokens)) return std::nullopt;
    const int line = tokens.empty() ? peek().line : tokens.front().line;
    Translation done = translate(tokens, [this](const std::vector<std::string>& parts) { return meaning_of(parts); });
    if (!done.value) refuse(done.why_not, std::max(line, done.line));
    return std::move(done.value);
  }

  std::optional<Operand> meaning_of(const std::vector<std::string>& parts) {
    if (std::optional<Operand> found = named(parts)) return found;
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
      const BodyVariable* const to = is_name(peek()) && !is_symbol(peek(1), ".") ? variable(peek().text) : nullptr;
      if (to != nullptr) {
        const Token name = peek();
        ++at_;
        if (!is_symbol(peek(), "=") && !is_symbol(peek(), ":=")) return refuse(peek().text);
        ++at_;
        const auto value = value_of(take([](const Token& one) { return is_symbol(one, ",") || is_symbol(one, ";"); }));
        if (!value) return;
        const auto given = to->assigned(*value);
        if (!given) return refuse_value(name.text, name.line);
        add(depth, fmt::format("{} := {};", to->value.sql, *given));
        continue;
      }
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

  // Of several lists of statements one is carried out.
  class Branches {
   public:
    explicit Branches(BodyParser& body) : body_(body), before_(body.writes_), most_(before_) {}
    void next(int depth) {
      body_.writes_ = before_;
      body_.statements(depth);
      most_ = std::max(most_, body_.writes_);
    }
    void end() { body_.writes_ = most_; }

   private:
    BodyParser& body_;
    const int before_;
    int most_;
  };

  void choice(int depth) {
    std::string_view word = "IF";
    Branches branches(*this);
    do {
      const auto condition = condition_of("IF", [](const Token& one) { return is_word(one, "then"); });
      if (!condition) return;
      expect_word("then");
      add(depth, fmt::format("{} {} THEN", word, *condition));
      branches.next(depth + 1);
      word = "ELSIF";
    } while (why_.empty() && accept_word("elseif"));
    if (accept_word("else")) {
      add(depth, "ELSE");
      branches.next(depth + 1);
    }
    branches.end();
    expect_word("end");
    expect_word("if");
    add(depth, "END IF;");
  }

  // Where none of the conditions holds and there is no ELSE, both sides raise an error.
  void cases(int depth) {
    if (!is_word(peek(), "when")) return refuse("CASE with an operand");
    Branches branches(*this);
    add(depth, "CASE");
    while (why_.empty() && accept_word("when")) {
      const auto condition = condition_of("CASE", [](const Token& one) { return is_word(one, "then"); });
      if (!condition) return;
      expect_word("then");
      add(depth + 1, fmt::format("WHEN {} THEN", *condition));
      branches.next(depth + 2);
    }
    if (accept_word("else")) {
      add(depth + 1, "ELSE");
      branches.next(depth + 2);
    }
    branches.end();
    expect_word("end");
    expect_word("case");
    add(depth, "END CASE;");
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
  std::vector<Block> blocks_ = {};  // the innermost last
  std::vector<Label> labels_ = {};  // likewise
  int blocks_made_ = 1;
  bool began_ = false;  // the outermost block
  bool reads_ = false;
  std::string declarations_ = {};
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
