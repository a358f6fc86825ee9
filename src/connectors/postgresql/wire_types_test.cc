#include "connectors/postgresql/wire_types.h"

#include <gtest/gtest.h>

namespace voyager::postgresql {
namespace {

TEST(WireTypesTest, TypesOfTheSameFormKeepTheirNames) {
  for (const char* name : {"int4", "text", "_text", "numeric", "jsonb", "uuid", "timestamptz", "_int8", "int4range",
                           "bytea", "varbit", "xid", "bit", "tsvector", "char", "bpchar", "point", "_bool"}) {
    EXPECT_EQ(wire_type({.name = name, .builtin = true}, 15), name);
  }
}

TEST(WireTypesTest, TypesThatMayDifferHaveNone) {
  for (const char* name :
       {"regclass", "_regtype", "xml", "money", "oidvector", "aclitem", "record", "hstore", "tsquery", "_"}) {
    EXPECT_EQ(wire_type({.name = name, .builtin = true}, 15), "");
  }
  EXPECT_EQ(wire_type({.name = "text", .builtin = false}, 15), "") << "a user's type may have any name";
  EXPECT_EQ(wire_type({.name = "color", .builtin = false, .typtype = 'c'}, 15), "");
  EXPECT_EQ(wire_type({.name = "_color", .builtin = false}, 15), "")
      << "an array of an enum carries the element's number";
}

TEST(WireTypesTest, EnumsTravelAsTheirLabels) {
  EXPECT_EQ(wire_type({.name = "color", .builtin = false, .typtype = 'e'}, 11), "enum");
}

TEST(WireTypesTest, IntervalsAgreeOnlyOnTheSameSideOfInfinity) {
  const BaseType interval{.name = "interval", .builtin = true};
  EXPECT_EQ(wire_type(interval, 11), wire_type(interval, 16));
  EXPECT_NE(wire_type(interval, 16), wire_type(interval, 17));
  EXPECT_EQ(wire_type({.name = "_interval", .builtin = true}, 17), "_interval.17");
}

}  // namespace
}  // namespace voyager::postgresql
