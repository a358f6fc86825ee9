#include "cli/config_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/shell_word.h"
#include "cli/config_keys.h"
#include "cli/values.h"
#include "report/table.h"

namespace voyager::cli {
namespace {

using Json = nlohmann::ordered_json;
using enum FlagKind;

struct Setting {
  std::string name = {};
  std::string value = {};
  std::string origin = {};  // "flag", "environment", "file", "default"
  std::string where = {};   // "--x", "SOURCE_DB_PASSWORD", "shop.yaml:12 (log-level)"
  bool missing = false;     // Nobody gave it, and the command needs it.
};

struct Group {
  std::string title = {};
  std::vector<Setting> settings = {};
};

std::string_view word(Origin origin) {
  switch (origin) {
    case Origin::kDefault:
      return "default";
    case Origin::kConfig:
      return "file";
    case Origin::kEnvironment:
      return "environment";
    case Origin::kCommandLine:
      return "flag";
  }
  return "";
}

Setting setting_of(const Command& command, const Flag& flag, const Values& values) {
  const Value& value = *values.find(flag.name);
  Setting out{.name = std::string(flag.name),
              .value = value.text,
              .origin = std::string(word(value.origin)),
              .where = value.where};
  if (is_hidden_in_logs(flag)) out.value = value.origin == Origin::kDefault ? "" : "********";
  out.missing = is_missing(command, values, flag.name);
  return out;
}

// What the groups of all commands share is told once.
bool is_common(const FlagGroup& group) {
  for (const FlagGroup& common :
       {global_flags(), output_flags(), source_flags(), target_flags(), source_replica_flags()}) {
    if (group.title == common.title) return true;
  }
  return false;
}

CommandLine line_for(const Command& command, const CommandLine& given) {
  CommandLine line{.words = std::string(command.path), .command = &command};
  for (const auto& [name, flag] : given.flags) {
    const Flag* its = command.flag(name);
    if (its == nullptr) continue;
    line.flags[its->name] = flag;
    line.flags[its->name].flag = its;
  }
  return line;
}

void add_group(std::vector<Group>& groups, std::string title, Setting setting) {
  auto found = std::ranges::find(groups, title, &Group::title);
  if (found == groups.end()) found = groups.insert(groups.end(), {.title = std::move(title)});
  if (std::ranges::find(found->settings, setting.name, &Setting::name) == found->settings.end())
    found->settings.push_back(std::move(setting));
}

// Settings without a flag, where somebody gave them.
void add_knobs(const Command& command, const ConfigFile& config, const Environment& environment,
               const std::string& title, std::vector<Group>& groups) {
  for (const Knob& knob : knobs()) {
    if (knob.key.empty()) continue;
    const std::string variable(knob.variable);
    std::string section;
    for (const std::string_view one : command.sections) {
      if (config.find(one, knob.key) != nullptr) section = one;
    }
    const ConfigValue* value = config.find(section, knob.key);
    const auto in_environment = environment(variable);
    const ConfigSection* known = command.sections.empty() ? nullptr : find_section(command.sections.front());
    const bool its = known != nullptr && std::ranges::find(known->keys, knob.key) != known->keys.end();
    if (in_environment && its) {
      add_group(groups, title,
                {.name = std::string(knob.key), .value = *in_environment, .origin = "environment", .where = variable});
    } else if (value != nullptr && !value->text.empty() && (its || section.empty())) {
      add_group(groups, section.empty() ? "Global" : title,
                {.name = std::string(knob.key),
                 .value = value->text,
                 .origin = "file",
                 .where = fmt::format("{}:{} ({})", config.path().string(), value->line, knob.key)});
    }
  }
}

std::vector<Group> groups_of(const Command& command, const CommandLine& given, const ConfigFile& config,
                             const Environment& environment, bool all_commands) {
  const CommandLine line = line_for(command, given);
  const Values values(line, config, environment);
  std::vector<Group> groups;
  const std::string own = all_commands ? std::string(command.path) : "";
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) {
      if (flag.hidden && !values.given(flag.name)) continue;
      if (flag.name == "config-file") continue;
      const bool in_own_section = std::ranges::any_of(
          command.sections, [&](std::string_view section) { return config.find(section, flag.name) != nullptr; });
      const bool common = is_common(group) && !in_own_section;
      const std::string title = all_commands && !common ? own : std::string(group.title);
      add_group(groups, title, setting_of(command, flag, values));
    }
  }
  add_knobs(command, config, environment, all_commands ? own : "Variables and keys without a flag", groups);
  return groups;
}

std::vector<Group> all_groups(const CommandLine& line, const ConfigFile& config, const Environment& environment) {
  std::vector<Group> out;
  std::set<std::pair<std::string_view, std::string_view>> seen;  // Two spellings of a command are one.
  for (const Command& command : commands()) {
    if (command.hidden || command.workspace == Workspace::kNone || !seen.insert({command.id, command.summary}).second)
      continue;
    for (Group& group : groups_of(command, line, config, environment, true)) {
      for (Setting& setting : group.settings) {
        setting.missing = false;  // It depends on which commands will be run.
        auto there = std::ranges::find(out, group.title, &Group::title);
        const bool better = there != out.end() && setting.origin != "default";
        auto same = there == out.end() ? std::vector<Setting>::iterator{}
                                       : std::ranges::find(there->settings, setting.name, &Setting::name);
        if (better && same != there->settings.end() && same->origin == "default") {
          *same = std::move(setting);
        } else {
          add_group(out, group.title, std::move(setting));
        }
      }
    }
  }
  return out;
}

Json to_json(const CommandLine& line, const ConfigFile& config, const std::vector<Group>& groups) {
  Json out = {{"format_version", 1},
              {"command", line.subject == nullptr ? Json() : Json(line.subject->path)},
              {"config_file", config.path().empty() ? Json() : Json(config.path().string())},
              {"settings", Json::array()}};
  for (const Group& group : groups) {
    for (const Setting& one : group.settings) {
      out["settings"].push_back({{"group", group.title},
                                 {"name", one.name},
                                 {"value", one.value},
                                 {"origin", one.origin},
                                 {"where", one.where},
                                 {"missing", one.missing}});
    }
  }
  return out;
}

std::string to_text(const CommandLine& line, const ConfigFile& config, const std::vector<Group>& groups) {
  std::string out;
  if (!config.path().empty()) out += fmt::format("Configuration file: {}\n", config.path().string());
  for (const Group& group : groups) {
    report::TextTable table{.columns = {{group.title}, {"value"}, {"from"}}};
    for (const Setting& one : group.settings) {
      std::string from = one.origin == "default" ? "default" : one.where;
      if (one.missing) from = "missing: the command needs it";
      table.rows.push_back({one.name, one.value.empty() ? "-" : one.value, std::move(from)});
    }
    out += "\n" + report::table_text(table, {});
  }
  if (line.subject == nullptr) {
    // What was given comes along, but for values that may be secret.
    std::string example = "yb-voyager config show export data";
    for (const char* name : {"config-file", "export-dir"}) {
      if (const auto given = line.flags.find(name); given != line.flags.end())
        example += fmt::format(" --{} {}", name, base::shell_word(given->second.text));
    }
    out += "\nWhat one command works with, any other alike: " + example + "\n";
  }
  return out;
}

}  // namespace

std::string config_text(const CommandLine& line, const Environment& environment) {
  ConfigFile config;
  if (const auto given = line.flags.find("config-file"); given != line.flags.end())
    config = ConfigFile::load(std::filesystem::absolute(given->second.text), environment);
  const std::vector<Group> groups = line.subject != nullptr ? groups_of(*line.subject, line, config, environment, false)
                                                            : all_groups(line, config, environment);
  const auto format = line.flags.find("output-format");
  const bool json = format != line.flags.end() && format->second.text == "json";
  if (!json) return to_text(line, config, groups);
  return to_json(line, config, groups).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void add_config_commands(std::vector<Command>& all) {
  static const std::vector<Flag> kFlags = {
      text_format_flag(),
  };
  all.push_back({.path = "config show",
                 .id = "config-show",
                 .summary = "Show the settings in effect and where each comes from; secrets are masked",
                 .arguments = "[COMMAND]",
                 .for_command = true,
                 .examples = {{"everything that a file says", "yb-voyager config show --config-file shop.yaml"},
                              {"what one command would work with",
                               "yb-voyager config show export data --config-file shop.yaml --parallel-jobs 8"}},
                 .groups = {{"Answer", kFlags}, global_flags()}});
}

}  // namespace voyager::cli
