#include "migration/changes/table_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/temporary_folder_testing.h"
#include "base/text.h"
#include "format/meta_db.h"
#include "migration/changes/roles.h"
#include "migration/changes/table_plan.h"

namespace voyager::migration {
namespace {

using model::Identifier;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

model::TableName named(const char* table) {
  return {Identifier("public"), Identifier(table)};
}

connector::ApplyTable target(const char* name, std::uint64_t number,
                             std::initializer_list<std::pair<const char*, std::uint32_t>> columns) {
  connector::ApplyTable out{.name = named(name), .number = number};
  for (const auto& [column, at] : columns)
    out.columns.push_back({.name = Identifier(column), .type = "text", .full_type = "text", .number = at});
  return out;
}

model::ChangeTable source(const char* name, std::uint64_t number,
                          std::initializer_list<std::pair<const char*, std::uint32_t>> columns) {
  model::ChangeTable out{.name = named(name), .leaf = named(name), .number = number};
  for (const auto& [column, at] : columns)
    out.columns.push_back({.name = Identifier(column),
                           .type = "text",
                           .key = std::string_view(column) == "id",
                           .addable = true,
                           .number = at});
  return out;
}

const TablePair kPair{.target = 70,
                      .name = named("t"),
                      .columns = {{1, {11, Identifier("id")}}, {2, {12, Identifier("a")}}, {3, {13, Identifier("b")}}}};

TablePlan plan_of(const model::ChangeTable& from, const connector::ApplyTable& to) {
  return make_table_plan(from, &to, {}, nullptr, &kPair);
}

TEST(Pairs, AreKept) {
  const base::TemporaryFolder folder;
  format::MetaDb db(folder.path());
  note_numbered_tables(db, "e",
                       {{named("t"), 7, {{Identifier("id"), 1}, {Identifier("caf\xe9"), 2}}}, {named("u"), 8}});
  const std::vector<connector::ApplyTable> there = {target("t", 70, {{"id", 11}, {"caf\xe9", 12}, {"more", 13}})};
  const TablePairs pairs = pair_tables(db, "target_db_importer", "e", there);
  EXPECT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs.at(7).columns.at(2), (TablePair::Column{12, Identifier("caf\xe9")}));
  // What was paired once stays so, whatever it is called.
  const std::vector<connector::ApplyTable> exchanged = {target("t", 71, {{"id", 12}}), target("u", 72, {})};
  EXPECT_EQ(pair_tables(db, "target_db_importer", "e", exchanged).at(7), pairs.at(7));
  EXPECT_EQ(table_pairs(db, "target_db_importer", "e").at(8).target, 72U);
  EXPECT_TRUE(table_pairs(db, "target_db_importer", "other").empty());
  // Rows of a later snapshot are as that one was.
  note_later_snapshot(db, "e", {{named("t"), 7, {{Identifier("id"), 2}}}});
  EXPECT_EQ(pair_tables(db, "target_db_importer", "e", exchanged).at(7).target, 71U);
  EXPECT_EQ(pair_tables(db, "target_db_importer", "e", exchanged).at(7).columns.at(2).target, 12U);
}

TEST(Pairs, ColumnsThatExchangeTheirNames) {
  // On the source alone: nobody has said so on the target.
  const TablePlan first =
      plan_of(source("t", 7, {{"id", 1}, {"b", 2}, {"a", 3}}), target("t", 70, {{"id", 11}, {"a", 12}, {"b", 13}}));
  EXPECT_EQ(first.renamed, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_FALSE(first.certain());
  EXPECT_THROW(refuse_changes(first, ""), base::Error);
  // On the target alone, or the changes are older: each goes where it was from the start.
  const TablePlan second =
      plan_of(source("t", 7, {{"id", 1}, {"a", 2}, {"b", 3}}), target("t", 70, {{"id", 11}, {"b", 12}, {"a", 13}}));
  EXPECT_TRUE(second.ready());
  EXPECT_EQ(second.target_of, (std::vector<std::uint32_t>{0, 1, 2}));
  // On both.
  const TablePlan third =
      plan_of(source("t", 7, {{"id", 1}, {"b", 2}, {"a", 3}}), target("t", 70, {{"id", 11}, {"b", 12}, {"a", 13}}));
  EXPECT_TRUE(third.ready());
  EXPECT_EQ(third.target_of, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(third.pair->columns.at(2).name, Identifier("b"));
}

TEST(Pairs, AColumnThatIsDroppedAndMadeAgain) {
  const connector::ApplyTable there = target("t", 70, {{"id", 11}, {"a", 12}, {"b", 13}});
  const TablePlan other = plan_of(source("t", 7, {{"id", 1}, {"b", 3}, {"a", 4}}), there);
  EXPECT_EQ(other.taken, (std::vector<std::uint32_t>{2}));
  EXPECT_FALSE(other.certain());
  // Dropped on the target: the new one is to be added; made anew there: it is that one.
  const TablePlan dropped =
      plan_of(source("t", 7, {{"id", 1}, {"b", 3}, {"a", 4}}), target("t", 70, {{"id", 11}, {"b", 13}}));
  EXPECT_TRUE(dropped.certain());
  EXPECT_EQ(dropped.missing, (std::vector<std::uint32_t>{2}));
  EXPECT_TRUE(dropped.only_adds({{Identifier("a"), "text"}}));
  const TablePlan anew =
      plan_of(source("t", 7, {{"id", 1}, {"b", 3}, {"a", 4}}), target("t", 70, {{"id", 11}, {"b", 13}, {"a", 14}}));
  EXPECT_TRUE(anew.ready());
  EXPECT_EQ(anew.pair->columns.at(4).target, 14U);
  // One that is gone at the source needs nothing of the target.
  model::ChangeTable gone = source("t", 7, {{"id", 1}, {"a", 2}, {"c", 9}});
  gone.columns[1].gone = gone.columns[2].gone = true;
  const TablePlan without = plan_of(gone, target("t", 70, {{"id", 11}, {"b", 13}, {"c", 14}}));
  EXPECT_TRUE(without.ready());
  EXPECT_EQ(without.target_of, (std::vector<std::uint32_t>{0, TablePlan::kNowhere, TablePlan::kNowhere}));
  EXPECT_EQ(plan_of(gone, there).target_of[1], 1U) << "where it still is, it goes on";
}

TEST(Pairs, TablesThatExchangeTheirNames) {
  std::optional<TablePairs> noted;
  const auto plans = [&](std::vector<connector::ApplyTable> tables) {
    auto out = std::make_unique<TablePlans>(std::move(tables), PartitionKeys());
    out->set_pairs({{7, {.target = 70, .name = named("t"), .columns = {{1, {11, Identifier("id")}}}}},
                    {8, {.target = 80, .name = named("u"), .columns = {{1, {21, Identifier("id")}}}}}},
                   [&](const TablePairs& pairs) { noted = pairs; });
    return out;
  };
  const model::ChangeTable before = source("t", 7, {{"id", 1}}), after = source("u", 7, {{"id", 1}});
  auto source_only = plans({target("t", 70, {{"id", 11}}), target("u", 80, {{"id", 21}})});
  EXPECT_TRUE(source_only->of(before).ready());
  EXPECT_EQ(source_only->of(after).table, TablePlan::Table::kRenamed);
  EXPECT_THROW(refuse_changes(source_only->of(after), ""), base::Error);
  auto both = plans({target("u", 70, {{"id", 11}}), target("t", 80, {{"id", 21}})});
  EXPECT_EQ(both->of(before).target->number, 70U) << "older changes";
  EXPECT_TRUE(both->of(after).ready());
  EXPECT_EQ(both->of(after).target->number, 70U);
  EXPECT_EQ(noted->at(7).name, named("u"));
  // Made anew on the source under the name of another.
  EXPECT_EQ(source_only->of(source("t", 9, {{"id", 1}})).table, TablePlan::Table::kTaken);
  // Made anew on the target.
  EXPECT_TRUE(plans({target("t", 71, {{"id", 11}})})->of(before).ready());
}

TEST(Pairs, WhatIsToBeDoneIsSaidOfTheSideThatChangesGoTo) {
  const auto told = [](const TablePlan& plan, const Sides& sides) {
    try {
      refuse_changes(plan, "", sides);
    } catch (const base::Error& error) {
      return error.info().title + "; " + error.info().cause + "; " + base::join(error.info().fix, "; ");
    }
  };
  const connector::ApplyTable there = target("t", 70, {{"id", 11}, {"a", 12}, {"b", 13}});
  const TablePlan renamed = plan_of(source("t", 7, {{"id", 1}, {"c", 2}, {"b", 3}}), there);
  EXPECT_THAT(told(renamed, sides_of("target_db_importer", kSourceExporter)),
              AllOf(HasSubstr("the target's table public.t has no column c"),
                    HasSubstr("the source's column a was renamed"), HasSubstr("rename it on the target as well")));
  EXPECT_THAT(told(renamed, sides_of("source_db_importer", kTargetExporterBack)),
              AllOf(HasSubstr("the source's table public.t has no column c"),
                    HasSubstr("the target's column a was renamed"), HasSubstr("rename it on the source as well")));
  EXPECT_THAT(told(renamed, sides_of("source_replica_db_importer", kSourceExporter)),
              AllOf(HasSubstr("the source-replica's table"), HasSubstr("the source's column a")));
  EXPECT_THAT(told(renamed, sides_of("source_replica_db_importer", kTargetExporterForward)),
              AllOf(HasSubstr("the source-replica's table"), HasSubstr("the target's column a")));
  const TablePlan nowhere = make_table_plan(source("t", 7, {{"id", 1}}), nullptr);
  EXPECT_THAT(told(nowhere, sides_of("source_db_importer", kTargetExporterBack)),
              AllOf(HasSubstr("the source has no table public.t"), Not(HasSubstr("on the target it"))));
}

TEST(Pairs, WithoutNumbersNamesDecide) {
  const TablePlan plan = plan_of(source("t", 0, {{"id", 0}, {"b", 0}}), target("t", 70, {{"id", 11}, {"b", 12}}));
  EXPECT_TRUE(plan.ready());
}

}  // namespace
}  // namespace voyager::migration
