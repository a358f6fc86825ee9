// Where a conformance suite runs: a source and a target that tests can fill and look into by other ways than the
// connector.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "connector/connector.h"

namespace voyager::conformance {

/// All tables have the columns id (whole number) and body (text); rows are in COPY text form with their LF, and bodies
/// have nothing that it escapes.
class SourceBench {
 public:
  virtual ~SourceBench() = default;
  virtual connector::ConnectorEntry entry() = 0;
  virtual model::ConnectionOptions source() = 0;
  /// A name that no other test of this run uses.
  virtual model::TableName fresh_name() = 0;
  virtual void make_source_table(const model::TableName& name, const std::vector<std::string>& rows) = 0;
  virtual void write_source(const model::TableName& name, const std::string& row) = 0;
  /// Breaks every connection that the program has to the side.
  virtual void cut_connections(model::Side side) = 0;
};

class Bench : public SourceBench {
 public:
  virtual model::ConnectionOptions target() = 0;
  virtual void make_target_table(const model::TableName& name, bool with_key) = 0;
  virtual std::vector<std::string> target_rows(const model::TableName& name) = 0;  ///< Sorted.
  /// A row that the target refuses.
  virtual std::string refused_row(const model::TableName& name) = 0;
  /// An index of a target's table; one that is not valid is as a killed CREATE INDEX leaves it.
  virtual model::TableName make_index(const model::TableName& table, bool valid) = 0;
  /// A materialized view of a target's table, without its rows.
  virtual model::TableName make_view(const model::TableName& table) = 0;
  /// A statement that the target refuses because what it makes is there.
  virtual std::string statement_for_what_is_there(const model::TableName& table) = 0;
  /// Has the target's server answer the query so often, where it counts queries.
  virtual void ask_target(const std::string& query, int times) = 0;
};

/// The place and the form in which rows are read.
struct Place {
  std::string name = {};
  model::RowFormat format = model::RowFormat::kText;
};
std::ostream& operator<<(std::ostream& out, const Place& place);

/// Nothing when the place is not there: `why_no_place` says what is missing.
std::unique_ptr<Bench> make_bench(const Place& place);
/// As `make_bench`, also of products that are sources alone.
std::unique_ptr<SourceBench> make_source_bench(const Place& place);
std::string why_no_place(const Place& place);
std::unique_ptr<Bench> make_fake_bench();
/// On the server that the environment variable names (server_testing.h), in a database of its own.
std::unique_ptr<SourceBench> make_mysql_bench(const char* variable);

std::string new_migration();
/// "1\trow 1\n", ...
std::vector<std::string> numbered_rows(int count);
/// The rows of a block; binary ones as "id\tbody\n" too.
std::vector<std::string> rows_of(const model::RowBlock& block, model::RowFormat format);

/// Rows in pieces of `piece` bytes; calls `at_half` once when half of them are given.
class TextStream final : public connector::RowStream {
 public:
  explicit TextStream(const std::vector<std::string>& rows, std::size_t piece = 7, std::function<void()> at_half = {});
  std::string_view next_piece() override;

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::function<void()> at_half_;
};

}  // namespace voyager::conformance
