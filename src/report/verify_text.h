// The result of `verify` as text and JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "report/table.h"

namespace voyager::report {

enum class Difference { kMissingOnTarget, kOnlyOnTarget, kDifferent };
/// missing_on_target, only_on_target, different
const char* to_string(Difference difference);

struct VerifiedObject {
  Difference difference = Difference::kDifferent;
  std::string kind = {};  ///< "index"
  std::string name = {};
  std::string source = {};  ///< Definition; empty where the object is missing.
  std::string target = {};
  std::string fix = {};  ///< A statement for the target; empty where none is known.
};

struct VerifiedKey {
  Difference difference = Difference::kDifferent;
  std::string key = {};  ///< "id=42"
};

struct VerifiedTable {
  std::string table = {};
  bool equal = true;
  std::uint64_t source_rows = 0;
  std::uint64_t target_rows = 0;
  std::uint32_t chunks = 0;  ///< Compared.
  std::vector<std::uint32_t> chunks_differing = {};
  std::vector<VerifiedKey> keys = {};
  bool keys_cut = false;     ///< More keys differ than are named.
  std::uint64_t moving = 0;  ///< Rows that changed each time they were looked at.
  std::string error = {};    ///< Why it could not be compared.
};

/// A copy of what the comparison found; `objects` holds differences only, `tables` all tables.
struct VerifyResult {
  std::size_t objects_compared = 0;
  std::vector<VerifiedObject> objects = {};
  std::vector<VerifiedObject> intended = {};  ///< Missing on purpose: told, and no difference.
  std::vector<VerifiedTable> tables = {};
  std::map<std::string, std::size_t> kinds = {};  ///< How many objects of each kind the source has.
  std::vector<std::string> not_compared = {};
  std::vector<std::string> notes = {};
  std::string equal_up_to = {};  ///< While changes flow: the place in the log.
  double seconds = 0;
};
/// Nothing differs, but rows of some tables changed each time they were looked at.
bool is_moving(const VerifyResult& result);
bool is_equal(const VerifyResult& result);

/// First line is the verdict: "equal: ...", "different: ..." or "still moving: ...". Then what differs: objects with
/// both definitions, tables with their counts, chunks and keys; a kind of which the target has nothing is one line.
/// Then what is to be known, and what was not compared. Ends with a newline.
std::string verify_text(const VerifyResult& result, const TextStyle& style);
/// {"format_version":1,"verdict":"equal"|"different"|"moving","equal_up_to","seconds","objects_compared","tables_compared","rows_compared",
/// "objects":[{difference,kind,name,source,target,fix}],"missing_on_purpose":[as objects],"not_compared":[],"notes":[],
/// "tables":[{table,equal,source_rows,target_rows,chunks,
/// chunks_differing:[],keys:[{difference,key}],keys_cut,moving,error}]}
std::string verify_json(const VerifyResult& result);

}  // namespace voyager::report
