#include "sql/document.h"

#include <gtest/gtest.h>

#include <string>

namespace voyager::sql {
namespace {

constexpr const char* kText = R"(-- the first
CREATE TABLE a (id int);

\connect shop
-- about b
CREATE TABLE b (id int);


CREATE TABLE c (id int);
)";

std::string describe(const Document& document) {
  std::string text;
  for (const FileStatement& one : document.statements())
    text += std::to_string(one.piece.line) + " " + one.info.object.name.catalog_text() + "\n";
  return text;
}

/// Shows that nobody asked the grammar again: the text says otherwise.
Rewritten known_as(const char* sql, const char* name) {
  Rewritten one{.sql = sql};
  one.info.kind = StatementKind::kCreateTable;
  one.info.object.name = model::Identifier(name);
  return one;
}

TEST(Document, EditsKeepAllTheRest) {
  Document document(kText);
  EXPECT_EQ(describe(document), "2 a\n4 \n6 b\n9 c\n");
  document.apply({{.statement = 2}, {.statement = 3, .now = known_as("CREATE TABLE d (\n  id int);", "d")}});
  EXPECT_EQ(document.text(),
            "-- the first\nCREATE TABLE a (id int);\n\n\\connect shop\n-- about b\n\n\n\n"
            "CREATE TABLE d (\n  id int);\n");
  EXPECT_EQ(describe(document), describe(Document(document.text())));
  const Document copy = document;
  document.apply({{.statement = 0}});
  EXPECT_EQ(describe(document), "4 \n9 d\n");
  EXPECT_EQ(describe(copy), "2 a\n4 \n9 d\n");
}

TEST(Document, WhatIsKnownIsNotParsedAgain) {
  Document document(kText);
  document.apply({{.statement = 0, .now = known_as("CREATE TABLE a (id bigint);", "told")}});
  document.apply({{.statement = 2, .now = known_as("CREATE TABLE b (id bigint);", "b2")}});
  EXPECT_EQ(describe(document), "2 told\n4 \n6 b2\n9 c\n");
}

TEST(Document, WhatIsNoLongerOneStatementIsReadAnew) {
  Document document("CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n");
  document.apply({{.statement = 0, .now = known_as("SELECT 1; CREATE TABLE x (id int);", "x")}});
  EXPECT_EQ(describe(document), "1 \n1 x\n2 b\n");
}

TEST(Document, NothingIsADocument) {
  EXPECT_TRUE(Document().statements().empty());
  EXPECT_EQ(Document().text(), "");
}

}  // namespace
}  // namespace voyager::sql
