// Which pg_dump writes the schema's text, and how it is called.
#include "connectors/postgresql/pg_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace voyager::postgresql {
namespace {

// What a dump of everything holds; flags of export schema say what becomes of it.
constexpr std::array<std::string_view, 9> kDecidedByFlags = {
    "extension",       "no-owner",           "no-privileges",    "no-acl", "no-comments",
    "no-publications", "no-security-labels", "no-subscriptions", "schema"};
constexpr std::size_t kPatternBytesMax = 64UL * 1024;
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

/// Patterns that match these names and no others. Many names in one: a system takes a few thousand arguments.
std::vector<std::string> name_patterns(const std::vector<model::Identifier>& names) {
  std::vector<std::string> patterns;
  for (const model::Identifier& name : names) {
    if (patterns.empty() || patterns.back().size() > kPatternBytesMax) {
      patterns.push_back(model::quoted(name));
    } else {
      (patterns.back() += "|") += model::quoted(name);
    }
  }
  return patterns;
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

std::string complaints(std::string_view errors) {
  constexpr std::string_view kMark = "pg_dump: ";
  constexpr std::array<std::string_view, 4> kKinds = {"error:", "warning:", "detail:", "hint:"};
  std::string kept;
  for (const std::string& line : base::split(errors, '\n')) {
    const std::string_view text = line;
    const bool ours = text.starts_with(kMark);
    const bool complains = std::ranges::any_of(
        kKinds, [&](std::string_view kind) { return ours && text.substr(kMark.size()).starts_with(kind); });
    if (!line.empty() && (!ours || complains)) (kept += line) += "\n";
  }
  return kept;
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
                                const DumpCall& call) {
  std::vector<std::pair<std::string, std::string>> switches = {{"schema-only", "true"},
                                                               {"no-tablespaces", "true"},
                                                               {"load-via-partition-root", "true"},
                                                               {"lock-wait-timeout", kLockWaitMillis}};
  const bool everything = call.contents == connector::SchemaContents::kEverything;
  for (const char* name : {"no-owner", "no-privileges", "no-comments"}) {
    if (!everything) switches.emplace_back(name, "true");
  }
  if (!everything) switches.emplace_back("extension", "*");
  // The first says what belongs to the database as a whole; a subscription has a password, and would start to run.
  for (const char* name : {"create", "no-subscriptions"}) {
    if (everything) switches.emplace_back(name, "true");
  }
  for (const auto& [name, value] : call.overrides) {
    if (everything && std::ranges::find(kDecidedByFlags, name) != kDecidedByFlags.end()) continue;
    std::erase_if(switches, [&](const auto& one) { return one.first == name; });
    if (value != "false") switches.emplace_back(name, value);
  }

  base::ChildCommand command;
  command.argv = {program.path.string(), "--no-password", "--format=plain",
                  call.raw_bytes ? "--encoding=SQL_ASCII" : "--encoding=UTF8"};
  if (everything) command.argv.push_back("--verbose");  // With it the headings have catalogue and OID.
  if (!call.snapshot.empty()) command.argv.push_back("--snapshot=" + call.snapshot);
  for (const auto& [name, value] : switches)
    command.argv.push_back(value == "true" ? "--" + name : "--" + name + "=" + value);
  // Quoted, a pattern is an exact name. To name a schema keeps everything away that lies in none, so that a dump of
  // everything names what it does not want.
  if (everything) {
    for (std::string& pattern : name_patterns(call.other_schemas))
      command.argv.push_back("--exclude-schema=" + std::move(pattern));
  } else {
    for (const model::Identifier& schema : options.schemas) command.argv.push_back("--schema=" + model::quoted(schema));
  }
  command.environment["LC_ALL"] = "C";  // For `complaints`.
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
  // The database's own setting would quote names in what the server prints.
  set("PGOPTIONS", "-c quote_all_identifiers=off");
  if (!options.password.empty()) command.secrets["PGPASSWORD"] = options.password;
  return command;
}

}  // namespace voyager::postgresql
