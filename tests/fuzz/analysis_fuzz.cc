// Any bytes as a schema file, split, parsed, walked and checked by every detector:
//  - the pieces of the splitter, put together, are the text,
//  - every finding has an id, a place inside the text, and is of a known type,
//  - a statement that the grammar refuses has a finding,
//  - two runs agree.
// The first byte chooses the settings.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "analysis/analyzer.h"
#include "sql/splitter.h"

namespace {

using namespace voyager;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_pieces(std::string_view text) {
  std::size_t at = 0;
  for (const sql::Piece& piece : sql::split_statements(text)) {
    check(piece.offset == at && piece.body <= piece.text.size() && piece.line >= 1 && piece.column >= 1);
    check(text.substr(at, piece.text.size()) == piece.text);
    at += piece.text.size();
  }
  check(at == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_pieces(text);
  analysis::Options options{.target = analysis::parse_version("2.18.0.0"), .assessment = (data[0] & 1) != 0};
  if ((data[0] & 2) != 0) options.target.reset();
  options.bodies = (data[0] & 4) == 0;
  const analysis::SchemaText file{.object_type = "TABLE", .text = text};
  const analysis::Analysis analysis = analysis::analyze(std::span(&file, 1), options);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  for (const analysis::Finding& finding : analysis.findings) {
    check(analysis::find_issue(finding.issue->type) == finding.issue && finding.id.size() == 12);
    check(!finding.has_place || (finding.line >= 1 && finding.line <= lines && finding.column >= 1));
  }
  check(analysis.refused == 0 || !analysis.findings.empty());
  const analysis::Analysis again = analysis::analyze(std::span(&file, 1), options);
  check(again.findings.size() == analysis.findings.size());
  for (std::size_t i = 0; i < again.findings.size(); ++i) check(again.findings[i].id == analysis.findings[i].id);
  return 0;
}
