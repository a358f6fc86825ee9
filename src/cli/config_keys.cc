#include "cli/config_keys.h"

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"

namespace voyager::cli {
namespace {

using Words = std::string_view;

std::vector<std::string> words(Words text) {
  std::vector<std::string> out;
  for (const std::string& word : base::split(text, ' ')) {
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

constexpr Words kTableLists = " table-list exclude-table-list table-list-file-path exclude-table-list-file-path";
constexpr Words kEventKnobs =
    " num-event-channels event-channel-size max-events-per-batch max-interval-between-batches max-batch-size-bytes";
constexpr Words kLoadKnobs =
    " csv-reader-max-buffer-size-bytes ybvoyager-max-colocated-batches-in-progress max-cpu-threshold"
    " adaptive-parallelism-frequency-seconds min-available-memory-threshold max-batch-size-bytes"
    " ybvoyager-use-task-picker-for-import";

// Keys of a section that a command of this release does not derive from its flags: knobs, and whole sections of
// commands that are to come.
struct FixedKeys {
  Words section = {};
  std::vector<Words> keys = {};
};

const std::vector<FixedKeys>& fixed_keys() {
  static const std::vector<FixedKeys> kAll = {
      {"source",
       {"name db-type db-host db-port db-user db-name db-password db-password-file db-password-command db-schema"
        " ssl-cert ssl-mode ssl-key ssl-root-cert ssl-crl oracle-db-sid oracle-home oracle-tns-alias oracle-cdb-name "
        "oracle-cdb-sid oracle-cdb-tns-alias"
        " read-replica-endpoints"}},
      {"source-replica",
       {"name db-host db-port db-user db-name db-password db-password-file db-password-command db-schema"
        " ssl-cert ssl-mode ssl-key ssl-root-cert ssl-crl db-sid oracle-home oracle-tns-alias"}},
      {"target",
       {"name db-type db-host db-port db-user db-password db-password-file db-password-command db-name db-schema"
        " ssl-cert ssl-mode ssl-key ssl-root-cert ssl-crl"}},
      {"yugabyted-control-plane", {"db-conn-string"}},
      {"ybaeon-control-plane", {"domain account-id project-id cluster-id api-key"}},
      {"assess-migration",
       {"log-level start-clean primary-only run-guardrails-checks iops-capture-interval target-db-version"
        " assessment-metadata-dir invoked-by-export-schema report-unsupported-query-constructs"
        " report-unsupported-plpgsql-objects"}},
      {"analyze-schema", {"log-level output-format target-db-version report-unsupported-plpgsql-objects"}},
      {"export-schema", {"ybvoyager-skip-merge-constraints-transformation"}},
      {"export-data", {"queue-segment-max-bytes debezium-dist-dir beta-fast-data-export"}},
      {"export-data-from-source", {"queue-segment-max-bytes debezium-dist-dir beta-fast-data-export"}},
      {"export-data-from-target",
       {"log-level disable-pb transaction-ordering metrics-port yb-master-port"
        " queue-segment-max-bytes queue-free-bytes-min debezium-dist-dir",
        kTableLists}},
      {"import-data", {kLoadKnobs, kEventKnobs}},
      {"import-data-to-target", {kLoadKnobs, kEventKnobs}},
      {"copy-data", {kLoadKnobs}},
      {"import-data-file", {kLoadKnobs}},
      {"import-data-to-source",
       {"log-level run-guardrails-checks parallel-jobs disable-pb max-retries-streaming"
        " use-partition-root prometheus-metrics-port metrics-port",
        kEventKnobs}},
      {"import-data-to-source-replica",
       {"log-level start-clean run-guardrails-checks batch-size parallel-jobs truncate-tables"
        " disable-pb max-retries-streaming prometheus-metrics-port metrics-port"
        " ybvoyager-max-colocated-batches-in-progress",
        kEventKnobs}},
      {"initiate-cutover-to-target", {"prepare-for-fall-back use-yb-grpc-connector"}},
      {"inititate-cutover-to-target",
       {"prepare-for-fall-back use-yb-grpc-connector"}},  // As a published document spells it.
      {"initiate-cutover-to-source", {"restart-data-migration-source-target"}},
      {"archive-changes", {"log-level policy archive-dir fs-utilization-threshold"}},
      {"get-data-migration-report", {"log-level output-format include-detailed-iterations-stats"}},
  };
  return kAll;
}

ConfigSection& section_named(std::vector<ConfigSection>& all, Words name) {
  for (ConfigSection& one : all) {
    if (one.name == name) return one;
  }
  return all.emplace_back(ConfigSection{.name = name, .may_be_empty = name == "get-data-migration-report"});
}

// A command's own flags are keys of its section. Those of all commands are global keys (only the log's level may differ
// by command), and those of the databases stand in their sections.
bool belongs_to_command(const FlagGroup& group, const Flag& flag) {
  if (flag.name == "retry-set-aside") return false;
  if (group.title == global_flags().title || group.title == output_flags().title) return flag.name == "log-level";
  return group.title != source_flags().title && group.title != target_flags().title &&
         group.title != source_replica_flags().title;
}

void add_flags(const Command& command, ConfigSection& section) {
  for (const FlagGroup& group : command.groups) {
    for (const Flag& flag : group.flags) {
      if (belongs_to_command(group, flag)) section.keys.emplace_back(flag.name);
    }
  }
}

}  // namespace

const std::vector<std::string>& global_keys() {
  static const std::vector<std::string> kAll = words(
      "export-dir log-level log-format send-diagnostics profile yes no-input progress progress-interval color ascii"
      " control-plane-type java-home local-call-home-service-host local-call-home-service-port yb-tserver-port "
      "tns-admin");
  return kAll;
}

const std::vector<ConfigSection>& config_sections() {
  static const std::vector<ConfigSection> kAll = [] {
    std::vector<ConfigSection> all;
    for (const FixedKeys& fixed : fixed_keys()) {
      ConfigSection& section = section_named(all, fixed.section);
      for (const Words part : fixed.keys) {
        for (std::string& word : words(part)) section.keys.push_back(std::move(word));
      }
    }
    for (const Command& command : commands()) {
      for (const Words name : command.sections) add_flags(command, section_named(all, name));
    }
    return all;
  }();
  return kAll;
}

const ConfigSection* find_section(std::string_view name) {
  for (const ConfigSection& section : config_sections()) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

std::span<const Knob> knobs() {
  static const std::vector<Knob> kAll = {
      {"control-plane-type", "CONTROL_PLANE_TYPE"},
      {"java-home", "JAVA_HOME"},
      {"local-call-home-service-host", "LOCAL_CALL_HOME_SERVICE_HOST"},
      {"local-call-home-service-port", "LOCAL_CALL_HOME_SERVICE_PORT"},
      {"yb-tserver-port", "YB_TSERVER_PORT"},
      {"yb-master-port", "YB_MASTER_PORT"},
      {"tns-admin", "TNS_ADMIN"},
      {"ybvoyager-skip-merge-constraints-transformation", "YB_VOYAGER_SKIP_MERGE_CONSTRAINTS_TRANSFORMATIONS"},
      {"report-unsupported-query-constructs", "REPORT_UNSUPPORTED_QUERY_CONSTRUCTS"},
      {"report-unsupported-plpgsql-objects", "REPORT_UNSUPPORTED_PLPGSQL_OBJECTS"},
      {"queue-segment-max-bytes", "QUEUE_SEGMENT_MAX_BYTES"},
      {"queue-free-bytes-min", "QUEUE_FREE_BYTES_MIN"},
      {"lanes-together-rows-max", "LANES_TOGETHER_ROWS_MAX"},
      {"debezium-dist-dir", "DEBEZIUM_DIST_DIR"},
      {"beta-fast-data-export", "BETA_FAST_DATA_EXPORT"},
      {"csv-reader-max-buffer-size-bytes", "CSV_READER_MAX_BUFFER_SIZE_BYTES"},
      {"ybvoyager-max-colocated-batches-in-progress", "YBVOYAGER_MAX_COLOCATED_BATCHES_IN_PROGRESS"},
      {"ybvoyager-use-task-picker-for-import", "YBVOYAGER_USE_TASK_PICKER_FOR_IMPORT"},
      {"num-event-channels", "NUM_EVENT_CHANNELS"},
      {"event-channel-size", "EVENT_CHANNEL_SIZE"},
      {"max-events-per-batch", "MAX_EVENTS_PER_BATCH"},
      {"max-interval-between-batches", "MAX_INTERVAL_BETWEEN_BATCHES"},
      {"max-batch-size-bytes", "MAX_BATCH_SIZE_BYTES"},
      {"max-cpu-threshold", "MAX_CPU_THRESHOLD"},
      {"adaptive-parallelism-frequency-seconds", "ADAPTIVE_PARALLELISM_FREQUENCY_SECONDS"},
      {"min-available-memory-threshold", "MIN_AVAILABLE_MEMORY_THRESHOLD"},
      {"", "YB_VOYAGER_COPY_MAX_RETRY_COUNT"},
      {"", "YB_VOYAGER_MAX_SLEEP_SECOND"},
  };
  return kAll;
}

std::span<const std::vector<std::string_view>> alias_sections() {
  static const std::vector<std::vector<std::string_view>> kAll = {
      {"export-data", "export-data-from-source"},
      {"import-data", "import-data-to-target"},
      {"initiate-cutover-to-target", "inititate-cutover-to-target"},
  };
  return kAll;
}

}  // namespace voyager::cli
