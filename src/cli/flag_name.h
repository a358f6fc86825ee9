// Names of flags in the code: a wrong one does not compile.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/flag.h"

namespace voyager::cli {
namespace known_flags {

/// The flags that the code reads by name. A test holds them against the tables of the commands.
inline constexpr auto kBooleans = std::to_array<std::string_view>({"allow-oracle-clob-data-export",
                                                                   "allow-unexplained-objects",
                                                                   "anonymize",
                                                                   "ascii",
                                                                   "assess-schema-before-export",
                                                                   "backup-data-files",
                                                                   "backup-log-files",
                                                                   "backup-schema-files",
                                                                   "comments-on-objects",
                                                                   "compress",
                                                                   "continue-on-error",
                                                                   "data-scan",
                                                                   "disable-pb",
                                                                   "dry-run",
                                                                   "enable-random-batch-production",
                                                                   "enable-upsert",
                                                                   "follow",
                                                                   "grants",
                                                                   "has-header",
                                                                   "ignore-exist",
                                                                   "include-detailed-iterations-stats",
                                                                   "invoked-by-export-schema",
                                                                   "keep-transactions",
                                                                   "large-objects",
                                                                   "last-run",
                                                                   "list",
                                                                   "no-input",
                                                                   "objects-only",
                                                                   "owners",
                                                                   "post-snapshot-import",
                                                                   "prepare-for-fall-back",
                                                                   "primary-only",
                                                                   "profile",
                                                                   "refresh-mviews",
                                                                   "require-verified",
                                                                   "restart-data-migration-source-target",
                                                                   "rows-only",
                                                                   "run-guardrails-checks",
                                                                   "save-migration-reports",
                                                                   "send-diagnostics",
                                                                   "skip-colocation-recommendations",
                                                                   "skip-node-health-checks",
                                                                   "skip-performance-recommendations",
                                                                   "skip-replication-checks",
                                                                   "start-clean",
                                                                   "straight-order",
                                                                   "truncate-tables",
                                                                   "use-public-ip",
                                                                   "use-yb-grpc-connector",
                                                                   "verify-counts",
                                                                   "watch",
                                                                   "yes"});
inline constexpr auto kIntegers = std::to_array<std::string_view>(
    {"adaptive-parallelism-max", "batch-size", "data-scan-rows", "fs-utilization-threshold", "iops-capture-interval",
     "max-retries-streaming", "metrics-port", "parallel-jobs", "progress-interval", "prometheus-metrics-port",
     "retained-wal-budget-mb"});
inline constexpr auto kLists = std::to_array<std::string_view>(
    {"exclude-object-type-list", "object-type-list", "source-db-schema", "source-read-replica-endpoints", "table-list",
     "target-endpoints", "type-rules", "value-rules"});
inline constexpr auto kSecrets = std::to_array<std::string_view>({"source-db-password", "target-db-password"});
/// Text, paths and choices.
inline constexpr auto kTexts = std::to_array<std::string_view>({"adaptive-parallelism",
                                                                "archive-dir",
                                                                "assessment-metadata-dir",
                                                                "assessment-report-path",
                                                                "backup-dir",
                                                                "cdc-partition-key",
                                                                "cdc-partition-key-overrides",
                                                                "color",
                                                                "compare-comments",
                                                                "compare-grants",
                                                                "compare-owners",
                                                                "compare-settings",
                                                                "config-file",
                                                                "data-dir",
                                                                "data-format",
                                                                "delimiter",
                                                                "encoding",
                                                                "escape-char",
                                                                "explain-type",
                                                                "export-dir",
                                                                "export-type",
                                                                "fail-on",
                                                                "file-opts",
                                                                "file-table-map",
                                                                "format",
                                                                "level",
                                                                "log-format",
                                                                "log-level",
                                                                "move-to",
                                                                "null-string",
                                                                "on-primary-key-conflict",
                                                                "oracle-home",
                                                                "output-format",
                                                                "pg-dump-path",
                                                                "policy",
                                                                "progress",
                                                                "quote-char",
                                                                "retained-wal-policy",
                                                                "retry-set-aside",
                                                                "roles-file",
                                                                "segment-file",
                                                                "source-db-host",
                                                                "source-db-name",
                                                                "source-db-type",
                                                                "source-db-user",
                                                                "source-replica-db-sid",
                                                                "source-replica-db-user",
                                                                "source-ssl-mode",
                                                                "target-db-host",
                                                                "target-db-schema",
                                                                "target-db-type",
                                                                "target-db-user",
                                                                "target-db-version",
                                                                "target-ssl-mode",
                                                                "target-ssl-root-cert"});

constexpr bool holds(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace known_flags

/// What may be done with a flag's value.
enum class FlagUse : std::uint8_t { kAny, kText, kBoolean, kInteger, kList };

/// The name of a flag that there is. One that is written in the code is looked up while compiling; one that is put
/// together is looked up in the tables, and a wrong one ends the command.
template <FlagUse use>
class FlagName {
 public:
  consteval FlagName(const char* name) : text_(name) {  // NOLINT(google-explicit-constructor)
    if (!fits(name)) throw "no flag of this name and kind: see cli/flag_name.h";
  }
  FlagName(std::string_view name);  // NOLINT(google-explicit-constructor)
  /// A name that some kind of value goes with is a name.
  template <FlagUse other>
    requires(use == FlagUse::kAny && other != FlagUse::kAny)
  constexpr FlagName(FlagName<other> name) : text_(name.text()) {}         // NOLINT(google-explicit-constructor)
  FlagName(const std::string& name) : FlagName(std::string_view(name)) {}  // NOLINT(google-explicit-constructor)

  constexpr std::string_view text() const { return text_; }

 private:
  static consteval bool fits(std::string_view name) {
    using namespace known_flags;
    const bool boolean = holds(kBooleans, name);
    const bool integer = holds(kIntegers, name);
    const bool list = holds(kLists, name);
    const bool text = boolean || integer || list || holds(kTexts, name);
    switch (use) {
      case FlagUse::kAny:
        return text || holds(kSecrets, name);
      case FlagUse::kText:
        return text;
      case FlagUse::kBoolean:
        return boolean;
      case FlagUse::kInteger:
        return integer;
      case FlagUse::kList:
        return list;
    }
  }

  std::string_view text_;
};

}  // namespace voyager::cli
