// Issues that only an Oracle source's catalogue shows: what has them is not exported, so no statement tells.
#include <fmt/format.h>

#include <array>

#include "analysis/issue.h"

namespace voyager::analysis {
namespace {

Issue feature(std::string_view type, std::string_view name, std::string_view objects, std::string_view description,
              std::string_view suggestion, std::vector<std::string_view> catalog_types) {
  return {.type = std::string(type),
          .name = std::string(name),
          .objects = std::string(objects),
          .description = std::string(description),
          .suggestion = std::string(suggestion),
          .any_target = true,
          .assessment_only = true,
          .assessed = Assessed::kOracle,
          .catalog_types = std::move(catalog_types)};
}

constexpr std::array<std::string_view, 23> kDatatypes = {"BLOB",
                                                         "CLOB",
                                                         "NCLOB",
                                                         "BFILE",
                                                         "URITYPE",
                                                         "XMLTYPE",
                                                         "AnyData",
                                                         "AnyType",
                                                         "AnyDataSet",
                                                         "ROWID",
                                                         "UROWID",
                                                         "SDO_GEOMETRY",
                                                         "SDO_POINT_TYPE",
                                                         "SDO_ELEM_INFO_ARRAY",
                                                         "SDO_ORDINATE_ARRAY",
                                                         "SDO_GTYPE",
                                                         "SDO_SRID",
                                                         "SDO_POINT",
                                                         "SDO_ORDINATES",
                                                         "SDO_DIM_ARRAY",
                                                         "SDO_ORGSCL_TYPE",
                                                         "SDO_STRING_ARRAY",
                                                         "JSON"};

Issue datatype(std::string_view type) {
  Issue row = feature(type, type, "COLUMN", fmt::format("Values of type {} are not exported.", type),
                      "Move the column's values in a way of your own, or leave the column out.", {type});
  row.category = Category::kDatatype;
  if (type == "CLOB") {
    row.description = "Values of type CLOB are not exported unless that is asked for.";
    row.suggestion = "For an offline migration try --allow-oracle-clob-data-export, which is experimental.";
    row.docs = kKnownIssuesOracle;
  }
  return row;
}

}  // namespace

std::vector<Issue> oracle_issues() {
  std::vector<Issue> rows = {
      feature("UNSUPPORTED_INDEXES", "Unsupported Indexes", "INDEX",
              "Indexes of this kind have no equivalent and are not exported.",
              "Create an index on the target that serves the same queries.",
              {"CLUSTER INDEX", "DOMAIN INDEX", "FUNCTION-BASED DOMAIN INDEX", "IOT - TOP INDEX", "NORMAL/REV INDEX",
               "FUNCTION-BASED NORMAL/REV INDEX"}),
      feature("VIRTUAL_COLUMNS", "Virtual Columns", "COLUMN", "Virtual columns are not exported.",
              "Make it a generated column, or compute it in a view.", {"VIRTUAL COLUMN"}),
      feature("INHERITED_TYPES", "Inherited Types", "TYPE", "Types that inherit from others have no equivalent.",
              "Write the attributes of the upper types out.", {"INHERITED TYPE"}),
      feature("UNSUPPORTED_PARTITIONING_METHODS", "Unsupported Partitioning Methods", "TABLE",
              "Tables cannot be partitioned in this way: they become ordinary tables.",
              "Partition by range, list or hash, or leave it an ordinary table.",
              {"REFERENCE PARTITION", "SYSTEM PARTITION"})};
  for (const std::string_view type : kDatatypes) rows.push_back(datatype(type));
  return rows;
}

}  // namespace voyager::analysis
