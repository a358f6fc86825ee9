// What the tests of assessment.db share: a folder of gathered metadata.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/temporary_folder_testing.h"
#include "format/assessment_db.h"

namespace voyager::format {

class AssessmentDbTest : public testing::Test {
 protected:
  AssessmentDbTest() {
    std::filesystem::create_directories(metadata_);
    write_needed();
  }

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((metadata_ / name).parent_path());
    std::ofstream(metadata_ / name, std::ios::binary) << text;
  }
  void write_needed(const std::string& folder = {}) const {
    write(folder + "table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,1000\npublic,parts,0\n");
    write(folder + "index-to-table-mapping.csv",
          "index_schema,index_name,table_schema,table_name\npublic,t_pkey,public,t\npublic,t_a,public,t\n"
          "public,parts_pkey,public,parts\n");
    write(folder + "object-type-mapping.csv",
          "schema_name,object_name,object_type\npublic,t,table\npublic,parts,partitioned table\n"
          "public,t_pkey,primary key\npublic,t_a,index\n");
    write(folder + "table-columns-count.csv",
          "schema_name,object_name,object_type,column_count\npublic,t,table,5\npublic,t_a,index,1\n");
    write(folder + "table-columns-data-types.csv",
          "schema_name,table_name,column_name,data_type\npublic,t,id,integer\npublic,t,m,public.mood\n");
  }
  AssessmentDb build(std::int64_t interval = 10) const { return AssessmentDb::build(file_, metadata_, interval); }
  base::ErrorInfo error() const {
    try {
      build();
    } catch (const base::Error& caught) {
      return caught.info();
    }
    return {.title = "no error"};
  }

  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
  const std::filesystem::path metadata_ = dir_ / "metadata";
  const std::filesystem::path file_ = dir_ / "assessment.db";
};

inline const model::ObjectFigures& named(const std::vector<model::ObjectFigures>& all, std::string_view name) {
  for (const model::ObjectFigures& one : all)
    if (one.name == name) return one;
  throw std::out_of_range(std::string(name));
}

}  // namespace voyager::format
