// explain: what a code of an error, or a type of an issue, means.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/issue.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/error_catalogue.h"
#include "cli/session.h"
#include "report/terminal.h"
#include "report/text_width.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using Json = nlohmann::ordered_json;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kUnlimited = 1'000'000;
constexpr int kNarrowest = 20;

struct Explained {
  std::string code = {};
  std::string kind = {};  // "error" or "issue"
  std::string name = {};
  std::string meaning = {};
  std::string cause = {};
  std::string fix = {};
  std::string docs = {};
};

Explained of_error(const ErrorEntry& entry) {
  return {.code = std::string(entry.code),
          .kind = "error",
          .meaning = std::string(entry.meaning),
          .cause = std::string(entry.cause),
          .fix = std::string(entry.fix),
          .docs = "docs/reference/exit-codes.md"};
}

std::string effort(const analysis::Issue& issue) {
  switch (issue.impact) {
    case analysis::Impact::kLevel1:
      return "Level 1: a change of DDL only.";
    case analysis::Impact::kLevel2:
      return "Level 2: queries and the application change, too.";
    case analysis::Impact::kLevel3:
      return "Level 3: no simple way round.";
  }
  return "";
}

Explained of_issue(const analysis::Issue& issue) {
  std::string cause = issue.objects.empty() ? "" : fmt::format("Found on: {}. ", issue.objects);
  cause += effort(issue);
  if (issue.any_target) cause += " It holds for every target, not for YugabyteDB alone.";
  std::string fix = issue.suggestion;
  const std::string fixed = analysis::fixed_versions(issue.fixed).text;
  if (!fixed.empty()) fix += fmt::format("{}No longer an issue in YugabyteDB {}.", fix.empty() ? "" : " ", fixed);
  if (fix.empty())
    fix = issue.docs.empty() ? "Look at the statement that the report names, and at docs/reference/issues.md."
                             : "Look at the statement that the report names; the page below shows the ways round.";
  return {.code = issue.type,
          .kind = "issue",
          .name = issue.name,
          .meaning = issue.description,
          .cause = std::move(cause),
          .fix = std::move(fix),
          .docs = issue.docs.empty() ? "docs/reference/issues.md" : issue.docs};
}

std::vector<Explained> everything() {
  std::vector<Explained> all;
  for (const ErrorEntry& entry : error_catalogue()) all.push_back(of_error(entry));
  for (const analysis::Issue& issue : analysis::issues()) {
    if (std::ranges::find(all, issue.type, &Explained::code) == all.end()) all.push_back(of_issue(issue));
  }
  return all;
}

const Explained& find(const std::vector<Explained>& all, const std::string& wanted) {
  const auto found =
      std::ranges::find_if(all, [&](const Explained& one) { return base::equals_ignoring_case(one.code, wanted); });
  if (found != all.end()) return *found;
  std::vector<std::string> codes;
  for (const Explained& one : all) codes.push_back(one.code);
  std::string upper = wanted;
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  std::vector<std::string> fix;
  if (const auto near = base::nearest(upper, codes)) fix.push_back(fmt::format("did you mean {}?", *near));
  fix.emplace_back("all codes: yb-voyager explain --list true");
  throw base::Error({.code = "CLI-001",
                     .exit = ExitCode::kUsage,
                     .title = fmt::format("there is no code '{}'", wanted),
                     .fix = std::move(fix)});
}

// A narrow terminal would break words.
std::string text_of(const Explained& one, std::size_t width) {
  std::string out = one.code + (one.name.empty() ? "" : ": " + one.name) + "\n";
  const auto part = [&out, width](std::string_view title, std::string_view text) {
    if (text.empty()) return;
    out += fmt::format("\n{}\n", title);
    for (const std::string& line : report::wrapped(std::string(text), width - kIndent))
      out += fmt::format("{:{}}{}\n", "", kIndent, line);
  };
  part("Meaning", one.meaning);
  part("Cause", one.cause);
  part("Fix", one.fix);
  part("More", one.docs);
  return out;
}

Json json_of(const Explained& one) {
  return {{"code", one.code},   {"kind", one.kind}, {"name", one.name}, {"meaning", one.meaning},
          {"cause", one.cause}, {"fix", one.fix},   {"docs", one.docs}};
}

ExitCode run(Session& session) {
  const std::vector<Explained> all = everything();
  const std::vector<std::string>& codes = session.arguments();
  const bool list = session.values().on("list");
  if (codes.empty() == !list) {
    throw base::Error({.code = "CLI-001",
                       .exit = ExitCode::kUsage,
                       .title = list ? "--list true takes no code" : "which code?",
                       .fix = {"yb-voyager explain CON-003", "all codes: yb-voyager explain --list true"}});
  }
  std::vector<Explained> chosen;
  if (list) chosen = all;
  const std::string whole = base::join(codes, " ");  // Some types hold blanks.
  if (codes.size() > 1 && std::ranges::find(all, whole, &Explained::code) != all.end()) {
    chosen.push_back(find(all, whole));
  } else {
    for (const std::string& code : codes) chosen.push_back(find(all, code));
  }
  const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
  const std::size_t width =
      on_terminal ? static_cast<std::size_t>(std::max(report::terminal_size(STDOUT_FILENO).columns, kNarrowest))
                  : kUnlimited;
  std::string text;
  if (session.values().text("output-format") == "json") {
    Json out = {{"format_version", 1}, {"codes", Json::array()}};
    for (const Explained& one : chosen) out["codes"].push_back(json_of(one));
    text = out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  } else {
    for (const Explained& one : chosen)
      text += list ? one.code + "\n" : (text.empty() ? "" : "\n") + text_of(one, width);
  }
  session.console().answer(text);
  return ExitCode::kOk;
}

}  // namespace

void add_explain_command(std::vector<Command>& all) {
  static const std::vector<Flag> kFlags = {
      {.name = "list", .kind = kBoolean, .help = "print every code, one a line", .fallback = "false"},
      text_format_flag(),
  };
  all.push_back({.path = "explain",
                 .id = "explain",
                 .summary = "Explain the code of an error or the type of an issue: meaning, cause, fix",
                 .arguments = "CODE",
                 .examples = {{"an error", "yb-voyager explain CON-003"},
                              {"an issue of a report", "yb-voyager explain UNLOGGED_TABLES"}},
                 .groups = {{"Answer", kFlags}, global_flags()},
                 .run = run});
}

}  // namespace voyager::cli
