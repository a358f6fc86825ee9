// The flows against the fake servers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
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
#include "format/target_tables.h"
#include "migration/schema/export_schema.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/import_schema.h"
#include "migration/schema/object_types.h"
#include "migration/schema/options_left_out.h"
#include "migration/schema/post_data.h"
#include "migration/state/status.h"
#include "model/answers_testing.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using connector::StatementFault;

/// Gives the fake target a memory of the objects that statements make, and the refusals that go with it.
class Rules {
 public:
  explicit Rules(fake::FakeWorld& world) : world_(world) {}

  std::map<std::string, std::string> needs = {};       ///< A statement with this text needs that object.
  std::map<std::string, StatementFault> refuses = {};  ///< A statement with this text is refused.
  std::vector<std::string> attempts = {};

  bool exists(const model::TableName& name) const {
    return world_.target.contains(name) || world_.indexes.contains(name);
  }
  bool exists(const std::string& name) const { return exists(model::parse_table_name(name)); }

  /// Called with the world's mutex held.
  std::optional<StatementFault> decide(std::string_view sql) {
    attempts.emplace_back(sql);
    const std::string& text = attempts.back();
    const sql::Statement info = sql::parse_statement(sql);
    for (const auto& [mark, fault] : refuses) {
      if (text.find(mark) != std::string::npos) return fault;
    }
    const bool unseen = info.kind == sql::StatementKind::kCreateRoutine && !world_.routine_bodies_checked;
    for (const auto& [mark, object] : needs) {
      if (!unseen && text.find(mark) != std::string::npos && !exists(object)) {
        return StatementFault{
            .sqlstate = "42P01", .message = "relation \"" + object + "\" does not exist", .missing_object = true};
      }
    }
    return info.object.name.empty() ? std::nullopt : make(info);
  }

 private:
  std::optional<StatementFault> make(const sql::Statement& info) {
    if (exists(info.object)) {
      return StatementFault{.sqlstate = "42P07", .message = "relation already exists", .already_exists = true};
    }
    const bool is_index =
        info.kind == sql::StatementKind::kCreateIndex || info.kind == sql::StatementKind::kAddConstraint;
    if (is_index) {
      world_.indexes[info.object] = true;
    } else {
      world_.target[info.object].table = {.name = info.object, .root = info.object};
    }
    return std::nullopt;
  }

  fake::FakeWorld& world_;
};

connector::WrittenObject object(const char* kind, std::string sql) {
  return {.kind = kind, .schema = "public", .name = "x", .statements = {std::move(sql)}};
}

const connector::WrittenSchema kSchema = {
    .settings = {"SET a = 1;"},
    .objects = {
        object("TABLE", "CREATE TABLE public.t (\n    id integer\n);"),
        object("TABLE", "CREATE TABLE public.u (\n    id integer\n);"),
        object("VIEW", "CREATE VIEW public.v AS SELECT 1;"),
        object("CONSTRAINT", "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);"),
        object("CONSTRAINT", "ALTER TABLE ONLY public.u\n    ADD CONSTRAINT u_key UNIQUE (id);"),
        object("CHECK CONSTRAINT", "ALTER TABLE public.u\n    ADD CONSTRAINT u_later CHECK ((id > 0)) NOT VALID;"),
        object("INDEX", "CREATE INDEX t_i ON public.t USING btree (id);"),
        object("FK CONSTRAINT",
               "ALTER TABLE ONLY public.u\n    ADD CONSTRAINT u_fk FOREIGN KEY (id) REFERENCES public.t(id);")}};

class SchemaFlow : public testing::Test {
 protected:
  void SetUp() override {
    source_.schemas = {model::Identifier("public")};
    source_.password = base::Secret("canary-password");
    target_ = source_;
    target_.side = model::Side::kTarget;
    world_->schema = kSchema;
    world_->on_statement = [this](std::string_view sql) { return rules_.decide(sql); };
  }

  void write(const char* kind, std::string sql) { world_->schema.objects.push_back(object(kind, std::move(sql))); }

  ExportSchemaReport do_export(bool start_clean = false) {
    ExportSchemaReport report =
        export_schema(entry_, source_, {.export_dir = dir_, .start_clean = start_clean}, db_, db_, context_);
    if (!report.already_exported) finish_export_schema(report, false, db_);
    return report;
  }
  ImportSchemaReport do_import(ImportSchemaOptions options = {}) {
    options.export_dir = dir_;
    return import_schema(check_import_schema(entry_, target_, options, db_, answers_), options, db_, context_);
  }
  ImportSchemaReport do_finalize(bool refresh = false) {
    return finalize_schema(entry_, target_, {.export_dir = dir_, .refresh_mviews = refresh}, db_, context_);
  }
  nlohmann::json status() { return nlohmann::json::parse(db_.json("migration_status")); }
  fs::path file(const char* name) const { return dir_ / "schema" / name; }
  bool warned(const std::string& part) const {
    return std::ranges::any_of(answers_.warnings,
                               [&](const std::string& text) { return text.find(part) != std::string::npos; });
  }
  std::size_t times_run(const std::string& mark) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        rules_.attempts, [&](const std::string& sql) { return sql.find(mark) != std::string::npos; }));
  }

  const base::TemporaryFolder own_ = {};
  const fs::path dir_ = own_.path();
  format::MemoryState db_ = {};
  std::shared_ptr<fake::FakeWorld> world_ = std::make_shared<fake::FakeWorld>();
  Rules rules_{*world_};
  connector::ConnectorEntry entry_ = connectors::fake_entry(world_);
  model::ConnectionOptions source_ = {};
  model::ConnectionOptions target_ = {};
  model::Answers answers_ = {};
  base::Stop stop_ = {};
  model::ProgressBoard board_{"finalize"};
  const model::FlowContext context_{board_, answers_, base::system_clock(), stop_};
};

TEST_F(SchemaFlow, ATargetWithNoneOfTheTablesIsNotFinalized) {
  do_export();
  try {
    do_finalize();
    FAIL() << "finalized";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "DIR-008");
    EXPECT_EQ(error.info().title, "the target has no table of this migration");
  }
}

TEST_F(SchemaFlow, ExportWritesTheFilesAndTheState) {
  const ExportSchemaReport report = do_export();
  EXPECT_EQ(report.constraints_merged, 1U);
  EXPECT_EQ(report.files.size(), 4U);
  EXPECT_NE(base::read_file(file("tables/table.sql")).find("CONSTRAINT t_pkey PRIMARY KEY (id)\n);"),
            std::string::npos);
  EXPECT_NE(base::read_file(file("tables/backup_table.sql")).find("ALTER TABLE ONLY public.t\n"), std::string::npos);
  EXPECT_TRUE(fs::is_directory(dir_ / "assessment" / "dbs"));
  EXPECT_TRUE(fs::is_directory(dir_ / "schema" / "policies"));
  const nlohmann::json known = status();
  EXPECT_TRUE(known["ExportSchemaDone"].get<bool>());
  EXPECT_EQ(known["MigrationUUID"].get<std::string>().size(), 36U);
  EXPECT_EQ(known["SourceDBConf"]["schema_list"], "public");
  EXPECT_EQ(known["SourceDBConf"]["schema"],
            nlohmann::json::parse(R"([{"Quoted": "\"public\"", "Unquoted": "public", "MinQuoted": "public"}])"));
  EXPECT_EQ(db_.json("migration_status").find("canary"), std::string::npos);
}

// Every statement of it is parsed, many of them again for each rewriting.
TEST_F(SchemaFlow, AnExportOfTwentyThousandStatements) {
  constexpr std::size_t kTables = 10'000;
  world_->schema.objects.clear();
  for (std::size_t i = 0; i < kTables; ++i) {
    write("TABLE", fmt::format("CREATE TABLE public.t{} (\n    id integer NOT NULL\n);", i));
  }
  for (std::size_t i = 0; i < kTables; ++i) {
    write("CONSTRAINT", fmt::format("ALTER TABLE ONLY public.t{0}\n    ADD CONSTRAINT t{0}_pkey PRIMARY KEY (id);", i));
  }
  const ExportSchemaReport report =
      export_schema(entry_, source_, {.export_dir = dir_, .sharding_target = true}, db_, db_, context_);
  EXPECT_EQ(report.constraints_merged, kTables);
  const ImportPlan plan =
      make_import_plan(dir_ / "schema", {.sharding = true, .files = files_to_import({}, {}, false)});
  EXPECT_EQ(plan.run.size(), kTables);
}

TEST_F(SchemaFlow, ASecondExportChangesNothingUnlessToldSo) {
  do_export();
  const std::string uuid = status()["MigrationUUID"];
  base::write_file_atomically(file("tables/table.sql"), "edited");
  EXPECT_TRUE(do_export().already_exported);
  EXPECT_EQ(base::read_file(file("tables/table.sql")), "edited");

  answers_.answer = false;
  EXPECT_THROW(do_export(true), base::Error);
  EXPECT_EQ(base::read_file(file("tables/table.sql")), "edited");

  answers_.answer = true;
  EXPECT_FALSE(do_export(true).already_exported);
  EXPECT_NE(base::read_file(file("tables/table.sql")), "edited");
  EXPECT_EQ(status()["MigrationUUID"], uuid);
}

TEST_F(SchemaFlow, AHalfExportIsReplaced) {
  fs::create_directories(dir_ / "schema" / "views");
  base::write_file_atomically(file("views/left_over.sql"), "x");
  do_export();
  EXPECT_FALSE(fs::exists(file("views/left_over.sql")));
}

TEST_F(SchemaFlow, AMissingRightStopsTheExportBeforeItTouchesAnything) {
  do_export();
  world_->source_findings = {
      {.fatal = true, .title = "no right to use schema app", .fix = {"GRANT USAGE ON SCHEMA app TO u;"}},
      {.fatal = false, .title = "the client is old"}};
  try {
    do_export(true);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kPreflight);
    ASSERT_EQ(error.info().fix.size(), 1U);
    EXPECT_EQ(error.info().fix[0], "GRANT USAGE ON SCHEMA app TO u;");
  }
  EXPECT_TRUE(fs::exists(file("tables/table.sql")));
}

TEST_F(SchemaFlow, OnlyWhatStopsACommandCountsAsAReason) {
  world_->source_findings = {
      {.fatal = false, .title = "the client is old", .fix = {"install a newer one"}},
      {.fatal = true, .title = "no right to read", .cause = "SELECT is missing", .fix = {"GRANT"}}};
  try {
    do_export();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().title, "export schema cannot start: no right to read");
    EXPECT_EQ(error.info().cause, "SELECT is missing\nalso worth mending: the client is old");
    EXPECT_EQ(error.info().fix, (std::vector<std::string>{"GRANT", "install a newer one"}));
  }
}

TEST_F(SchemaFlow, AnAdviceIsAskedAbout) {
  world_->source_findings = {{.fatal = false, .title = "the client is old"}};
  answers_.answer = false;
  EXPECT_THROW(do_export(), base::Error);
  answers_.answer = true;
  EXPECT_FALSE(do_export().already_exported);
}

TEST_F(SchemaFlow, ImportNeedsTheExport) {
  try {
    do_import();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kState);
  }
}

TEST_F(SchemaFlow, IndexesWaitForRows) {
  do_export();
  const ImportSchemaReport report = do_import();
  EXPECT_EQ(report.statements, 3U);
  EXPECT_EQ(report.left_for_import_data, 3U);
  EXPECT_EQ(report.left_for_finalize, 1U);
  EXPECT_FALSE(rules_.exists("public.t_i"));
  const std::vector<model::PostDataStatement> waiting = db_.post_data();
  ASSERT_EQ(waiting.size(), 3U);
  EXPECT_EQ(waiting[0].object, "u_key");
  EXPECT_EQ(waiting[1].object, "t_i");
  EXPECT_EQ(waiting[2].object, "u_fk");
  EXPECT_EQ(model::display(waiting[2].table), "public.u");
  EXPECT_EQ(format::target_tables_from_json(db_.json("target_tables")).size(), 2U);
  EXPECT_EQ(db_.json("migration_status").find("canary"), std::string::npos);

  const ImportSchemaReport finalized = do_finalize();
  EXPECT_EQ(finalized.statements, 4U);
  for (const char* name : {"public.t_i", "public.u_key", "public.u_fk", "public.u_later"}) {
    EXPECT_TRUE(rules_.exists(name)) << name;
  }
  EXPECT_EQ(do_finalize().statements, 0U);
}

TEST_F(SchemaFlow, IndexesComeFirstWhereThatIsFaster) {
  world_->traits.indexes_before_rows = true;
  do_export();
  const ImportSchemaReport report = do_import();
  EXPECT_EQ(report.statements, 6U);
  EXPECT_EQ(report.left_for_import_data, 0U);
  EXPECT_EQ(report.left_for_finalize, 1U);
  EXPECT_TRUE(db_.post_data().empty());
}

TEST_F(SchemaFlow, WhatLacksAnotherObjectIsTriedAgain) {
  rules_.needs = {{"CREATE VIEW public.v", "public.t"}, {"CREATE TABLE public.t", "public.u"}};
  do_export();
  EXPECT_EQ(do_import().statements, 3U);
  EXPECT_EQ(times_run("CREATE TABLE public.t"), 2U);
}

TEST_F(SchemaFlow, ARoutineIsMadeWithoutALookAtItsBodyWhenNothingElseHelps) {
  write("FUNCTION", "CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS $$ select hidden $$;");
  rules_.needs = {{"select hidden", "public.hidden"}};
  do_export();
  EXPECT_TRUE(do_import().failed.empty());
  EXPECT_TRUE(rules_.exists("public.f"));
  EXPECT_TRUE(world_->routine_bodies_checked);
  EXPECT_TRUE(std::ranges::any_of(
      answers_.warnings, [](const std::string& text) { return text.find("public.hidden") != std::string::npos; }));
}

TEST_F(SchemaFlow, TheRoutineIsBlamedWhoseBodyNamesWhatNoPathFinds) {
  write("FUNCTION", "CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS $$ select hidden $$;");
  rules_.needs = {{"select hidden", "public.hidden"}};
  rules_.refuses = {{"CREATE TABLE public.u",
                     {.sqlstate = "42P01",
                      .message = "relation \"hidden\" does not exist\nCONTEXT: SQL function \"f\" during inlining",
                      .missing_object = true}}};
  do_export();
  try {
    do_import();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().where, "schema/tables/table.sql:11");
    EXPECT_EQ(error.info().fix.front(),
              "change the body of public.f in schema/functions/function.sql:5 so that it names schemas");
  }
}

TEST_F(SchemaFlow, AFailureNamesFileAndLine) {
  do_export();
  rules_.refuses = {{"CREATE TABLE public.u", {.sqlstate = "42601", .message = "no such thing"}}};
  try {
    do_import();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().where, "schema/tables/table.sql:11");
    EXPECT_EQ(error.info().cause, "no such thing");
  }
}

TEST_F(SchemaFlow, FailuresAreCollectedAndForgotten) {
  do_export();
  rules_.refuses = {{"CREATE VIEW", {.sqlstate = "42601", .message = "no */ such"}}};
  const ImportSchemaReport report = do_import({.continue_on_error = true});
  ASSERT_EQ(report.failed.size(), 1U);
  const std::string failed = base::read_file(file("failed.sql"));
  const std::vector<sql::FileStatement> statements = sql::parse_file(failed);
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_NE(statements[0].piece.leading().find("42601"), std::string_view::npos);
  EXPECT_NE(statements[0].piece.leading().find("views/view.sql"), std::string_view::npos);

  rules_.refuses.clear();
  EXPECT_THROW(do_import(), base::Error);  // public.t is there
  const ImportSchemaReport again = do_import({.ignore_exist = true});
  EXPECT_EQ(again.skipped_existing, 2U);
  EXPECT_EQ(again.statements, 1U);
  EXPECT_FALSE(fs::exists(file("failed.sql")));
}

TEST_F(SchemaFlow, StartCleanDropsAndForgets) {
  do_export();
  do_import();
  db_.patch_json("migration_status", R"({"ImportDataToTargetStarted": true})");
  db_.add_imported("target_db_importer", {.file_name = "f", .table = model::parse_table_name("public.t"), .rows = 5});
  world_->bookkeeping[status()["MigrationUUID"]] = {{.file_name = "f", .number = 0, .rows = 5}};
  const ImportSchemaReport report = do_import({.start_clean = true});
  EXPECT_EQ(answers_.questions.size(), 1U);
  EXPECT_EQ(report.statements, 3U);
  EXPECT_TRUE(world_->bookkeeping.empty());
  EXPECT_TRUE(db_.imported("target_db_importer").empty());
  EXPECT_FALSE(status()["ImportDataToTargetStarted"].get<bool>());
}

TEST_F(SchemaFlow, ADeclinedDropKeepsTheSchema) {
  do_export();
  do_import();
  world_->bookkeeping[status()["MigrationUUID"]] = {{.file_name = "f", .number = 0, .rows = 5}};
  answers_.answer = false;
  EXPECT_THROW(do_import({.start_clean = true}), base::Error);
  EXPECT_TRUE(rules_.exists("public.t"));
  EXPECT_FALSE(world_->bookkeeping.empty());
}

TEST_F(SchemaFlow, AKeyThatIsOffForTheLoadIsNotForgotten) {
  do_export();
  do_import();
  db_.add_post_data({.kind = model::PostDataStatement::Kind::kKey,
                     .table = model::parse_table_name("public.t"),
                     .object = "t_pkey",
                     .sql = "ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id)"});
  do_import({.ignore_exist = true});
  const std::vector<model::PostDataStatement> waiting = db_.post_data();
  EXPECT_TRUE(std::ranges::any_of(waiting, [](const auto& one) { return one.object == "t_pkey" && !one.done; }));
  do_finalize();
  EXPECT_EQ(times_run("ALTER TABLE public.t ADD CONSTRAINT t_pkey"), 1U);
}

TEST_F(SchemaFlow, AnImportInPartsForgetsNothing) {
  do_export();
  do_import({.excluded_object_types = {"INDEX"}});
  ASSERT_EQ(db_.post_data().size(), 2U);
  do_import({.object_types = {"INDEX"}});
  const std::vector<model::PostDataStatement> waiting = db_.post_data();
  ASSERT_EQ(waiting.size(), 3U);
  EXPECT_EQ(waiting[0].object, "u_key");
  EXPECT_EQ(waiting[1].object, "t_i");
  EXPECT_EQ(waiting[2].object, "u_fk");
}

TEST_F(SchemaFlow, FinalizeBuildsAgainWhatIsMissing) {
  do_export();
  do_import();
  do_finalize();
  world_->indexes.erase(model::parse_table_name("public.t_i"));
  EXPECT_EQ(do_finalize().statements, 1U);
  EXPECT_TRUE(rules_.exists("public.t_i"));
  EXPECT_EQ(do_finalize().statements, 0U);
}

TEST_F(SchemaFlow, FinalizeStopsAtAFailureAndGoesOnNextTime) {
  do_export();
  do_import();
  rules_.refuses = {{"u_fk", {.sqlstate = "23503", .message = "violates"}}};
  try {
    do_finalize();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_NE(error.info().where.find("tables/table.sql:"), std::string::npos);
  }
  rules_.refuses.clear();
  EXPECT_EQ(do_finalize().statements, 2U);  // the foreign key and the constraint that is not valid
}

TEST_F(SchemaFlow, FinalizeAddsItsFailuresToThoseOfImport) {
  do_export();
  rules_.refuses = {{"CREATE VIEW", {.sqlstate = "42601", .message = "no view"}},
                    {"u_fk", {.sqlstate = "23503", .message = "violates"}}};
  do_import({.continue_on_error = true});
  for (int run = 0; run < 2; ++run) {
    const ImportSchemaReport report =
        finalize_schema(entry_, target_, {.export_dir = dir_, .continue_on_error = true}, db_, context_);
    EXPECT_EQ(report.failed.size(), 1U);
  }
  const std::string failed = base::read_file(file("failed.sql"));
  EXPECT_EQ(sql::parse_file(failed).size(), 2U);
}

TEST_F(SchemaFlow, MaterializedViewsAreRefreshedInFileOrder) {
  write("MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW public.z AS SELECT 1 AS a\n  WITH NO DATA;");
  write("MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW public.a AS SELECT * FROM public.z\n  WITH NO DATA;");
  world_->materialized_views = {model::parse_table_name("public.a"), model::parse_table_name("public.z")};
  do_export();
  do_import();
  do_finalize(true);
  ASSERT_EQ(world_->refreshed.size(), 2U);
  EXPECT_EQ(model::display(world_->refreshed[0]), "public.z");
  EXPECT_EQ(model::display(world_->refreshed[1]), "public.a");
  EXPECT_TRUE(std::ranges::any_of(
      answers_.warnings, [](const std::string& text) { return text.find("public.z, public.a") != std::string::npos; }));
}

TEST_F(SchemaFlow, AViewThatCannotBeFilledStopsFinalizeOrIsPassedOver) {
  write("MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW public.z AS SELECT 1 AS a\n  WITH NO DATA;");
  write("MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW public.a AS SELECT 2 AS a\n  WITH NO DATA;");
  world_->materialized_views = {model::parse_table_name("public.z"), model::parse_table_name("public.a")};
  do_export();
  do_import();
  rules_.refuses = {
      {"REFRESH MATERIALIZED VIEW \"public\".\"z\"", {.sqlstate = "22012", .message = "division by zero"}}};
  try {
    do_finalize(true);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().where, "materialized view public.z");
    EXPECT_EQ(error.info().cause, "division by zero");
  }
  EXPECT_TRUE(world_->refreshed.empty());
  const ImportSchemaReport report = finalize_schema(
      entry_, target_, {.export_dir = dir_, .continue_on_error = true, .refresh_mviews = true}, db_, context_);
  EXPECT_EQ(report.not_refreshed, 1U);
  ASSERT_EQ(world_->refreshed.size(), 1U);
  EXPECT_EQ(model::display(world_->refreshed[0]), "public.a");
  EXPECT_TRUE(warned("public.z was not refreshed: division by zero"));
}

TEST_F(SchemaFlow, TheReplicaIdentityOfTheSourceIsLeftOutWhereTheLogIsAnother) {
  write("TABLE", "ALTER TABLE ONLY public.t REPLICA IDENTITY FULL;");
  do_export();
  do_import();
  EXPECT_EQ(times_run("REPLICA IDENTITY"), 1U);
  world_->traits.sharding = true;
  do_import({.ignore_exist = true});
  EXPECT_EQ(times_run("REPLICA IDENTITY"), 1U);
  EXPECT_TRUE(std::ranges::any_of(answers_.notices, [](const std::string& text) {
    return text.starts_with("the replica identity of 1 table is left out");
  }));
}

TEST_F(SchemaFlow, NoticesOfTheTargetAreNotSwitchedOff) {
  world_->schema.settings.insert(world_->schema.settings.begin(),
                                 {"SET client_min_messages = warning;", "SET transaction_timeout = 0;"});
  do_export();
  do_import();
  EXPECT_GT(times_run("SET a = 1"), 0U);
  EXPECT_EQ(times_run("client_min_messages"), 0U);
  EXPECT_EQ(times_run("transaction_timeout"), 0U);
}

TEST_F(SchemaFlow, WhatFitsNowhereIsNamedByTheImport) {
  do_export();
  do_import();
  EXPECT_FALSE(warned("uncategorized.sql"));
  base::write_file_atomically(file("uncategorized.sql"), "CREATE ACCESS METHOD x;");
  do_import({.ignore_exist = true});
  EXPECT_TRUE(warned("uncategorized.sql"));
}

TEST_F(SchemaFlow, AnIndexThatATryLeftUnfinishedIsBuiltAgain) {
  world_->traits.indexes_before_rows = true;
  do_export();
  world_->indexes[model::parse_table_name("public.t_i")] = false;
  EXPECT_EQ(do_import().skipped_existing, 0U);
  EXPECT_TRUE(world_->indexes.at(model::parse_table_name("public.t_i")));
}

TEST_F(SchemaFlow, ARequestToStopIsHeeded) {
  do_export();
  stop_.request_drain(2);
  try {
    do_import();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kInterrupted);
  }
  EXPECT_TRUE(rules_.attempts.empty());
}

TEST_F(SchemaFlow, AnUnfinishedIndexIsBuiltAgain) {
  std::vector<OptionLeftOut> left_out;
  const auto session = entry_.target(target_)->schema();
  const model::PostDataStatement index{.object = "i", .sql = "CREATE INDEX i ON public.t USING btree (a)"};
  EXPECT_FALSE(run_post_data(index, *session, left_out).has_value());
  EXPECT_FALSE(run_post_data(index, *session, left_out).has_value());
  EXPECT_EQ(world_->statements.size(), 1U);
  world_->indexes[model::parse_table_name("public.i")] = false;
  EXPECT_FALSE(run_post_data(index, *session, left_out).has_value());
  EXPECT_EQ(world_->statements.size(), 2U);
  EXPECT_EQ(session->valid_indexes({{model::Identifier("public"), model::Identifier("i")}}).size(), 1U);
}

TEST_F(SchemaFlow, TheIndexOfAPartitionedTableIsNeverDropped) {
  std::vector<OptionLeftOut> left_out;
  const auto session = entry_.target(target_)->schema();
  const model::PostDataStatement index{.object = "i", .sql = "CREATE INDEX i ON ONLY public.t USING btree (a)"};
  EXPECT_FALSE(run_post_data(index, *session, left_out).has_value());
  world_->indexes[model::parse_table_name("public.i")] = false;
  EXPECT_FALSE(run_post_data(index, *session, left_out).has_value());
  EXPECT_FALSE(world_->indexes.at(model::parse_table_name("public.i")));
}

TEST_F(SchemaFlow, ANoteIsToldAndNobodyIsAsked) {
  world_->source_findings = {{.note = true, .title = "it is newer than what was tried"}};
  answers_.answer = false;
  do_export();
  EXPECT_TRUE(answers_.questions.empty());
  EXPECT_EQ(answers_.warnings, std::vector<std::string>{"it is newer than what was tried"});
}

TEST_F(SchemaFlow, ATargetThatSortsOtherwiseIsToldBeforeAnythingIsMade) {
  do_export();
  EXPECT_EQ(source_database(db_).collation, "C");
  world_->target_collation = "de";
  do_import();
  EXPECT_EQ(answers_.warnings, std::vector<std::string>{"sorts otherwise"});
  EXPECT_TRUE(answers_.questions.empty());
}

TEST_F(SchemaFlow, OptionsThatTheTargetDoesNotKnowAreLeftOutAndListed) {
  rules_.refuses = {{"odd", {.sqlstate = "22023", .message = "unrecognized parameter \"odd\"", .may_be_option = true}},
                    {"SET COMPRESSION", {.sqlstate = "42601", .message = "syntax error", .may_be_option = true}}};
  const auto session = entry_.target(target_)->schema();
  std::vector<std::string> notices;
  std::vector<OptionLeftOut> left_out;
  EXPECT_FALSE(
      run_with_known_options(*session, "CREATE TABLE public.o (a int) WITH (fillfactor=70, odd=1)", notices, left_out));
  EXPECT_FALSE(run_with_known_options(*session, "ALTER TABLE public.o ALTER a SET (odd=2)", notices, left_out));
  EXPECT_FALSE(run_with_known_options(*session, "ALTER TABLE public.o ALTER a SET COMPRESSION lz4", notices, left_out));
  EXPECT_EQ(rules_.attempts[1], "CREATE TABLE public.o (a int) WITH (fillfactor=70)");
  ASSERT_EQ(left_out.size(), 3U);
  EXPECT_EQ(left_out[0].option, "odd=1");
  EXPECT_EQ(left_out[1].name, "odd");
  EXPECT_EQ(left_out[2].option, "ALTER TABLE public.o ALTER a SET COMPRESSION lz4");

  // Each once, whatever commands find it again.
  note_options_left_out(db_, left_out);
  note_options_left_out(db_, left_out);
  EXPECT_EQ(options_left_out(db_), left_out);
  forget_options_left_out(db_);
  EXPECT_TRUE(options_left_out(db_).empty());
}

TEST_F(SchemaFlow, ARefusalThatNamesNoOptionStays) {
  rules_.refuses = {{"70", {.sqlstate = "22023", .message = "it is odd", .may_be_option = true}}};
  const auto session = entry_.target(target_)->schema();
  std::vector<std::string> notices;
  std::vector<OptionLeftOut> left_out;
  const auto fault =
      run_with_known_options(*session, "CREATE TABLE public.o (odd int) WITH (fillfactor=70)", notices, left_out);
  ASSERT_TRUE(fault.has_value());
  EXPECT_TRUE(left_out.empty());
}

TEST_F(SchemaFlow, PostDataHandsARefusalBack) {
  std::vector<OptionLeftOut> left_out;
  rules_.refuses = {{"u_fk", {.sqlstate = "23503", .message = "violates"}}};
  const auto session = entry_.target(target_)->schema();
  const model::PostDataStatement key{
      .object = "u_fk", .sql = "ALTER TABLE public.u ADD CONSTRAINT u_fk FOREIGN KEY (a) REFERENCES public.t(a)"};
  const auto fault = run_post_data(key, *session, left_out);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->sqlstate, "23503");
}

}  // namespace
}  // namespace voyager::migration
