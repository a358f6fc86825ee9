#include "cli/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "cli/config_keys.h"
#include "cli/connectors.h"
#include "cli/password_source.h"

namespace voyager::cli {
namespace {

struct Found {
  const ConfigValue* value = nullptr;
  std::string where = {};
  bool in_database_section = false;
};

Found found_at(const ConfigFile& config, std::string_view section, std::string_view key) {
  const ConfigValue* value = config.find(section, key);
  if (value == nullptr) return {};
  return {.value = value, .where = fmt::format("{}:{} ({})", config.path().string(), value->line, key)};
}

bool is_bound(const Command& command, std::string_view database) {
  return std::find(command.databases.begin(), command.databases.end(), database) != command.databases.end();
}

// The database section that a flag belongs to: "source-db-host" is `db-host` of `source`.
struct DatabaseKey {
  std::string_view section = {};
  std::string_view key = {};
};

DatabaseKey database_key(const Flag& flag) {
  if (const DatabaseName* database = database_of(flag))
    return {database->name, flag.name.substr(database->name.size() + 1)};
  if (flag.name.starts_with("oracle-")) return {"source", flag.name};
  return {};
}

Found find_in_file(const Command& command, const Flag& flag, const ConfigFile& config) {
  for (const std::string_view section : command.sections) {
    if (Found found = found_at(config, section, flag.name); found.value != nullptr) return found;
  }
  for (const std::string_view section : command.also_reads) {
    if (Found found = found_at(config, section, flag.name); found.value != nullptr) return found;
  }
  if (Found found = found_at(config, "", flag.name); found.value != nullptr) return found;
  const DatabaseKey place = database_key(flag);
  if (place.section.empty()) return {};
  // A password of the section helps every command that needs one; everything else only the commands bound to it.
  if (!is_bound(command, place.section) && !is_password_setting(flag.name)) return {};
  Found found = found_at(config, place.section, place.key);
  found.in_database_section = true;
  return found;
}

// In the command's section, else outside of all sections.
std::string knob_of(const Command& command, const Knob& knob, const ConfigFile& config,
                    const Environment& environment) {
  if (std::optional<std::string> given = environment(std::string(knob.variable))) return *given;
  if (knob.key.empty()) return {};
  const ConfigValue* value = config.find("", knob.key);
  for (const std::string_view section : command.sections) {
    if (const ConfigValue* own = config.find(section, knob.key)) value = own;
  }
  return value == nullptr ? std::string() : value->text;
}

// A boolean that is off, as by default, contradicts nothing.
bool says_something(const Flag& flag, const Values& values) {
  return flag.kind == FlagKind::kBoolean ? values.on(flag.name) : !values.find(flag.name)->text.empty();
}

}  // namespace

Values::Values(const CommandLine& line, const ConfigFile& config, const Environment& environment) {
  const Command& command = *line.command;
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) take(command, flag, line, config, environment);
  }
  for (const Knob& knob : knobs()) knobs_[knob.variable] = knob_of(command, knob, config, environment);
}

void Values::take(const Command& command, const Flag& flag, const CommandLine& line, const ConfigFile& config,
                  const Environment& environment) {
  flags_[flag.name] = &flag;
  Value& value = values_[flag.name];
  if (const auto given = line.flags.find(flag.name); given != line.flags.end()) {
    value = {.text = given->second.text,
             .secret = given->second.secret,
             .origin = Origin::kCommandLine,
             .where = "--" + std::string(flag.name)};
    return;
  }
  const Found found = find_in_file(command, flag, config);
  std::optional<std::string> variable;
  if (!flag.environment.empty()) variable = environment(std::string(flag.environment));
  const bool file_first = flag.kind == FlagKind::kSecret && is_bound(command, database_key(flag).section);
  if (variable && !variable->empty() && (found.value == nullptr || !file_first)) {
    value = {.text = *variable, .origin = Origin::kEnvironment, .where = std::string(flag.environment)};
  } else if (found.value != nullptr) {
    value = {.text = found.value->text, .origin = Origin::kConfig, .where = found.where};
  } else {
    value = {.text = std::string(flag.fallback)};
    return;
  }
  if (flag.kind == FlagKind::kSecret) {
    value.secret = base::Secret(std::move(value.text));
    value.text.clear();
  } else if (flag.kind == FlagKind::kBoolean && value.origin == Origin::kEnvironment && !base::parse_bool(value.text)) {
    value = {.text = std::string(flag.fallback)};  // Documented: other text in a variable means the default.
  } else {
    value.text = checked_value(flag, value.text, value.where);
  }
}

const Value* Values::find(FlagName<FlagUse::kAny> flag) const {
  const auto found = values_.find(flag.text());
  return found == values_.end() ? nullptr : &found->second;
}

bool Values::given(FlagName<FlagUse::kAny> flag) const {
  const Value* value = find(flag);
  return value != nullptr && value->origin != Origin::kDefault;
}

const std::string& Values::text_of(std::string_view flag) const {
  static const std::string kNone;
  const auto found = values_.find(flag);
  return found == values_.end() ? kNone : found->second.text;
}

const std::string& Values::text(FlagName<FlagUse::kText> flag) const {
  return text_of(flag.text());
}

bool Values::on(FlagName<FlagUse::kBoolean> flag) const {
  return text_of(flag.text()) == "true";
}

std::int64_t Values::number(FlagName<FlagUse::kInteger> flag) const {
  const std::string& digits = text_of(flag.text());
  std::int64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

std::vector<std::string> Values::list(FlagName<FlagUse::kList> flag) const {
  std::vector<std::string> out;
  std::string part;
  bool quoted = false;
  const auto flush = [&] {
    const std::string_view trimmed = base::trim(part);
    if (!trimmed.empty()) out.emplace_back(trimmed);
    part.clear();
  };
  for (const char c : text_of(flag.text())) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      flush();
    } else {
      part += c;
    }
  }
  flush();
  return out;
}

std::optional<std::string> Values::knob(std::string_view variable) const {
  const std::string& text = knobs_.at(variable);
  return text.empty() ? std::nullopt : std::optional(text);
}

std::uint64_t Values::knob_number(std::string_view variable, std::uint64_t fallback) const {
  const std::optional<std::string> given = knob(variable);
  if (!given) return fallback;
  const std::string_view digits = base::trim(*given);
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size() || number == 0)
    base::fail(base::ExitCode::kUsage, fmt::format("{} is not a number above 0: {}", variable, *given));
  return number;
}

bool Values::knob_on(std::string_view variable, bool fallback) const {
  return base::parse_bool(knob(variable).value_or("")).value_or(fallback);
}

void Values::set_secret(FlagName<FlagUse::kAny> flag, base::Secret secret) {
  values_.find(flag.text())->second = {.secret = std::move(secret)};
}

void Values::take_secrets(const Values& earlier) {
  for (const auto& [name, value] : earlier.values_) {
    const auto ours = values_.find(name);
    if (ours != values_.end() && ours->second.secret.empty()) ours->second.secret = value.secret;
  }
}

std::vector<std::string> Values::origins() const {
  std::vector<std::string> lines;
  for (const auto& [name, value] : values_) {
    if (value.origin != Origin::kConfig && value.origin != Origin::kEnvironment) continue;
    const bool hidden = is_hidden_in_logs(*flags_.at(name));
    lines.push_back(fmt::format("{} = {} from {}", name, hidden ? "********" : value.text, value.where));
  }
  return lines;
}

bool is_missing(const Command& command, const Values& values, std::string_view flag) {
  if (std::ranges::find(command.required, flag) == command.required.end() || !values.find(flag)->text.empty())
    return false;
  return flag != "source-db-schema" || !has_one_schema(values.text("source-db-type"));
}

void check_combination(const Command& command, const Values& values) {
  check_password_sources(command, values);
  std::vector<std::string> missing;
  for (const std::string_view name : command.required) {
    if (is_missing(command, values, name)) missing.push_back(fmt::format("\"{}\"", name));
  }
  if (!missing.empty()) {
    throw base::Error({.code = "CLI-003",
                       .exit = base::ExitCode::kUsage,
                       .title = fmt::format("required flag(s) {} not set", base::join(missing, ", ")),
                       .fix = {"give them as flags or in the file of --config-file",
                               fmt::format("all flags: yb-voyager help {}", command.path)}});
  }
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) {
      if (flag.excludes.empty() || !says_something(flag, values) ||
          !says_something(*command.flag(flag.excludes), values))
        continue;
      base::fail(base::ExitCode::kUsage, fmt::format("--{} and --{} exclude each other", flag.name, flag.excludes));
    }
  }
}

}  // namespace voyager::cli
