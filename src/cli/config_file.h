// The YAML file of --config-file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace voyager::cli {

/// Asks for an environment variable; nothing when it does not exist. Passed in, so that tests have their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct ConfigValue {
  std::string text = {};
  int line = 0;  ///< From 1.
};

/// The checked content of the file: sections of keys, lower case. Values are text; flags check them later.
class ConfigFile {
 public:
  ConfigFile() = default;
  /// Reads and checks the whole file, also the parts of other commands. Throws one Error (kUsage) with all findings,
  /// each with its line and the nearest key. `${VAR}` and `${VAR:-default}` are replaced in values after parsing, so
  /// what a variable holds cannot become YAML; `$${` stands for `${`.
  static ConfigFile load(const std::filesystem::path& path, const Environment& environment);

  /// `section` empty: a global key. Null when the key is absent or has no value.
  const ConfigValue* find(std::string_view section, std::string_view key) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ = {};
  std::map<std::string, std::map<std::string, ConfigValue, std::less<>>, std::less<>> sections_ = {};
  friend class ConfigReader;
};

}  // namespace voyager::cli
