// end migration: reports and backups saved, our traces removed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "migration/finish/backup.h"
#include "model/connection.h"
#include "model/flow_context.h"

namespace voyager::migration {

struct EndMigrationOptions {
  std::filesystem::path export_dir = {};
  std::filesystem::path backup_dir = {};  ///< Empty when nothing is to be kept.
  bool backup_schema = false;
  bool backup_data = false;
  bool backup_logs = false;
  bool save_reports = false;
  /// Export directories of later iterations, below export_dir, the newest first. They go before the rest; of them only
  /// logs are kept.
  std::vector<std::filesystem::path> iterations = {};
};

/// The steps of the end, in the order in which they are to be taken; each is safe to repeat after a kill.
class EndMigration {
 public:
  EndMigration(const EndMigrationOptions& options, const model::FlowContext& context)
      : options_(options), context_(context) {}

  /// Looks at the backup folder, asks, and has this migration's other commands stopped. What captures have set up on
  /// databases goes behind it.
  void begin() const;
  /// Moves what is to be kept of reports, schema and rows. Status reports are in the folder reports/ by now.
  void back_up() const;
  /// Between two steps.
  void fail_when_draining() const;
  /// Of the options' iterations; behind it goes what they have left on databases, as long as this says that there is
  /// state to know it by.
  static bool has_state(const std::filesystem::path& iteration);
  void remove_iteration(const std::filesystem::path& iteration) const;
  /// The target's bookkeeping. Null when no import was ever started.
  void clean_target(const connector::ConnectorEntry* product, const model::ConnectionOptions* target,
                    const std::string& migration) const;
  /// The export directory's contents, metainfo last.
  void empty_export_dir() const;

 private:
  bool keeps_something() const {
    return options_.backup_schema || options_.backup_data || options_.backup_logs || options_.save_reports;
  }
  std::uint64_t bytes_needed() const;
  void check_backup_folder() const;
  void ask_and_stop_others() const;
  void save_reports() const;
  void back_up_schema_and_data() const;
  void keep(const std::filesystem::path& from, const std::filesystem::path& to,
            WhenPresent when_present = WhenPresent::kKeepBoth) const {
    move_to_backup(from, to, when_present, context_.stop);
  }
  void say(const std::string& text) const;

  const EndMigrationOptions& options_;
  const model::FlowContext context_;
};

}  // namespace voyager::migration
