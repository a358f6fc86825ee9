#include "sql/password_mask.h"

#include <gtest/gtest.h>

#include <string>

namespace voyager::sql {
namespace {

TEST(MaskPasswords, HidesWhatServersNoteInFull) {
  EXPECT_EQ(mask_passwords("ALTER ROLE app PASSWORD 'geheim'"), "ALTER ROLE app PASSWORD '********'");
  EXPECT_EQ(mask_passwords("create user a encrypted password /* x */ E'a\\'b' login"),
            "create user a encrypted password /* x */ '********' login");
  EXPECT_EQ(mask_passwords("CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password 'b')"),
            "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password '********')");
  EXPECT_EQ(mask_passwords("CREATE SUBSCRIPTION s CONNECTION 'host=a Password = b' PUBLICATION p"),
            "CREATE SUBSCRIPTION s CONNECTION '********' PUBLICATION p");
  EXPECT_EQ(mask_passwords("select 1 from t where password = 'x'"), "select 1 from t where password = '********'");
  EXPECT_EQ(mask_passwords("alter role a password 'cut off"), "alter role a password '********'");
}

TEST(MaskPasswords, HidesOtherSecretsAndAddresses) {
  EXPECT_EQ(mask_passwords("OPTIONS (user 'a', sslpassword 'b', \"passwd\" 'c', port '5')"),
            "OPTIONS (user 'a', sslpassword '********', \"passwd\" '********', port '5')");
  EXPECT_EQ(mask_passwords("SET app.client_secret TO 'x'; SET app.api_key = 'y'"),
            "SET app.client_secret TO '********'; SET app.api_key = '********'");
  EXPECT_EQ(mask_passwords("CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:pw@h/db' PUBLICATION p"),
            "CREATE SUBSCRIPTION s CONNECTION '********' PUBLICATION p");
  EXPECT_EQ(mask_passwords("CREATE SUBSCRIPTION s CONNECTION $$host=h password=b$$ PUBLICATION p"),
            "CREATE SUBSCRIPTION s CONNECTION '********' PUBLICATION p");
  EXPECT_EQ(mask_passwords("ALTER ROLE a PASSWORD $p1$geheim$p1$"), "ALTER ROLE a PASSWORD '********'");
}

TEST(MaskPasswords, SearchesBodiesAndKeepsTheRestOfThem) {
  EXPECT_EQ(mask_passwords("CREATE FUNCTION f() AS $x$ BEGIN PERFORM dblink_connect('host=h password=p'); "
                           "SELECT 1 FROM t WHERE password = $1; EXECUTE $y$ALTER ROLE a PASSWORD 'q'$y$; END $x$"),
            "CREATE FUNCTION f() AS $x$ BEGIN PERFORM dblink_connect('********'); "
            "SELECT 1 FROM t WHERE password = $1; EXECUTE $y$ALTER ROLE a PASSWORD '********'$y$; END $x$");
  EXPECT_EQ(mask_passwords("DO $$ BEGIN PERFORM connect('password=p"), "DO $$ BEGIN PERFORM connect('********'");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "$a" + std::to_string(i) + "$ ";
  EXPECT_EQ(mask_passwords(deep), deep);
}

TEST(MaskPasswords, LeavesEverythingElse) {
  for (const std::string text :
       {"select 'a', \"password\", $1 -- password 'x'\nfrom t", "alter role a password null",
        "select 'the password of it'", "", "select 'http://host:80/a@b', 'mailto:a@b', 'x://y:@z'",
        "create table t (password_hash text default 'x', secret int)", "do $$ begin perform 'a'; end $$", "select $$",
        "select password, 'x' from t"}) {
    EXPECT_EQ(mask_passwords(text), text);
  }
}

}  // namespace
}  // namespace voyager::sql
