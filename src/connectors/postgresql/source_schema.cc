// The schema's text by pg_dump.
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/postgresql/pg_dump.h"
#include "connectors/postgresql/source.h"

namespace voyager::postgresql {
namespace {

constexpr const char* kOverrides = "/etc/yb-voyager/pg_dump-args.ini";
// pg_dump quotes the statement, which names all tables when it locks them.
constexpr std::size_t kComplaintBytesMax = 2000;

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

  std::string dump_schema(const std::filesystem::path& file, bool comments, const base::Stop& stop) override {
    const DumpProgram program = find_pg_dump(options_.dump_program);
    for (const model::Finding& finding :
         check_dump_program(program, Connection(options_).major(), "reading the schema")) {
      base::fail(base::ExitCode::kPreflight, finding.title, finding.cause, finding.fix);
    }
    std::error_code ignored;
    const bool overridden = std::filesystem::exists(kOverrides, ignored);
    const base::ChildCommand command = dump_command(
        options_, program, file, comments, parse_dump_args(overridden ? base::read_file(kOverrides) : std::string()));
    base::log_info("running " + base::join(command.argv, " "));
    const base::ChildResult result = base::run_child(command, stop);
    if (!result.errors.empty()) base::log_info("pg_dump: " + result.errors);
    if (result.exit_code == 0) return describe(program);
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

std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options) {
  return std::make_unique<PgDump>(options);
}

}  // namespace voyager::postgresql
