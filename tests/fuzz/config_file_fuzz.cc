// Any bytes as the file of --config-file: it is read, or refused with one base::Error (usage), and nothing else comes
// out;
//  - what is found has a line inside the file,
//  - two readings agree.
// The keys are a few of this file, so that the fuzzer meets them.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/config_file.h"
#include "cli/config_keys.h"

namespace voyager::cli {

const std::vector<std::string>& global_keys() {
  static const std::vector<std::string> kKeys = {"yes", "log"};
  return kKeys;
}

const std::vector<ConfigSection>& config_sections() {
  static const std::vector<ConfigSection> kSections = {{.name = "s", .keys = {"a", "b"}},
                                                       {.name = "t", .keys = {"a"}, .may_be_empty = true}};
  return kSections;
}

const ConfigSection* find_section(std::string_view name) {
  const auto found = std::ranges::find(config_sections(), name, &ConfigSection::name);
  return found == config_sections().end() ? nullptr : &*found;
}

std::span<const std::vector<std::string_view>> alias_sections() {
  static const std::vector<std::vector<std::string_view>> kAliases = {{"s", "t"}};
  return kAliases;
}

}  // namespace voyager::cli

namespace {

using namespace voyager;

void check(bool holds) {
  if (!holds) std::abort();
}

std::string outcome(const std::string& path, std::ptrdiff_t lines) {
  const cli::Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "X") return "value: [of, X]";
    return std::nullopt;
  };
  std::string out;
  try {
    const cli::ConfigFile file = cli::ConfigFile::load(path, environment);
    for (const char* section : {"", "s", "t"}) {
      for (const char* key : {"yes", "log", "a", "b"}) {
        const cli::ConfigValue* value = file.find(section, key);
        if (value == nullptr) continue;
        check(value->line >= 1 && value->line <= lines);
        out += std::string(section) + "." + key + "=" + value->text + "\n";
      }
    }
  } catch (const base::Error& error) {
    check(error.info().exit == base::ExitCode::kUsage);
    out = error.info().cause;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("config", 0);
  check(::write(fd, data, size) == static_cast<ssize_t>(size));
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = 1 + std::ranges::count(text, '\n') + std::ranges::count(text, '\r');
  check(outcome(path, lines) == outcome(path, lines));
  ::close(fd);
  return 0;
}
