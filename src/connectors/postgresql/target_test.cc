#include "connectors/postgresql/target.h"

#include <gtest/gtest.h>

namespace voyager::postgresql {
namespace {

connector::BatchRequest request_of(model::CopyFormat format) {
  return {.table = {model::Identifier("public"), model::Identifier("t")},
          .columns = {{.name = model::Identifier("id")}, {.name = model::Identifier("A b")}},
          .format = std::move(format),
          .keys = {{.file_name = "f'1", .number = 7, .rows = 3}, {.file_name = "f2", .number = 8, .rows = 4}},
          .rows_expected = 7};
}

TEST(CopyInStatementTest, TextWithDefaultsNeedsNoOptions) {
  EXPECT_EQ(copy_in_statement(request_of({}), {.destination = "\"public\".\"t\""}),
            "COPY \"public\".\"t\" (\"id\", \"A b\") FROM STDIN");
}

TEST(CopyInStatementTest, OptionsAreQuoted) {
  EXPECT_EQ(copy_in_statement(request_of({.rows = model::RowFormat::kBinary}), {.destination = "t"}),
            "COPY t (\"id\", \"A b\") FROM STDIN WITH (FORMAT binary)");
  EXPECT_EQ(copy_in_statement(request_of({.delimiter = '|', .null_string = "it's"}), {.destination = "t"}),
            "COPY t (\"id\", \"A b\") FROM STDIN WITH (DELIMITER '|', NULL 'it''s')");
  EXPECT_EQ(copy_in_statement(
                request_of({.rows = model::RowFormat::kCsv, .delimiter = ',', .escape = '\\', .null_string = ""}),
                {.destination = "t"}),
            "COPY t (\"id\", \"A b\") FROM STDIN WITH (FORMAT csv, DELIMITER ',', QUOTE '\"', ESCAPE '\\', NULL '')");
}

TEST(CopyInStatementTest, RowsPerTransactionIsTheWholeBatch) {
  EXPECT_EQ(copy_in_statement(request_of({}), {.destination = "t", .rows_per_transaction = true}),
            "COPY t (\"id\", \"A b\") FROM STDIN WITH (ROWS_PER_TRANSACTION 7)");
}

TEST(BookkeepingTest, OneRowForEachKey) {
  const auto literal = [](std::string_view value) { return "<" + std::string(value) + ">"; };
  EXPECT_EQ(bookkeeping_insert(request_of({}), "uuid", {}, literal),
            "INSERT INTO ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 "
            "(migration_uuid, data_file_name, batch_number, schema_name, table_name, rows_imported) VALUES "
            "(<uuid>, <f'1>, 7, <public>, <t>, 3), (<uuid>, <f2>, 8, <public>, <t>, 4)");
}

TEST(RowOfContextTest, FindsTheLineInAnyLanguage) {
  EXPECT_EQ(row_of_context("COPY t, line 7, column a: \"line 9\"", "t"), 6U);
  EXPECT_EQ(row_of_context("PL/pgSQL function f() line 3 at RAISE\nCOPY t, line 1", "t"), 0U);
  EXPECT_EQ(row_of_context("COPY t, Zeile 12, Spalte a", "t"), 11U);
  EXPECT_EQ(row_of_context("COPY a, line 1, line 8: \"x\"", "a, line 1"), 7U);
  EXPECT_EQ(row_of_context("SQL statement \"SELECT 1\"", "t"), std::nullopt);
  EXPECT_EQ(row_of_context("", "t"), std::nullopt);
}

TEST(BlamesRowTest, DataAndConstraintsButNotRightsOrResources) {
  for (const char* code : {"22P02", "23505", "23502", "22021", "P0001", "54000", "0A000"})
    EXPECT_TRUE(blames_row(code)) << code;
  for (const char* code : {"42501", "42P01", "53100", "57014", "40001", "XX000"})
    EXPECT_FALSE(blames_row(code)) << code;
}

TEST(BuiltNameTest, ReadsTheNameThatAStatementGives) {
  EXPECT_EQ(built_name("CREATE UNIQUE INDEX T_b_Idx ON public.t USING btree (b)"), "t_b_idx");
  EXPECT_EQ(built_name("create index concurrently if not exists \"My \"\"Idx\" on t(b)"), "My \"Idx");
  EXPECT_EQ(built_name("ALTER TABLE ONLY t ADD CONSTRAINT t_pkey PRIMARY KEY (id)"), "t_pkey");
  EXPECT_EQ(built_name("CREATE INDEX ON t (b)"), "");
  EXPECT_EQ(built_name("REINDEX TABLE t"), "");
}

TEST(StatementFaultTest, SortsExistingAndMissing) {
  EXPECT_TRUE(statement_fault({.sqlstate = "42P07", .message = "relation exists"}, "").already_exists);
  EXPECT_TRUE(
      statement_fault({.sqlstate = "42P16", .message = "multiple primary keys for table \"t\""}, "").already_exists);
  EXPECT_FALSE(statement_fault({.sqlstate = "42P16", .message = "something else"}, "").already_exists);
  EXPECT_TRUE(statement_fault({.sqlstate = "42883", .message = "no function"}, "").missing_object);
  EXPECT_TRUE(statement_fault({.sqlstate = "23503", .message = "key is not present"}, "").missing_row);
  const std::string attach = "ALTER TABLE ONLY t ATTACH PARTITION p FOR VALUES IN (1)";
  EXPECT_TRUE(
      statement_fault({.sqlstate = "42809", .message = "\"p\" ist schon eine Partition"}, attach).already_exists);
  EXPECT_FALSE(
      statement_fault({.sqlstate = "42809", .message = "\"t\" is a view"}, "ALTER TABLE t ADD c int").already_exists);
  const ServerFault identity{.sqlstate = "55000", .message = "column \"c\" is already an identity column"};
  EXPECT_TRUE(
      statement_fault(identity, "ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY").already_exists);
  EXPECT_FALSE(statement_fault(identity, "ALTER TABLE t ADD c int").already_exists);
  const connector::StatementFault fault =
      statement_fault({.sqlstate = "42601", .message = "m", .detail = "d", .hint = "h"}, "");
  EXPECT_FALSE(fault.already_exists || fault.missing_object);
  EXPECT_EQ(fault.message, "m\nDETAIL: d\nHINT: h");
}

TEST(EndpointTest, HostsAndPorts) {
  const model::ConnectionOptions options{.host = "x", .port = 5433};
  EXPECT_EQ(at_endpoint(options, "h").host, "h");
  EXPECT_EQ(at_endpoint(options, "h").port, 5433);
  EXPECT_EQ(at_endpoint(options, "h:6").port, 6);
  EXPECT_EQ(at_endpoint(options, "[::1]:7").host, "::1");
  EXPECT_EQ(at_endpoint(options, "[::1]:7").port, 7);
  EXPECT_EQ(at_endpoint(options, "fe80::1").host, "fe80::1");
  EXPECT_THROW(at_endpoint(options, "h:x"), base::Error);
}

}  // namespace
}  // namespace voyager::postgresql
