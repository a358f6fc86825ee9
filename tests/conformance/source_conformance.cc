// What every source must hold before its rows are read: checks that name what is missing and nothing else, a schema in
// which each object is accounted for, and the files of an assessment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>

#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "base/text.h"
#include "bench.h"

namespace voyager::conformance {
namespace {

using connector::SchemaContents;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class SourceConformance : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    bench_ = make_source_bench(GetParam());
    if (!bench_) GTEST_SKIP() << why_no_place(GetParam());
  }
  model::TableName table() {
    const model::TableName name = bench_->fresh_name();
    bench_->make_source_table(name, numbered_rows(3));
    return name;
  }
  static std::vector<std::string> fatal(const std::vector<model::Finding>& findings) {
    std::vector<std::string> out;
    for (const model::Finding& finding : findings) {
      EXPECT_FALSE(finding.title.empty());
      if (finding.fatal) out.push_back(finding.title + ": " + finding.cause);
    }
    return out;
  }
  static const connector::WrittenObject* written(const connector::WrittenSchema& schema, const model::TableName& name) {
    const auto is_it = [&](const connector::WrittenObject& one) {
      return one.kind == "TABLE" && one.schema == name.schema.catalog_text() && one.name == name.name.catalog_text();
    };
    const auto found = std::ranges::find_if(schema.objects, is_it);
    return found == schema.objects.end() ? nullptr : &*found;
  }
  std::unique_ptr<connector::SchemaSource> schema() { return bench_->entry().schema_source(bench_->source()); }

  std::unique_ptr<SourceBench> bench_;
  base::Stop stop_;
};

TEST_P(SourceConformance, WhoMayDoAllIsToldNothingFatal) {
  const model::TableName name = table();
  const auto preflight = bench_->entry().source_preflight(bench_->source());
  EXPECT_THAT(preflight->version_text(), Not(IsEmpty()));
  EXPECT_THAT(preflight->database_form().encoding, Not(IsEmpty()));
  EXPECT_THAT(fatal(preflight->check_export_schema()), IsEmpty());
  EXPECT_THAT(fatal(preflight->check_export_data({{.name = name, .root = name}})), IsEmpty());
}

TEST_P(SourceConformance, WhatIsListedIsWrittenUnderItsKey) {
  const model::TableName name = table();
  const auto source = schema();
  const std::vector<connector::CatalogueObject> objects = source->objects();
  const connector::WrittenSchema all = source->written(SchemaContents::kEverything, stop_);
  const connector::WrittenObject* ours = written(all, name);
  ASSERT_NE(ours, nullptr);
  EXPECT_FALSE(ours->key.empty());
  EXPECT_TRUE(ours->said_of.empty());
  EXPECT_THAT(ours->statements, Not(IsEmpty()));
  EXPECT_THAT(ours->statements.front(), HasSubstr(name.name.catalog_text()));
  std::map<std::string, const connector::WrittenObject*> by_key;
  for (const connector::WrittenObject& one : all.objects) {
    for (const std::string& statement : one.statements) EXPECT_TRUE(statement.ends_with(';')) << statement;
    EXPECT_TRUE(one.said_of.empty() || by_key.contains(one.said_of)) << one.kind << " " << one.name;
    if (!one.key.empty()) by_key[one.key] = &one;
  }
  std::set<std::string> keys;
  for (const connector::CatalogueObject& one : objects) {
    EXPECT_TRUE(keys.insert(one.key).second) << "two objects have the key " << one.key;
    if (!one.exported || !one.not_written.empty() || !one.made_by.empty() || !one.needs.empty()) continue;
    EXPECT_TRUE(by_key.contains(one.key)) << one.kind << " " << one.name;
  }
  EXPECT_TRUE(keys.contains(ours->key));
  EXPECT_TRUE(all.text.empty()) << "that is for definitions alone";
}

TEST_P(SourceConformance, ItsPictureOfTheSchemaStaysTheSame) {
  table();
  const auto source = schema();
  const std::size_t objects = source->objects().size();
  const model::TableName late = table();
  EXPECT_EQ(source->objects().size(), objects);
  EXPECT_EQ(written(source->written(SchemaContents::kEverything, stop_), late), nullptr);
  EXPECT_NE(written(schema()->written(SchemaContents::kEverything, stop_), late), nullptr);
}

TEST_P(SourceConformance, DefinitionsCanBeReadAgainFromTheirText) {
  const model::TableName name = table();
  const auto source = schema();
  const connector::WrittenSchema definitions = source->written(SchemaContents::kDefinitions, stop_);
  ASSERT_NE(written(definitions, name), nullptr);
  const auto read = bench_->entry().read_schema;
  EXPECT_EQ(definitions.text.empty(), !read);
  if (!read) return;
  const connector::WrittenSchema again = read(definitions.text);
  ASSERT_NE(written(again, name), nullptr);
  EXPECT_EQ(written(again, name)->statements, written(definitions, name)->statements);
}

TEST_P(SourceConformance, NothingIsSaidOfAColumnThatIsNotThere) {
  const model::TableName name = table();
  EXPECT_FALSE(schema()->explain_type({name.name.catalog_text(), "no such column"}));
  EXPECT_FALSE(schema()->explain_type({"no such table", "id"}));
  EXPECT_FALSE(schema()->explain_type({}));
  const auto type = schema()->explain_type({name.name.catalog_text(), "id"});
  EXPECT_EQ(type.has_value(), bench_->entry().converts_types);
  EXPECT_TRUE(!type || !type->why.empty());
}

TEST_P(SourceConformance, AnAssessmentIsOfItsNodeAndWhole) {
  const model::TableName name = table();
  const auto node = bench_->entry().assessment_source(bench_->source());
  EXPECT_THAT(node->version_text(), Not(IsEmpty()));
  EXPECT_FALSE(node->identity().replica);
  EXPECT_EQ(node->identity().system, bench_->entry().assessment_source(bench_->source())->identity().system);
  EXPECT_THAT(fatal(node->check(true)), IsEmpty());
  EXPECT_THAT(fatal(node->check_queries()), IsEmpty());
  const base::TemporaryFolder folder;
  std::vector<std::string> steps;
  node->gather({.folder = folder.path(), .node = "primary"}, [&](std::string_view step) { steps.emplace_back(step); });
  EXPECT_THAT(steps, Not(IsEmpty()));
  EXPECT_THAT(steps, Each(Not(IsEmpty())));
  std::set<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    files.insert(file.path().filename().string());
    EXPECT_NE(file.path().extension(), ".partial");
    if (file.path().extension() != ".csv") continue;
    EXPECT_THAT(base::read_file(file.path()), StartsWith("source_node,")) << file.path();
  }
  for (const char* wanted : {"table-row-counts.csv", "table-index-iops-initial.csv", "table-index-iops-final.csv"})
    EXPECT_TRUE(files.contains(wanted)) << wanted;
  EXPECT_THAT(base::read_file(folder.path() / "table-row-counts.csv"),
              HasSubstr("\nprimary," + name.schema.catalog_text() + "," + name.name.catalog_text() + ","));
}

TEST_P(SourceConformance, AGatheringThatIsStoppedSaysSo) {
  table();
  model::ConnectionOptions options = bench_->source();
  options.stop = &stop_;
  const auto node = bench_->entry().assessment_source(options);
  stop_.request_drain(SIGTERM);
  const base::TemporaryFolder folder;
  try {
    node->gather({.folder = folder.path(), .node = "primary"}, [](std::string_view) {});
    ADD_FAILURE() << "it was told to stop";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kTerminated);
  }
}

INSTANTIATE_TEST_SUITE_P(Places, SourceConformance,
                         testing::Values(Place{"fake"}, Place{"postgresql"}, Place{"mysql"}, Place{"mariadb"}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace voyager::conformance
