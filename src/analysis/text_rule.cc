#include "analysis/text_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "sql/lexer.h"

namespace voyager::analysis {
namespace {

constexpr int kBodyDepthMax = 3;

struct Word {
  sql::TokenKind kind = sql::TokenKind::kWord;
  std::string_view text = {};  ///< Lower case when unquoted.
  std::size_t begin = 0;       ///< In the statement.
};

struct Command {
  std::size_t first = 0;
  std::size_t last = 0;  ///< Behind the last word.
  bool part = false;     ///< One of several things that an ALTER TABLE does: it is judged for itself.
};

/// A statement's words, cut into commands.
class Words {
 public:
  explicit Words(std::string_view statement) : statement_(statement), lower_(base::lower(statement)) {
    read(0, lower_.size(), 0);
  }
  const std::vector<Word>& words() const { return words_; }
  const std::vector<Command>& commands() const { return commands_; }
  /// The text as the user wrote it.
  std::string_view original(const Word& word) const {
    return statement_.substr(static_cast<std::size_t>(word.text.data() - lower_.data()), word.text.size());
  }

 private:
  void read(std::size_t from, std::size_t to, int depth) {
    std::vector<std::pair<std::size_t, std::size_t>> bodies;
    const std::string_view text = std::string_view(lower_).substr(0, to);
    Command command{.first = words_.size()};
    const auto end_command = [&] {
      command.last = words_.size();
      if (command.last > command.first) add(command);
      command.first = words_.size();
    };
    for (sql::Token token = sql::next_code_token(text, from); token.kind != sql::TokenKind::kEnd;
         token = sql::next_code_token(text, token.end)) {
      if (sql::is_symbol(text, token, ';')) {
        end_command();
        continue;
      }
      if (token.kind == sql::TokenKind::kString && text[token.begin] == '$') {
        const std::size_t quote = text.find('$', token.begin + 1) + 1 - token.begin;
        if (token.end >= token.begin + 2 * quote) bodies.emplace_back(token.begin + quote, token.end - quote);
      }
      words_.push_back({token.kind, token.of(text), token.begin});
    }
    end_command();
    if (depth >= kBodyDepthMax) return;
    for (const auto& [begin, end] : bodies) read(begin, end, depth + 1);
  }

  /// ALTER TABLE t a, b becomes two commands: ALTER TABLE t a, and (with words of its own) ALTER TABLE t b.
  void add(Command command) {
    const std::size_t changes = changes_of(command);
    std::vector<std::size_t> commas;
    int depth = 0;
    for (std::size_t at = changes; at < command.last && changes > command.first; ++at) {
      if (words_[at].kind != sql::TokenKind::kSymbol) continue;
      const char symbol = words_[at].text.front();
      depth += symbol == '(' || symbol == '[' ? 1 : symbol == ')' || symbol == ']' ? -1 : 0;
      if (symbol == ',' && depth == 0) commas.push_back(at);
    }
    commas.push_back(command.last);
    commands_.push_back({command.first, commas.front(), commas.size() > 1});
    for (std::size_t i = 0; i + 1 < commas.size(); ++i) {
      const std::size_t first = words_.size();
      for (std::size_t at = command.first; at < changes; ++at) words_.push_back(Word(words_[at]));
      for (std::size_t at = commas[i] + 1; at < commas[i + 1]; ++at) words_.push_back(Word(words_[at]));
      commands_.push_back({first, words_.size(), true});
    }
  }

  bool is(std::size_t at, std::string_view text) const {
    return at < words_.size() && words_[at].kind == sql::TokenKind::kWord && words_[at].text == text;
  }
  bool is_name(std::size_t at) const {
    return at < words_.size() &&
           (words_[at].kind == sql::TokenKind::kWord || words_[at].kind == sql::TokenKind::kQuotedName);
  }

  /// Behind ALTER TABLE and the table's name; the command's beginning when it is another.
  std::size_t changes_of(const Command& command) const {
    std::size_t at = command.first;
    if (!is(at, "alter")) return command.first;
    at += is(at + 1, "foreign") ? 2 : 1;
    if (!is(at, "table")) return command.first;
    ++at;
    while (is(at, "if") || is(at, "exists") || is(at, "only")) ++at;
    while (is_name(at) && at + 1 < command.last && words_[at + 1].text == ".") at += 2;
    return is_name(at) ? at + 1 : command.first;
  }

  std::string_view statement_;
  std::string lower_;
  std::vector<Word> words_ = {};
  std::vector<Command> commands_ = {};
};

enum class ElementKind { kWords, kName, kAnyWord, kAnyValue, kOptionalWord, kSymbol };
struct Element {
  ElementKind kind = ElementKind::kWords;
  std::vector<std::string> words = {};
};
using Segment = std::vector<Element>;  ///< Between two stars.

struct Pattern {
  const Issue* issue = nullptr;
  std::vector<Segment> segments = {};
  std::vector<std::string> first = {};  ///< The words that it can begin with.
};

Element element_of(const std::string& text) {
  if (text == "<name>") return {.kind = ElementKind::kName};
  if (text == "<word>") return {.kind = ElementKind::kAnyWord};
  if (text == "<value>") return {.kind = ElementKind::kAnyValue};
  if (text == "?") return {.kind = ElementKind::kOptionalWord};
  if (text == "(" || text == "," || text == ":") return {.kind = ElementKind::kSymbol, .words = {text}};
  return {.kind = ElementKind::kWords, .words = base::split(text, '|')};
}

Pattern compile(const Issue& issue, std::string_view text) {
  Pattern pattern{.issue = &issue, .segments = {{}}};
  for (const std::string& part : base::split(text, ' ')) {
    if (part == "*") {
      pattern.segments.emplace_back();
    } else {
      pattern.segments.back().push_back(element_of(part));
    }
  }
  pattern.first = pattern.segments.front().front().words;
  return pattern;
}

/// Matches one pattern against one command.
class Match {
 public:
  Match(const Words& words, const Command& command) : words_(words), command_(command) {}

  enum class Outcome { kNo, kNever, kYes };
  /// kNever: the beginning fits here, but what has to follow comes nowhere behind, so that no later start fits either.
  /// This keeps the time linear in the length of any text.
  Outcome run(const Pattern& pattern, std::size_t start) {
    name_.clear();
    std::optional<std::size_t> at = segment(pattern.segments.front(), start);
    if (!at) return Outcome::kNo;
    for (std::size_t i = 1; at && i < pattern.segments.size(); ++i) at = find(pattern.segments[i], *at);
    return at ? Outcome::kYes : Outcome::kNever;
  }
  const std::string& name() const { return name_; }

 private:
  const Word* word(std::size_t at) const { return at < command_.last ? &words_.words()[at] : nullptr; }
  bool is(std::size_t at, std::string_view text) const {
    const Word* one = word(at);
    return one != nullptr && one->kind == sql::TokenKind::kWord && one->text == text;
  }

  // The earliest place is enough: what follows depends on nothing before it.
  std::optional<std::size_t> find(const Segment& wanted, std::size_t from) {
    for (std::size_t at = from; at < command_.last; ++at) {
      if (const auto end = segment(wanted, at)) return end;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> segment(const Segment& wanted, std::size_t at) { return elements(wanted, 0, at); }

  std::optional<std::size_t> elements(const Segment& wanted, std::size_t number, std::size_t at) {
    for (; number < wanted.size(); ++number) {
      const Element& element = wanted[number];
      if (element.kind == ElementKind::kOptionalWord) {
        if (const auto without = elements(wanted, number + 1, at)) return without;
        const Word* skipped = word(at);
        if (skipped == nullptr || skipped->kind != sql::TokenKind::kWord) return std::nullopt;
        return elements(wanted, number + 1, at + 1);
      }
      const std::size_t next = one(element, at);
      if (next == at) return std::nullopt;
      at = next;
    }
    return at;
  }

  /// Behind what the element takes, `at` itself when it does not fit.
  std::size_t one(const Element& element, std::size_t at) {
    const Word* here = word(at);
    if (here == nullptr) return at;
    switch (element.kind) {
      case ElementKind::kWords:
        return here->kind == sql::TokenKind::kWord &&
                       std::ranges::find(element.words, here->text) != element.words.end()
                   ? at + 1
                   : at;
      case ElementKind::kSymbol:
        return here->kind == sql::TokenKind::kSymbol && here->text == element.words.front() ? at + 1 : at;
      case ElementKind::kAnyWord:
        return here->kind == sql::TokenKind::kWord ? at + 1 : at;
      case ElementKind::kAnyValue:
        return here->kind == sql::TokenKind::kSymbol && here->text == "-" ? at + 2 : at + 1;
      case ElementKind::kName:
        return name(at);
      case ElementKind::kOptionalWord:
        break;
    }
    return at;
  }

  std::size_t name(std::size_t at) {
    while (is(at, "if") || is(at, "not") || is(at, "exists") || is(at, "only") || is(at, "concurrently")) ++at;
    std::string text;
    for (; const Word* part = word(at); ++at) {
      const bool dot = part->kind == sql::TokenKind::kSymbol && part->text == ".";
      const bool named = part->kind == sql::TokenKind::kWord || part->kind == sql::TokenKind::kQuotedName;
      if (!dot && (!named || (!text.empty() && text.back() != '.'))) break;
      const std::string_view shown = part->kind == sql::TokenKind::kQuotedName ? words_.original(*part) : part->text;
      text +=
          part->kind == sql::TokenKind::kQuotedName && shown.size() >= 2 ? shown.substr(1, shown.size() - 2) : shown;
    }
    if (name_.empty()) name_ = text;
    return at;
  }

  const Words& words_;
  const Command& command_;
  std::string name_ = {};
};

struct Rules {
  std::vector<Pattern> patterns = {};  ///< In the order of the table.
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_first = {};
};

const Rules& rules() {
  static const Rules kRules = [] {
    Rules all;
    for (const Issue& issue : issues()) {
      if (issue.rule == nullptr) continue;
      for (const std::string_view text : issue.rule->patterns) all.patterns.push_back(compile(issue, text));
    }
    for (std::size_t i = 0; i < all.patterns.size(); ++i) {
      for (const std::string& word : all.patterns[i].first) all.by_first[word].push_back(i);
    }
    return all;
  }();
  return kRules;
}

/// "DROP INDEX a, b CASCADE" as one statement for each.
std::string single_drops(const Words& words, const Command& command, std::size_t start) {
  const auto& all = words.words();
  std::string kind = "DROP";
  std::size_t at = start + 1;
  for (; at < command.last && (all[at].text == "foreign" || all[at].text == "table" || all[at].text == "collation" ||
                               all[at].text == "index" || all[at].text == "view" || all[at].text == "sequence");
       ++at) {
    kind += fmt::format(" {}", words.original(all[at]));
  }
  while (at < command.last && (all[at].text == "if" || all[at].text == "exists"))
    kind += fmt::format(" {}", words.original(all[at++]));
  std::vector<std::string> names{""};
  std::string behind;
  for (; at < command.last; ++at) {
    if (all[at].text == "cascade" || all[at].text == "restrict") {
      behind += fmt::format(" {}", words.original(all[at]));
    } else if (all[at].text == ",") {
      names.emplace_back();
    } else {
      names.back() += words.original(all[at]);
    }
  }
  std::string text;
  for (const std::string& name : names) text += fmt::format("{}{} {}{};", text.empty() ? "" : " ", kind, name, behind);
  return text;
}

constexpr std::size_t kChains = static_cast<std::size_t>(Chain::kTrigger) + 1;

/// The best rule of each chain that has fitted so far: the first of the table.
struct Best {
  std::size_t pattern = std::string_view::npos;
  TextHit hit = {};
};

void match_command(const Words& words, const Command& command, std::array<Best, kChains>& best) {
  const Rules& all = rules();
  std::vector<bool> hopeless(all.patterns.size(), false);  // For the rest of this command.
  for (std::size_t start = command.first; start < command.last; ++start) {
    const Word& word = words.words()[start];
    if (word.kind != sql::TokenKind::kWord) continue;
    const auto found = all.by_first.find(word.text);
    if (found == all.by_first.end()) continue;
    for (const std::size_t number : found->second) {
      const Pattern& pattern = all.patterns[number];
      Best& so_far = best[static_cast<std::size_t>(pattern.issue->rule->chain)];
      if (number >= so_far.pattern || hopeless[number]) continue;
      Match match(words, command);
      const Match::Outcome outcome = match.run(pattern, start);
      hopeless[number] = outcome == Match::Outcome::kNever;
      if (outcome != Match::Outcome::kYes) continue;
      const TextRule& rule = *pattern.issue->rule;
      if (!rule.anywhere.empty() && std::ranges::find(words.words(), rule.anywhere, &Word::text) == words.words().end())
        continue;
      so_far = {number,
                {.issue = pattern.issue,
                 .object_name = match.name(),
                 .suggestion = rule.lists_drops ? single_drops(words, command, start) : "",
                 .location = word.begin}};
    }
  }
}

}  // namespace

std::vector<TextHit> check_text(std::string_view statement) {
  const Words words(statement);
  std::array<Best, kChains> best;
  std::vector<TextHit> hits;
  const auto take = [&hits](std::array<Best, kChains>& found) {
    for (Best& one : found) {
      if (one.hit.issue != nullptr && std::ranges::find(hits, one.hit.issue, &TextHit::issue) == hits.end())
        hits.push_back(std::move(one.hit));
    }
  };
  for (const Command& command : words.commands()) {
    if (!command.part) {
      match_command(words, command, best);
      continue;
    }
    std::array<Best, kChains> own;
    match_command(words, command, own);
    take(own);
  }
  take(best);
  return hits;
}

}  // namespace voyager::analysis
