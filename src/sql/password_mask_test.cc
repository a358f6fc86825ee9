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

TEST(MaskPasswords, LeavesEverythingElse) {
  for (const std::string text : {"select 'a', \"password\", $1 -- password 'x'\nfrom t", "alter role a password null",
                                 "select 'the password of it'", "", "select password, 'x' from t"}) {
    EXPECT_EQ(mask_passwords(text), text);
  }
}

}  // namespace
}  // namespace voyager::sql
