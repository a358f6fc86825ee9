#include "cli/flag_name.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/error.h"

namespace voyager::cli {
namespace {

void expect_kinds(const auto& names, std::initializer_list<FlagKind> kinds) {
  for (const std::string_view name : names) {
    const Flag* flag = find_flag(name);
    ASSERT_NE(flag, nullptr) << name;
    EXPECT_NE(std::ranges::find(kinds, flag->kind), kinds.end()) << name;
  }
}

TEST(FlagName, WhatTheCodeNamesIsInTheTables) {
  expect_kinds(known_flags::kBooleans, {FlagKind::kBoolean});
  expect_kinds(known_flags::kIntegers, {FlagKind::kInteger});
  expect_kinds(known_flags::kLists, {FlagKind::kList});
  expect_kinds(known_flags::kSecrets, {FlagKind::kSecret});
  expect_kinds(known_flags::kTexts, {FlagKind::kText, FlagKind::kPath, FlagKind::kChoice});
}

TEST(FlagName, AWrongNameIsNoName) {
  EXPECT_EQ(FlagName<FlagUse::kInteger>(std::string("parallel-jobs")).text(), "parallel-jobs");
  EXPECT_THROW(FlagName<FlagUse::kAny>(std::string("parallel-job")), base::Error);
  EXPECT_THROW(FlagName<FlagUse::kBoolean>(std::string("parallel-jobs")), base::Error);
  EXPECT_THROW(FlagName<FlagUse::kText>(std::string("source-db-password")), base::Error);
}

}  // namespace
}  // namespace voyager::cli
