// verify: are both sides equal?
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "model/connection.h"
#include "model/flow_context.h"
#include "model/table_list.h"

namespace voyager::migration {

/// For a comparison while changes flow from one side to the other.
struct WhileChanging {
  bool from_source = true;  ///< Else the target is captured, and its changes flow to the source.
  /// Called when the picture of the captured side is taken. Returns when the other side has everything that is in it,
  /// with the place in the captured side's log up to which that holds, for people. Throws when it will not.
  std::function<std::string()> wait_until_applied = {};
  /// Changes applied so far, by table of the other side (partitions by their own name); counted where and when they are
  /// committed. Without it nothing is known of tables without a key.
  std::function<std::map<model::TableName, std::uint64_t>()> applied_changes = {};
  int looks_max = 8;  ///< At rows that differ.
};

struct VerifyOptions {
  std::vector<model::Identifier> schemas = {};
  model::TableList tables = {};
  bool objects = true;
  bool rows = true;  ///< Counts and content.
  int parallel_jobs = 4;
  std::size_t keys_named_max = 20;  ///< Differing keys named per table.
  /// Names of index facts (connector::ObjectFact) that the target lacks because the schema was exported without them.
  std::set<std::string> indexes_left_out = {};
  /// What a migration carries only when it is told to.
  bool owners = true;
  bool grants = true;
  bool comments = true;
  bool settings = true;
  /// Rows only: while changes flow, objects and sequences are not meant to be equal.
  std::optional<WhileChanging> while_changing = {};
  std::set<std::string> options_left_out = {};  ///< Names of storage parameters that the target does not know.
};

struct ObjectDifference {
  enum class Kind { kMissingOnTarget, kOnlyOnTarget, kDifferent };
  Kind kind = Kind::kDifferent;
  std::string object_kind = {};
  std::string name = {};
  std::string source = {};  ///< Definition; empty when missing.
  std::string target = {};
  std::string fix = {};  ///< A statement for the target; empty where none is known.
};

struct KeyDifference {
  enum class Kind { kMissingOnTarget, kOnlyOnTarget, kDifferent };
  Kind kind = Kind::kDifferent;
  std::string key = {};
};

struct TableVerdict {
  model::TableName table = {};
  std::uint64_t source_rows = 0;  ///< Of both sides, as the pictures show that told the last.
  std::uint64_t target_rows = 0;
  std::uint32_t chunks = 0;  ///< Compared.
  std::vector<std::uint32_t> chunks_differing = {};
  std::vector<KeyDifference> keys = {};  ///< At most keys_named_max.
  bool keys_cut = false;
  /// Keys that looked otherwise each time, so that nobody can tell; with keys_cut at least as many.
  std::uint64_t moving = 0;
  std::string error = {};  ///< Why it could not be compared.
  /// While changes flow the target may be ahead, so the counts say nothing; else chunks tell what they tell.
  bool equal() const { return error.empty() && chunks_differing.empty() && moving == 0; }
};

struct VerifyReport {
  std::vector<ObjectDifference> objects = {};
  std::vector<ObjectDifference> intended = {};  ///< Missing on purpose: no difference.
  std::size_t objects_compared = 0;
  std::map<std::string, std::size_t> kinds = {};  ///< How many objects of each kind the source has.
  std::vector<std::string> not_compared = {};     ///< What a dump writes and nobody looked at, and why.
  std::vector<std::string> notes = {};            ///< No difference, but to be known.
  std::vector<TableVerdict> tables = {};
  std::string equal_up_to =
      {};  ///< While changes flow: the place up to which everything is known to be equal, where it is.
  double seconds = 0;
  bool equal() const;
};

/// Reads both sides only. Needs no export directory.
VerifyReport verify(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
                    const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target,
                    const VerifyOptions& options, const model::FlowContext& context);

}  // namespace voyager::migration
