// What the tests of assessments share: a database of their own, and the files that are gathered of it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "connectors/postgresql/assessment.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/server_testing.h"

namespace voyager::postgresql {

using CsvRow = std::vector<std::string>;

/// Objects of every kind, with names and types that are hard to write.
inline constexpr const char* kAwkward = R"sql(
  CREATE TYPE mood AS ENUM ('a', 'b');
  CREATE TYPE pair AS (x int, y text);
  CREATE DOMAIN amount AS numeric(12,2);
  CREATE DOMAIN list AS int[];
  CREATE TABLE "<script>" (id int PRIMARY KEY, "select" text, "two
lines" varchar(3), "a ""b,c" mood, n amount, l list, p pair, ps pair[], i int[][], ns amount[], ts timestamptz, c "char",
    g int GENERATED ALWAYS AS (1) STORED);
  ALTER TABLE "<script>" ADD gone int; ALTER TABLE "<script>" DROP gone;
  CREATE INDEX "ind""ex" ON "<script>" ("select", lower("two
lines")) INCLUDE (n);
  CREATE TABLE bare ();
  CREATE TABLE parted (id int, k int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
  CREATE INDEX parted_k ON parted (k);
  CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one, 'x'::text AS two;
  CREATE UNIQUE INDEX mv_one ON mv (one);
  CREATE VIEW v AS SELECT 1 AS one;
  CREATE TABLE parent (k int); CREATE TABLE child (o int) INHERITS (parent);
  CREATE SEQUENCE s;
)sql";

/// Fields may hold line ends and quotes.
inline std::vector<CsvRow> parse_csv(const std::string& text) {
  std::vector<CsvRow> rows;
  CsvRow row = {""};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        row.back() += text[++i];
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      row.emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.push_back(std::exchange(row, {""}));
    } else {
      row.back() += c;
    }
  }
  return rows;
}

/// A database of its own, with one schema whose name is awkward.
class AssessmentOnServer : public testing::Test {
 protected:
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = *server_;
    Connection(options_).run("CREATE DATABASE " + quoted(database_), "make a database");
    options_.database = database_.catalog_text();
    options_.schemas = {schema_};
    admin_ = std::make_unique<Connection>(options_);
    sql("CREATE SCHEMA " + quoted(schema_) + "; SET search_path = " + quoted(schema_) + ", public");
    std::filesystem::create_directories(folder_);
    options_.stop = &stop_;  // of what is tested; the connections above are never stopped
  }
  void TearDown() override {
    if (!admin_) return;
    admin_.reset();
    Connection(*server_).run("DROP DATABASE " + quoted(database_) + " WITH (FORCE)", "drop it");
    for (const std::string& role : roles_) Connection(*server_).run("DROP ROLE " + role, "drop a role");
    std::filesystem::remove_all(folder_);
  }

  void sql(const std::string& text) { admin_->run(text, "prepare the test"); }
  model::ConnectionOptions role(const std::string& attributes = "") {
    const std::string name = "voy_assess_" + std::to_string(::getpid()) + "_" + std::to_string(roles_.size());
    sql("CREATE ROLE " + name + " LOGIN " + attributes);
    roles_.push_back(name);
    model::ConnectionOptions out = options_;
    out.user = name;
    return out;
  }
  /// The rows of one file, without the header.
  std::vector<CsvRow> rows(const std::string& file) {
    std::vector<CsvRow> all = parse_csv(base::read_file(folder_ / file));
    header_ = base::join(all.at(0), ",");
    all.erase(all.begin());
    return all;
  }
  void gather(bool queries = false) {
    make_assessment_source(options_)->gather({.folder = folder_, .node = "n,1", .queries = queries},
                                             [this](std::string_view step) { steps_.emplace_back(step); });
  }
  std::vector<std::string> titles(const std::vector<model::Finding>& findings) {
    std::vector<std::string> out;
    for (const model::Finding& one : findings) out.push_back((one.fatal ? "fatal: " : "") + one.title);
    return out;
  }

  const std::optional<model::ConnectionOptions> server_ = server_of("VOY_TEST_PG");
  const model::Identifier database_{"voy assess " + std::to_string(::getpid())};
  const model::Identifier schema_{"Odd \"s.c|h,e'm{a}\\"};
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("voy-assess-" + std::to_string(::getpid()));
  model::ConnectionOptions options_ = {};
  std::unique_ptr<Connection> admin_ = {};
  std::vector<std::string> roles_ = {};
  std::vector<std::string> steps_ = {};
  std::string header_ = {};
  base::Stop stop_;
};

}  // namespace voyager::postgresql
