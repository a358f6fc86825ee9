#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace voyager::cli {
namespace {

constexpr std::size_t kTextColumn = 38;
constexpr std::size_t kTextRoom = 30;  // For less, flags and their texts share no line.

// `text` broken between words so that lines end before `width`; all lines but the first start at `indent`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  for (const std::string& word : base::split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

// Examples are pasted, so a long one is continued with a backslash before a flag.
std::string continued(const std::string& line, std::size_t width) {
  std::string out;
  std::size_t column = 2;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t flag = line.find(" --", at + 1);
    const std::string part = line.substr(at, flag == std::string::npos ? flag : flag - at);
    if (column + part.size() + 2 > width && at != 0) {
      out += " \\\n      ";
      column = 6;
      out += part.substr(1);
    } else {
      out += part;
    }
    column += part.size();
    at = flag == std::string::npos ? line.size() : flag;
  }
  return out;
}

const char* placeholder(const Flag& flag) {
  switch (flag.kind) {
    case FlagKind::kPath:
      return " PATH";
    case FlagKind::kInteger:
      return " N";
    case FlagKind::kBoolean:
      return " [true|false]";
    case FlagKind::kChoice:
      return " WORD";
    case FlagKind::kList:
      return " LIST";
    case FlagKind::kText:
    case FlagKind::kSecret:
      return " TEXT";
  }
  return "";
}

std::string flag_line(const Flag& flag, bool required, std::size_t width) {
  std::string left = flag.short_name != 0 ? fmt::format("  -{}, --{}", flag.short_name, flag.name)
                                          : fmt::format("      --{}", flag.name);
  left += placeholder(flag);
  std::string text(flag.help);
  if (!flag.choices.empty()) {
    const std::vector<std::string> choices(flag.choices.begin(), flag.choices.end());
    text += ": " + base::join(choices, ", ");
  }
  if (required) text += " (required)";
  if (!flag.fallback.empty()) text += fmt::format(" (default {})", flag.fallback);
  if (!flag.environment.empty()) text += fmt::format(" [{}]", flag.environment);
  const std::size_t column = kTextColumn + kTextRoom <= width ? kTextColumn : 10;
  left += left.size() + 1 >= column ? "\n" + std::string(column, ' ') : std::string(column - left.size(), ' ');
  return left + wrapped(text, column, width) + "\n";
}

// Groups of the same title are one.
std::string flags_text(const Command& command, std::size_t width) {
  std::vector<std::pair<std::string_view, std::string>> parts;
  for (const FlagGroup& group : command.groups) {
    auto part = std::find_if(parts.begin(), parts.end(), [&](const auto& one) { return one.first == group.title; });
    if (part == parts.end()) part = parts.insert(parts.end(), {group.title, ""});
    for (const Flag& flag : group.flags) {
      const auto& needed = command.required;
      if (!flag.hidden)
        part->second += flag_line(flag, std::find(needed.begin(), needed.end(), flag.name) != needed.end(), width);
    }
  }
  std::string out;
  for (const auto& [title, text] : parts) {
    if (!text.empty()) out += fmt::format("\n{}\n{}", title, text);
  }
  return out;
}

}  // namespace

std::string overview_text(std::string_view group, std::size_t width) {
  std::string out = "yb-voyager: move a PostgreSQL database to YugabyteDB or another PostgreSQL-compatible server\n";
  if (group.empty()) {
    out +=
        "\nExamples\n"
        "  mkdir shop && yb-voyager export schema --export-dir shop --source-db-type postgresql \\\n"
        "      --source-db-host db1 --source-db-user mig --source-db-name shop --source-db-schema public\n"
        "  yb-voyager export data --config-file shop.yaml\n";
  }
  out += "\nCommands\n";
  for (const Command& command : commands()) {
    const bool inside = group.empty() || command.path.starts_with(std::string(group) + " ");
    if (!inside || command.hidden) continue;
    const bool beside = kTextColumn + kTextRoom <= width;
    const std::size_t column = beside ? kTextColumn : 6;
    const std::string summary(command.summary);
    out += fmt::format("  {:<34}", command.path) + (beside ? "  " : "\n" + std::string(column, ' ')) +
           (width < kHelpWidth ? wrapped(summary, column, width) : summary) + "\n";
  }
  return out + "\nFlags of a command: yb-voyager help COMMAND, or COMMAND --help\n";
}

std::string help_text(const Command& command, std::size_t width) {
  std::string out = fmt::format("yb-voyager {}: {}\n", command.path, command.summary);
  if (!command.examples.empty()) out += "\nExamples\n";
  for (const Example& example : command.examples) {
    out += fmt::format("  # {}\n  {}\n", example.what, continued(std::string(example.line), width));
  }
  out += fmt::format("\nUsage\n  yb-voyager {}{}{}\n", command.path,
                     command.arguments.empty() ? "" : fmt::format(" {}", command.arguments),
                     command.groups.empty() ? "" : " [flags]");
  return out + flags_text(command, width);
}

}  // namespace voyager::cli
