#include "analysis/finding.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "base/sha256.h"
#include "base/text.h"
#include "sql/lexer.h"

namespace voyager::analysis {
namespace {

constexpr std::size_t kIdDigits = 12;

/// The statement without comments, white space and case.
std::string words_of(std::string_view sql) {
  std::string words;
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    words += base::lower(token.of(sql));
    words += ' ';
  }
  return words;
}

std::string name_of(const Finding& finding) {
  return fmt::format("{}\n{}\n{}\n{}", finding.issue->type, to_string(finding.category), finding.object_type,
                     finding.object_name);
}

std::string details_of(const Finding& finding) {
  std::string text;
  // Shares change with the data and are no part of what a finding is.
  for (const auto& [key, value] : finding.details) {
    if (!key.starts_with("Frequency") && key != "RecommendedSQL") text += fmt::format("\n{}={}", key, value);
  }
  return text;
}

}  // namespace

void give_ids(std::vector<Finding>& findings) {
  std::unordered_map<std::string, int> sharing;
  for (const Finding& finding : findings) ++sharing[name_of(finding)];
  std::unordered_map<std::string, int> taken;
  for (Finding& finding : findings) {
    std::string key = name_of(finding);
    const bool alone = sharing[key] == 1 && !finding.object_name.empty();
    key += details_of(finding);
    if (!alone) key.append("\n").append(words_of(finding.sql));
    if (const int number = taken[key]++; number > 0) key += fmt::format("\n#{}", number);
    finding.id = base::sha256_hex(key).substr(0, kIdDigits);
  }
}

}  // namespace voyager::analysis
