#include "cli/config_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/config_keys.h"
#include "cli/flag.h"

namespace voyager::cli {
namespace {

[[noreturn]] void refuse(std::string title, std::string where, std::string cause, std::vector<std::string> fix) {
  throw base::Error({.code = "CLI-002",
                     .exit = base::ExitCode::kUsage,
                     .title = std::move(title),
                     .where = std::move(where),
                     .cause = std::move(cause),
                     .fix = std::move(fix)});
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const auto near = base::nearest(word, candidates);
  return near ? fmt::format(", did you mean \"{}\"?", *near) : "";
}

// A key that is right in another place: where that is.
std::optional<std::string> belongs_elsewhere(const std::string& key) {
  for (const DatabaseName& database : database_names()) {
    const std::string prefix = std::string(database.name) + "-";
    const ConfigSection* section = find_section(database.name);
    if (!key.starts_with(prefix) || section == nullptr) continue;
    const std::string rest = key.substr(prefix.size());
    if (std::ranges::find(section->keys, rest) != section->keys.end())
      return fmt::format(": write \"{}\" in the section \"{}\"", rest, database.name);
  }
  if (std::ranges::find(global_keys(), key) != global_keys().end())
    return std::string(": it stands outside of all sections");
  constexpr std::size_t kNamed = 4;
  std::vector<std::string> names;
  for (const ConfigSection& section : config_sections()) {
    if (std::ranges::find(section.keys, key) != section.keys.end())
      names.push_back(fmt::format("\"{}\"", section.name));
  }
  if (names.empty()) return std::nullopt;
  const bool more = names.size() > kNamed;
  if (more) names.resize(kNamed);
  return fmt::format(": it belongs into the section {}{}", base::join(names, ", "), more ? " or others" : "");
}

YAML::Node parse(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    refuse("config file does not exist: " + path.string(), {}, {}, {"check the path given with --config-file"});
  }
  try {
    return YAML::Load(base::read_file(path));
  } catch (const YAML::Exception& fault) {
    refuse("the configuration file is not valid YAML", fmt::format("{}:{}", path.string(), fault.mark.line + 1),
           fault.msg, {"a blank must follow every colon, and keys of one section stand under each other"});
  }
}

}  // namespace

// "invalid value "many" for --parallel-jobs: a whole number from 1 to 100 is needed".
std::string told(const base::ErrorInfo& fault, const std::string& key) {
  const std::size_t begins = fault.cause.find(": ");
  std::string out = begins == std::string::npos ? fmt::format("{} of \"{}\"", fault.title, key)
                                                : fault.title + fault.cause.substr(begins);
  for (const std::string& fix : fault.fix) out += ", " + fix;
  return out;
}

// The flags that a key may be the value of.
std::vector<const Flag*> flags_of(const std::string& section, const std::string& key) {
  const bool of_database = std::ranges::any_of(database_names(), [&](const auto& one) { return one.name == section; });
  const std::string own_name = of_database ? section + "-" + key : key;
  std::vector<const Flag*> out;
  for (const Command& command : commands()) {
    const auto& sections = of_database ? command.databases : command.sections;
    if (!section.empty() && std::ranges::find(sections, section) == sections.end()) continue;
    const Flag* flag = command.flag(own_name);
    if (flag == nullptr && of_database) flag = command.flag(key);
    if (flag != nullptr) out.push_back(flag);
  }
  return out;
}

// Why no command takes the value.
std::optional<std::string> wrong_value(const std::string& section, const std::string& key, const std::string& text) {
  std::optional<std::string> wrong;
  for (const Flag* flag : flags_of(section, key)) {
    if (flag->kind == FlagKind::kSecret) return std::nullopt;
    try {
      (void)checked_value(*flag, text, key);
      return std::nullopt;
    } catch (const base::Error& error) {
      wrong = told(error.info(), key);
    }
  }
  return wrong;
}

// Walks the document once and collects everything that is wrong with it.
class ConfigReader {
 public:
  ConfigReader(ConfigFile& out, const Environment& environment) : out_(out), environment_(environment) {}

  void read(const YAML::Node& root) {
    if (root.IsNull()) return;
    if (!root.IsMap()) {
      finding(root, "keys and sections are expected");
    } else {
      for (const auto& entry : root) read_top(entry.first, entry.second);
    }
    check_aliases();
    if (findings_.empty()) return;
    std::sort(findings_.begin(), findings_.end());
    std::string cause = "Config file validation failed:";
    for (const auto& [line, text] : findings_) cause += fmt::format("\nline {}: {}", line, text);
    refuse("the configuration file is not valid", out_.path_.string(), cause,
           {"correct these lines and run the command again"});
  }

 private:
  void finding(const YAML::Node& node, std::string text) {
    findings_.emplace_back(node.Mark().line + 1, std::move(text));
  }

  static std::string key_of(const YAML::Node& node) {
    return base::lower(node.IsScalar() ? node.Scalar() : std::string());
  }

  void read_top(const YAML::Node& key_node, const YAML::Node& value) {
    const std::string key = key_of(key_node);
    const ConfigSection* section = find_section(key);
    if (section != nullptr && value.IsMap()) {
      read_section(key_node, *section, value);
    } else if (section != nullptr && section->may_be_empty && value.IsNull()) {
      out_.sections_[key];
    } else if (section != nullptr && !value.IsNull()) {
      finding(key_node, fmt::format("\"{}\" is a section and takes no value: its keys stand below it, indented", key));
    } else if (section != nullptr) {
      finding(key_node,
              fmt::format("invalid global key \"{}\": a section without keys; comment its header out too", key));
    } else if (value.IsMap()) {
      std::vector<std::string> names;
      for (const ConfigSection& one : config_sections()) names.emplace_back(one.name);
      finding(key_node, fmt::format("invalid section \"{}\"{}", key, did_you_mean(key, names)));
    } else if (std::find(global_keys().begin(), global_keys().end(), key) == global_keys().end()) {
      finding(key_node, fmt::format("invalid global key \"{}\"{}", key,
                                    belongs_elsewhere(key).value_or(did_you_mean(key, global_keys()))));
    } else {
      store("", key, key_node, value);
    }
  }

  void read_section(const YAML::Node& key_node, const ConfigSection& section, const YAML::Node& body) {
    const std::string name(section.name);
    if (out_.sections_.contains(name)) finding(key_node, fmt::format("section \"{}\" appears twice", name));
    out_.sections_[name];
    for (const auto& entry : body) {
      const std::string key = key_of(entry.first);
      if (std::find(section.keys.begin(), section.keys.end(), key) == section.keys.end()) {
        finding(entry.first, fmt::format("invalid key \"{}\" in section \"{}\"{}", key, name,
                                         belongs_elsewhere(key).value_or(did_you_mean(key, section.keys))));
      } else {
        store(name, key, entry.first, entry.second);
      }
    }
  }

  void store(const std::string& section, const std::string& key, const YAML::Node& key_node, const YAML::Node& value) {
    std::string text;
    if (value.IsScalar()) {
      text = value.Scalar();
    } else if (value.IsSequence()) {
      std::vector<std::string> parts;
      for (const auto& part : value) parts.push_back(part.IsScalar() ? part.Scalar() : std::string());
      text = base::join(parts, ",");
    } else if (value.IsNull()) {
      return;
    } else {
      finding(key_node, fmt::format("\"{}\" needs one value", key));
      return;
    }
    if (out_.sections_[section].contains(key)) finding(key_node, fmt::format("\"{}\" appears twice", key));
    ConfigValue& stored = out_.sections_[section][key];
    stored = {.text = interpolated(text, key_node), .line = key_node.Mark().line + 1};
    if (const std::optional<std::string> wrong = wrong_value(section, key, stored.text)) finding(key_node, *wrong);
  }

  std::string interpolated(const std::string& text, const YAML::Node& where) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t open = text.find("${", at);
      const std::size_t close = open == std::string::npos ? open : text.find('}', open);
      if (close == std::string::npos) break;
      if (open > at && text[open - 1] == '$') {
        out += text.substr(at, open - 1 - at) + "${";
        at = open + 2;
        continue;
      }
      out += text.substr(at, open - at) + value_of(text.substr(open + 2, close - open - 2), where);
      at = close + 1;
    }
    return out + text.substr(std::min(at, text.size()));
  }

  std::string value_of(const std::string& expression, const YAML::Node& where) {
    const std::size_t colon = expression.find(":-");
    const auto value = environment_(expression.substr(0, colon));
    if (colon != std::string::npos) return value && !value->empty() ? *value : expression.substr(colon + 2);
    if (!value) finding(where, fmt::format("the variable {} is not set", expression));
    return value.value_or("");
  }

  void check_aliases() {
    for (const auto& names : alias_sections()) {
      std::vector<std::string> found;
      for (const std::string_view name : names) {
        if (out_.sections_.contains(name)) found.emplace_back(name);
      }
      if (found.size() > 1) {
        findings_.emplace_back(0, fmt::format("only one of the sections {} may be used", base::join(found, " and ")));
      }
    }
  }

  ConfigFile& out_;
  const Environment& environment_;
  std::vector<std::pair<int, std::string>> findings_ = {};
};

ConfigFile ConfigFile::load(const std::filesystem::path& path, const Environment& environment) {
  ConfigFile out;
  out.path_ = path;
  ConfigReader(out, environment).read(parse(path));
  return out;
}

const ConfigValue* ConfigFile::find(std::string_view section, std::string_view key) const {
  const auto in = sections_.find(section);
  if (in == sections_.end()) return nullptr;
  const auto found = in->second.find(key);
  return found == in->second.end() ? nullptr : &found->second;
}

}  // namespace voyager::cli
