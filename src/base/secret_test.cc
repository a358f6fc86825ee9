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
  const Secret inner("swordfish");
  const Secret outer("my-swordfish-2");
  EXPECT_EQ(mask_secrets("my-swordfish-2 and swordfish"), "******** and ********");
}

TEST(Secret, VeryShortOnesWouldBlotOutText) {
  const Secret secret("ab");
  EXPECT_EQ(mask_secrets("a table"), "a table");
}

TEST(Secret, OneOfStarsEndsToo) {
  const Secret secret("***");
  EXPECT_EQ(mask_secrets("x***y"), "x********y");
}

}  // namespace
}  // namespace voyager::base
