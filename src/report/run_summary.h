// What a run did, printed and saved at its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/progress.h"
#include "report/table.h"

namespace voyager::report {

/// Rows set aside and where their list is.
struct SetAsideList {
  std::string table = {};
  std::uint64_t rows = 0;
  std::string file = {};
};

struct RunSummary {
  std::string command = {};  ///< "import data"
  std::string migration = {};
  std::string run = {};
  std::string outcome = "done";  ///< done, failed, stopped
  int exit_code = 0;
  std::string started_at = {};  ///< RFC 3339, UTC.
  std::string ended_at = {};
  double wall_s = 0;       ///< On the clock.
  double sum_s = 0;        ///< That of the stages, and once what lies outside of them.
  int workers = 1;         ///< The most that worked at the same time.
  bool moves_rows = true;  ///< False: a command without rows; the text leaves their lines out.
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;  ///< In this run, as the server acknowledged them.
  std::uint64_t bytes = 0;
  /// What earlier runs had done of the same work, and the word for it: "imported", "exported".
  std::uint64_t tables_before = 0, rows_before = 0, bytes_before = 0;
  std::string before_word = {};
  std::uint64_t indexes_built = 0;
  std::uint64_t rows_set_aside = 0;         ///< In all.
  std::uint64_t rows_set_aside_before = 0;  ///< Of these, by earlier runs.
  std::vector<SetAsideList> set_aside = {};
  std::vector<model::StageTime> stages = {};  ///< Empty: one worker did all.
  std::vector<std::string> notes = {};        ///< One line each.
  std::string log = {};
  std::string next_command = {};  ///< In full, ready to paste. Shown as the last line.
};

/// Ends with a newline. Parts that are 0 or empty are left out, except rows and bytes.
std::string run_summary_text(const RunSummary& run, const TextStyle& style);
/// For reports/runs/<run>.json: {"format_version":1, ...} with the names above; rates as rows_per_s and bytes_per_s,
/// the next command as next_steps:[{"command"}].
std::string run_summary_json(const RunSummary& run);

}  // namespace voyager::report
