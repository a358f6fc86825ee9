// The analysis of a whole schema: every statement of every file, all detectors, one result.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/finding.h"
#include "analysis/statistics.h"

namespace voyager::analysis {

class Schema;

/// One file of a schema; `text` must live as long as the analysis runs.
struct SchemaText {
  std::string object_type =
      {};  ///< What the file is for: TABLE. Statements without an object of their own count for it.
  std::string_view text = {};
};

struct Options {
  std::optional<Version> target = {};  ///< YugabyteDB of this version; nothing: another server that speaks PostgreSQL.
  bool bodies = true;                  ///< Look into routines.
  bool assessment = false;             ///< Also what only the assessment tells.
  Statistics statistics = {};
  /// What the catalogue says about columns, plain types left out; then their types are told by it and not by the
  /// statements.
  std::optional<std::span<const CatalogColumn>> columns = {};
  /// That the application ran, and the schemas that are looked at: queries of others, and definitions, are left out.
  std::span<const std::string_view> queries = {};
  std::vector<std::string> schemas = {};
};

/// What could not be looked into.
struct Unread {
  std::size_t file = 0;
  int line = 0;
  std::string object = {};  ///< "FUNCTION app.f"; empty when not even that is known.
  std::string reason = {};
};
struct UnreadQuery {
  std::size_t number = 0;  ///< In Options::queries.
  std::string reason = {};
};

struct Analysis {
  std::vector<Finding> findings = {};          ///< By file, line, column, type; those about the schema as a whole last.
  std::vector<ObjectCount> objects = {};       ///< Types in the order in which they were met.
  std::vector<Unread> unread_bodies = {};      ///< Whole ones, and statements in them.
  std::vector<Unread> unread_statements = {};  ///< That the grammar does not read; each has a finding, too.
  std::vector<UnreadQuery> unread_queries = {};
  std::size_t statements = 0;
  std::size_t refused = 0;  ///< Statements that the grammar does not read.
  std::size_t queries = 0;  ///< Of the application, that were looked at.
  /// Issues that a newer preview has settled and this target's version too: types, sorted.
  std::vector<std::string> settled_types = {};
  std::shared_ptr<const Schema> schema = {};  ///< What the statements define; tables without their columns.
};

/// Never throws on account of a text, whatever it holds. `keep_going`, when given, is asked between statements; the
/// analysis ends early (with what it has) once it says no.
Analysis analyze(std::span<const SchemaText> files, const Options& options,
                 const std::function<bool()>& keep_going = {});

}  // namespace voyager::analysis
