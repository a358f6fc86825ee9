#include "connectors/mysql/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/tokens.h"

namespace voyager::mysql {
namespace {

constexpr std::string_view kAscii = "ascii";

bool is_whole(Kind kind) {
  return kind == Kind::kInteger || kind == Kind::kBoolean;
}
bool is_exact(Kind kind) {
  return kind == Kind::kInteger || kind == Kind::kNumber;
}
bool is_number(Kind kind) {
  return is_exact(kind) || kind == Kind::kFloat;
}
bool is_moment(Kind kind) {
  return kind == Kind::kDate || kind == Kind::kDateTime || kind == Kind::kTimestamp || kind == Kind::kTime;
}

// The kind of a value that is one or the other; kOther where they have none in common.
Kind common(Kind a, Kind b) {
  if (a == b || b == Kind::kNull) return a;
  if (a == Kind::kNull) return b;
  if (is_number(a) && is_number(b)) return a == Kind::kFloat || b == Kind::kFloat ? Kind::kFloat : Kind::kNumber;
  return Kind::kOther;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Resolve& resolve) : tokens_(std::move(tokens)), resolve_(resolve) {}

  Translation run() {
    Operand value = either();
    if (why_.empty() && peek().kind != Token::Kind::kEnd) refuse(peek().text);
    if (!why_.empty()) return {.why_not = why_, .line = line_};
    return {.value = std::move(value)};
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is_word(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::kWord && base::equals_ignoring_case(peek(ahead).text, word);
  }
  bool is_symbol(std::string_view symbol) const { return peek().kind == Token::Kind::kSymbol && peek().text == symbol; }
  bool accept_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++at_;
    return true;
  }
  bool accept(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) refuse(peek().text);
  }

  // The first reason counts; from then on nothing is read any more.
  Operand refuse(std::string_view what) {
    if (why_.empty()) {
      why_ = what.empty() ? "its end" : std::string(what);
      // What was read last, as what stands there may be the line behind.
      line_ = tokens_[std::min(at_ == 0 ? 0 : at_ - 1, tokens_.size() - 1)].line;
    }
    at_ = tokens_.size() - 1;
    return {};
  }

  Operand either() {
    Operand left = both();
    while (why_.empty() && (is_word("or") || is_word("xor") || is_symbol("||"))) {
      if (!accept_word("or")) return refuse(peek().text);
      left = joined(std::move(left), "OR", both());
    }
    return left;
  }
  Operand both() {
    Operand left = negated();
    while (why_.empty() && (is_word("and") || is_symbol("&&"))) {
      ++at_;
      left = joined(std::move(left), "AND", negated());
    }
    return left;
  }
  Operand joined(Operand left, std::string_view word, Operand right) {
    const auto a = as_condition(left);
    const auto b = as_condition(right);
    if (!a || !b) return refuse(word);
    return {.sql = fmt::format("({} {} {})", *a, word, *b), .kind = Kind::kBoolean};
  }
  Operand negated() {
    if (!accept_word("not")) return compared();
    const auto inner = as_condition(negated());
    if (!inner) return refuse("NOT");
    return {.sql = fmt::format("(NOT {})", *inner), .kind = Kind::kBoolean};
  }

  Operand compared() {
    Operand left = sum();
    while (why_.empty()) {
      constexpr std::array<std::string_view, 7> kSigns = {"=", "<", ">", "<=", ">=", "<>", "!="};
      const auto* const sign = std::ranges::find_if(kSigns, [this](std::string_view one) { return is_symbol(one); });
      if (sign != kSigns.end()) {
        ++at_;
        left = comparison(left, *sign == "!=" ? "<>" : *sign, sum());
      } else if (is_word("is")) {
        left = is_null(left);
      } else if (is_word("between") || (is_word("not") && is_word("between", 1))) {
        left = between(left);
      } else if (is_word("in") || (is_word("not") && is_word("in", 1))) {
        left = among(left);
      } else if (is_word("like") || is_word("regexp") || is_word("rlike") || is_word("collate") || is_word("not") ||
                 is_word("sounds") || is_symbol("<=>")) {
        return refuse(peek().text);
      } else {
        break;
      }
    }
    return left;
  }

  Operand comparison(const Operand& left, std::string_view sign, const Operand& right) {
    if (!comparable(left, sign, right)) return refuse(fmt::format("a comparison ({}) of texts or other kinds", sign));
    return {.sql = fmt::format("({} {} {})", left.sql, sign, right.sql), .kind = Kind::kBoolean};
  }

  static bool is_label(const Operand& value, const Operand& literal) {
    return value.kind == Kind::kEnum && literal.text &&
           std::ranges::find(*value.labels, *literal.text) != value.labels->end();
  }

  static bool is_literal(const Operand& value) {
    return value.sql.find_first_not_of("0123456789.") == std::string::npos;
  }

  bool comparable(const Operand& left, std::string_view sign, const Operand& right) {
    const auto like_year = [](const Operand& one) { return one.year || (is_literal(one) && one.range.least >= 100); };
    if ((left.year || right.year) && !(like_year(left) && like_year(right))) {
      refuse("a comparison of a year with what may be below 100");
      return false;
    }
    if (is_number(left.kind) && is_number(right.kind)) return true;
    // The order of an enum is that of its labels on the target, and on the source only among numbers.
    const bool equality = sign == "=" || sign == "<>";
    if (equality && (is_label(left, right) || is_label(right, left))) return true;
    return is_moment(left.kind) && left.kind == right.kind;
  }

  Operand is_null(const Operand& value) {
    ++at_;
    const bool negative = accept_word("not");
    if (accept_word("null"))
      return {.sql = fmt::format("({} IS {}NULL)", value.sql, negative ? "NOT " : ""), .kind = Kind::kBoolean};
    const bool truth = is_word("true");
    if (!truth && !is_word("false")) return refuse("IS " + peek().text);
    ++at_;
    const auto condition = as_condition(value);
    if (!condition) return refuse("IS");
    return {.sql = fmt::format("({} IS {}{})", *condition, negative ? "NOT " : "", truth ? "TRUE" : "FALSE"),
            .kind = Kind::kBoolean};
  }

  Operand between(const Operand& value) {
    const bool negative = accept_word("not");
    ++at_;
    const Operand low = sum();
    if (!accept_word("and")) return refuse("BETWEEN");
    const Operand high = sum();
    if (!comparable(value, "<", low) || !comparable(value, "<", high)) return refuse("BETWEEN of texts or other kinds");
    return {.sql = fmt::format("({} {}BETWEEN {} AND {})", value.sql, negative ? "NOT " : "", low.sql, high.sql),
            .kind = Kind::kBoolean};
  }

  Operand among(const Operand& value) {
    const bool negative = accept_word("not");
    ++at_;
    expect("(");
    if (is_word("select")) return refuse("a subquery");
    std::string list;
    do {
      const Operand one = sum();
      if (!comparable(value, "=", one)) return refuse("IN of texts or other kinds");
      list += (list.empty() ? "" : ", ") + exact(one);
    } while (why_.empty() && accept(","));
    expect(")");
    return {.sql = fmt::format("({} {}IN ({}))", exact(value), negative ? "NOT " : "", list), .kind = Kind::kBoolean};
  }

  // An operand of arithmetic, in 64 bits as on the source.
  static std::string wide(const Operand& value) {
    if (!value.narrow) return value.sql;
    return value.sql + (value.kind == Kind::kFloat ? "::double precision" : "::bigint");
  }
  // Among numbers of several types the target would round them all to the short one.
  static std::string exact(const Operand& value) { return value.kind == Kind::kFloat ? wide(value) : value.sql; }

  // Of whole numbers, as the source computes them. A result that is none of the 64 bits is an error on both sides; what
  // is one on the source only is refused.
  Operand of_whole(const Operand& left, std::string_view sign, const Operand& right, Operand out) {
    const Range& a = left.range;
    const Range& b = right.range;
    if (sign == "+") {
      out.range = {a.least + b.least, a.most + b.most};
    } else if (sign == "-") {
      out.range = {a.least - b.most, a.most - b.least};
    } else if (sign == "*") {
      const auto [least, most] = std::minmax({a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most});
      out.range = {least, most};
    } else {
      const double size = std::max(-a.least, a.most) / (sign == "DIV" ? std::max(b.least, 1.0) : 1);
      out.range = {a.least < 0 || b.least < 0 ? -size : 0, size};
    }
    out.is_unsigned = left.is_unsigned || right.is_unsigned;
    if (out.is_unsigned && !Range{0, 0x1p63}.holds(out.range))
      return refuse(fmt::format("{} of unsigned numbers, an error there below zero", sign));
    out.range = {std::max(out.range.least, -0x1p63), std::min(out.range.most, 0x1p63)};
    return out;
  }

  Operand arithmetic(const Operand& left, std::string_view sign, const Operand& right) {
    if (!is_number(left.kind) || !is_number(right.kind))
      return refuse(fmt::format("{} of other kinds than numbers", sign));
    Operand out{.kind = common(left.kind, right.kind)};
    const auto whole = [](const Operand& one) { return one.kind == Kind::kInteger || one.is_unsigned; };
    if (whole(left) && whole(right)) out = of_whole(left, sign, right, std::move(out));
    // The target has literals, and what is made of them alone, in 32 bits where they fit.
    constexpr Range kShort{-0x1p31, 0x1p31 - 1};
    const bool literals = out.kind == Kind::kInteger && is_literal(left) && is_literal(right);
    out.narrow = literals && kShort.holds(out.range);
    const bool widened = out.kind == Kind::kInteger && !left.narrow && !right.narrow && !kShort.holds(out.range) &&
                         kShort.holds(left.range) && kShort.holds(right.range);
    out.sql = fmt::format("({}{} {} {})", wide(left), widened ? "::bigint" : "", sign, wide(right));
    return out;
  }

  Operand sum() {
    Operand left = product();
    while (why_.empty()) {
      if (is_symbol("|") || is_symbol("&") || is_symbol("<<") || is_symbol(">>") || is_symbol("^"))
        return refuse(peek().text);
      if (!is_symbol("+") && !is_symbol("-")) break;
      const std::string sign = peek().text;
      ++at_;
      if (is_word("interval")) return refuse("INTERVAL");
      left = arithmetic(left, sign, product());
    }
    return left;
  }

  Operand product() {
    Operand left = atom();
    while (why_.empty()) {
      if (accept("*")) {
        left = arithmetic(left, "*", atom());
      } else if (is_word("div") || is_symbol("%") || is_word("mod")) {
        const bool division = is_word("div");
        ++at_;
        const Operand right = atom();
        if (left.kind != Kind::kInteger || right.kind != Kind::kInteger) return refuse(division ? "DIV" : "%");
        // By zero there is a null on the source.
        Operand out{.sql = fmt::format("({} {} NULLIF({}, 0))", wide(left), division ? "/" : "%", wide(right)),
                    .kind = Kind::kInteger};
        left = of_whole(left, division ? "DIV" : "%", right, std::move(out));
      } else if (is_symbol("/")) {
        return refuse("/, whose digits behind the point differ");
      } else {
        break;
      }
    }
    return left;
  }

  Operand atom() {
    const Token token = peek();
    ++at_;
    switch (token.kind) {
      case Token::Kind::kNumber: {
        const bool real = token.text.find_first_of("eE") != std::string::npos;
        const bool whole = !real && token.text.find('.') == std::string::npos;
        // An exact number on the target, however it is written.
        if (real) return {.sql = token.text + "::double precision", .kind = Kind::kFloat};
        if (!whole) return {.sql = token.text, .kind = Kind::kNumber};
        const double value = std::stod(token.text);
        const bool large = beyond_bigint(token.text);
        return {.sql = token.text,
                .kind = large ? Kind::kNumber : Kind::kInteger,
                .range = {value, value},
                .is_unsigned = large};
      }
      case Token::Kind::kText:
        if (token.text.find('\0') != std::string::npos) return refuse("a text with a zero byte");
        return {.sql = literal(token.text),
                .kind = Kind::kText,
                .charset = std::ranges::all_of(token.text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })
                               ? std::string(kAscii)
                               : "several",
                .bytes_most = static_cast<double>(token.text.size()),
                .text = token.text};
      case Token::Kind::kName:
        return name(token.text);
      case Token::Kind::kWord:
        return word(token.text);
      case Token::Kind::kSymbol:
        if (token.text == "(") return parenthesis();
        if (token.text == "-") return negative();
        if (token.text == "!") {
          const auto inner = as_condition(atom());
          if (inner) return {.sql = fmt::format("(NOT {})", *inner), .kind = Kind::kBoolean};
        }
        break;
      default:
        break;
    }
    return refuse(token.kind == Token::Kind::kBytes ? "a hexadecimal literal" : token.text);
  }

  Operand parenthesis() {
    if (is_word("select")) return refuse("a subquery");
    Operand inner = either();
    expect(")");
    return inner;
  }

  Operand negative() {
    Operand value = atom();
    if (!is_number(value.kind)) return refuse("- of another kind than a number");
    // The target has the digits alone as an exact number.
    if (value.sql == "9223372036854775808")
      return {.sql = "'-9223372036854775808'::bigint", .kind = Kind::kInteger, .range = {-0x1p63, -0x1p63}};
    if (value.is_unsigned && is_literal(value)) return refuse("- of an unsigned number");
    value.sql = is_literal(value) ? "-" + value.sql : "(- " + wide(value) + ")";
    if (value.is_unsigned && value.range.most > 0x1p63) return refuse("- of an unsigned number");
    value.range = {-value.range.most, -value.range.least};
    value.narrow = value.year = value.padded = false;
    return value;
  }

  Operand name(std::string first) {
    std::vector<std::string> parts = {std::move(first)};
    while (accept(".")) {
      if (peek().kind != Token::Kind::kName && peek().kind != Token::Kind::kWord) return refuse(peek().text);
      parts.push_back(peek().text);
      ++at_;
    }
    if (is_symbol("->") || is_symbol("->>")) return refuse(peek().text);
    std::optional<Operand> found = resolve_(parts);
    return found ? std::move(*found) : refuse("the name " + base::join(parts, "."));
  }

  Operand word(const std::string& text) {
    const std::string lower = base::lower(text);
    if (lower == "null") return {.sql = "NULL", .kind = Kind::kNull};
    if (lower == "true" || lower == "false") return {.sql = lower == "true" ? "TRUE" : "FALSE", .kind = Kind::kBoolean};
    if (lower == "case") return choice();
    if (lower == "current_timestamp" || lower == "now" || lower == "localtimestamp" || lower == "localtime")
      return now();
    if (lower == "curdate" || lower == "current_date") {
      if (accept("(")) expect(")");
      return {.sql = "CURRENT_DATE", .kind = Kind::kDate};
    }
    if (is_symbol("(")) return call(lower);
    return name(text);
  }

  // When the statement began, cut and not rounded.
  Operand now() {
    std::string digits;
    if (accept("(")) {
      if (peek().kind == Token::Kind::kNumber) {
        digits = peek().text;
        ++at_;
      }
      expect(")");
    }
    std::string sql = "statement_timestamp()";
    if (digits.empty() || digits == "0") {
      sql = "date_trunc('second', " + sql + ")";
    } else if (digits == "3") {
      sql = "date_trunc('milliseconds', " + sql + ")";
    } else if (digits != "6") {
      sql += "::timestamp(" + digits + ") with time zone";
    }
    return {.sql = std::move(sql), .kind = Kind::kTimestamp, .now = true};
  }

  // What is one of several values, of what is known of all of them.
  static Operand one_of(std::vector<Operand>& values) {
    Operand out{.kind = Kind::kNull};
    bool short_floats = true;
    for (const Operand& one : values) {
      if (one.kind == Kind::kNull) continue;
      const bool first = out.kind == Kind::kNull;
      out.kind = common(out.kind, one.kind);
      out.range = first ? one.range
                        : Range{std::min(out.range.least, one.range.least), std::max(out.range.most, one.range.most)};
      out.is_unsigned = out.is_unsigned || one.is_unsigned;
      out.year = out.year || one.year;
      out.padded = out.padded || one.padded;
      out.charset = first ? one.charset : common_charset(out.charset, one.charset);
      out.bytes_most = first ? one.bytes_most : std::max(out.bytes_most, one.bytes_most);
      out.digits = first ? one.digits : std::max(out.digits, one.digits);
      short_floats = short_floats && one.kind == Kind::kFloat && one.narrow;
    }
    if (out.kind == Kind::kEnum) out.kind = Kind::kOther;
    out.narrow = out.kind == Kind::kInteger || (out.kind == Kind::kFloat && short_floats);
    if (!out.narrow) {
      for (Operand& one : values) one.sql = exact(one);
    }
    return out;
  }

  Operand choice() {
    if (!is_word("when")) return refuse("CASE with an operand");
    std::vector<std::string> conditions;
    std::vector<Operand> values;
    while (accept_word("when")) {
      const auto condition = as_condition(either());
      if (!condition || !accept_word("then")) return refuse("CASE");
      conditions.push_back(*condition);
      values.push_back(either());
    }
    if (accept_word("else")) values.push_back(either());
    Operand out = one_of(values);
    if (!accept_word("end") || out.kind == Kind::kOther) return refuse("CASE of several kinds");
    out.sql = "CASE";
    for (std::size_t i = 0; i < conditions.size(); ++i)
      out.sql += fmt::format(" WHEN {} THEN {}", conditions[i], values[i].sql);
    if (values.size() > conditions.size()) out.sql += " ELSE " + values.back().sql;
    out.sql += " END";
    return out;
  }

  std::vector<Operand> arguments() {
    std::vector<Operand> out;
    expect("(");
    if (accept(")")) return out;
    do {
      out.push_back(either());
    } while (why_.empty() && accept(","));
    expect(")");
    return out;
  }

  Operand call(const std::string& function) {
    constexpr std::array<std::string_view, 6> kAggregates = {"count", "sum", "min", "max", "avg", "group_concat"};
    if (std::ranges::find(kAggregates, function) != kAggregates.end()) return aggregate(function);
    if (function == "cast" || function == "convert" || function == "extract" || function == "trim" ||
        function == "substring")
      return refuse(function + "()");
    std::vector<Operand> args = arguments();
    if (!why_.empty()) return {};
    if (function == "if" && args.size() == 3) {
      const auto condition = as_condition(args[0]);
      args.erase(args.begin());
      Operand out = one_of(args);
      if (!condition || out.kind == Kind::kOther) return refuse("if()");
      out.sql = fmt::format("CASE WHEN {} THEN {} ELSE {} END", *condition, args[0].sql, args[1].sql);
      return out;
    }
    if ((function == "ifnull" || function == "coalesce") && !args.empty()) return first_of(args);
    if (function == "concat" && !args.empty()) return chained(args);
    if (function == "char_length" || function == "character_length") return of_text(args, "char_length");
    if (function == "length" || function == "octet_length") return of_text(args, "octet_length");
    if (function == "abs" && args.size() == 1 && is_exact(args[0].kind))
      return {.sql = fmt::format("abs({})", wide(args[0])),
              .kind = args[0].kind,
              .range = {0, std::max(-args[0].range.least, args[0].range.most)},
              .is_unsigned = args[0].is_unsigned};
    return part_of_moment(function, args);
  }

  Operand first_of(std::vector<Operand>& args) {
    Operand out = one_of(args);
    if (out.kind == Kind::kOther) return refuse("COALESCE of several kinds");
    std::string list;
    for (const Operand& one : args) list += (list.empty() ? "" : ", ") + one.sql;
    out.sql = fmt::format("COALESCE({})", list);
    return out;
  }

  // A null makes the whole a null, as || does and the target's concat() does not.
  Operand chained(const std::vector<Operand>& args) {
    Operand out{.kind = Kind::kText, .charset = std::string(kAscii), .bytes_most = 0};
    for (const Operand& one : args) {
      if (one.kind != Kind::kText && one.kind != Kind::kInteger) return refuse("concat() of other kinds than texts");
      if (one.padded) return refuse("concat() of a number with zeros in front");
      out.sql += (out.sql.empty() ? "" : " || ") + (one.text ? one.sql : one.sql + "::text");
      if (one.kind == Kind::kText) out.charset = common_charset(out.charset, one.charset);
      constexpr double kDigits = 20;
      out.bytes_most += one.kind == Kind::kText ? one.bytes_most : kDigits;
    }
    out.sql = "(" + out.sql + ")";
    return out;
  }

  Operand of_text(const std::vector<Operand>& args, std::string_view function) {
    if (args.size() != 1 || args[0].kind != Kind::kText) return refuse(function);
    // The target has all texts in UTF-8.
    const bool same = args[0].charset.starts_with("utf8mb") || args[0].charset == kAscii;
    if (function == "octet_length" && !same) return refuse("the length in bytes of a text that is not UTF-8");
    return {.sql = fmt::format("{}({}::text)", function, args[0].sql),
            .kind = Kind::kInteger,
            .narrow = true,
            .range = {0, 0x1p32}};
  }

  Operand part_of_moment(const std::string& function, const std::vector<Operand>& args) {
    struct Part {
      std::string_view function = {};
      std::string_view field = {};
    };
    constexpr std::array<Part, 7> kParts = {{{"year", "year"},
                                             {"month", "month"},
                                             {"day", "day"},
                                             {"dayofmonth", "day"},
                                             {"quarter", "quarter"},
                                             {"hour", "hour"},
                                             {"minute", "minute"}}};
    const auto* const part = std::ranges::find(kParts, std::string_view(function), &Part::function);
    const bool of_day = function != "hour" && function != "minute";
    if (part == kParts.end() || args.size() != 1 ||
        !(args[0].kind == Kind::kDateTime || (of_day && args[0].kind == Kind::kDate)))
      return refuse(function + "()");
    return {.sql = fmt::format("(EXTRACT({} FROM {}))::integer", part->field, args[0].sql),
            .kind = Kind::kInteger,
            .narrow = true,
            .range = {0, 9999}};
  }

  Operand aggregate(const std::string& function) {
    expect("(");
    const bool distinct = accept_word("distinct");
    if (function == "count" && (accept("*") || (peek().text == "0" && !distinct && ++at_ > 0))) {
      expect(")");
      return {.sql = "count(*)", .kind = Kind::kInteger, .range = {0, 0x1p63}, .aggregate = true};
    }
    const Operand value = either();
    expect(")");
    if (!why_.empty()) return {};
    const std::string inner = (distinct ? "DISTINCT " : "") + value.sql;
    const bool counted = !distinct || value.kind != Kind::kText;
    if (function == "count" && counted)
      return {.sql = "count(" + inner + ")", .kind = Kind::kInteger, .range = {0, 0x1p63}, .aggregate = true};
    const bool ordered = is_number(value.kind) || is_moment(value.kind);
    if ((function == "min" || function == "max") && ordered) {
      Operand out = value;
      out.sql = function + "(" + inner + ")";
      out.aggregate = true;
      return out;
    }
    if (function == "sum" && is_exact(value.kind))
      return {.sql = "sum(" + inner + ")", .kind = Kind::kNumber, .aggregate = true};
    return refuse(function + "()");
  }

  std::vector<Token> tokens_;
  const Resolve& resolve_;
  std::size_t at_ = 0;
  std::string why_ = {};
  int line_ = 1;
};

}  // namespace

Translation translate(std::string_view expression, const Resolve& resolve) {
  return Parser(tokens_of(expression), resolve).run();
}

Translation translate(std::span<const Token> tokens, const Resolve& resolve) {
  std::vector<Token> own(tokens.begin(), tokens.end());
  own.emplace_back();
  return Parser(std::move(own), resolve).run();
}

std::string common_charset(const std::string& a, const std::string& b) {
  if (a == b || b == kAscii) return a;
  if (a == kAscii) return b;
  return a.starts_with("utf8mb") && b.starts_with("utf8mb") ? "utf8mb4" : "several";
}

std::optional<std::string> as_condition(const Operand& value) {
  if (value.kind == Kind::kBoolean || value.kind == Kind::kNull) return value.sql;
  if (is_whole(value.kind)) return fmt::format("({} <> 0)", value.sql);
  return std::nullopt;
}

}  // namespace voyager::mysql
