// The settings of one command after flags, environment, configuration file and defaults have been laid over each other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "cli/command_line.h"
#include "cli/config_file.h"
#include "cli/flag_name.h"

namespace voyager::cli {

enum class Origin : std::uint8_t { kDefault, kConfig, kEnvironment, kCommandLine };

struct Value {
  std::string text = {};
  base::Secret secret = {};
  Origin origin = Origin::kDefault;
  std::string where = {};  ///< "--x", "SOURCE_DB_PASSWORD", "shop.yaml:12 (log-level)"
};

class Values {
 public:
  /// Throws Error (kUsage) for a value that its flag refuses. Order: command line, environment, file, default; a
  /// password of a database section that the command is bound to comes from the file before the environment.
  Values(const CommandLine& line, const ConfigFile& config, const Environment& environment);

  /// The command has the flag, and somebody gave it: the user, a variable or the file.
  bool given(FlagName<FlagUse::kAny> flag) const;
  /// Empty when the command does not have the flag.
  const std::string& text(FlagName<FlagUse::kText> flag) const;
  bool on(FlagName<FlagUse::kBoolean> flag) const;
  std::int64_t number(FlagName<FlagUse::kInteger> flag) const;
  /// Parts of a comma separated list, trimmed, without empty ones; quotes stay.
  std::vector<std::string> list(FlagName<FlagUse::kList> flag) const;
  const Value* find(FlagName<FlagUse::kAny> flag) const;
  /// A setting without a flag (config_keys.h): its variable where that exists, else its key. Nothing where that is
  /// empty or nobody gave it. `variable` is one of the table's.
  std::optional<std::string> knob(std::string_view variable) const;
  /// Throws Error (kUsage) for what is no number above 0.
  std::uint64_t knob_number(std::string_view variable, std::uint64_t fallback) const;
  /// `fallback` also for what is neither true nor false.
  bool knob_on(std::string_view variable, bool fallback) const;
  /// From now on as if nobody else had given it.
  void set_secret(FlagName<FlagUse::kAny> flag, base::Secret secret);
  /// Passwords that `earlier` has and these have not.
  void take_secrets(const Values& earlier);

  /// Every value that came from the file or the environment, for the log; secrets masked.
  std::vector<std::string> origins() const;

 private:
  const std::string& text_of(std::string_view flag) const;
  void take(const Command& command, const Flag& flag, const CommandLine& line, const ConfigFile& config,
            const Environment& environment);
  std::map<std::string_view, Value> values_ = {};
  std::map<std::string_view, const Flag*> flags_ = {};
  std::map<std::string_view, std::string> knobs_ = {};
};

/// The command needs this flag, with this source, and nobody gave it.
bool is_missing(const Command& command, const Values& values, std::string_view flag);
/// A required flag without a value, two flags that exclude each other: throws Error (kUsage) naming all of them.
void check_combination(const Command& command, const Values& values);

}  // namespace voyager::cli
