#include "cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace voyager::cli {
namespace {

using base::ErrorInfo;
using base::ExitCode;

struct Token {
  std::string name = {};  // Of the flag; empty for a word.
  std::string text = {};  // The word, or the flag's value.
  const Flag* flag = nullptr;
  std::string after_boolean = {};  // Of a word that directly follows a boolean flag without a value: that flag.
};

[[noreturn]] void usage(std::string title, std::string cause, std::vector<std::string> fix) {
  throw base::Error(ErrorInfo{.code = "CLI-001",
                              .exit = ExitCode::kUsage,
                              .title = std::move(title),
                              .cause = std::move(cause),
                              .fix = std::move(fix)});
}

std::vector<std::string> shown_flag_names(const Command* only) {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (only != nullptr && &command != only) continue;
    for (const FlagGroup& group : command.groups) {
      for (const Flag& flag : group.flags) {
        if (!flag.hidden) names.push_back("--" + std::string(flag.name));
      }
    }
  }
  return names;
}

[[noreturn]] void unknown_flag(const std::string& name, const Command* command) {
  std::vector<std::string> fix;
  if (const auto near = base::nearest(name, shown_flag_names(command))) fix.push_back("did you mean " + *near + "?");
  const std::string help = command != nullptr ? "yb-voyager help " + std::string(command->path) : "yb-voyager help";
  fix.push_back("all flags: " + help);
  usage(command != nullptr ? fmt::format("unknown flag {} for '{}'", name, command->path) : "unknown flag " + name, {},
        std::move(fix));
}

[[noreturn]] void unknown_command(const std::string& words) {
  std::vector<std::string> paths;
  for (const Command& command : commands()) {
    if (!command.hidden) paths.emplace_back(command.path);
  }
  std::vector<std::string> fix;
  if (const auto near = base::nearest(words, paths)) fix.push_back(fmt::format("did you mean 'yb-voyager {}'?", *near));
  fix.emplace_back("all commands: yb-voyager help");
  usage(fmt::format("unknown command '{}'", words), "this release has no such command", std::move(fix));
}

// Splits arguments into words and flags with their values. What a flag takes is the same for every command.
class Tokenizer {
 public:
  explicit Tokenizer(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  std::vector<Token> run() {
    for (; at_ < arguments_.size(); ++at_) {
      const std::string& argument = arguments_[at_];
      if (only_words_ || argument.size() < 2 || argument[0] != '-') {
        add_word(argument);
      } else if (argument == "--") {
        only_words_ = true;
      } else if (argument[1] == '-') {
        add_long(argument.substr(2));
      } else {
        add_short(argument);
      }
    }
    return std::move(tokens_);
  }

 private:
  void add_word(const std::string& word) {
    tokens_.push_back({.text = word, .after_boolean = std::exchange(bare_, "")});
  }

  void add_long(const std::string& body) {
    const std::size_t equals = body.find('=');
    const std::string name = body.substr(0, equals);
    if (name == "help" || name == "version") {
      tokens_.push_back({.name = name});
      return;
    }
    const Flag* flag = find_flag(name);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = body.substr(equals + 1);
    add(flag, name, "--" + name, std::move(value));
  }

  void add_short(const std::string& argument) {
    if (argument == "-h") {
      tokens_.push_back({.name = "help"});
      return;
    }
    const Flag* flag = find_short_flag(argument[1]);
    std::optional<std::string> value;
    if (argument.size() > 2) value = argument.substr(argument[2] == '=' ? 3 : 2);
    add(flag, flag != nullptr ? std::string(flag->name) : argument, argument.substr(0, 2), std::move(value));
  }

  void add(const Flag* flag, const std::string& name, const std::string& typed, std::optional<std::string> value) {
    bare_.clear();
    if (flag == nullptr) {
      tokens_.push_back({.name = typed});
      return;
    }
    if (!value && flag->kind == FlagKind::kBoolean) {
      const bool bare = !next_is_boolean();
      if (bare) bare_ = typed;
      value = bare ? "true" : arguments_[++at_];
    } else if (!value) {
      if (at_ + 1 >= arguments_.size()) usage(fmt::format("{} needs a value", typed), {}, {});
      value = arguments_[++at_];
    }
    tokens_.push_back({.name = name, .text = std::move(*value), .flag = flag});
  }

  bool next_is_boolean() const {
    return at_ + 1 < arguments_.size() && base::parse_bool(arguments_[at_ + 1]).has_value();
  }

  const std::vector<std::string>& arguments_;
  std::size_t at_ = 0;
  bool only_words_ = false;
  std::string bare_ = {};  // The boolean flag without a value that was seen last, until the next argument.
  std::vector<Token> tokens_ = {};
};

// Finds the command and its arguments in the words and returns the first word that belongs to nothing.
const Token* find_words(const std::vector<Token>& tokens, CommandLine& line) {
  const Token* stray = nullptr;
  for (const Token& token : tokens) {
    if (!token.name.empty()) continue;
    const std::string longer = line.words.empty() ? token.text : line.words + " " + token.text;
    const bool fits =
        stray == nullptr && line.arguments.empty() && (find_command(longer) != nullptr || is_command_group(longer));
    const Command* found = find_command(line.words);
    if (fits) {
      line.words = longer;
    } else if (stray == nullptr && found != nullptr && !found->arguments.empty()) {
      line.arguments.push_back(token.text);
    } else if (stray == nullptr) {
      stray = &token;
    }
  }
  line.command = find_command(line.words);
  if (line.command == nullptr || !line.command->for_command || line.arguments.empty()) return stray;
  const std::string words = base::join(line.arguments, " ");
  line.subject = find_command(words);
  if (line.subject == nullptr) unknown_command(words);
  return stray;
}

[[noreturn]] void refuse_stray(const Token* stray, const std::vector<Token>& tokens, const CommandLine& line) {
  // Documents have lines such as: --source-db-password password \ # Enclose the password in quotes
  // A shell makes one word of the blank behind the \ and the # behind that.
  if (base::trim(stray->text).empty() || base::trim(stray->text).starts_with('#')) {
    usage("the command line breaks off at a comment",
          "something stands behind the \\ that ends a line: the next line is no part of this command",
          {"remove what stands behind the \\, a blank or a comment from # on, in every line, and paste it again"});
  }
  if (!stray->after_boolean.empty()) {
    usage(fmt::format("invalid boolean value: \"{}\" (valid values: true, false)", stray->text), stray->after_boolean,
          {});
  }
  if (line.command != nullptr) {
    usage(fmt::format("'{}' takes no argument '{}'", line.words, stray->text), {},
          {"flags start with --: yb-voyager help " + line.words});
  }
  std::string words;
  for (const Token& token : tokens) {
    if (token.name.empty()) words += (words.empty() ? "" : " ") + token.text;
  }
  unknown_command(words);
}

// `help export data` is `export data --help`.
std::vector<Token> without_help_word(std::vector<Token> tokens, bool& help) {
  const auto first = std::find_if(tokens.begin(), tokens.end(), [](const Token& token) { return token.name.empty(); });
  if (first != tokens.end() && first->text == "help") {
    help = true;
    tokens.erase(first);
  }
  return tokens;
}

}  // namespace

std::vector<std::string> take_arguments(int argc, char** argv) {
  std::vector<std::string> out;
  bool secret_follows = false;
  for (int i = 1; i < argc; ++i) {
    out.emplace_back(argv[i]);
    const std::string& text = out.back();
    const bool is_flag = text.starts_with("--") && text.substr(0, text.find('=')).find("password") != std::string::npos;
    const std::size_t equals = text.find('=');
    std::size_t from = std::string::npos;
    if (secret_follows) from = 0;
    if (!secret_follows && is_flag && equals != std::string::npos) from = equals + 1;
    if (from != std::string::npos) std::memset(argv[i] + from, '*', text.size() - from);
    secret_follows = !secret_follows && is_flag && equals == std::string::npos;
  }
  return out;
}

std::string checked_value(const Flag& flag, const std::string& text, const std::string& origin) {
  switch (flag.kind) {
    case FlagKind::kBoolean: {
      const auto value = base::parse_bool(text);
      if (!value) usage(fmt::format("invalid boolean value: \"{}\" (valid values: true, false)", text), origin, {});
      return *value ? "true" : "false";
    }
    case FlagKind::kInteger: {
      std::int64_t number = 0;
      const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (fault != std::errc() || end != text.data() + text.size() || number < flag.least || number > flag.most) {
        usage(fmt::format("invalid value \"{}\" for --{}", text, flag.name),
              fmt::format("{}: a whole number from {} to {} is needed", origin, flag.least, flag.most), {});
      }
      return std::to_string(number);
    }
    case FlagKind::kChoice: {
      std::vector<std::string> choices(flag.choices.begin(), flag.choices.end());
      for (const std::string& choice : choices) {
        if (choice == text || (!flag.exact_case && base::equals_ignoring_case(choice, text))) return choice;
      }
      if (text.empty() && flag.fallback.empty()) return text;
      std::vector<std::string> fix;
      if (const auto near = base::nearest(text, choices)) fix.push_back("did you mean " + *near + "?");
      usage(fmt::format("invalid value \"{}\" for --{}", text, flag.name),
            fmt::format("{}: one of {} is needed", origin, base::join(choices, ", ")), std::move(fix));
    }
    default:
      return text;
  }
}

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  const std::vector<Token> tokens = without_help_word(Tokenizer(arguments).run(), line.help);
  const Token* stray = find_words(tokens, line);
  for (const Token& token : tokens) {
    if (token.name == "help") line.help = true;
    if (token.name == "version") line.version = true;
    // Before any complaint about a word: the word after a mistyped flag is most likely its value.
    if (token.name.starts_with('-')) unknown_flag(token.name, line.command);
  }
  if (stray != nullptr) refuse_stray(stray, tokens, line);
  for (const Token& token : tokens) {
    if (token.flag == nullptr) continue;
    const Flag* flag = line.command != nullptr ? line.command->flag(token.name) : token.flag;
    if (flag == nullptr && line.subject != nullptr) flag = line.subject->flag(token.name);
    if (flag == nullptr) unknown_flag("--" + token.name, line.command);
    GivenFlag& given = line.flags[flag->name];
    given.flag = flag;
    if (flag->kind == FlagKind::kSecret) {
      given.secret = base::Secret(token.text);
    } else {
      given.text = checked_value(*flag, token.text, "--" + token.name);
    }
  }
  return line;
}

std::string masked(const CommandLine& line) {
  std::string out = "yb-voyager " + line.words;
  for (const auto& [name, given] : line.flags) {
    out += fmt::format(" --{} {}", name,
                       is_hidden_in_logs(*given.flag) ? "********"
                       : given.text.empty()           ? "\"\""
                                                      : given.text);
  }
  return out;
}

}  // namespace voyager::cli
