// Export and import of a schema that is rewritten for a target which spreads tables over nodes, against the fake
// servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "base/text.h"
#include "connectors/fake/entry.h"
#include "connectors/fake/world.h"
#include "format/memory_state_testing.h"
#include "migration/schema/export_schema.h"
#include "migration/schema/import_schema.h"
#include "migration/state/status.h"
#include "model/answers_testing.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using connector::StatementFault;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

connector::WrittenObject object(const char* kind, std::string sql) {
  return {.kind = kind, .schema = "public", .name = "x", .statements = {std::move(sql)}};
}

const connector::WrittenSchema kSchema = {
    .settings = {"SET a = 1;"},
    .objects = {object("TABLE", "CREATE TABLE public.log (\n    at date NOT NULL\n);"),
                object("TABLE", "CREATE TABLE public.t (\n    id integer NOT NULL\n);"),
                object("VIEW", "CREATE VIEW public.v AS SELECT 1;"),
                object("CONSTRAINT", "ALTER TABLE ONLY public.log\n    ADD CONSTRAINT log_pkey PRIMARY KEY (at);"),
                object("CONSTRAINT", "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);"),
                object("CONSTRAINT", "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_key UNIQUE (id);"),
                object("INDEX", "CREATE INDEX t_i ON public.t USING btree (id);")}};

/// The first word of a statement, and what it makes or sets.
std::string brief(std::string_view sql) {
  for (const char* name : {"public.log", "public.t", "public.v"}) {
    const std::string mark = std::string(" ") + name;
    if (sql.find(mark + " ") != std::string_view::npos || sql.find(mark + "\n") != std::string_view::npos)
      return std::string(sql.substr(0, sql.find(' '))) + mark;
  }
  return std::string(sql);
}

class OptimizeFlow : public testing::Test {
 protected:
  void SetUp() override {
    source_.schemas = {model::Identifier("public")};
    source_.database = "shop";
    world_->schema = kSchema;
    world_->traits.sharding = true;
    world_->traits.colocated = true;
    world_->traits.indexes_before_rows = true;
    world_->on_statement = [this](std::string_view sql) { return decide(sql); };
  }

  std::optional<StatementFault> decide(std::string_view sql) {
    sent_.push_back(brief(sql));
    if (refuse_once_.empty() || sql.find(refuse_once_) == std::string_view::npos) return std::nullopt;
    refuse_once_.clear();
    return StatementFault{.sqlstate = "42P01", .message = "relation is missing", .missing_object = true};
  }

  ExportSchemaReport do_export(ExportSchemaOptions options = {}) {
    options.export_dir = dir_;
    options.target = "spread";
    options.sharding_target = true;
    ExportSchemaReport report = export_schema(entry_, source_, options, db_, db_, context_);
    EXPECT_FALSE(export_schema_done(db_)) << "a report comes first";
    finish_export_schema(report, false, db_);
    return report;
  }
  ImportSchemaReport do_import(ImportSchemaOptions options = {}) {
    options.export_dir = dir_;
    return import_schema(check_import_schema(entry_, source_, options, db_, answers_), options, db_, context_);
  }
  std::string text(const char* name) const { return base::read_file(dir_ / "schema" / name); }

  const base::TemporaryFolder own_ = {};
  const fs::path dir_ = own_.path();
  format::MemoryState db_ = {};
  std::shared_ptr<fake::FakeWorld> world_ = std::make_shared<fake::FakeWorld>();
  connector::ConnectorEntry entry_ = connectors::fake_entry(world_);
  model::ConnectionOptions source_ = {};
  model::Answers answers_ = {};
  base::Stop stop_ = {};
  model::ProgressBoard board_{"export-schema"};
  const model::FlowContext context_{board_, answers_, base::system_clock(), stop_};
  std::vector<std::string> sent_ = {};
  std::string refuse_once_ = {};
};

const Recommendations kRecommended = {.colocation = {.sharded = std::vector<std::string>{"public.log"},
                                                     .colocated = std::vector<std::string>{"public.t"}}};

TEST_F(OptimizeFlow, FilesBackupsStateAndReport) {
  const ExportSchemaReport report = do_export({.recommendations = kRecommended});
  EXPECT_THAT(text("tables/table.sql"), HasSubstr("set yb_use_hash_splitting_by_default=on;"));
  EXPECT_THAT(text("tables/table.sql"), HasSubstr("WITH (colocation='false');"));
  EXPECT_THAT(text("tables/backup_table.sql"), Not(HasSubstr("yb_")));
  EXPECT_THAT(text("tables/backup_table.sql"), HasSubstr("ADD CONSTRAINT t_pkey PRIMARY KEY"));
  EXPECT_THAT(text("tables/backup_INDEXES_table.sql"), HasSubstr("btree (id);"));
  EXPECT_THAT(text("tables/INDEXES_table.sql"), HasSubstr("btree (id ASC);"));
  EXPECT_FALSE(fs::exists(dir_ / "schema/views/backup_view.sql"));
  EXPECT_EQ(report.backups.size(), 2U);
  const ExportedSchemaNotes notes = exported_schema_notes(db_);
  EXPECT_EQ(notes.target, "spread");
  EXPECT_TRUE(notes.recommendations_applied);
  EXPECT_TRUE(notes.colocated_tables);
  EXPECT_EQ(report.optimization.database, "shop");
  EXPECT_EQ(report.optimization.optimizations.back().key, "constraint_merging_change");
  EXPECT_EQ(report.optimization.optimizations.back().changes.size(), 2U);
}

TEST_F(OptimizeFlow, WhatIsRefusedIsNotNoted) {
  do_export({.colocation_recommendations = false, .recommendations = kRecommended});
  EXPECT_THAT(text("tables/table.sql"), Not(HasSubstr("colocation")));
  EXPECT_FALSE(exported_schema_notes(db_).recommendations_applied);
  EXPECT_FALSE(exported_schema_notes(db_).colocated_tables);
}

TEST_F(OptimizeFlow, EveryStatementRunsUnderItsOwnSettings) {
  do_export();
  do_import();
  EXPECT_THAT(sent_, ElementsAre("SET a = 1;", "set yb_use_hash_splitting_by_default=on;", "CREATE public.t",
                                 "set yb_use_hash_splitting_by_default=off;", "CREATE public.log",
                                 // The index's file says nothing of the second setting.
                                 "SET a = 1;", "CREATE public.t", "SET a = 1;", "CREATE public.v",
                                 // Back to the tables, behind the last of their settings.
                                 "SET a = 1;", "set yb_use_hash_splitting_by_default=on;",
                                 "set yb_use_hash_splitting_by_default=off;", "ALTER public.t"));
  EXPECT_THAT(world_->settings_put_back, ElementsAre("yb_use_hash_splitting_by_default"));
}

TEST_F(OptimizeFlow, AStatementThatIsTriedAgainGetsItsSettingBack) {
  do_export();
  refuse_once_ = "CREATE TABLE public.t ";
  do_import();
  const auto last = std::find(sent_.rbegin(), sent_.rend(), "CREATE public.t");
  ASSERT_NE(last, sent_.rend());
  EXPECT_EQ(*(last + 1), "set yb_use_hash_splitting_by_default=on;");
}

TEST_F(OptimizeFlow, AServerOfAnotherKindGetsNoneOfTheSettings) {
  do_export();
  world_->traits = {.version_text = "Plain 1", .default_connections = 2};
  do_import();
  EXPECT_THAT(sent_, Not(testing::Contains(HasSubstr("yb_"))));
  EXPECT_EQ(std::count_if(answers_.notices.begin(), answers_.notices.end(),
                          [](const std::string& one) { return one.find("yb_") != std::string::npos; }),
            1);
}

TEST_F(OptimizeFlow, AServerOfAnotherKindRefusesTheClauseAtOnce) {
  do_export({.recommendations = kRecommended});
  world_->traits = {.version_text = "Plain 1", .default_connections = 2};
  try {
    do_import({.start_clean = true, .continue_on_error = true});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "SCH-003");
    EXPECT_EQ(error.info().exit, base::ExitCode::kState);
    EXPECT_THAT(error.info().where, HasSubstr("schema/tables/table.sql:"));
  }
  EXPECT_TRUE(sent_.empty());
}

TEST_F(OptimizeFlow, ADatabaseWithoutColocationIsAQuestion) {
  do_export({.recommendations = kRecommended});
  world_->traits.colocated = false;
  answers_.answer = false;
  EXPECT_THROW(do_import(), base::Error);
  EXPECT_TRUE(sent_.empty());
  ASSERT_EQ(answers_.questions.size(), 1U);
  EXPECT_THAT(answers_.questions[0], HasSubstr("shop"));
  EXPECT_GT(do_import({.run_guardrails = false}).statements, 0U);
  world_->traits.colocated.reset();
  do_import({.ignore_exist = true});
  EXPECT_EQ(answers_.questions.size(), 1U) << "who cannot tell is not asked about";
}

TEST_F(OptimizeFlow, TheTargetIsLookedAtBeforeAnythingRuns) {
  do_export();
  const SchemaToImport checked = check_import_schema(entry_, source_, {.export_dir = dir_}, db_, answers_);
  EXPECT_TRUE(checked.traits.sharding);
  EXPECT_TRUE(sent_.empty());
}

class RecommendationsFile : public testing::Test {
 protected:
  model::Colocation read(const std::string& json) {
    base::write_file_atomically(dir_ / "report.json", json);
    return reported_colocation(dir_ / "report.json");
  }
  const base::TemporaryFolder own_ = {};
  const fs::path dir_ = own_.path();
};

TEST_F(RecommendationsFile, NullIsNotAnEmptyList) {
  const model::Colocation found = read(
      R"({"Sizing": {"SizingRecommendation": {"ShardedTables": null, "ColocatedTables": []}, "FailureReasoning": ""}})");
  EXPECT_FALSE(found.sharded.has_value());
  ASSERT_TRUE(found.colocated.has_value());
  EXPECT_TRUE(found.colocated->empty());
  EXPECT_EQ(found.why_none, "");
}

TEST_F(RecommendationsFile, AFailureIsAReason) {
  EXPECT_THAT(read(R"({"Sizing": {"FailureReasoning": "too big"}})").why_none, HasSubstr("too big"));
  EXPECT_NE(read(R"({"Sizing": null})").why_none, "");
}

TEST_F(RecommendationsFile, DamageIsNamedWithItsFile) {
  for (const char* json : {"", "{", "[]", "{}", R"({"Sizing": 1})", R"({"Sizing": {"SizingRecommendation": []}})",
                           R"({"Sizing": {"SizingRecommendation": {"ShardedTables": [1]}}})"}) {
    try {
      read(json);
      ADD_FAILURE() << json;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().code, "ASM-301") << json;
      EXPECT_THAT(error.info().where, HasSubstr("report.json"));
    }
  }
  EXPECT_THROW(reported_colocation(dir_ / "absent.json"), base::Error);
  Recommendations found;
  read_redundant_indexes(dir_ / "absent.db", found);
  EXPECT_TRUE(found.redundant.empty());
}

TEST_F(RecommendationsFile, IndexesTakenOutAreKnownByTheirFacts) {
  fs::create_directories(dir_ / "tables");
  EXPECT_TRUE(facts_of_indexes_taken_out(dir_).empty());
  base::write_file_atomically(dir_ / "tables/redundant_indexes.sql",
                              "-- redundant\nCREATE INDEX \"I\" ON public.p USING btree (a);\n\n"
                              "ALTER INDEX public.u ATTACH PARTITION public.\"I\";\n");
  EXPECT_THAT(facts_of_indexes_taken_out(dir_),
              ElementsAre("public.\"I\"", "public.p CREATE INDEX ON public.p USING btree (a)"));
}

}  // namespace
}  // namespace voyager::migration
