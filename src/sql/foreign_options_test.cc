#include "sql/foreign_options.h"

#include <gtest/gtest.h>

#include "sql/statement.h"

namespace voyager::sql {
namespace {

TEST(ForeignOptions, SecretsGoAndTheRestStays) {
  EXPECT_EQ(without_secret_options(
                "CREATE USER MAPPING FOR u SERVER s OPTIONS (\n    password 'it''s, (x)',\n    \"user\" 'u'\n);"),
            "CREATE USER MAPPING FOR u SERVER s OPTIONS (\"user\" 'u');");
  EXPECT_EQ(without_secret_options("CREATE USER MAPPING FOR u SERVER s OPTIONS (password 'x');"),
            "CREATE USER MAPPING FOR u SERVER s;");
  EXPECT_EQ(without_secret_options("CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (a '1', \"Api_Key\" 'k', b '2');"),
            "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (a '1', b '2');");
  EXPECT_EQ(
      without_secret_options("CREATE FOREIGN TABLE t (a int OPTIONS (passwd 'x'), b int) SERVER s OPTIONS (c 'd')"),
      "CREATE FOREIGN TABLE t (a int, b int) SERVER s OPTIONS (c 'd')");
  for (const char* secret : {"conn_string 'tcp://u:pw@host'", "url 'jdbc:x;password=y'", "\"odbc_PWD\" 'x'",
                             "token 'x'", "sa_key '{}'", "odbc 'DSN=a;PWD=b'"}) {
    EXPECT_EQ(
        without_secret_options(std::string("CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (a '1', ") + secret + ");"),
        "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (a '1');")
        << secret;
  }
}

TEST(ForeignOptions, WhatOnlySoundsSecretStays) {
  EXPECT_FALSE(
      without_secret_options("CREATE USER MAPPING FOR u SERVER s OPTIONS (password_required 'false', a 'password')"));
  EXPECT_FALSE(without_secret_options("CREATE TABLE options (password text)"));
  EXPECT_FALSE(without_secret_options("CREATE USER MAPPING FOR u SERVER s OPTIONS ("));
}

TEST(StatementOfRoles, TheyAreRead) {
  const auto roles = [](std::string_view sql) { return parse_statement(sql).roles; };
  using Names = std::vector<std::string>;
  EXPECT_EQ(roles("ALTER TABLE t OWNER TO \"R\""), Names{"R"});
  EXPECT_EQ(roles("ALTER FUNCTION f(int) OWNER TO r"), Names{"r"});
  EXPECT_EQ(roles("GRANT SELECT ON t TO a, PUBLIC"), Names{"a"});
  EXPECT_EQ(roles("ALTER DEFAULT PRIVILEGES FOR ROLE o IN SCHEMA s GRANT SELECT ON TABLES TO a"), (Names{"o", "a"}));
  EXPECT_EQ(roles("CREATE POLICY p ON t TO a, b USING (true)"), (Names{"a", "b"}));
  EXPECT_EQ(roles("CREATE POLICY p ON t TO CURRENT_USER USING (true)"), Names{});
  EXPECT_EQ(roles("CREATE USER MAPPING FOR u SERVER s"), Names{"u"});
  EXPECT_EQ(roles("SET SESSION AUTHORIZATION a"), Names{"a"});
  EXPECT_EQ(roles("RESET SESSION AUTHORIZATION"), Names{});
  EXPECT_EQ(roles("ALTER ROLE a IN DATABASE d SET work_mem TO '1MB'"), Names{"a"});
}

TEST(StatementOfADatabase, ItsNameIsReplaced) {
  const model::Identifier other("O d");
  EXPECT_EQ(with_database("ALTER DATABASE shop SET a TO 'database shop';", other),
            "ALTER DATABASE \"O d\" SET a TO 'database shop';");
  EXPECT_EQ(with_database("ALTER ROLE database IN DATABASE \"a b\" SET x TO 1;", other),
            "ALTER ROLE database IN DATABASE \"O d\" SET x TO 1;");
  EXPECT_EQ(with_database("GRANT CONNECT ON DATABASE shop TO r;", other), "GRANT CONNECT ON DATABASE \"O d\" TO r;");
  for (const char* sql : {"ALTER DATABASE d SET a TO 1", "ALTER DATABASE d CONNECTION LIMIT 5",
                          "GRANT CONNECT ON DATABASE d TO r", "ALTER ROLE r IN DATABASE d SET a TO 1",
                          "COMMENT ON DATABASE d IS 'x'", "SECURITY LABEL FOR p ON DATABASE d IS 'x'"})
    EXPECT_TRUE(parse_statement(sql).names_database) << sql;
  EXPECT_FALSE(parse_statement("ALTER ROLE r SET a TO 1").names_database);
  EXPECT_TRUE(parse_statement("ALTER EVENT TRIGGER e OWNER TO r").event_trigger);
  EXPECT_TRUE(parse_statement("COMMENT ON EVENT TRIGGER e IS 'x'").event_trigger);
}

}  // namespace
}  // namespace voyager::sql
