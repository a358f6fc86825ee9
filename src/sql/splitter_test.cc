// Each testdata/NAME.sql is split and parsed; NAME.expected says what must come out. Run with VOY_REWRITE=1 to write
// the expectations anew, then read the difference.
#include "sql/splitter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace voyager::sql {
namespace {

const std::filesystem::path kTestdata = std::filesystem::path(VOY_FOLDER) / "testdata";

const char* name_of(StatementKind kind) {
  switch (kind) {
    case StatementKind::kOther:
      return "other";
    case StatementKind::kSession:
      return "session";
    case StatementKind::kCreateSchema:
      return "create schema";
    case StatementKind::kCreateTable:
      return "create table";
    case StatementKind::kCreateIndex:
      return "create index";
    case StatementKind::kCreateMaterializedView:
      return "create materialized view";
    case StatementKind::kCreateRoutine:
      return "create routine";
    case StatementKind::kAddConstraint:
      return "add constraint";
    case StatementKind::kAddIdentity:
      return "add identity";
    case StatementKind::kAttachPartition:
      return "attach partition";
    case StatementKind::kAttachIndex:
      return "attach index";
    case StatementKind::kUsesIndex:
      return "uses index";
    case StatementKind::kAltersIndex:
      return "alters index";
    case StatementKind::kCommentOnIndex:
      return "comment on index";
    case StatementKind::kCommentOnConstraint:
      return "comment on constraint";
    case StatementKind::kCreateExtension:
      return "create extension";
    case StatementKind::kCreatePolicy:
      return "create policy";
    case StatementKind::kCreateUserMapping:
      return "create user mapping";
    case StatementKind::kOwner:
      return "owner";
    case StatementKind::kRights:
      return "rights";
    case StatementKind::kSetting:
      return "setting";
  }
  return "?";
}

const char* name_of(ConstraintKind kind) {
  switch (kind) {
    case ConstraintKind::kNone:
      return "";
    case ConstraintKind::kPrimaryKey:
      return " primary key";
    case ConstraintKind::kUnique:
      return " unique";
    case ConstraintKind::kExclusion:
      return " exclusion";
    case ConstraintKind::kCheck:
      return " check";
    case ConstraintKind::kForeignKey:
      return " foreign key";
    case ConstraintKind::kOther:
      return " other constraint";
  }
  return "?";
}

std::string text_of(const model::TableName& name) {
  return name.schema.empty() ? model::display(name.name) : model::display(name);
}

std::string constraint_text(const Piece& piece, const ConstraintInfo& constraint) {
  if (constraint.kind == ConstraintKind::kNone) return {};
  std::string text = name_of(constraint.kind);
  if (constraint.not_valid) text += " not-valid";
  if (constraint.using_index) text += " using-index";
  if (constraint.on_domain) text += " on-domain";
  if (!constraint.self_contained) text += " needs-others";
  return text + " [" + std::string(piece.sql().substr(constraint.definition, 25)) + "]";
}

std::string describe(const Piece& piece) {
  std::string text = fmt::format("{}:{} ", piece.line, piece.column);
  if (piece.kind == Piece::Kind::kMeta) return text + "psql line\n";
  if (piece.kind == Piece::Kind::kTrivia) return text + "rest\n";
  const Statement statement = parse_statement(piece.sql());
  text += name_of(statement.kind);
  if (!statement.object.name.empty()) text += " " + text_of(statement.object);
  if (!statement.table.name.empty() && statement.table != statement.object) text += " on " + text_of(statement.table);
  if (statement.alter) text += " alter";
  if (statement.only) text += " only";
  const CreateTableInfo& table = statement.create_table;
  if (table.has_column_list) text += " columns";
  if (table.partitioned) text += " partitioned";
  if (statement.kind == StatementKind::kCreateTable && statement.keys.primary) text += " has-key";
  for (const model::TableName& parent : table.parents) text += " from " + text_of(parent);
  text += constraint_text(piece, statement.constraint);
  if (!statement.refused.empty()) text += " REFUSED: " + statement.refused;
  return text + "\n";
}

std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kTestdata)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(Splitter, CasesInTestdata) {
  ASSERT_FALSE(cases().empty());
  for (const std::filesystem::path& file : cases()) {
    const std::string text = base::read_file(file);
    std::string found;
    for (const Piece& piece : split_statements(text)) found += describe(piece);
    std::filesystem::path expected = file;
    expected.replace_extension(".expected");
    if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(expected, found);
    EXPECT_EQ(found, base::read_file(expected)) << file;
  }
}

void expect_whole(const std::string& text) {
  std::string joined;
  std::size_t offset = 0;
  for (const Piece& piece : split_statements(text)) {
    ASSERT_FALSE(piece.text.empty());
    ASSERT_EQ(piece.offset, offset);
    ASSERT_LE(piece.body, piece.text.size());
    const std::string before = text.substr(0, piece.offset + piece.body);
    ASSERT_EQ(piece.line, 1 + std::ranges::count(before, '\n'));
    offset += piece.text.size();
    joined += piece.text;
  }
  ASSERT_EQ(joined, text);
}

// Random texts from the parts on which a splitter can stumble. The seed is fixed, so a failure can be repeated.
TEST(Splitter, PiecesTogetherAreTheInput) {
  const std::vector<std::string> parts = {
      ";",  "'",     "''",     "\"", "$$",    "$a$", "$1",     "--",  "\n",   "/*",        "*/",
      "(",  ")",     "E'",     "\\", "begin", " ",   "atomic", "end", "case", "create",    "function",
      "\t", "\\r\n", "select", "ä",  "a$b$",  "-",   "/",      "\r",  "\xff", "procedure", std::string(1, '\0')};
  std::mt19937 random(20240229);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::size_t length = random() % 40;
    for (std::size_t i = 0; i < length; ++i) {
      text += parts[random() % parts.size()];
      if (random() % 2 == 0) text += ' ';
    }
    expect_whole(text);
    if (HasFatalFailure()) FAIL() << "round " << round << ": " << text;
  }
}

TEST(Splitter, AFileIsItsPieces) {
  for (const std::filesystem::path& file : cases()) expect_whole(base::read_file(file));
}

TEST(Statement, GarbageIsReportedNotFatal) {
  const std::vector<std::string> texts = {"",
                                          ";",
                                          "'",
                                          "create table",
                                          "\xff\xfe",
                                          std::string("select 1\0;", 10),
                                          "$$",
                                          "select 1; select 2",
                                          "alter table t add constraint",
                                          "alter table only a.b.c.d rename to",
                                          "create index on"};
  for (const std::string& text : texts) {
    const Statement statement = parse_statement(text);
    EXPECT_EQ(statement.kind, StatementKind::kOther) << text;
    EXPECT_FALSE(statement.refused.empty()) << text;
  }
}

TEST(Statement, RandomTextNeverCrashes) {
  const std::vector<std::string> parts = {"create",
                                          "table",
                                          "alter",
                                          "index",
                                          "add",
                                          "constraint",
                                          "(",
                                          ")",
                                          ",",
                                          "a",
                                          "int",
                                          "primary key",
                                          "check",
                                          "'x'",
                                          "foreign key",
                                          "on",
                                          "only",
                                          "attach partition",
                                          "for values in",
                                          ";",
                                          "1",
                                          "select",
                                          "set",
                                          "="};
  std::mt19937 random(7);
  int understood = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    const std::size_t length = random() % 8;
    for (std::size_t i = 0; i < length; ++i) text += parts[random() % parts.size()] + " ";
    understood += parse_statement(text).refused.empty() ? 1 : 0;
  }
  EXPECT_GT(understood, 0);
}

TEST(Statement, DeepNestingIsReadOrRefused) {
  std::string chain = "create table t (a text, check (a = 'x'";
  for (int i = 0; i < 300'000; ++i) chain += "||a";
  const Statement deep = parse_statement(chain + "))");
  EXPECT_TRUE(deep.kind == StatementKind::kCreateTable || !deep.refused.empty());
  const Statement parentheses =
      parse_statement("select " + std::string(100'000, '(') + "1" + std::string(100'000, ')'));
  EXPECT_FALSE(parentheses.refused.empty());
  const Statement longest = parse_statement("select '" + std::string(3'000'000, 'x') + "'");
  EXPECT_FALSE(longest.refused.empty());
}

TEST(Statement, AnOrdinaryDepthIsRead) {
  std::string chain = "create table t (a text, check (a = 'x'";
  for (int i = 0; i < 3'000; ++i) chain += "||a";
  EXPECT_EQ(parse_statement(chain + "))").kind, StatementKind::kCreateTable);
}

TEST(Statement, NamesTheParameterThatIsSet) {
  EXPECT_EQ(parse_statement("set yb_x=on;").setting, "yb_x");
  EXPECT_EQ(parse_statement("SET app.name TO DEFAULT").setting, "app.name");
  EXPECT_EQ(parse_statement("RESET a").setting, "a");
  EXPECT_EQ(parse_statement("SELECT pg_catalog.set_config('search_path', '', false)").setting, "search_path");
  EXPECT_EQ(parse_statement("SELECT set_config(x, '', false)").setting, "");
  const Statement transaction = parse_statement("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
  EXPECT_EQ(transaction.kind, StatementKind::kSession);
  EXPECT_EQ(transaction.setting, "");
}

TEST(Statement, SeesTheClauseOnColocation) {
  EXPECT_TRUE(parse_statement("create table t (a int) with (fillfactor=70, colocation='false')").colocation);
  EXPECT_TRUE(parse_statement("create materialized view v with (colocation=true) as select 1").colocation);
  EXPECT_FALSE(parse_statement("create table colocation (colocation int) with (fillfactor=70)").colocation);
}

TEST(Statement, ParsesAFileWithPositions) {
  const std::string text = "\\restrict x\nSET a = 1;\n-- note\nCREATE TABLE s.t (a int);\n";
  const std::vector<FileStatement> statements = parse_file(text);
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].info.kind, StatementKind::kSession);
  EXPECT_EQ(statements[1].info.kind, StatementKind::kCreateTable);
  EXPECT_EQ(statements[1].piece.line, 4);
  EXPECT_EQ(model::display(statements[1].info.object), "s.t");
}

}  // namespace
}  // namespace voyager::sql
