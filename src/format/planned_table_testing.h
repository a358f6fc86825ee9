// A table of a plan that has something in each of its parts.
#pragma once

#include "model/snapshot.h"

namespace voyager::format::testing {

inline model::TableName table_named(const char* table) {
  return {model::Identifier("public"), model::Identifier(table)};
}

inline model::PlannedTable planned(const char* table) {
  model::PlannedTable one;
  one.table.name = one.table.root = table_named(table);
  one.table.columns = {{.name = model::Identifier("Größe"),
                        .type = "numeric(10,2)",
                        .wire_type = "numeric",
                        .not_null = true,
                        .identity = model::Identity::kAlways}};
  one.table.primary_key = {model::Identifier("Größe")};
  one.rows = model::RowFormat::kBinary;
  one.space = {.all = {0, 100}, .bytes_per_unit = 8192.5};
  return one;
}

}  // namespace voyager::format::testing
