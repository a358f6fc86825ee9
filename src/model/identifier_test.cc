#include "model/identifier.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace voyager::model {
namespace {

TableName name(const char* schema, const char* table) {
  return {.schema = Identifier(schema), .name = Identifier(table)};
}

TEST(Identifier, QuotedDoublesQuotes) {
  EXPECT_EQ(quoted(Identifier("plain")), "\"plain\"");
  EXPECT_EQ(quoted(Identifier("a\"b")), "\"a\"\"b\"");
  EXPECT_EQ(quoted(name("My Schema", "t")), "\"My Schema\".\"t\"");
}

TEST(Identifier, DisplayQuotesOnlyWherePostgresWould) {
  for (const char* plain : {"orders", "_x9", "name", "value"}) EXPECT_EQ(display(Identifier(plain)), plain);
  for (const char* odd : {"Orders", "9lives", "a b", "tr\xC3\xA4ge", "dollar$", "select", "user", "varchar"}) {
    EXPECT_EQ(display(Identifier(odd)), "\"" + std::string(odd) + "\"");
  }
  EXPECT_EQ(display(name("public", "order")), "public.\"order\"");
}

TEST(Identifier, ShortFormLeavesOutPublic) {
  EXPECT_EQ(display_short(name("public", "orders")), "orders");
  EXPECT_EQ(display_short(name("", "orders")), "orders");
  EXPECT_EQ(display_short(name("Sales", "orders")), "\"Sales\".orders");
}

TEST(ParseTableName, FoldsWhatIsNotQuoted) {
  EXPECT_EQ(parse_table_name("Orders"), name("", "orders"));
  EXPECT_EQ(parse_table_name(" Sales.Orders "), name("sales", "orders"));
  EXPECT_EQ(parse_table_name("\"Sales\".\"or.d\"\"ers\""), name("Sales", "or.d\"ers"));
  EXPECT_EQ(parse_table_name("\"Sales\" . orders"), name("Sales", "orders"));
}

TEST(ParseTableName, ReadsBackWhatDisplayAndQuotedWrite) {
  for (const TableName& one :
       {name("public", "orders"), name("A b", "c\"d"), name("x", "se.lect"), name("\xC3\x84", "user")}) {
    EXPECT_EQ(parse_table_name(display(one)), one);
    EXPECT_EQ(parse_table_name(quoted(one)), one);
  }
}

TEST(ParseTableName, RefusesWhatIsNoName) {
  for (const char* wrong : {"", " ", "a.b.c", "\"open", "\"a\"b", "a\"b\"", "a\"", ".a", "a.", "\"\"", "\"\".a"}) {
    EXPECT_THROW(parse_table_name(wrong), base::Error) << wrong;
  }
}

}  // namespace
}  // namespace voyager::model
