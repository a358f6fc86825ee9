// Cases in text files: testdata/NAME.txt is a schema with what an assessment recommends, NAME.expected what becomes of
// it and what the report says. Parts begin with "==== "; in front of the first one stands what the case is about. Run
// with VOY_REWRITE=1 to write the expectations anew, then read the difference.
#include "migration/optimize/optimize_schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "migration/optimize/colocation.h"
#include "migration/optimize/key_sharding.h"
#include "migration/optimize/range_indexes.h"
#include "migration/optimize/tree_text.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

const fs::path kTestdata = fs::path(VOY_FOLDER) / "testdata";

std::map<std::string, std::string> parts_of(const std::string& text) {
  constexpr std::string_view kMark = "==== ";
  std::map<std::string, std::string> parts;
  std::string name;
  for (const std::string& line : base::split(text, '\n')) {
    if (line.starts_with(kMark)) {
      name = line.substr(kMark.size());
      parts[name];
    } else {
      parts[name] += line + "\n";
    }
  }
  // The end of the file is not one line more.
  for (auto& [key, part] : parts) {
    if (key == name && !part.empty()) part.pop_back();
  }
  return parts;
}

std::vector<std::string> list_of(const std::string& text, char separator) {
  std::vector<std::string> list;
  for (const std::string& one : base::split(text, separator)) {
    if (!base::trim(one).empty()) list.emplace_back(base::trim(one));
  }
  return list;
}

/// "public.t.short public.t.long"
model::RedundantIndex pair_of(const std::string& text) {
  const std::vector<std::string> two = list_of(text, ' ');
  const std::vector<std::string> one = base::split(two.at(0), '.');
  const std::vector<std::string> other = base::split(two.at(1), '.');
  return {.schema = one.at(0),
          .table = one.at(1),
          .index = one.at(2),
          .existing_schema = other.at(0),
          .existing_table = other.at(1),
          .existing_index = other.at(2)};
}

/// "name CREATE INDEX ...": what the index was when the source was assessed.
void note_definition(const std::string& text, std::vector<model::RedundantIndex>& pairs) {
  const std::size_t blank = text.find(' ');
  const std::string name = text.substr(0, blank);
  for (model::RedundantIndex& pair : pairs) {
    if (pair.index == name) pair.ddl = text.substr(blank + 1);
    if (pair.existing_index == name) pair.existing_ddl = text.substr(blank + 1);
  }
}

OptimizeInput input_of(const std::string& options) {
  OptimizeInput input;
  for (const std::string& line : base::split(options, '\n')) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (key == "sharded") input.sharded = list_of(value, ',');
    if (key == "colocated") input.colocated = list_of(value, ',');
    if (key == "why") input.why_no_colocation = value;
    if (key == "skip") {
      input.performance = value.find("performance") == std::string::npos;
      input.colocation = value.find("colocation") == std::string::npos;
    }
    if (key == "redundant") {
      for (const std::string& pair : list_of(value, ';')) input.redundant.push_back(pair_of(pair));
    }
    if (key == "assessed") note_definition(value, input.redundant);
  }
  return input;
}

SchemaParts schema_of(const std::map<std::string, std::string>& parts) {
  const auto text = [&parts](const char* name) {
    return sql::Document(parts.contains(name) ? parts.at(name) : std::string());
  };
  return {.tables = {"tables/table.sql", text("tables")},
          .indexes = {"tables/INDEXES_table.sql", text("indexes")},
          .materialized_views = {"mviews/mview.sql", text("mviews")},
          .comments = {"comments/comment.sql", text("comments")},
          .redundant_indexes = {"tables/redundant_indexes.sql", {}}};
}

std::string one_line(const std::string& text) {
  return base::trim(text).empty() ? "-" : base::join(list_of(text, '\n'), " ");
}

std::string describe(const model::Optimization& one) {
  std::string text = fmt::format("{}: {}\n  {}\n", one.key, one.title, one.description);
  const auto names = [&text](const char* what, const std::vector<std::string>& list) {
    if (!list.empty()) text += fmt::format("  {}: {}\n", what, base::join(list, ", "));
  };
  for (const auto& [table, indexes] : one.indexes) names(table.c_str(), indexes);
  names("tables", one.tables);
  names("sharded", one.sharded);
  names("colocated", one.colocated);
  for (const model::StatementChange& change : one.changes)
    text += fmt::format("  changed {}: {} | {}\n", change.object, one_line(change.before), one_line(change.after));
  for (const model::StatementChange& left : one.left) text += fmt::format("  left {}: {}\n", left.object, left.reason);
  return text;
}

std::string describe(const SchemaParts& before, const OptimizedSchema& after) {
  std::string text;
  const auto part = [&text](const SchemaPart& old, const SchemaPart& now) {
    if (old.document.text() != now.document.text()) text += fmt::format("==== {}\n{}\n", now.file, now.document.text());
  };
  part(before.tables, after.parts.tables);
  part(before.indexes, after.parts.indexes);
  part(before.materialized_views, after.parts.materialized_views);
  part(before.comments, after.parts.comments);
  part(before.redundant_indexes, after.parts.redundant_indexes);
  text += "==== report\n";
  for (const model::Optimization& one : after.optimizations) text += describe(one);
  return text;
}

/// What a statement means, but for the words that this folder adds.
std::string meaning(std::string_view sql) {
  const auto text = tree_text(sql, [](std::string_view key, simdjson::dom::element value) {
    std::string_view name;
    if (key == "ordering") return true;
    return key == "options" && value["DefElem"]["defname"].get(name) == simdjson::SUCCESS && name == "colocation";
  });
  return text.value_or(std::string(sql));
}

std::multiset<std::string> meanings(const SchemaParts& parts) {
  std::multiset<std::string> all;
  for (const SchemaPart* part :
       {&parts.tables, &parts.indexes, &parts.materialized_views, &parts.comments, &parts.redundant_indexes}) {
    for (const sql::FileStatement& one : sql::parse_file(part->document.text())) {
      if (!one.info.setting.starts_with(kShardingSettingPrefix)) all.insert(meaning(one.piece.sql()));
    }
  }
  return all;
}

class OptimizeCase : public testing::TestWithParam<fs::path> {};

TEST_P(OptimizeCase, IsAsExpectedAndLosesNothing) {
  const auto parts = parts_of(base::read_file(GetParam()));
  const SchemaParts schema = schema_of(parts);
  const OptimizeInput input = input_of(parts.contains("options") ? parts.at("options") : "");
  const OptimizedSchema result = optimize_schema(schema, input);
  const std::string found = describe(schema, result);
  fs::path expected = GetParam();
  expected.replace_extension(".expected");
  if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(expected, found);
  EXPECT_EQ(found, base::read_file(expected));
  EXPECT_EQ(meanings(schema), meanings(result.parts));
}

TEST_P(OptimizeCase, TextThatIsCutLosesNothingEither) {
  const auto parts = parts_of(base::read_file(GetParam()));
  const OptimizeInput input = input_of(parts.contains("options") ? parts.at("options") : "");
  const SchemaParts whole = schema_of(parts);
  const std::size_t longest = std::max(whole.tables.document.text().size(), whole.indexes.document.text().size());
  for (std::size_t end = 0; end < longest; end += 37) {
    SchemaParts cut = whole;
    for (SchemaPart* part : {&cut.tables, &cut.indexes, &cut.materialized_views})
      part->document = sql::Document(part->document.text().substr(0, end));
    EXPECT_EQ(meanings(cut), meanings(optimize_schema(cut, input).parts)) << "cut at " << end;
  }
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kTestdata)) {
    if (entry.path().extension() == ".txt") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

INSTANTIATE_TEST_SUITE_P(Testdata, OptimizeCase, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.stem().string(); });

TEST(TreeText, TellsMeaningFromSpelling) {
  EXPECT_EQ(tree_text("create  table T(a int)"), tree_text("CREATE TABLE t (a int); -- x"));
  EXPECT_NE(tree_text("create table t (a int)"), tree_text("create table t (a bigint)"));
  EXPECT_NE(tree_text("create index on t (a, b desc)"), tree_text("create index on t (a desc, b)"));
  EXPECT_FALSE(tree_text("create table").has_value());
}

TEST(TreeText, AListOfWhichNothingIsLeftIsNoList) {
  const SkipPart options = [](std::string_view key, simdjson::dom::element value) {
    return key == "options" && !value.is_array();
  };
  EXPECT_EQ(tree_text("create table t (a int) with (fillfactor=70)", options), tree_text("create table t (a int)"));
}

TEST(KeySharding, TextAndSizeStayInProportion) {
  std::string text = "SET a = 1;\n";
  for (int i = 0; i < 2'000; ++i) {
    text += fmt::format("\n\nCREATE TABLE public.t{} (id {} PRIMARY KEY);\n", i, i % 3 == 0 ? "date" : "integer");
  }
  const KeyShardingResult result = group_keys(sql::Document(text));
  ASSERT_TRUE(result.applied) << result.why_not;
  EXPECT_EQ(result.range.size(), 667U);
  EXPECT_EQ(result.hash.size(), 1'333U);
  EXPECT_EQ(sql::split_statements(result.text).size(), sql::split_statements(text).size() + 2);
}

TEST(RangeIndexes, WhatSaysItsOrderIsLeftAlone) {
  sql::Document file("CREATE INDEX i ON t USING btree (a);");
  file.apply(order_indexes(file).edits);
  EXPECT_EQ(file.text(), "CREATE INDEX i ON t USING btree (a ASC);");
  EXPECT_TRUE(order_indexes(file).changes.empty());
}

TEST(Colocation, WhatCannotBeReadIsLeftAlone) {
  EXPECT_FALSE(with_colocation_off("CREATE TABLE t (a int"));
  EXPECT_FALSE(with_colocation_off("SELECT 1"));
}

/// Each of them is needless because of the one before.
TEST(OptimizeSchema, FollowsALongChainOnce) {
  constexpr int kCount = 5000;
  std::string indexes;
  OptimizeInput input;
  for (int i = 0; i < kCount; ++i) {
    indexes += fmt::format("CREATE INDEX i{} ON public.t USING btree (a);\n", i);
    if (i == 0) continue;
    input.redundant.push_back({.schema = "public",
                               .table = "t",
                               .index = fmt::format("i{}", i),
                               .existing_schema = "public",
                               .existing_table = "t",
                               .existing_index = fmt::format("i{}", i - 1)});
  }
  const auto begin = std::chrono::steady_clock::now();
  const OptimizedSchema done = optimize_schema({.indexes = {"tables/INDEXES_table.sql", sql::Document(indexes)},
                                                .redundant_indexes = {"tables/redundant_indexes.sql", {}}},
                                               input);
  EXPECT_EQ(done.optimizations.at(0).indexes.at("public.t").size(), kCount - 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10))
      << "it took 12 s when each way was gone";
}

}  // namespace
}  // namespace voyager::migration
