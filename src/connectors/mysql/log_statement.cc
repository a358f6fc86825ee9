#include "connectors/mysql/log_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/tokens.h"

namespace voyager::mysql {
namespace {

using Kind = LogStatement::Kind;

// Comments that the server carries out: "/*!40101 SET ... */", "/*M!100100 ... */".
std::string without_marks(std::string_view sql) {
  std::string out;
  for (std::size_t at = 0; at < sql.size();) {
    const bool plain = sql.substr(at, 3) == "/*!";
    const bool maria = sql.substr(at, 4) == "/*M!";
    const std::size_t end = plain || maria ? sql.find("*/", at) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += sql[at++];
      continue;
    }
    std::size_t from = at + (plain ? 3 : 4);
    while (from < end && sql[from] >= '0' && sql[from] <= '9') ++from;
    out += ' ';
    out += sql.substr(from, end - from);
    out += ' ';
    at = end + 2;
  }
  return out;
}

class Reader {
 public:
  Reader(std::vector<Token> tokens, std::string_view schema) : tokens_(std::move(tokens)), schema_(schema) {}

  LogStatement run() {
    while (symbol(at_, "(")) ++at_;
    const std::string first = base::lower(peek().text);
    if (peek().kind != Token::Kind::kWord) return {};
    // SET STATEMENT max_statement_time = 1 FOR ...
    if (is({"set", "statement"})) {
      while (peek().kind != Token::Kind::kEnd && !is({"for"})) ++at_;
      if (peek().kind != Token::Kind::kEnd) ++at_;
      return run();
    }
    if (is({"set", "password"}) || is({"set", "default"})) return {};
    if (is({"begin"}) || is({"start", "transaction"})) return {.kind = Kind::kBegin};
    if (is({"commit"})) return {.kind = Kind::kCommit};
    if (first == "rollback") {
      ++at_;
      skip_words({"work"});
      return {.kind = is({"to"}) ? Kind::kRollbackToSavepoint : Kind::kRollback};
    }
    if (first == "xa") return xa();
    if (first == "truncate") {
      ++at_;
      skip_words({"table"});
      return {.kind = Kind::kTruncate, .tables = names(true)};
    }
    if (first == "alter") return alter();
    if (first == "create") return create();
    if (first == "drop") return drop();
    if (first == "rename") {
      ++at_;
      if (!is({"table"}) && !is({"tables"})) return {};
      ++at_;
      skip_words({"if", "exists"});
      return {.kind = Kind::kRename, .tables = all_names()};
    }
    if (is({"delete", "from"})) {
      const std::size_t begin = std::exchange(at_, at_ + 2);
      LogStatement all{.kind = Kind::kRowsAsStatement, .tables = names(true), .empties = true};
      if (!all.tables.empty() && peek().kind == Token::Kind::kEnd) return all;
      at_ = begin;
    }
    for (const char* word :
         {"insert", "update", "delete", "replace", "load", "call", "import", "with", "set", "select", "do", "values"}) {
      if (first == word) return {.kind = Kind::kRowsAsStatement, .tables = all_names()};
    }
    if (first == "analyze") {
      ++at_;
      skip_words({"no_write_to_binlog", "local"});
      if (!is({"table"}) && !is({"tables"})) return {.kind = Kind::kRowsAsStatement, .tables = all_names()};
    }
    return {};
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

  bool is_word(std::size_t place, std::string_view word) const {
    return place < tokens_.size() && tokens_[place].kind == Token::Kind::kWord &&
           base::equals_ignoring_case(tokens_[place].text, word);
  }
  bool is(std::initializer_list<std::string_view> words) const {
    std::size_t place = at_;
    for (const std::string_view word : words) {
      if (!is_word(place++, word)) return false;
    }
    return true;
  }
  void skip_words(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      if (is_word(at_, word)) ++at_;
    }
  }
  // By the session's mode a name may stand in the quotes of a text.
  static bool names_something(const Token& token) {
    return token.kind == Token::Kind::kWord || token.kind == Token::Kind::kName || token.kind == Token::Kind::kText;
  }
  bool symbol(std::size_t place, std::string_view text) const {
    return place < tokens_.size() && tokens_[place].kind == Token::Kind::kSymbol && tokens_[place].text == text;
  }

  StatementTable name() {
    StatementTable out{.schema = std::string(schema_), .table = peek().text};
    ++at_;
    if (symbol(at_, ".")) {
      ++at_;
      out.schema = std::exchange(out.table, peek().text);
      ++at_;
    }
    return out;
  }

  // a, b, c; only the first where one is all that can stand here.
  std::vector<StatementTable> names(bool one) {
    std::vector<StatementTable> out;
    while (names_something(peek())) {
      out.push_back(name());
      if (one || !symbol(at_, ",")) break;
      ++at_;
    }
    return out;
  }

  // Whatever may be a table's name from here on.
  std::vector<StatementTable> all_names() {
    std::vector<StatementTable> out;
    while (peek().kind != Token::Kind::kEnd) {
      if (names_something(peek())) {
        out.push_back(name());
      } else {
        ++at_;
      }
    }
    return out;
  }

  bool anywhere(std::initializer_list<std::string_view> words) const {
    for (std::size_t from = at_; from < tokens_.size(); ++from) {
      std::size_t place = from;
      bool all = true;
      for (const std::string_view word : words) all = all && is_word(place++, word);
      if (all) return true;
    }
    return false;
  }

  LogStatement xa() {
    ++at_;
    if (is({"start"}) || is({"begin"})) return {.kind = Kind::kXaBegin};
    if (is({"end"})) return {.kind = Kind::kXaEnd};
    const bool commit = is({"commit"});
    if (!commit && !is({"rollback"})) return {};
    ++at_;
    return {.kind = commit ? Kind::kXaCommit : Kind::kXaRollback, .xid = xid()};
  }

  // 'gtrid', 'bqual', format; the last two may be left out.
  std::string xid() {
    std::string global = peek().text, branch, format = "1";
    ++at_;
    if (symbol(at_, ",")) {
      branch = peek(1).text;
      at_ += 2;
    }
    if (symbol(at_, ",")) format = peek(1).text;
    return xid_text(global, branch, format);
  }

  LogStatement alter() {
    ++at_;
    skip_words({"online"});
    const bool ignore = is({"ignore"});
    skip_words({"ignore"});
    if (!is({"table"})) return {};
    ++at_;
    skip_words({"if", "exists"});
    LogStatement out{.kind = Kind::kAlter, .tables = names(true)};
    for (const char* word : {"drop", "truncate", "exchange", "discard", "import", "convert"}) {
      if (anywhere({word, "partition"}) || anywhere({word, "table"}) || anywhere({word, "tablespace"}))
        out.kind = Kind::kDropPartition;
    }
    // Rows that break a new key go without a word.
    if (ignore) out.kind = Kind::kDropPartition;
    if (out.kind == Kind::kAlter) out.columns = column_changes();
    const bool refers = anywhere({"references"});
    out.makes_acting_key = refers && (anywhere({"cascade"}) || anywhere({"set", "null"}));
    out.drops_foreign_key = anywhere({"drop", "foreign"}) || anywhere({"drop", "constraint"});
    if (out.kind == Kind::kAlter && renames()) {
      out.kind = Kind::kRename;
      for (StatementTable& one : all_names()) out.tables.push_back(std::move(one));
    }
    return out;
  }

  // Clauses with their words; those of a column's definition may stand in parentheses.
  ColumnChanges column_changes() const {
    ColumnChanges out;
    int depth = 0;
    std::size_t from = at_;
    for (std::size_t place = at_; place < tokens_.size(); ++place) {
      if (symbol(place, "(")) ++depth;
      if (symbol(place, ")")) --depth;
      const bool end = tokens_[place].kind == Token::Kind::kEnd;
      if (!end && (depth > 0 || !symbol(place, ","))) continue;
      read_clause(from, place, out);
      from = place + 1;
    }
    return out;
  }

  void read_clause(std::size_t at, std::size_t end, ColumnChanges& out) const {
    const std::string verb = at < end ? base::lower(tokens_[at].text) : std::string();
    if (++at >= end) return;
    const auto skip = [&](std::string_view word) {
      if (at < end && is_word(at, word)) ++at;
    };
    const auto name_at = [&](std::size_t place) {
      return place < end && names_something(tokens_[place]) ? base::lower(tokens_[place].text) : std::string();
    };
    if (verb == "rename") {
      if (!is_word(at, "column")) return;
      call(name_at(at + 1), name_at(at + 3), out);
      return;
    }
    if (verb == "convert" && is_word(at, "to")) out.redefines = true;
    if (verb != "add" && verb != "drop" && verb != "change" && verb != "modify") return;
    const bool column = is_word(at, "column");
    skip("column");
    skip("if");
    skip("not");
    skip("exists");
    if ((verb == "add" || verb == "drop") && !column) {
      for (const char* word : {"primary", "unique", "index", "key", "constraint"}) {
        if (!is_word(at, word)) continue;
        out.names_rows = true;
        return;
      }
      for (const char* word : {"foreign", "check", "fulltext", "spatial", "partition", "system", "period"}) {
        if (is_word(at, word)) return;
      }
    }
    if (verb == "add" && symbol(at, "(")) {
      int depth = 0;
      std::size_t from = at + 1;
      for (std::size_t place = at; place < end; ++place) {
        if (symbol(place, "(")) ++depth;
        if (symbol(place, ")")) --depth;
        const bool last = depth == 0;
        if (!last && (depth > 1 || !symbol(place, ","))) continue;
        add(from, place, out);
        from = place + 1;
        if (last) break;
      }
    } else if (verb == "add") {
      add(at, end, out);
    } else if (verb == "drop") {
      out.left.push_back(name_at(at));
      out.moves = true;
    } else {
      out.redefines = true;
      if (verb == "change") {
        call(name_at(at), name_at(at + 1), out);
        ++at;
      }
      read_definition(at, end, out);
    }
  }

  static void call(const std::string& from, const std::string& to, ColumnChanges& out) {
    if (from == to) return;
    out.left.push_back(from);
    out.taken.push_back(to);
  }

  void add(std::size_t at, std::size_t end, ColumnChanges& out) const {
    if (at >= end || !names_something(tokens_[at])) return;
    const std::string name = base::lower(tokens_[at].text);
    out.added.push_back({.name = name, .default_value = read_definition(at, end, out)});
    out.taken.push_back(name);
  }

  // The default; what is no literal is there as words that are none.
  std::optional<std::string> read_definition(std::size_t at, std::size_t end, ColumnChanges& out) const {
    std::optional<std::string> found;
    int depth = 0;
    for (std::size_t place = at + 1; place < end; ++place) {
      if (symbol(place, "(")) ++depth;
      if (symbol(place, ")")) --depth;
      if (depth > 0) continue;
      if (is_word(place, "first") || is_word(place, "after")) out.moves = true;
      if (is_word(place, "primary") || is_word(place, "unique") || is_word(place, "key")) out.names_rows = true;
      if (is_word(place, "default") && place + 1 < end) found = default_at(place + 1, end);
    }
    return found;
  }

  std::string default_at(std::size_t at, std::size_t end) const {
    std::string sign;
    if (symbol(at, "-") && at + 1 < end) {
      sign = "-";
      ++at;
    }
    const Token& token = tokens_[at];
    std::string hex;
    for (const char c : token.text) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    switch (token.kind) {
      case Token::Kind::kNumber:
        return sign + token.text;
      case Token::Kind::kBits:
        return "b'" + token.text + "'";
      case Token::Kind::kBytes:
        return "x'" + hex + "'";
      case Token::Kind::kText:
        return quoted_text(token.text);
      default:
        break;
    }
    if (is_word(at, "null")) return "NULL";
    if (is_word(at, "true")) return "1";
    if (is_word(at, "false")) return "0";
    return "(an expression)";
  }

  // RENAME TO x, RENAME AS x, RENAME x; not RENAME COLUMN, INDEX or KEY.
  bool renames() {
    for (std::size_t place = at_; place < tokens_.size(); ++place) {
      if (!is_word(place, "rename")) continue;
      if (is_word(place + 1, "column") || is_word(place + 1, "index") || is_word(place + 1, "key")) continue;
      at_ = place + 1;
      skip_words({"to"});
      skip_words({"as"});
      return true;
    }
    return false;
  }

  LogStatement create() {
    ++at_;
    skip_words({"or", "replace"});
    if (is({"temporary"})) return {};
    // An index makes a hidden column at times, and changes nothing else.
    if (is({"unique"}) || is({"fulltext"}) || is({"spatial"}) || is({"index"})) return index();
    if (!is({"table"})) return {};
    ++at_;
    const bool if_not_exists = is({"if", "not", "exists"});
    skip_words({"if", "not", "exists"});
    LogStatement out{.kind = Kind::kCreate, .tables = names(true)};
    out.if_not_exists = if_not_exists;
    out.opens_transaction = anywhere({"start", "transaction"});
    return out;
  }

  LogStatement index() {
    for (; peek().kind != Token::Kind::kEnd; ++at_) {
      if (!is({"on"})) continue;
      ++at_;
      return {.kind = Kind::kAlter, .tables = names(true), .columns = {.names_rows = true}};
    }
    return {};
  }

  LogStatement drop() {
    ++at_;
    if (is({"temporary"})) return {};
    if (is({"database"}) || is({"schema"})) {
      ++at_;
      skip_words({"if", "exists"});
      return {.kind = Kind::kDropSchema, .tables = {{.schema = peek().text}}};
    }
    if (is({"index"})) return index();
    if (!is({"table"}) && !is({"tables"})) return {};
    ++at_;
    skip_words({"if", "exists"});
    return {.kind = Kind::kDrop, .tables = names(false)};
  }

  const std::vector<Token> tokens_;
  const std::string_view schema_;
  std::size_t at_ = 0;
};

}  // namespace

std::string xid_text(std::string_view global, std::string_view branch, std::string_view format) {
  return fmt::format("{}:{}{}:{}", global.size(), global, branch, format);
}

std::string without_values(std::string_view sql) {
  constexpr std::size_t kShownMax = 500;
  std::string out;
  for (const Token& token : tokens_of(sql)) {
    if (token.kind == Token::Kind::kEnd) break;
    const bool joined = out.empty() || out.ends_with('.') || out.ends_with('(') || token.text == "." ||
                        token.text == "," || token.text == ")";
    if (!joined) out += ' ';
    switch (token.kind) {
      case Token::Kind::kWord:
      case Token::Kind::kSymbol:
        out += token.text;
        break;
      case Token::Kind::kName:
        out += quoted_name(token.text);
        break;
      default:
        out += '?';
    }
    if (token.kind == Token::Kind::kBad || out.size() > kShownMax) return out + " ...";
  }
  return out;
}

LogStatement read_statement(std::string_view sql, std::string_view schema) {
  // Most are these, and are short.
  if (sql == "BEGIN") return {.kind = Kind::kBegin};
  if (sql == "COMMIT") return {.kind = Kind::kCommit};
  return Reader(tokens_of(without_marks(sql)), schema).run();
}

}  // namespace voyager::mysql
