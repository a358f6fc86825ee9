#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/command.h"

namespace voyager::cli {
namespace {

// What follows each beginning of a command: "" -> export import ..., "export" -> schema data, ...
std::map<std::string, std::vector<std::string>> next_words() {
  std::map<std::string, std::vector<std::string>> next;
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    std::string before;
    for (const std::string& word : base::split(command.path, ' ')) {
      std::vector<std::string>& words = next[before];
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
      before += before.empty() ? word : " " + word;
    }
  }
  return next;
}

std::vector<const Flag*> shown_flags(const Command& command) {
  std::vector<const Flag*> out;
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) {
      if (!flag.hidden) out.push_back(&flag);
    }
  }
  return out;
}

std::string values_of(const Flag& flag) {
  if (flag.kind == FlagKind::kBoolean) return "true false";
  const std::vector<std::string> choices(flag.choices.begin(), flag.choices.end());
  return base::join(choices, " ");
}

// The arms of three shell `case` statements that bash and zsh share: words after a path, flags of a path, values of a
// flag.
struct CaseArms {
  std::string words = {};
  std::string flags = {};
  std::string values = {};
};

CaseArms case_arms() {
  CaseArms arms;
  for (const auto& [path, words] : next_words()) {
    arms.words += fmt::format("    '{}') echo '{}' ;;\n", path, base::join(words, " "));
  }
  std::map<std::string_view, std::string> values;
  for (const Command& command : commands()) {
    if (command.hidden || command.groups.empty()) continue;
    std::vector<std::string> names;
    for (const Flag* flag : shown_flags(command)) {
      names.push_back("--" + std::string(flag->name));
      if (flag->kind == FlagKind::kPath) values[flag->name] = "<path>";
      if (const std::string list = values_of(*flag); !list.empty()) values[flag->name] = list;
    }
    arms.flags += fmt::format("    '{}') echo '{}' ;;\n", command.path, base::join(names, " "));
  }
  for (const auto& [flag, list] : values) arms.values += fmt::format("    --{}) echo '{}' ;;\n", flag, list);
  return arms;
}

std::string case_functions() {
  const CaseArms arms = case_arms();
  return fmt::format(
      "_yb_voyager_words() {{\n  case \"$1\" in\n{}  esac\n}}\n"
      "_yb_voyager_flags() {{\n  case \"$1\" in\n{}  esac\n}}\n"
      "_yb_voyager_values() {{\n  case \"$1\" in\n{}  esac\n}}\n",
      arms.words, arms.flags, arms.values);
}

// In fish the condition of every line is "the words so far are exactly these".
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

std::string bash_completion() {
  return "# bash completion for yb-voyager; load with: source <(yb-voyager completion bash)\n" + case_functions() +
         R"sh(
_yb_voyager() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ " $(_yb_voyager_words "$path") " == *" $word "* ]]; then path=${path:+$path }$word; fi
  done
  if [[ $current != -* ]]; then
    local values=$(_yb_voyager_values "$previous")
    if [[ $values == '<path>' ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$current"))
      return
    elif [[ -n $values ]]; then
      COMPREPLY=($(compgen -W "$values" -- "$current"))
      return
    fi
  fi
  COMPREPLY=($(compgen -W "$(_yb_voyager_words "$path") $(_yb_voyager_flags "$path")" -- "$current"))
}
complete -F _yb_voyager yb-voyager
)sh";
}

std::string zsh_completion() {
  return "#compdef yb-voyager\n# zsh completion for yb-voyager; load with: source <(yb-voyager completion zsh)\n" +
         case_functions() + R"sh(
_yb_voyager() {
  local current=${words[CURRENT]} previous=${words[CURRENT-1]} path_so_far='' word values
  for word in ${words[2,CURRENT-1]}; do
    if [[ " $(_yb_voyager_words "$path_so_far") " == *" $word "* ]]; then
      path_so_far=${path_so_far:+$path_so_far }$word
    fi
  done
  if [[ $current != -* ]]; then
    values=$(_yb_voyager_values "$previous")
    if [[ $values == '<path>' ]]; then
      _files
      return
    elif [[ -n $values ]]; then
      compadd -- ${=values}
      return
    fi
  fi
  compadd -- ${=$(_yb_voyager_words "$path_so_far")} ${=$(_yb_voyager_flags "$path_so_far")}
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _yb_voyager "$@"; else compdef _yb_voyager yb-voyager; fi
)sh";
}

std::string fish_completion() {
  std::string out = R"sh(# fish completion for yb-voyager; load with: yb-voyager completion fish | source
function __yb_voyager_at
  set -l words (commandline -opc)
  set -e words[1]
  set -l path
  for word in $words
    if not string match -q -- '-*' $word
      set -a path $word
    end
  end
  string match -q -- "$argv[1]*" "$path"; and test (count $path) -ge (count (string split -n ' ' -- "$argv[1]"))
end
function __yb_voyager_exactly
  set -l words (commandline -opc)
  set -e words[1]
  test (string join ' ' -- $words) = "$argv[1]"
end
complete -c yb-voyager -f
)sh";
  for (const auto& [path, words] : next_words()) {
    out +=
        fmt::format("complete -c yb-voyager -n \"__yb_voyager_exactly '{}'\" -a '{}'\n", path, base::join(words, " "));
  }
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    for (const Flag* flag : shown_flags(command)) {
      out += fmt::format("complete -c yb-voyager -n \"__yb_voyager_at '{}'\" -l {}", command.path, flag->name);
      if (flag->short_name != 0) out += fmt::format(" -s {}", flag->short_name);
      if (flag->kind == FlagKind::kPath) out += " -rF";
      if (const std::string values = values_of(*flag); !values.empty()) out += fmt::format(" -xa '{}'", values);
      out += " -d " + fish_quoted(flag->help) + "\n";
    }
  }
  return out;
}

}  // namespace voyager::cli
