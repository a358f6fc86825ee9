// Which sections and keys a configuration file may hold: one file serves a whole workflow, so commands that this
// release does not have are known here too.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::cli {

/// A setting that has a variable and a key instead of a flag.
struct Knob {
  std::string_view key = {};
  std::string_view variable = {};
};

struct ConfigSection {
  std::string_view name = {};
  std::vector<std::string> keys = {};
  bool may_be_empty = false;  ///< A header without keys is accepted.
};

/// Keys outside of all sections.
const std::vector<std::string>& global_keys();
const std::vector<ConfigSection>& config_sections();
const ConfigSection* find_section(std::string_view name);
std::span<const Knob> knobs();
/// Groups of section names that mean the same command; a file may hold one of each.
std::span<const std::vector<std::string_view>> alias_sections();

}  // namespace voyager::cli
