// The schema's text by pg_dump.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/source.h"

namespace voyager::postgresql {
namespace {

constexpr const char* kOverrides = "/etc/yb-voyager/pg_dump-args.ini";
constexpr int kOldestPgDump = 14;  // The first that knows --extension.
// A table that another session has locked would else be waited for without end and without a word.
constexpr const char* kLockWaitMillis = "60000";
// pg_dump quotes the statement, which names all tables when it locks them.
constexpr std::size_t kComplaintBytesMax = 2000;

int major_of(const std::filesystem::path& program) {
  const base::Stop stop;
  const base::ChildResult result = base::run_child({.argv = {program.string(), "--version"}}, stop);
  return result.exit_code == 0 ? pg_dump_major(result.output) : 0;
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

std::string shortened(std::string text) {
  if (text.size() <= kComplaintBytesMax) return text;
  std::size_t end = kComplaintBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // Not inside a character.
  return text.substr(0, end) + " ... (all of it is in the log)";
}

std::vector<std::string> advice(std::string_view complaint) {
  if (complaint.find("does not exist") != std::string_view::npos)
    return {"if that was dropped while pg_dump ran, run the command again"};
  if (complaint.find("LOCK TABLE") == std::string_view::npos) return {};
  return {
      "if it waited for a lock (60 s), find who holds it: SELECT pid, query FROM pg_stat_activity WHERE pid IN "
      "(SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted);",
      "run the command again when that session is done"};
}

class PgDump final : public connector::SchemaSource {
 public:
  explicit PgDump(const model::ConnectionOptions& options) : options_(options) {}

  void dump_schema(const std::filesystem::path& file, bool comments, const base::Stop& stop) override {
    const int wanted = pg_dump_major_wanted(Connection(options_).major());
    const DumpProgram program = find_pg_dump(wanted);
    if (program.major < wanted) {
      base::fail(base::ExitCode::kPreflight, "pg_dump is missing or too old",
                 fmt::format("version {} or newer is needed", wanted),
                 {fmt::format("apt-get install postgresql-client-{}", wanted)});
    }
    std::error_code ignored;
    const bool overridden = std::filesystem::exists(kOverrides, ignored);
    const base::ChildCommand command = dump_command(
        options_, program, file, comments, parse_dump_args(overridden ? base::read_file(kOverrides) : std::string()));
    base::log_info("running " + base::join(command.argv, " "));
    const base::ChildResult result = base::run_child(command, stop);
    if (!result.errors.empty()) base::log_info("pg_dump: " + result.errors);
    if (result.exit_code == 0) return;
    if (stop.cancelled()) base::throw_if_draining(stop, "pg_dump was stopped", "run the same command again");
    throw base::Error({.title = "pg_dump failed",
                       .where = describe_server(options_),
                       .cause = shortened(base::mask_secrets(base::trim(result.errors))),
                       .fix = advice(result.errors),
                       .then = "nothing of the schema was kept; run the same command again"});
  }

 private:
  const model::ConnectionOptions options_;
};

}  // namespace

int pg_dump_major(std::string_view version_output) {
  const std::size_t at = version_output.find(") ");
  if (!version_output.starts_with("pg_dump ") || at == std::string_view::npos) return 0;
  int major = 0;
  std::from_chars(version_output.data() + at + 2, version_output.data() + version_output.size(), major);
  return major;
}

int pg_dump_major_wanted(int server_major) {
  return std::max(kOldestPgDump, server_major);
}

DumpProgram find_pg_dump(int major_wanted) {
  DumpProgram first{.path = base::find_program("pg_dump")};
  if (!first.path.empty()) first.major = major_of(first.path);
  if (first.major >= major_wanted) return first;
  DumpProgram newest = first;
  for (const std::filesystem::path& path : versioned_programs()) {
    const int major = major_of(path);
    if (major > newest.major) newest = {.path = path, .major = major};
  }
  return newest.major >= major_wanted || first.path.empty() ? newest : first;
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

std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options) {
  return std::make_unique<PgDump>(options);
}

}  // namespace voyager::postgresql
