// How a flow speaks with whoever started it, without knowing a terminal.
#pragma once

#include <string>

namespace voyager::model {

enum class NoticeLevel { kInfo, kSuccess, kWarning };

/// A question that stops the flow until it is answered.
struct Question {
  enum class Danger { kModerate, kSevere };
  Danger danger = Danger::kModerate;
  std::string text = {};  ///< Says what will happen on yes; ends with "?".
  std::string flag = {};  ///< What answers it without a terminal: "--yes", "--truncate-tables true".
};

/// Implemented by cli/ (terminal, plain lines, --yes). Thread-safe; `notice` never blocks for long.
class Dialogue {
 public:
  virtual ~Dialogue() = default;
  virtual void notice(NoticeLevel level, const std::string& text) = 0;
  /// True on yes, false on no. Without a terminal and without --yes it throws Error (kNoAnswer) naming `question.flag`.
  virtual bool confirm(const Question& question) = 0;
  /// What a person waits for, on a terminal only: it stands there until the next call; an empty text takes it away.
  virtual void waiting(const std::string& /*text*/) {}
};

}  // namespace voyager::model
