#include "migration/changes/fold.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <span>

namespace voyager::migration {
namespace {

using connector::ApplyStep;
using connector::ApplyTable;
using model::BeforeKind;
using model::Change;
using model::ChangeKind;
using model::ChangeTable;
using model::ChangeValue;
using model::Identifier;
using model::ValueKind;

ChangeValue text(std::string_view value) {
  return {.kind = ValueKind::kText, .text = value};
}

/// A table (id, a, b) with or without a key, and what was done to it.
struct World {
  explicit World(bool keyed) {
    target.name = {Identifier("public"), Identifier("t")};
    ChangeTable source{.name = target.name, .leaf = target.name};
    for (const char* column : {"id", "a", "b"}) {
      target.columns.push_back({.name = Identifier(column), .type = "text", .equality = "="});
      source.columns.push_back({.name = Identifier(column), .type = "text", .key = keyed && *column == 'i'});
    }
    if (!keyed) {
      for (auto& column : source.columns) column.key = true;
    } else {
      target.primary_key = {Identifier("id")};
    }
    plan = make_table_plan(source, &target);
    // Under another name: it was renamed on both sides between two changes.
    source.name = source.leaf = {Identifier("public"), Identifier("t_renamed")};
    std::ranges::reverse(source.columns);
    reversed = make_table_plan(source, &target);
  }

  /// Every change in one of two forms of the table.
  void add_in_forms(Fold& fold, std::mt19937& random) {
    for (const Change& change : changes) {
      if (random() % 3 != 0) {
        fold.add(plan, change);
        continue;
      }
      Change other = change;
      for (std::span<const ChangeValue>* tuple : {&other.before, &other.after}) {
        tuples.emplace_back(tuple->rbegin(), tuple->rend());
        *tuple = tuples.back();
      }
      fold.add(reversed, other);
    }
  }

  std::string_view keep(std::string value) { return texts.emplace_back(std::move(value)); }
  void add(ChangeKind kind, std::vector<ChangeValue> before, std::vector<ChangeValue> after,
           BeforeKind form = BeforeKind::kFull) {
    tuples.push_back(std::move(before));
    tuples.push_back(std::move(after));
    changes.push_back({.kind = kind,
                       .before_kind = tuples[tuples.size() - 2].empty() ? BeforeKind::kNone : form,
                       .before = tuples[tuples.size() - 2],
                       .after = tuples.back()});
  }

  ApplyTable target = {};
  TablePlan plan = {};
  TablePlan reversed = {};
  std::deque<std::string> texts = {};
  std::deque<std::vector<ChangeValue>> tuples = {};
  std::vector<Change> changes = {};
};

using Rows = std::multiset<std::vector<std::string>>;

/// What a server would make of the steps. Counts statements' rows that found nothing.
int run(const std::vector<ApplyStep>& steps, Rows& rows) {
  int missed = 0;
  for (const ApplyStep& step : steps) {
    const std::size_t width = step.key.size() + step.columns.size();
    for (std::size_t row = 0; row < step.rows; ++row) {
      const ChangeValue* const values = step.values.data() + row * width;
      std::vector<std::string> now(3);
      if (step.kind != ApplyStep::Kind::kInsert) {
        const auto found = std::ranges::find_if(rows, [&](const std::vector<std::string>& one) {
          for (std::size_t i = 0; i < step.key.size(); ++i) {
            if (one[step.key[i]] != values[i].text) return false;
          }
          return true;
        });
        if (found == rows.end()) {
          ++missed;
          continue;
        }
        now = *found;
        rows.erase(found);
        if (step.kind != ApplyStep::Kind::kUpdate) continue;
      }
      for (std::size_t i = 0; i < step.columns.size(); ++i) now[step.columns[i]] = values[step.key.size() + i].text;
      rows.insert(now);
    }
  }
  return missed;
}

/// Random changes that a source could have made to `rows`.
void make_changes(World& world, Rows& rows, std::mt19937& random, bool keyed) {
  const auto number = [&random](int below) { return std::to_string(random() % static_cast<unsigned>(below)); };
  for (int i = 0; i < 60; ++i) {
    std::vector<ChangeValue> before, after;
    const unsigned what = static_cast<unsigned>(random() % 10);
    if (rows.empty() || what < 3) {
      const std::string id = number(12);
      if (keyed && std::ranges::any_of(rows, [&](const auto& one) { return one[0] == id; })) continue;
      after = {text(world.keep(id)), text(world.keep(number(3))), text(world.keep(number(3)))};
      rows.insert({id, std::string(after[1].text), std::string(after[2].text)});
      world.add(ChangeKind::kInsert, {}, after);
      continue;
    }
    auto at = rows.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random() % rows.size()));
    std::vector<std::string> row = *at;
    for (const std::string& value : row) before.push_back(text(world.keep(value)));
    rows.erase(at);
    if (what < 5) {
      world.add(ChangeKind::kDelete, before, {});
      continue;
    }
    const std::string id = number(12);
    const bool moves = what == 5 && !std::ranges::any_of(rows, [&](const auto& one) { return keyed && one[0] == id; });
    if (moves) row[0] = id;
    row[1] = number(3);
    after = {text(world.keep(row[0])), text(world.keep(row[1])), {.kind = ValueKind::kUnchanged}};
    rows.insert(row);
    // An update that keeps its key may come without the tuple before.
    const bool bare = keyed && !moves && what == 6;
    world.add(ChangeKind::kUpdate, bare ? std::vector<ChangeValue>() : before, after);
  }
}

TEST(Fold, StatementsHaveTheEffectOfTheChanges) {
  Fold fold;  // One for all: nothing of a use is left in the next.
  for (unsigned seed = 1; seed <= 400; ++seed) {
    for (const bool keyed : {true, false}) {
      std::mt19937 random(seed);
      World world(keyed);
      Rows begin, wanted;
      make_changes(world, wanted, random, keyed);
      begin = wanted;
      world.changes.clear();
      make_changes(world, wanted, random, keyed);
      for (const Fold::Mode mode : {Fold::Mode::kFolded, Fold::Mode::kInOrder}) {
        fold.begin(mode);
        for (const Change& change : world.changes) fold.add(world.plan, change);
        Rows rows = begin;
        EXPECT_EQ(run(fold.steps(), rows), 0) << "seed " << seed;
        EXPECT_EQ(rows, wanted) << "seed " << seed << (keyed ? "" : ", without a key");
      }
    }
  }
}

// Partitions may have other orders of columns, and a column may come or go, or the table get another name, between two
// changes.
TEST(Fold, FormsOfATableKeepTheOrderOfARowsChanges) {
  Fold fold;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    for (const bool keyed : {true, false}) {
      std::mt19937 random(seed);
      World world(keyed);
      Rows begin, wanted;
      make_changes(world, wanted, random, keyed);
      begin = wanted;
      world.changes.clear();
      make_changes(world, wanted, random, keyed);
      fold.begin(Fold::Mode::kFolded);
      world.add_in_forms(fold, random);
      Rows rows = begin;
      EXPECT_EQ(run(fold.steps(), rows), 0) << "seed " << seed;
      EXPECT_EQ(rows, wanted) << "seed " << seed << (keyed ? "" : ", without a key");
    }
  }
}

TEST(Fold, ManyChangesOfARowAreOneStatement) {
  World world(true);
  world.add(ChangeKind::kInsert, {}, {text("1"), text("x"), text("y")});
  for (int i = 0; i < 5; ++i)
    world.add(ChangeKind::kUpdate, {},
              {text("1"), text(world.keep(std::to_string(i))), {.kind = ValueKind::kUnchanged}});
  Fold fold;
  for (const Change& change : world.changes) fold.add(world.plan, change);
  EXPECT_EQ(fold.counts()[0].updates, 5U);
  const std::vector<ApplyStep> steps = fold.steps();
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].kind, ApplyStep::Kind::kInsert);
  EXPECT_EQ(steps[0].values[1].text, "4");
  EXPECT_EQ(steps[0].values[2].text, "y");
}

TEST(Fold, ATruncationNamesWhatWasTruncated) {
  World world(true);
  ChangeTable whole{.name = world.target.name, .leaf = world.target.name};
  ChangeTable part{.name = world.target.name, .leaf = {Identifier("public"), Identifier("t_1")}};
  Fold fold;
  Change change{.kind = ChangeKind::kTruncate, .tables = {&part}};
  fold.truncate({&world.plan}, change);
  EXPECT_EQ(fold.steps().at(0).truncated.at(0).name, part.leaf);
  change.tables = {&whole, &part};
  fold.truncate({&world.plan, &world.plan}, change);
  const std::vector<ApplyStep> steps = fold.steps();
  ASSERT_EQ(steps.at(0).truncated.size(), 1U);
  EXPECT_EQ(steps[0].truncated[0].name, whole.name);
}

TEST(Fold, CascadesOfRowsThatHaveNothingToDoWithOneAnotherAreOneStatement) {
  World world(true);
  // Rows of the table refer to those of another one, whose rows go or get other keys.
  connector::ApplyTable other = world.target;
  other.name = {Identifier("public"), Identifier("other")};
  TablePlan parent = world.plan;
  parent.target = &other;
  parent.identity = world.plan.identity + 1;
  ChangeTable child{.name = world.target.name, .leaf = world.target.name}, root{.name = other.name, .leaf = other.name};
  using Act = model::ActingKey::Act;
  const std::vector<model::ActingKey> keys = {{.table = 1,
                                               .parent = 0,
                                               .columns = {1},
                                               .parent_columns = {0},
                                               .on_delete = Act::kDelete,
                                               .on_update = Act::kFollow}};
  const ChangeValue unset{.kind = ValueKind::kUnchanged};
  const std::vector<const TablePlan*> plans = {&parent, &world.plan};
  std::deque<std::vector<ChangeValue>> tuples;
  const auto value = [&](const char* one) -> const std::vector<ChangeValue>& {
    return tuples.emplace_back(std::vector<ChangeValue>{text(one), unset, unset});
  };
  Fold fold;
  const auto gone = [&](const char* before) {
    fold.cascade(
        plans, {.kind = ChangeKind::kCascade, .before = value(before), .tables = {&root, &child}, .acting_keys = keys});
  };
  const auto moved = [&](const char* before, const char* after) {
    fold.cascade(plans, {.kind = ChangeKind::kCascade,
                         .before = value(before),
                         .after = value(after),
                         .tables = {&root, &child},
                         .acting_keys = keys});
  };
  const auto shape = [&] {
    std::string out;
    for (const ApplyStep& step : fold.steps())
      out += fmt::format("{}{}{} ", step.kind == ApplyStep::Kind::kCascade ? "cascade" : "rows", step.rows,
                         step.columns.empty() || step.kind != ApplyStep::Kind::kCascade ? "" : "u");
    return out;
  };
  world.add(ChangeKind::kDelete, {text("1"), {}, {}}, {});
  world.add(ChangeKind::kInsert, {}, {text("9"), text("x"), text("y")});
  const Change& deletes = world.changes[0];
  const Change& inserts = world.changes[1];
  // Rows of the parent, and rows of the child that are deleted, have nothing to do with it.
  gone("1");
  fold.add(parent, deletes);
  gone("2");
  fold.add(world.plan, deletes);
  gone("3");
  EXPECT_EQ(shape(), "rows1 rows1 cascade3 ");
  // Another row of the child may refer to what was taken away.
  fold.begin(Fold::Mode::kFolded);
  gone("1");
  fold.add(world.plan, inserts);
  gone("2");
  EXPECT_EQ(shape(), "cascade1 rows1 cascade1 ");
  // Those whose values are handed over follow one another.
  fold.begin(Fold::Mode::kFolded);
  moved("1", "11");
  moved("2", "12");
  moved("3", "2");
  moved("12", "13");
  moved("Q  ", "r");
  moved("r", "s");
  EXPECT_EQ(shape(), "cascade2u cascade1u cascade2u cascade1u ");
  // Updates change rows that a later deletion names otherwise.
  fold.begin(Fold::Mode::kFolded);
  moved("1", "11");
  fold.add(world.plan, deletes);
  EXPECT_EQ(shape(), "cascade1u rows1 ");
  fold.begin(Fold::Mode::kInOrder);
  gone("1");
  fold.add(parent, deletes);
  gone("2");
  EXPECT_EQ(shape(), "cascade1 rows1 cascade1 ");
}

TEST(Fold, ACascadeIsBeforeLaterRowsOfItsTables) {
  World world(true);
  ChangeTable table{.name = world.target.name, .leaf = world.target.name};
  const std::vector<model::ActingKey> keys = {
      {.table = 0, .parent = 0, .columns = {1}, .parent_columns = {2}, .on_delete = model::ActingKey::Act::kDelete}};
  const ChangeValue unset{.kind = ValueKind::kUnchanged};
  const std::vector<ChangeValue> one = {unset, unset, text("1")}, two = {unset, unset, text("2")};
  Fold fold;
  // The columns of the source stand the other way round.
  const std::vector<const TablePlan*> plans = {&world.reversed};
  fold.cascade(plans, {.kind = ChangeKind::kCascade, .before = one, .tables = {&table}, .acting_keys = keys});
  fold.cascade(plans, {.kind = ChangeKind::kCascade, .before = two, .tables = {&table}, .acting_keys = keys});
  world.add(ChangeKind::kInsert, {}, {text("1"), text("x"), text("y")});
  fold.add(world.plan, world.changes.front());
  fold.cascade(plans, {.kind = ChangeKind::kCascade, .before = one, .tables = {&table}, .acting_keys = keys});
  for (int i = 0; i < 2; ++i)
    fold.cascade(plans,
                 {.kind = ChangeKind::kCascade, .before = one, .after = two, .tables = {&table}, .acting_keys = keys});
  const std::vector<ApplyStep> steps = fold.steps();
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[0].rows, 2U);
  EXPECT_EQ(steps[0].key, std::vector<std::uint32_t>{0});
  EXPECT_EQ(steps[0].acting_keys[0].columns, std::vector<std::uint32_t>{1});
  EXPECT_EQ(steps[0].acting_keys[0].parent_columns, std::vector<std::uint32_t>{0});
  EXPECT_EQ(steps[0].values.back().text, "2");
  EXPECT_EQ(steps[1].kind, ApplyStep::Kind::kInsert);
  EXPECT_EQ(steps[2].rows, 1U);
  for (const std::size_t update : {3U, 4U}) {
    EXPECT_EQ(steps[update].rows, 1U);
    EXPECT_EQ(steps[update].columns, std::vector<std::uint32_t>{0});
    EXPECT_EQ(steps[update].values.back().text, "2");
  }
}

// A server takes no message of a gigabyte, and a transaction may have more.
TEST(Fold, LargeStatementsAreSplit) {
  for (const bool keyed : {true, false}) {
    World world(keyed);
    const std::string_view large = world.keep(std::string(1U << 20U, 'x'));
    for (int i = 0; i < 20; ++i)
      world.add(ChangeKind::kInsert, {}, {text(world.keep(std::to_string(i))), text(large), text("b")});
    for (int i = 20; i < 25'000; ++i)
      world.add(ChangeKind::kInsert, {}, {text(world.keep(std::to_string(i))), text("a"), text("b")});
    Fold fold;
    for (const Change& change : world.changes) fold.add(world.plan, change);
    std::set<std::string> seen;
    const std::vector<ApplyStep> steps = fold.steps();
    EXPECT_LE(steps.size(), 8U);
    for (const ApplyStep& step : steps) {
      std::size_t bytes = 0;
      for (const ChangeValue& value : step.values) bytes += value.text.size();
      EXPECT_LE(bytes, 9U << 20U);
      EXPECT_LE(step.rows, 10'000U);
      ASSERT_EQ(step.values.size(), 3 * step.rows);
      for (std::size_t row = 0; row < step.rows; ++row) seen.emplace(step.values[3 * row].text);
    }
    EXPECT_EQ(seen.size(), 25'000U);
  }
}

}  // namespace
}  // namespace voyager::migration
