#include "migration/live/noted_sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace voyager::migration {
namespace {

using model::Identifier;
using model::Sequence;
using model::TableName;

TableName named(const char* name) {
  return {Identifier("public"), Identifier(name)};
}

Sequence sequence(const char* name, const char* table = "", const char* column = "") {
  Sequence out{.name = named(name)};
  if (*table != '\0') out.owner_table = named(table);
  out.owner_column = Identifier(column);
  return out;
}

std::vector<std::string> names_as_begun(const std::vector<Sequence>& now, const std::vector<Sequence>& before) {
  std::vector<std::string> out;
  for (const Sequence& one : as_begun(now, before)) out.push_back(one.name.name.catalog_text());
  return out;
}

TEST(NotedSequences, OneThatWasRenamedIsKnownByTheColumnThatItFills) {
  const std::vector<Sequence> before = {sequence("a_id_seq", "a", "id"), sequence("b_id_seq", "b", "id"),
                                        sequence("x")};
  EXPECT_THAT(names_as_begun({sequence("other", "a", "id"), sequence("b_id_seq", "b", "id"), sequence("y")}, before),
              testing::ElementsAre("a_id_seq", "b_id_seq", "y"));
  // One that exchanged its name with another keeps it, and so does one that nobody knew.
  EXPECT_THAT(names_as_begun({sequence("b_id_seq", "a", "id"), sequence("a_id_seq", "b", "id")}, before),
              testing::ElementsAre("b_id_seq", "a_id_seq"));
  EXPECT_THAT(names_as_begun({sequence("x", "a", "id")}, before), testing::ElementsAre("x"));
}

}  // namespace
}  // namespace voyager::migration
