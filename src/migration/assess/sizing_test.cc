// Cases: testdata/sizing_cases.txt, which says at its beginning how to add one.
#include "migration/assess/sizing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

#include "base/files.h"
#include "base/text.h"
#include "migration/assess/sizing_testing_test.h"

namespace voyager::migration {
namespace {

using testing::HasSubstr;

struct Case {
  std::string name = {};
  int line = 0;
  std::vector<std::string> input = {};
  std::vector<std::string> expected = {};
};

std::vector<Case> read_cases() {
  const auto file = std::filesystem::path(VOY_FOLDER) / "testdata" / "sizing_cases.txt";
  std::vector<Case> cases;
  bool behind = false;
  int number = 0;
  for (const std::string& line : base::split(base::read_file(file), '\n')) {
    ++number;
    if (line.starts_with("== ")) {
      cases.push_back({.name = line.substr(3), .line = number});
      behind = false;
    } else if (line == "----") {
      behind = true;
    } else if (!line.empty() && !line.starts_with('#')) {
      (behind ? cases.back().expected : cases.back().input).push_back(line);
    }
  }
  return cases;
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::int64_t bytes_of(const std::string& text) {
  const std::size_t unit = text.find_first_not_of("0123456789.");
  double factor = 1;
  for (const char* one : {"B", "KB", "MB", "GB", "TB"}) {
    if (text.substr(unit) == one) return static_cast<std::int64_t>(std::stod(text) * factor);
    factor *= 1024;
  }
  throw std::invalid_argument(text);
}

/// A line "table ..." with everything that belongs to it.
void add_tables(const std::vector<std::string>& line, std::vector<model::ObjectFigures>& out) {
  TableText table{.name = line.at(1)};
  int times = 1;
  for (std::size_t i = 2; i < line.size(); ++i) {
    const std::vector<std::string> part = base::split(line[i], '=');
    const auto number = [&] { return static_cast<std::int64_t>(std::stod(part.at(1))); };
    if (part.size() == 1) {
      table.bytes = bytes_of(part[0]);
    } else if (part[0] == "rows") {
      table.rows = number();
    } else if (part[0] == "columns") {
      table.columns = number();
    } else if (part[0] == "reads") {
      table.reads = number();
    } else if (part[0] == "writes") {
      table.writes = number();
    } else if (part[0] == "times") {
      times = static_cast<int>(number());
    } else if (part[0] == "type" || part[0] == "indextype") {
      std::string& type = part[0] == "type" ? table.type : table.index_type;
      type = part[1];
      std::ranges::replace(type, '_', ' ');
    } else if (part[0] == "indexes") {
      table.indexes = static_cast<std::size_t>(number());
      table.index_bytes = bytes_of(part[1].substr(part[1].find('x') + 1));
    } else {
      throw std::invalid_argument(line[i]);
    }
  }
  for (int i = 1; i <= times; ++i) {
    TableText one = table;
    if (times > 1) one.name += fmt::format("_{}", i);
    one.add_to(out);
  }
}

model::Sizing size(const Case& one) {
  std::string target = "2025.2.3.0";
  std::vector<model::ObjectFigures> objects;
  std::vector<model::RedundantIndex> redundant;
  for (const std::string& text : one.input) {
    const std::vector<std::string> line = words(text);
    if (line.at(0) == "target") {
      target = line.at(1);
    } else if (line[0] == "redundant") {
      const std::size_t dot = line.at(1).find('.');
      redundant.push_back({.schema = line[1].substr(0, dot), .index = line[1].substr(dot + 1)});
    } else {
      EXPECT_EQ(line[0], "table") << text;
      add_tables(line, objects);
    }
  }
  return size_cluster(objects, redundant, figures_for(target));
}

/// As a case writes it: in the same number of words as `expected` has.
std::string names_text(const std::optional<std::vector<std::string>>& names, const std::string& expected) {
  if (!names) return "none";
  if (expected.ends_with(" tables")) return fmt::format("{} tables", names->size());
  return fmt::format("{}", fmt::join(*names, " "));
}

std::string candidate_text(const model::Sizing& sizing, const std::string& strategy, const std::string& vcpus) {
  for (const model::SizingCandidate& one : sizing.candidates) {
    if (one.colocation != (strategy == "colocated") || std::to_string(one.vcpus) != vcpus) continue;
    if (!one.failure.empty()) return "does not fit";
    return fmt::format("nodes {} colocated {} sharded {} minutes {}", one.nodes, one.colocated, one.sharded,
                       one.import_minutes.value_or(-1));
  }
  return "no such candidate";
}

std::string reason_of(const model::Sizing& sizing, const std::string& table) {
  const auto found = std::ranges::find(sizing.placements, table, &model::Placement::table);
  return found == sizing.placements.end() ? "not placed" : found->reason;
}

/// What came out where the case says `expected`.
std::string found_for(const std::string& expected, const model::Sizing& sizing) {
  const std::vector<std::string> line = words(expected);
  const std::string& key = line[0];
  const std::string rest = line.size() > 1 ? expected.substr(key.size() + 1) : "";
  if (key == "vcpus") return fmt::format("vcpus {}", sizing.vcpus);
  if (key == "nodes") return fmt::format("nodes {}", sizing.nodes);
  if (key == "memory") return fmt::format("memory {}", sizing.memory_gib);
  if (key == "connections")
    return fmt::format("connections {} {}", sizing.select_connections, sizing.insert_connections);
  if (key == "colocated") return "colocated " + names_text(sizing.colocated, expected);
  if (key == "sharded") return "sharded " + names_text(sizing.sharded, expected);
  if (key == "minutes")
    return fmt::format("minutes {} {}", sizing.import_minutes, sizing.import_minutes_without_redundant);
  if (key == "figures") return "figures " + sizing.figures_version;
  if (key == "candidate")
    return fmt::format("candidate {} {} = {}", line.at(1), line.at(2), candidate_text(sizing, line[1], line[2]));
  if (key == "reason") return fmt::format("reason {} = {}", line.at(1), reason_of(sizing, line[1]));
  if (key == "no") return sizing.failure.empty() ? "fits" : "no fit";
  if (key == "says") {
    const std::string text = sizing.reasoning + sizing.failure;
    return text.find(rest) == std::string::npos ? "says " + text : expected;
  }
  return "unknown word";
}

TEST(Sizing, Cases) {
  const std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 15U);
  for (const Case& one : cases) {
    const model::Sizing sizing = size(one);
    EXPECT_FALSE(one.expected.empty()) << one.name;
    for (const std::string& expected : one.expected)
      EXPECT_EQ(found_for(expected, sizing), expected) << one.name << ", line " << one.line;
    const bool must_fail = std::ranges::find(one.expected, "no fit") != one.expected.end();
    EXPECT_EQ(!sizing.failure.empty(), must_fail) << one.name;
  }
}

// --- what must hold for any source

class SizingOfAny : public testing::TestWithParam<unsigned> {
 protected:
  std::int64_t random(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  /// Sizes from nothing to 64 GB, most of them small; with a load that three of the smallest nodes bear.
  std::vector<model::ObjectFigures> any_source() {
    std::vector<model::ObjectFigures> objects;
    const std::int64_t tables = random(0, 300);
    for (std::int64_t i = 0; i < tables; ++i) {
      TableText table{.name = fmt::format("s{}.t{}", random(1, 3), i)};
      table.bytes = random(0, std::int64_t{1} << random(0, 36));
      table.indexes = static_cast<std::size_t>(random(0, 4));
      table.index_bytes = table.bytes / random(1, 9);
      table.rows = table.bytes / random(20, 500);
      table.columns = random(1, 200);
      table.reads = random(0, 10);
      table.add_to(objects);
    }
    return objects;
  }
  static double cores(const model::Sizing& sizing) { return sizing.nodes * sizing.vcpus; }

  std::mt19937_64 random_{GetParam()};
  const SizingFigures& data_ = figures_for("2025.2.3.0");
};

TEST_P(SizingOfAny, EveryTableIsPlacedExactlyOnce) {
  const std::vector<model::ObjectFigures> objects = any_source();
  const model::Sizing sizing = size_cluster(objects, {}, data_);
  ASSERT_EQ(sizing.failure, "");
  std::multiset<std::string> placed, tables;
  for (const auto* names : {&sizing.colocated, &sizing.sharded}) {
    ASSERT_TRUE(!*names || !(*names)->empty()) << "nothing rather than an empty list";
    if (*names) placed.insert((*names)->begin(), (*names)->end());
  }
  for (const model::ObjectFigures& one : objects)
    if (!one.is_index) tables.insert(one.qualified());
  EXPECT_EQ(placed, tables);
  std::multiset<std::string> explained;
  for (const model::Placement& one : sizing.placements) {
    explained.insert(one.table);
    EXPECT_FALSE(one.reason.empty()) << one.table;
    if (one.colocated) {
      EXPECT_LE(one.indexes, 2U) << one.table;
    }
  }
  EXPECT_EQ(explained, tables);
}

TEST_P(SizingOfAny, TheOrderOfTheInputDoesNotMatter) {
  std::vector<model::ObjectFigures> objects = any_source();
  const model::Sizing before = size_cluster(objects, {}, data_);
  std::ranges::shuffle(objects, random_);
  const model::Sizing after = size_cluster(objects, {}, data_);
  EXPECT_EQ(before.nodes, after.nodes);
  EXPECT_EQ(before.vcpus, after.vcpus);
  EXPECT_EQ(before.colocated, after.colocated);
  EXPECT_EQ(before.sharded, after.sharded);
  EXPECT_EQ(before.import_minutes, after.import_minutes);
  EXPECT_EQ(before.reasoning, after.reasoning);
}

TEST_P(SizingOfAny, MoreDataNeverNeedsFewerCores) {
  std::vector<model::ObjectFigures> objects = any_source();
  double before = cores(size_cluster(objects, {}, data_));
  for (int growth = 0; growth < 6; ++growth) {
    for (model::ObjectFigures& one : objects) one.bytes = *one.bytes * 2;
    const model::Sizing sizing = size_cluster(objects, {}, data_);
    ASSERT_EQ(sizing.failure, "");
    EXPECT_GE(cores(sizing), before);
    before = cores(sizing);
  }
}

TEST_P(SizingOfAny, ExactlyOneCandidateIsChosenAndItIsTheResult) {
  const model::Sizing sizing = size_cluster(any_source(), {}, data_);
  ASSERT_EQ(sizing.candidates.size(), 6U);
  const auto chosen = std::ranges::find(sizing.candidates, true, &model::SizingCandidate::chosen);
  ASSERT_NE(chosen, sizing.candidates.end());
  EXPECT_EQ(std::ranges::count(sizing.candidates, true, &model::SizingCandidate::chosen), 1);
  EXPECT_EQ(chosen->nodes, sizing.nodes);
  EXPECT_EQ(chosen->vcpus, sizing.vcpus);
  EXPECT_EQ(chosen->import_minutes, sizing.import_minutes);
  EXPECT_EQ(chosen->colocated, sizing.colocated ? sizing.colocated->size() : 0U);
}

TEST_P(SizingOfAny, FewerIndexesNeverTakeLongerToImport) {
  const std::vector<model::ObjectFigures> objects = any_source();
  std::vector<model::RedundantIndex> redundant;
  for (const model::ObjectFigures& one : objects)
    if (one.is_index && random(0, 1) == 1) redundant.push_back({.schema = one.schema, .index = one.name});
  const model::Sizing sizing = size_cluster(objects, redundant, data_);
  EXPECT_LE(sizing.import_minutes_without_redundant, sizing.import_minutes);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SizingOfAny, testing::Range(1U, 41U));

}  // namespace
}  // namespace voyager::migration
