// The two streams of a command: the answer on standard output, everything else on standard error.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/secret.h"
#include "base/stop.h"
#include "cli/values.h"
#include "model/dialogue.h"
#include "report/live_area.h"
#include "report/painter.h"
#include "report/table.h"
#include "report/terminal.h"

namespace voyager::cli {

/// Implements the flows' Dialogue on the terminal. Thread-safe.
class Console : public model::Dialogue {
 public:
  /// For errors before the flags are known.
  Console();
  Console(const Values& values, const base::Stop& stop);

  void notice(model::NoticeLevel level, const std::string& text) override;
  bool confirm(const model::Question& question) override;
  void waiting(const std::string& text) override;

  /// Prints a line on standard error, above a live progress area when there is one. Secrets are masked.
  void line(std::string_view text);
  /// Prints the answer on standard output. Secrets are masked.
  void answer(std::string_view text);
  /// Asks for a password without showing it. Nothing when nobody is there to ask.
  std::optional<base::Secret> ask_secret(const std::string& prompt);

  report::TextStyle answer_style() const { return answer_style_; }
  report::TextStyle message_style() const { return message_style_; }
  report::ProgressMode mode() const { return mode_; }
  bool machine_output() const { return machine_output_; }
  /// Bars can be drawn.
  bool on_terminal() const { return mode_ == report::ProgressMode::kTty; }
  /// Somebody reads it as it comes, on whatever terminal.
  bool for_person() const { return for_person_; }
  std::chrono::seconds progress_interval() const { return interval_; }

  /// Keeps `lines` at the bottom of a terminal until the next call; none: takes them away. Only on a terminal.
  void show_live(const std::vector<std::string>& lines);
  /// One JSON event, on standard error; only where progress is told as JSON.
  void event(const std::string& json);

  /// Lines go through `painter` while it is set (null: no more).
  void set_painter(report::Painter* painter);

 private:
  bool somebody_there() const;
  std::optional<std::string> read_line(int fd) const;

  const base::Stop* stop_ = nullptr;
  report::ProgressMode mode_ = report::ProgressMode::kPlain;
  report::TextStyle answer_style_ = {};
  report::TextStyle message_style_ = {};
  std::chrono::seconds interval_{30};
  bool machine_output_ = false;
  bool for_person_ = false;
  bool yes_ = false;
  bool no_input_ = false;
  base::Mutex mutex_;  // one line or question at a time
  report::Painter* painter_ VOY_GUARDED_BY(mutex_) = nullptr;
  report::LiveArea area_ VOY_GUARDED_BY(mutex_) = {};
  std::vector<std::string> live_ VOY_GUARDED_BY(mutex_) = {};  // what the area shows
};

}  // namespace voyager::cli
