// Which pg_dump writes the schema's text, and how it is called.
#include "connectors/postgresql/pg_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace voyager::postgresql {
namespace {

constexpr int kOldestPgDump = 14;  // The first that knows --extension.
// A table that another session has locked would else be waited for without end and without a word.
constexpr const char* kLockWaitMillis = "60000";

DumpProgram program_at(const std::filesystem::path& path) {
  const base::Stop stop;
  DumpProgram program{.path = path};
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return program;
  const base::ChildResult result = base::run_child({.argv = {path.string(), "--version"}}, stop);
  if (result.exit_code == 0) program.version = pg_dump_version(result.output);
  std::from_chars(program.version.data(), program.version.data() + program.version.size(), program.major);
  return program;
}

// Debian and Red Hat keep several versions side by side, outside of PATH.
std::vector<std::filesystem::path> versioned_programs() {
  std::vector<std::filesystem::path> out;
  std::error_code ignored;
  for (const auto& [folder, prefix] : {std::pair{"/usr/lib/postgresql", ""}, std::pair{"/usr", "pgsql-"}}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (!entry.path().filename().string().starts_with(prefix)) continue;
      const std::filesystem::path program = entry.path() / "bin" / "pg_dump";
      if (std::filesystem::exists(program, ignored)) out.push_back(program);
    }
  }
  return out;
}

}  // namespace

DumpProgram find_pg_dump(const std::filesystem::path& named) {
  if (!named.empty()) return program_at(named);
  DumpProgram newest;
  if (const std::filesystem::path first = base::find_program("pg_dump"); !first.empty()) newest = program_at(first);
  for (const std::filesystem::path& path : versioned_programs()) {
    DumpProgram other = program_at(path);
    if (other.major > newest.major) newest = std::move(other);
  }
  return newest;
}

std::string pg_dump_version(std::string_view version_output) {
  const std::size_t at = version_output.find(") ");
  if (!version_output.starts_with("pg_dump ") || at == std::string_view::npos) return {};
  const std::string_view rest = version_output.substr(at + 2);
  return std::string(rest.substr(0, rest.find_first_of(" \n")));
}

int pg_dump_major_wanted(int server_major) {
  return std::max(kOldestPgDump, server_major);
}

std::vector<model::Finding> check_dump_program(const DumpProgram& program, int server_major, std::string_view who) {
  const int wanted = pg_dump_major_wanted(server_major);
  if (program.major >= wanted) return {};
  std::string title = "pg_dump is not installed";
  if (program.major > 0) title = fmt::format("{} is too old", describe(program));
  if (program.major == 0 && !program.path.empty()) title = program.path.string() + " is no pg_dump that runs";
  return {{.fatal = true,
           .title = std::move(title),
           .cause = fmt::format("{} needs pg_dump {} or newer", who, wanted),
           .fix = {fmt::format("apt-get install postgresql-client-{}", wanted),
                   "or name a newer one: --pg-dump-path /path/to/pg_dump"}}};
}

std::string describe(const DumpProgram& program) {
  return fmt::format("pg_dump {} ({})", program.version, program.path.string());
}

std::vector<std::pair<std::string, std::string>> parse_dump_args(std::string_view ini) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& raw : base::split(ini, '\n')) {
    const std::string_view line = base::trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '[') continue;
    const std::size_t equals = line.find('=');
    std::string_view name = base::trim(line.substr(0, equals));
    while (name.starts_with('-')) name.remove_prefix(1);
    std::string_view value = equals == std::string_view::npos ? "true" : base::trim(line.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (!name.empty()) out.emplace_back(name, value);
  }
  return out;
}

base::ChildCommand dump_command(const model::ConnectionOptions& options, const DumpProgram& program,
                                const std::filesystem::path& file, bool comments,
                                const std::vector<std::pair<std::string, std::string>>& overrides) {
  std::vector<std::pair<std::string, std::string>> switches = {{"schema-only", "true"},
                                                               {"no-owner", "true"},
                                                               {"no-privileges", "true"},
                                                               {"no-tablespaces", "true"},
                                                               {"load-via-partition-root", "true"},
                                                               {"lock-wait-timeout", kLockWaitMillis},
                                                               {"extension", "*"}};
  if (!comments) switches.emplace_back("no-comments", "true");
  for (const auto& [name, value] : overrides) {
    std::erase_if(switches, [&](const auto& one) { return one.first == name; });
    if (value != "false") switches.emplace_back(name, value);
  }

  base::ChildCommand command;
  command.argv = {program.path.string(), "--no-password", "--format=plain", "--encoding=UTF8",
                  "--file=" + file.string()};
  for (const auto& [name, value] : switches)
    command.argv.push_back(value == "true" ? "--" + name : "--" + name + "=" + value);
  // Quoted, a pattern is an exact name.
  for (const model::Identifier& schema : options.schemas) command.argv.push_back("--schema=" + model::quoted(schema));
  // Through the environment, because an option's database name may be taken for a connection string.
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) command.environment[name] = value;
  };
  set("PGHOST", options.host);
  set("PGPORT", options.port == 0 ? "5432" : std::to_string(options.port));
  set("PGUSER", options.user);
  set("PGDATABASE", options.database);
  set("PGSSLMODE", options.ssl_mode);
  set("PGSSLCERT", options.ssl_cert);
  set("PGSSLKEY", options.ssl_key);
  set("PGSSLROOTCERT", options.ssl_root_cert);
  set("PGSSLCRL", options.ssl_crl);
  set("PGAPPNAME", "yb-voyager");
  if (!options.password.empty()) command.secrets["PGPASSWORD"] = options.password;
  return command;
}

}  // namespace voyager::postgresql
