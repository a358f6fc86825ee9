// Cases: testdata/matches.txt and testdata/normalised.txt (format: testdata/README.md).
#include "migration/performance/match_queries.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <sstream>

#include "base/files.h"
#include "base/text.h"
#include "migration/performance/normalised_query.h"

namespace voyager::migration {
namespace {

using model::MatchKind;
using model::MatchStatus;
using model::QueryComparison;
using model::QueryStatistics;

const std::filesystem::path kTestdata = std::filesystem::path(VOY_FOLDER) / "testdata";

std::vector<std::string> lines_of(const char* file) {
  return base::split(base::read_file(kTestdata / file), '\n');
}

/// What the line still holds.
std::string rest_of(std::istringstream& in) {
  std::string rest;
  std::getline(in, rest);
  return std::string(base::trim(rest));
}

QueryStatistics row_of(std::istringstream& in) {
  QueryStatistics row;
  in >> row.calls >> row.rows >> row.total_ms >> row.min_ms >> row.max_ms;
  EXPECT_FALSE(in.fail());
  row.query = rest_of(in);
  row.mean_ms = row.total_ms / static_cast<double>(row.calls);
  return row;
}

std::string numbers_of(const QueryStatistics& row) {
  return fmt::format("{} {} {:g} {:g} {:g} {:g}", row.calls, row.rows, row.total_ms, row.mean_ms, row.min_ms,
                     row.max_ms);
}

const char* word_of(const QueryComparison& one) {
  if (one.status == MatchStatus::kSourceOnly) return "source only";
  if (one.status == MatchStatus::kTargetOnly) return "target only";
  return one.kind == MatchKind::kExact ? "exact" : "normalised";
}

struct Case {
  std::string name = {};
  std::vector<QueryStatistics> source = {};
  std::vector<QueryStatistics> target = {};
  std::vector<std::string> expected = {};
  std::vector<std::string> sums = {};  ///< "2 source 40 3 ...": number of the comparison and what it must hold.
  std::vector<std::string> tops = {};  ///< "impact a; b"
};

void read_line(Case& one, const std::string& line) {
  std::istringstream in(line);
  std::string word;
  in >> word;
  const bool sum = line.starts_with("     ");
  if (sum) {
    one.sums.push_back(fmt::format("{} {} {}", one.expected.size() - 1, word, rest_of(in)));
  } else if (word == "source") {
    one.source.push_back(row_of(in));
  } else if (word == "target") {
    one.target.push_back(row_of(in));
  } else if (word == "=>") {
    one.expected.push_back(rest_of(in));
  } else {
    one.tops.emplace_back(base::trim(line));
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string& line : lines_of("matches.txt")) {
    if (line.starts_with("case ")) {
      all.push_back({.name = line.substr(5)});
    } else if (!line.empty()) {
      read_line(all.at(all.size() - 1), line);
    }
  }
  return all;
}

std::string shown(const QueryComparison& one) {
  return fmt::format("{} {:.10g} {:.11g} {}", word_of(one), one.impact_ms, one.slowdown, one.query);
}

std::string queries_at(const std::vector<QueryComparison>& all, const std::vector<std::size_t>& places) {
  std::vector<std::string> queries;
  for (const std::size_t place : places) queries.push_back(all[place].query);
  return base::join(queries, "; ");
}

TEST(MatchQueries, DoesWhatTheCasesSay) {
  ASSERT_GT(cases().size(), 8U);
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    model::PerformanceComparison comparison{.all = match_queries(one.source, one.target)};
    std::vector<std::string> found;
    for (const QueryComparison& each : comparison.all) found.push_back(shown(each));
    EXPECT_EQ(found, one.expected);
    for (const std::string& sum : one.sums) {
      const QueryComparison& each = comparison.all.at(static_cast<std::size_t>(sum[0] - '0'));
      const std::string side = sum.substr(2, 6);
      EXPECT_EQ(numbers_of(side == "source" ? *each.source : *each.target), sum.substr(9));
    }
    rank_queries(comparison);
    for (const std::string& top : one.tops) {
      const bool impact = top.starts_with("impact");
      const std::string text =
          queries_at(comparison.all, impact ? comparison.top_by_impact : comparison.top_by_slowdown);
      EXPECT_EQ(std::string(base::trim((impact ? "impact " : "slowdown ") + text)), top);
    }
  }
}

TEST(MatchQueries, SaysHowManyTextsWereAddedUp) {
  const QueryStatistics row{.query = "select 1", .calls = 1};
  QueryStatistics other = row;
  other.query = "SELECT  2";
  QueryStatistics third = row;
  third.query = "select\n3";
  const std::vector<QueryComparison> all = match_queries({row, other}, {third});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].source_texts, 2U);
  EXPECT_EQ(all[0].target_texts, 1U);
  EXPECT_EQ(all[0].target->query, "select\n3");
}

TEST(MatchQueries, TopListsHaveTwentyAndOnlyMatchedOnes) {
  std::vector<QueryStatistics> source;
  std::vector<QueryStatistics> target;
  for (int i = 0; i < 30; ++i) {
    source.push_back({.query = fmt::format("q{}", i), .calls = 1, .total_ms = 1, .mean_ms = 1});
    target.push_back({.query = fmt::format("q{}", i), .calls = 1, .total_ms = 1.0 + i, .mean_ms = 1.0 + i});
  }
  target.push_back({.query = "alone", .calls = 1, .total_ms = 1e9, .mean_ms = 1e9});
  model::PerformanceComparison comparison{.all = match_queries(source, target)};
  rank_queries(comparison);
  ASSERT_EQ(comparison.top_by_impact.size(), kTopQueries);
  ASSERT_EQ(comparison.top_by_slowdown.size(), kTopQueries);
  EXPECT_EQ(comparison.all[comparison.top_by_impact.front()].query, "q29");
  EXPECT_EQ(comparison.all[comparison.top_by_impact.back()].query, "q10");
  EXPECT_EQ(comparison.count(MatchStatus::kTargetOnly), 1U);
  EXPECT_EQ(comparison.count(MatchKind::kExact), 30U);
}

TEST(MatchQueries, FiveThousandQueriesOfEachSideAreQuick) {
  std::vector<QueryStatistics> source;
  std::vector<QueryStatistics> target;
  for (int i = 0; i < 5000; ++i) {
    const std::string columns = fmt::format("select a{}, b, c from t{} join u using (id) where", i, i);
    source.push_back({.query = columns + " x = $1 and y in ($2, $3)", .calls = 1});
    target.push_back({.query = columns + "  x = $1 AND y in ($2)", .calls = 1});
  }
  const std::vector<QueryComparison> all = match_queries(source, target);
  EXPECT_EQ(all.size(), 5000U);
  EXPECT_EQ(all.back().kind, MatchKind::kNormalised);
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] != '\\' || (next != 'n' && next != 't' && next != '\\')) {
      out += text[i];
      continue;
    }
    out += next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
    ++i;
  }
  return out;
}

struct Block {
  bool equal = true;
  std::vector<std::string> texts = {};
};

std::vector<Block> blocks() {
  std::vector<Block> all;
  for (const std::string& line : lines_of("normalised.txt")) {
    if (line == "equal" || line == "differ") all.push_back({.equal = line == "equal"});
    if (line.starts_with("  ")) all.at(all.size() - 1).texts.push_back(unescaped(std::string_view(line).substr(2)));
  }
  return all;
}

TEST(NormalisedQuery, DoesWhatTheCasesSay) {
  ASSERT_GT(blocks().size(), 15U);
  for (const Block& block : blocks()) {
    ASSERT_GT(block.texts.size(), 1U);
    for (std::size_t i = 0; i < block.texts.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::string a = normalised_query(block.texts[i]);
        const std::string b = normalised_query(block.texts[j]);
        EXPECT_EQ(a == b, block.equal) << block.texts[i] << "\n -> " << a << "\n" << block.texts[j] << "\n -> " << b;
      }
    }
  }
}

TEST(NormalisedQuery, IsStableWhenNormalisedAgain) {
  for (const Block& block : blocks()) {
    for (const std::string& text : block.texts) {
      const std::string once = normalised_query(text);
      EXPECT_EQ(normalised_query(once), once) << text;
    }
  }
}

TEST(NormalisedQuery, ReadsAnyBytes) {
  std::mt19937 random(7);
  const std::string_view bytes = std::string_view("'\"$-/*;aEbx1.,()[] \n\\?+=e_\xc3\xa4\0", 29);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto length = random() % 24; length > 0; --length) text += bytes[random() % bytes.size()];
    EXPECT_LE(normalised_query(text).size(), 2 * text.size() + 1) << text;
  }
}

}  // namespace
}  // namespace voyager::migration
