#include "migration/schema/guardrails.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

std::string sentence(const model::Finding& finding) {
  return finding.cause.empty() ? finding.title : finding.title + ": " + finding.cause;
}

/// What stops the command comes first. The rest is told with it, to be mended in one go.
[[noreturn]] void refuse(std::vector<model::Finding> findings, const std::string& command) {
  std::erase_if(findings, &model::Finding::note);
  const auto rest = std::ranges::stable_partition(findings, &model::Finding::fatal).begin();
  const auto fatal = static_cast<std::size_t>(rest - findings.begin());
  base::ErrorInfo info{.code = "PRE-001", .exit = base::ExitCode::kPreflight};
  std::vector<std::string> causes;
  for (const model::Finding& finding : findings) {
    causes.push_back(finding.fatal ? sentence(finding) : "also worth mending: " + sentence(finding));
    for (const std::string& fix : finding.fix) {
      if (std::ranges::find(info.fix, fix) == info.fix.end()) info.fix.push_back(fix);
    }
  }
  info.title = fatal == 1 ? command + " cannot start: " + findings.front().title
                          : fmt::format("{} cannot start: {} checks failed", command, fatal);
  if (fatal == 1) causes.front() = findings.front().cause;
  if (causes.front().empty()) causes.erase(causes.begin());
  info.cause = base::join(causes, "\n");
  info.then =
      "nothing has been changed; run the same command again afterwards (--run-guardrails-checks false skips the "
      "checks)";
  throw base::Error(std::move(info));
}

}  // namespace

void answer_findings(const std::vector<model::Finding>& findings, const std::string& command,
                     model::Dialogue& dialogue) {
  if (std::ranges::any_of(findings, &model::Finding::fatal)) refuse(findings, command);
  for (const model::Finding& finding : findings) {
    dialogue.notice(model::NoticeLevel::kWarning, sentence(finding));
    for (const std::string& fix : finding.fix) dialogue.notice(model::NoticeLevel::kInfo, "  " + fix);
  }
  if (std::ranges::all_of(findings, &model::Finding::note)) return;
  if (dialogue.confirm({.text = fmt::format("Go on with {} all the same?", command), .flag = "--yes"})) return;
  base::fail(base::ExitCode::kNoAnswer, command + " was not started", "the checks above were not accepted",
             {"follow the advice above, or answer yes"});
}

}  // namespace voyager::migration
