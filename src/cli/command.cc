#include "cli/command.h"

#include <algorithm>

namespace voyager::cli {

namespace {

bool needs_export_dir(const Command& command) {
  return command.workspace != Workspace::kNone && command.workspace != Workspace::kOptional &&
         std::find(command.required.begin(), command.required.end(), "export-dir") == command.required.end();
}

// Beside each password, where it can be had from: shown where it is shown.
void add_password_sources(Command& command) {
  for (const DatabaseName& database : database_names()) {
    for (std::size_t i = 0; i < command.groups.size(); ++i) {
      const FlagGroup group = command.groups[i];
      const auto password = std::ranges::find(group.flags, std::string(database.name) + "-db-password", &Flag::name);
      if (password == group.flags.end()) continue;
      command.groups.insert(command.groups.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                            {group.title, password_source_flags(database, password->hidden)});
      break;
    }
  }
}

}  // namespace

const Flag* Command::flag(std::string_view name) const {
  for (const FlagGroup& group : groups) {
    for (const Flag& flag : group.flags) {
      if (flag.name == name) return &flag;
    }
  }
  return nullptr;
}

std::span<const Command> commands() {
  static const std::vector<Command> kAll = [] {
    std::vector<Command> all;
    add_assess_command(all);
    add_export_schema_command(all);
    add_schema_commands(all);
    add_analyze_command(all);
    add_export_data_commands(all);
    add_import_data_commands(all);
    add_copy_data_command(all);
    add_way_back_commands(all);
    add_import_file_command(all);
    add_status_commands(all);
    add_overall_status_command(all);
    add_logs_command(all);
    add_data_report_command(all);
    add_cutover_commands(all);
    add_archive_command(all);
    add_verify_command(all);
    add_compare_command(all);
    add_end_command(all);
    add_check_command(all);
    add_rejects_commands(all);
    add_config_commands(all);
    add_explain_command(all);
    add_information_commands(all);
    for (Command& command : all) {
      if (needs_export_dir(command)) command.required.emplace_back("export-dir");
      add_password_sources(command);
    }
    return all;
  }();
  return kAll;
}

const Command* find_command(std::string_view path) {
  for (const Command& command : commands()) {
    if (command.path == path) return &command;
  }
  return nullptr;
}

bool is_command_group(std::string_view path) {
  for (const Command& command : commands()) {
    if (path.empty() ||
        (command.path.size() > path.size() && command.path.starts_with(path) && command.path[path.size()] == ' ')) {
      return true;
    }
  }
  return false;
}

}  // namespace voyager::cli
