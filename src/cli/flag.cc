#include "cli/flag.h"

#include <map>
#include <string>
#include <utility>

#include "cli/command.h"

namespace voyager::cli {
namespace {

using enum FlagKind;

const std::vector<std::string_view> kTlsModes = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};

}  // namespace

FlagGroup global_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "export-dir",
       .kind = kPath,
       .help = "directory that holds the migration; it must exist",
       .short_name = 'e'},
      {.name = "config-file",
       .kind = kPath,
       .help = "YAML file with the same settings as the flags",
       .short_name = 'c'},
      {.name = "log-level",
       .kind = kChoice,
       .help = "least level that is written to the log file",
       .fallback = "info",
       .choices = {"trace", "debug", "info", "warn", "error", "fatal", "panic"},
       .short_name = 'l'},
      {.name = "log-format",
       .kind = kChoice,
       .help = "lines of the log file: text, or one JSON object each (in a file that ends in .jsonl)",
       .fallback = "text",
       .choices = {"text", "json"}},
      {.name = "yes",
       .kind = kBoolean,
       .help = "answer every question with yes",
       .fallback = "false",
       .short_name = 'y'},
      {.name = "no-input",
       .kind = kBoolean,
       .help = "never ask; end with exit code 10 where an answer is needed",
       .fallback = "false"},
      {.name = "send-diagnostics",
       .kind = kBoolean,
       .help = "accepted and without effect: nothing is ever sent",
       .fallback = "true",
       .environment = "YB_VOYAGER_SEND_DIAGNOSTICS"},
      {.name = "profile", .kind = kBoolean, .fallback = "false", .hidden = true},
  };
  return {"Global", kFlags};
}

Flag answer_format_flag(std::string_view for_people, std::string_view help) {
  return {
      .name = "output-format", .kind = kChoice, .help = help, .fallback = for_people, .choices = {for_people, "json"}};
}

Flag table_format_flag() {
  return answer_format_flag("table", "table, or json on standard output");
}

Flag text_format_flag() {
  return answer_format_flag("text", "how the answer is printed");
}

Flag password_flag(std::string_view database, bool hidden) {
  if (database == "source") {
    return {.name = "source-db-password",
            .kind = kSecret,
            .help = "password of the user on the source; better in the environment",
            .environment = "SOURCE_DB_PASSWORD",
            .hidden = hidden};
  }
  if (database == "target") {
    return {.name = "target-db-password",
            .kind = kSecret,
            .help = "password of the user on the target; better in the environment",
            .environment = "TARGET_DB_PASSWORD",
            .hidden = hidden};
  }
  return {.name = "source-replica-db-password",
          .kind = kSecret,
          .help = "password of the user on the source-replica; better in the environment",
          .environment = "SOURCE_REPLICA_DB_PASSWORD",
          .hidden = hidden};
}

FlagGroup output_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "progress",
       .kind = kChoice,
       .help = "how progress is shown on standard error",
       .fallback = "auto",
       .choices = {"auto", "tty", "plain", "json", "none"}},
      {.name = "progress-interval",
       .kind = kInteger,
       .help = "seconds between two total lines without a terminal",
       .fallback = "30",
       .least = 1,
       .most = 86'400},
      {.name = "color",
       .kind = kChoice,
       .help = "colours on the terminal",
       .fallback = "auto",
       .choices = {"auto", "always", "never"}},
      {.name = "ascii",
       .kind = kBoolean,
       .help = "only ASCII signs (default: when the locale is not UTF-8)",
       .fallback = "false"},
  };
  return {"Output", kFlags};
}

FlagGroup source_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "source-db-type", .kind = kText, .help = "product of the source: postgresql, mysql (also for MariaDB)"},
      {.name = "source-db-host", .kind = kText, .help = "host of the source", .fallback = "localhost"},
      {.name = "source-db-port",
       .kind = kInteger,
       .help = "port of the source (0: the product's own, 5432 or 3306)",
       .fallback = "0",
       .most = 65'535},
      {.name = "source-db-user", .kind = kText, .help = "user on the source"},
      {.name = "source-db-password",
       .kind = kSecret,
       .help = "password of that user; better in the environment",
       .environment = "SOURCE_DB_PASSWORD"},
      {.name = "source-db-name", .kind = kText, .help = "database on the source"},
      {.name = "source-db-schema", .kind = kList, .help = "schemas to migrate, comma separated; not for MySQL"},
      {.name = "source-ssl-mode",
       .kind = kChoice,
       .help = "TLS to the source",
       .fallback = "prefer",
       .choices = kTlsModes},
      {.name = "source-ssl-cert", .kind = kPath, .help = "client certificate"},
      {.name = "source-ssl-key", .kind = kPath, .help = "key of the client certificate"},
      {.name = "source-ssl-root-cert", .kind = kPath, .help = "certificates of the authorities that are trusted"},
      {.name = "source-ssl-crl", .kind = kPath, .help = "revoked certificates"},
      {.name = "oracle-db-sid", .hidden = true},
      {.name = "oracle-home", .hidden = true},
      {.name = "oracle-tns-alias", .hidden = true},
  };
  return {"Source", kFlags};
}

FlagGroup oracle_container_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "oracle-cdb-name", .hidden = true},
      {.name = "oracle-cdb-sid", .hidden = true},
      {.name = "oracle-cdb-tns-alias", .hidden = true},
  };
  return {"Source", kFlags};
}

FlagGroup target_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "target-db-host", .help = "host of the target, or one node of it", .fallback = "127.0.0.1"},
      {.name = "target-db-port",
       .kind = kInteger,
       .help = "port of the target (0: 5433)",
       .fallback = "0",
       .most = 65'535},
      {.name = "target-db-user", .help = "user on the target"},
      {.name = "target-db-password",
       .kind = kSecret,
       .help = "password of that user; better in the environment",
       .environment = "TARGET_DB_PASSWORD"},
      {.name = "target-db-name", .help = "database on the target (default: the server's)"},
      {.name = "target-db-schema", .help = "schema on the target; not for PostgreSQL sources", .fallback = "public"},
      {.name = "target-ssl-mode",
       .kind = kChoice,
       .help = "TLS to the target",
       .fallback = "prefer",
       .choices = kTlsModes},
      {.name = "target-ssl-cert", .kind = kPath, .help = "client certificate"},
      {.name = "target-ssl-key", .kind = kPath, .help = "key of the client certificate"},
      {.name = "target-ssl-root-cert", .kind = kPath, .help = "certificates of the authorities that are trusted"},
      {.name = "target-ssl-crl", .kind = kPath, .help = "revoked certificates"},
  };
  return {"Target", kFlags};
}

FlagGroup source_replica_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "source-replica-db-host", .help = "host of the source-replica", .fallback = "127.0.0.1"},
      {.name = "source-replica-db-port",
       .kind = kInteger,
       .help = "port of the source-replica (0: the product's own, 5432)",
       .fallback = "0",
       .most = 65'535},
      {.name = "source-replica-db-user", .help = "user on the source-replica"},
      {.name = "source-replica-db-password",
       .kind = kSecret,
       .help = "password of that user; better in the environment",
       .environment = "SOURCE_REPLICA_DB_PASSWORD"},
      {.name = "source-replica-db-name", .help = "database on the source-replica"},
      {.name = "source-replica-db-schema", .help = "accepted: the schemas are those of the source", .hidden = true},
      {.name = "source-replica-db-sid", .hidden = true},
      {.name = "source-replica-ssl-mode",
       .kind = kChoice,
       .help = "TLS to the source-replica",
       .fallback = "prefer",
       .choices = kTlsModes},
      {.name = "source-replica-ssl-cert", .kind = kPath, .help = "client certificate"},
      {.name = "source-replica-ssl-key", .kind = kPath, .help = "key of the client certificate"},
      {.name = "source-replica-ssl-root-cert",
       .kind = kPath,
       .help = "certificates of the authorities that are trusted"},
      {.name = "source-replica-ssl-crl", .kind = kPath, .help = "revoked certificates"},
      {.name = "oracle-home", .hidden = true},
      {.name = "oracle-tns-alias", .hidden = true},
  };
  return {"Source-replica", kFlags};
}

std::span<const DatabaseName> database_names() {
  static constexpr DatabaseName kAll[] = {{"source-replica", "SOURCE_REPLICA_DB_PASSWORD"},
                                          {"source", "SOURCE_DB_PASSWORD"},
                                          {"target", "TARGET_DB_PASSWORD"}};
  return kAll;
}

const DatabaseName* database_of(const Flag& flag) {
  for (const DatabaseName& one : database_names()) {
    if (flag.name.size() > one.name.size() && flag.name.starts_with(one.name) && flag.name[one.name.size()] == '-')
      return &one;
  }
  return nullptr;
}

std::span<const Flag> password_source_flags(const DatabaseName& database, bool hidden) {
  struct Both {
    std::string names[2];
    std::vector<Flag> flags = {};
  };
  static const std::map<std::pair<std::string_view, bool>, Both> kAll = [] {
    std::map<std::pair<std::string_view, bool>, Both> all;
    for (const DatabaseName& one : database_names()) {
      for (const bool hide : {false, true}) {
        Both& both = all[{one.name, hide}];
        both.names[0] = std::string(one.name) + "-db-password-file";
        both.names[1] = std::string(one.name) + "-db-password-command";
        both.flags = {{.name = both.names[0],
                       .kind = kPath,
                       .help = "file that holds the password and nothing else",
                       .hidden = hide},
                      {.name = both.names[1],
                       .help = "command that prints the password (run without a shell and without a terminal, for at "
                               "most 30 s)",
                       .hidden = hide}};
      }
    }
    return all;
  }();
  return kAll.at({database.name, hidden}).flags;
}

bool is_hidden_in_logs(const Flag& flag) {
  return flag.kind == kSecret || flag.name.ends_with("-password-command");
}

FlagGroup target_type_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "target-db-type",
       .help = "product of the target: yugabytedb, or postgresql and its relatives",
       .fallback = "yugabytedb"},
  };
  return {"Target", kFlags};
}

FlagGroup table_list_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "table-list",
       .kind = kList,
       .help = "tables to take; * and ? match, double quotes keep case",
       .excludes = "table-list-file-path"},
      {.name = "exclude-table-list",
       .kind = kList,
       .help = "tables to leave out",
       .excludes = "exclude-table-list-file-path"},
      {.name = "table-list-file-path", .kind = kPath, .help = "file with the tables to take"},
      {.name = "exclude-table-list-file-path", .kind = kPath, .help = "file with the tables to leave out"},
  };
  return {"Tables", kFlags};
}

FlagGroup hidden_table_list_flags() {
  static const std::vector<Flag> kFlags = [] {
    const FlagGroup shown = table_list_flags();
    std::vector<Flag> flags(shown.flags.begin(), shown.flags.end());
    for (Flag& flag : flags) flag.hidden = true;
    return flags;
  }();
  return {"Tables", kFlags};
}

FlagGroup dump_program_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "pg-dump-path",
       .kind = kPath,
       .help = "pg_dump that reads the schema (default: the newest of PATH and /usr/lib/postgresql)"},
  };
  return {"Text of the schema", kFlags};
}

FlagGroup guardrail_flags() {
  static const std::vector<Flag> kFlags = {
      {.name = "run-guardrails-checks",
       .kind = kBoolean,
       .help = "check versions, rights and settings first",
       .fallback = "true"},
  };
  return {"Checks", kFlags};
}

FlagGroup import_rows_flags() {
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
  static const std::vector<Flag> kFlags = {
      {.name = "batch-size",
       .kind = kInteger,
       .help = "rows in a batch, at most the default (0: 20000 on YugabyteDB, 100000 "
               "elsewhere)",
       .fallback = "0",
       .most = kAny},
      {.name = "parallel-jobs",
       .kind = kInteger,
       .help = "connections that load rows (0: from the target's cores); "
               "switches adaptive parallelism off unless that is asked for",
       .fallback = "0",
       .most = 10'000},
      {.name = "adaptive-parallelism",
       .kind = kChoice,
       .help = "follow the target's load (default: balanced on YugabyteDB, "
               "disabled elsewhere)",
       .choices = {"disabled", "balanced", "aggressive"}},
      {.name = "adaptive-parallelism-max",
       .kind = kInteger,
       .help = "most connections of adaptive parallelism (0: 4 x the "
               "start)",
       .fallback = "0",
       .most = 10'000},
      {.name = "encoding",
       .help = "encoding of the rows: of files that are not in UTF-8 (import data file), or of "
               "rows from a source whose database knows none (SQL_ASCII)"},
      {.name = "enable-random-batch-production",
       .kind = kBoolean,
       .help = "load batches in random order over all tables and files, so that neighbouring rows "
               "do not go to one node (default: true on YugabyteDB, false elsewhere)"},
      {.name = "on-primary-key-conflict",
       .kind = kChoice,
       .help = "when a row's key is there already",
       .fallback = "ERROR-POLICY",
       .choices = {"ERROR-POLICY", "IGNORE"}},
      {.name = "enable-upsert", .kind = kBoolean, .fallback = "false", .hidden = true},
      {.name = "start-clean",
       .kind = kBoolean,
       .help = "forget an earlier import and begin again",
       .fallback = "false"},
      {.name = "truncate-tables",
       .kind = kBoolean,
       .help = "empty the tables first; only with --start-clean true",
       .fallback = "false"},
      {.name = "skip-replication-checks",
       .kind = kBoolean,
       .help = "go on when the target is being replicated",
       .fallback = "false"},
      {.name = "use-public-ip",
       .kind = kBoolean,
       .help = "reach the target's nodes by their public addresses",
       .fallback = "false"},
      {.name = "target-endpoints", .kind = kList, .help = "nodes to use, host[:port] comma separated (default: all)"},
      {.name = "disable-pb", .kind = kBoolean, .help = "plain lines instead of progress bars", .fallback = "false"},
      {.name = "max-retries-streaming",
       .kind = kInteger,
       .help = "tries for a batch of changes",
       .fallback = "15",
       .hidden = true},
      {.name = "metrics-port",
       .kind = kInteger,
       .help = "port for Prometheus metrics (0: off)",
       .fallback = "0",
       .most = 65'535},
      {.name = "prometheus-metrics-port",
       .kind = kInteger,
       .fallback = "0",
       .most = 65'535,
       .hidden = true,
       .instead = "--metrics-port"},
      {.name = "retry-set-aside", .hidden = true},  // Given by `rejects retry` alone: a JSON list of names.
      {.name = "skip-node-health-checks", .kind = kBoolean, .fallback = "false", .hidden = true},
      {.name = "skip-disk-usage-health-checks", .kind = kBoolean, .fallback = "false", .hidden = true},
      {.name = "continue-on-error", .kind = kBoolean, .fallback = "false", .hidden = true},
      {.name = "disable-transactional-writes", .kind = kBoolean, .fallback = "false", .hidden = true},
      {.name = "truncate-splits", .kind = kBoolean, .fallback = "true", .hidden = true},
      {.name = "max-concurrent-batch-productions", .kind = kInteger, .fallback = "10", .hidden = true},
  };
  return {"Rows", kFlags};
}

namespace {

const Flag* search(auto&& matches) {
  for (const Command& command : commands()) {
    for (const FlagGroup& group : command.groups) {
      for (const Flag& flag : group.flags) {
        if (matches(flag)) return &flag;
      }
    }
  }
  return nullptr;
}

}  // namespace

const Flag* find_flag(std::string_view name) {
  return search([name](const Flag& flag) { return flag.name == name; });
}

const Flag* find_short_flag(char short_name) {
  return search([short_name](const Flag& flag) { return short_name != 0 && flag.short_name == short_name; });
}

}  // namespace voyager::cli
