// A user who answers every question alike, and remembers what was said.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "model/dialogue.h"

namespace voyager::model {

/// What is remembered is to be read when no thread speaks any more.
class Answers final : public Dialogue {
 public:
  void notice(NoticeLevel level, const std::string& text) override {
    const std::lock_guard lock(mutex_);
    (level == NoticeLevel::kWarning ? warnings : notices).push_back(text);
  }
  bool confirm(const Question& question) override {
    const std::lock_guard lock(mutex_);
    questions.push_back(question.text);
    return answer;
  }

  bool answer = true;
  std::vector<std::string> notices = {};  ///< But for warnings.
  std::vector<std::string> warnings = {};
  std::vector<std::string> questions = {};

 private:
  std::mutex mutex_;
};

}  // namespace voyager::model
