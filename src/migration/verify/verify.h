// verify: are both sides equal?
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/connector.h"
#include "model/connection.h"
#include "model/dialogue.h"
#include "model/progress.h"
#include "model/table_list.h"

namespace voyager::migration {

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
  std::uint64_t source_rows = 0;
  std::uint64_t target_rows = 0;
  std::uint32_t chunks = 0;  ///< Compared.
  std::vector<std::uint32_t> chunks_differing = {};
  std::vector<KeyDifference> keys = {};  ///< At most keys_named_max.
  bool keys_cut = false;
  std::string error = {};  ///< Why it could not be compared.
  bool equal() const { return error.empty() && source_rows == target_rows && chunks_differing.empty(); }
};

struct VerifyReport {
  std::vector<ObjectDifference> objects = {};
  std::vector<ObjectDifference> intended = {};  ///< Missing on purpose: no difference.
  std::size_t objects_compared = 0;
  std::map<std::string, std::size_t> kinds = {};  ///< How many objects of each kind the source has.
  std::vector<std::string> not_compared = {};     ///< What a dump writes and nobody looked at, and why.
  std::vector<std::string> notes = {};            ///< No difference, but to be known.
  std::vector<TableVerdict> tables = {};
  double seconds = 0;
  bool equal() const;
};

/// Reads both sides only. Needs no export directory.
VerifyReport verify(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
                    const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target,
                    const VerifyOptions& options, model::ProgressBoard& board, model::Dialogue& dialogue,
                    base::Stop& stop);

}  // namespace voyager::migration
