// The commands that move data, as they look from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/progress.h"
#include "report/table.h"

namespace voyager::report {

/// What a command has written of itself last.
struct CommandProgress {
  std::string command = {};  ///< "copy-data"
  std::string stage = {};    ///< "rows", "changes", ...
  std::string reason = {};   ///< Why nothing moves.
  int process = 0;           ///< Its number.
  int workers = 0;
  std::uint64_t rows_done = 0, rows_total = 0, bytes_done = 0;
  bool total_is_estimate = true;
  std::uint64_t changes = 0;                  ///< In all runs, captured or applied.
  std::optional<std::uint64_t> pending = {};  ///< Captured and not applied.
  std::optional<double> lag_seconds = {};     ///< 0: in step.
  double at = 0;                              ///< Seconds since 1970.
};

/// "rows: 1,234,567 rows of ~5,000,000 rows, 84,000 rows/s, 4 connections". The rate is that since `before`.
std::string progress_line(const CommandProgress& now, const std::optional<CommandProgress>& before);

struct CommandState {
  std::string role = {};     ///< "exporter", "importer"
  std::string command = {};  ///< "import data"
  model::WorkState state = model::WorkState::kStopped;
  int process = 0;            ///< Of a command that runs; else 0.
  CommandProgress last = {};  ///< `at` is 0 when it has never told anything.
  std::string next = {};      ///< Of one that was stopped or has failed: how to go on.
};

/// `now`: seconds since 1970.
std::string command_states_text(const std::vector<CommandState>& states, double now, const TextStyle& style);
/// {"format_version": 1, "migration", "exporter", "importer"}; null for a role that nobody has had yet.
std::string command_states_json(const std::vector<CommandState>& states, const std::string& migration, double now);

}  // namespace voyager::report
