// A user who answers every question alike, and remembers what was said.
#pragma once

#include <string>
#include <vector>

#include "base/mutex.h"
#include "model/dialogue.h"

namespace voyager::model {

/// What is remembered is to be read when no thread speaks any more.
class Answers final : public Dialogue {
 public:
  void notice(NoticeLevel level, const std::string& text) override {
    const base::MutexLock lock(mutex_);
    (level == NoticeLevel::kWarning ? warnings : notices).push_back(text);
  }
  bool confirm(const Question& question) override {
    const base::MutexLock lock(mutex_);
    questions.push_back(question.text);
    all_severe &= question.danger == Question::Danger::kSevere;
    return answer;
  }

  bool answer = true;
  std::vector<std::string> notices = {};  ///< But for warnings.
  std::vector<std::string> warnings = {};
  std::vector<std::string> questions = {};
  bool all_severe = true;  ///< The questions.

 private:
  base::Mutex mutex_;
};

}  // namespace voyager::model
