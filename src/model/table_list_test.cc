#include "model/table_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace voyager::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Table table(const char* schema, const char* name, TableKind kind = TableKind::kPlain, const char* root = nullptr) {
  Table made;
  made.name = {.schema = Identifier(schema), .name = Identifier(name)};
  made.kind = kind;
  made.root = {.schema = Identifier(schema), .name = Identifier(root == nullptr ? name : root)};
  return made;
}

std::vector<Table> catalog() {
  return {table("public", "orders"),
          table("public", "order_items"),
          table("public", "Orders"),
          table("sales", "orders"),
          table("sales", "odd.name"),
          table("public", "events", TableKind::kPartitionRoot),
          table("public", "events_2024", TableKind::kLeafPartition, "events"),
          table("public", "events_2025", TableKind::kLeafPartition, "events"),
          table("public", "hollow", TableKind::kPartitionRoot)};
}

std::vector<std::string> select(std::vector<std::string> include, std::vector<std::string> exclude = {},
                                const std::string& default_schema = "public") {
  std::vector<std::string> names;
  for (const Table& one : select_tables(catalog(), {.include = std::move(include), .exclude = std::move(exclude)},
                                        Identifier(default_schema))) {
    names.push_back(display(one.name));
  }
  return names;
}

base::ErrorInfo error_of(std::vector<std::string> include, std::vector<std::string> exclude = {},
                         const std::string& default_schema = "public") {
  try {
    select(std::move(include), std::move(exclude), default_schema);
  } catch (const base::Error& error) {
    return error.info();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(SplitTableList, TakesCommasAndLineEndsAndRespectsQuotes) {
  EXPECT_THAT(split_table_list("a, b ,\"c,d\""), ElementsAre("a", "b", "\"c,d\""));
  EXPECT_THAT(split_table_list("a,b\r\n\n  \nc.d\n"), ElementsAre("a", "b", "c.d"));
  EXPECT_THAT(split_table_list(" , ,\n"), IsEmpty());
  EXPECT_THAT(split_table_list("\"a\"\",b\",c"), ElementsAre("\"a\"\",b\"", "c"));
}

TEST(SelectTables, EmptyListsMeanAll) {
  EXPECT_EQ(select({}).size(), catalog().size());
}

TEST(SelectTables, ABareNameMeansTheDefaultSchemaAndIgnoresCase) {
  EXPECT_THAT(select({"ORDERS"}), ElementsAre("public.orders", "public.\"Orders\""));
  EXPECT_THAT(select({"orders"}, {}, "sales"), ElementsAre("sales.orders"));
}

TEST(SelectTables, QuotesAreExactAndHoldNoGlob) {
  EXPECT_THAT(select({"\"Orders\""}), ElementsAre("public.\"Orders\""));
  EXPECT_THAT(select({"\"public\".\"orders\""}), ElementsAre("public.orders"));
  EXPECT_THAT(select({"sales.\"odd.name\""}), ElementsAre("sales.\"odd.name\""));
  EXPECT_EQ(error_of({"\"order*\""}).exit, base::ExitCode::kUsage);
}

TEST(SelectTables, GlobsMatch) {
  EXPECT_THAT(select({"order_*"}), ElementsAre("public.order_items"));
  EXPECT_THAT(select({"SALES.o*"}), ElementsAre("sales.orders", "sales.\"odd.name\""));
  EXPECT_THAT(select({"*.orders"}), ElementsAre("public.orders", "public.\"Orders\"", "sales.orders"));
  EXPECT_THAT(select({"order?"}), ElementsAre("public.orders", "public.\"Orders\""));
  EXPECT_THAT(select({"events_202[5-9]"}), ElementsAre("public.events", "public.events_2025"));
}

TEST(SelectTables, ARootBringsItsLeavesAndALeafItsRoot) {
  EXPECT_THAT(select({"events"}), ElementsAre("public.events", "public.events_2024", "public.events_2025"));
  EXPECT_THAT(select({"events_2024"}), ElementsAre("public.events", "public.events_2024"));
  EXPECT_THAT(select({"hollow"}), ElementsAre("public.hollow"));
}

TEST(SelectTables, ExclusionTakesAwayAfterInclusion) {
  EXPECT_THAT(select({"order*"}, {"\"Orders\"", "order_items"}), ElementsAre("public.orders"));
  EXPECT_THAT(select({"events"}, {"events_2024"}), ElementsAre("public.events", "public.events_2025"));
  EXPECT_THAT(select({"events_2024"}, {"events"}), IsEmpty());
  // With every leaf gone the root has nothing to say either.
  EXPECT_THAT(select({"events"}, {"events_*"}), IsEmpty());
}

TEST(SelectTables, UnknownNamesAreListedWithTheValidOnesAndTheNearest) {
  const base::ErrorInfo info = error_of({"ordesr", "nothing_like_it"}, {"sales.order"});
  EXPECT_EQ(info.exit, base::ExitCode::kUsage);
  EXPECT_THAT(info.title, HasSubstr("ordesr, nothing_like_it, sales.order"));
  EXPECT_THAT(info.cause, HasSubstr("public.order_items"));
  EXPECT_THAT(info.cause, HasSubstr("sales.orders"));
  ASSERT_GE(info.fix.size(), 2U);
  EXPECT_THAT(info.fix[0], HasSubstr("public.orders"));
  EXPECT_THAT(info.fix[1], HasSubstr("sales.orders"));
}

TEST(SelectTables, WrongEntriesAreRefused) {
  EXPECT_THAT(error_of({"a.b.c"}).cause, HasSubstr("more than one dot"));
  EXPECT_THAT(error_of({"\"open"}).cause, HasSubstr("not closed"));
  EXPECT_THAT(error_of({"sales."}).cause, HasSubstr("empty"));
  EXPECT_THAT(error_of({"a\"b\""}).cause, HasSubstr("inside a name"));
  EXPECT_THAT(error_of({"\"a\"b"}).cause, HasSubstr("follows"));
  EXPECT_THAT(error_of({"orders"}, {}, "").cause, HasSubstr("default schema"));
}

}  // namespace
}  // namespace voyager::model
