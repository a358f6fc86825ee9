#include "base/secret.h"

#include <gtest/gtest.h>

namespace voyager::base {
namespace {

TEST(Secret, IsMaskedWhereverItStands) {
  const Secret secret("canary-7781");
  EXPECT_EQ(mask_secrets("password=canary-7781 host=x canary-7781"), "password=******** host=x ********");
  EXPECT_EQ(mask_secrets("nothing here"), "nothing here");
  EXPECT_EQ(secret.reveal(), "canary-7781");
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, IsMaskedInEveryFormItTravelsIn) {
  const Secret secret("p@ss\"w'o\\rd/1");
  for (const char* form : {"p@ss\"w'o\\rd/1", "p%40ss%22w%27o%5Crd%2F1", "p@ss\\\"w'o\\\\rd/1", "p@ss\"w\\'o\\\\rd/1",
                           "p@ss\"w''o\\rd/1"}) {
    EXPECT_EQ(mask_secrets("<" + std::string(form) + ">"), "<********>") << form;
  }
}

TEST(Secret, ALongerSecretIsMaskedWhole) {
  const Secret inner("sword-fish");
  const Secret outer("my-sword-fish-2");
  EXPECT_EQ(mask_secrets("my-sword-fish-2 and sword-fish"), "******** and ********");
}

TEST(Secret, AWordIsMaskedOnlyWhereASecretCanStand) {
  const Secret documented("password");
  const Secret name("orders");
  const Secret small("ab1");
  for (const char* text :
       {"password authentication failed for user \"orders\"", "the password comes from SOURCE_DB_PASSWORD",
        "table \"orders\" has no password column; orders_2, reorders", "tab1 and ab12 ab1",
        "no password was given: set it", "--source-db-password is not a flag for orders"}) {
    EXPECT_EQ(mask_secrets(text), text);
  }
  EXPECT_EQ(mask_secrets("host=x password=password"), "host=x password=********");
  EXPECT_EQ(mask_secrets("password = 'orders' x"), "password = '********' x");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD 'password'"), "ALTER ROLE a PASSWORD '********'");
  EXPECT_EQ(mask_secrets("--source-db-password orders --x"), "--source-db-password ******** --x");
  EXPECT_EQ(mask_secrets(R"({"password":"orders","a":"orders"})"), R"({"password":"********","a":"orders"})");
  EXPECT_EQ(mask_secrets("postgresql://u:orders@h/orders"), "postgresql://u:********@h/orders");
  EXPECT_EQ(mask_secrets("SOURCE_DB_PASSWORD=ab1"), "SOURCE_DB_PASSWORD=********");
}

TEST(Secret, OneOfStarsEndsToo) {
  const Secret secret("***");
  EXPECT_EQ(mask_secrets("x***y"), "x********y");
}

}  // namespace
}  // namespace voyager::base
