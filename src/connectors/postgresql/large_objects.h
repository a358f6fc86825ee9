// Large objects as rows: what is read of them on the source, and how the rows become objects on the target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/rows.h"
#include "model/table.h"

namespace voyager::postgresql {

/// Objects are read and written in pieces of at most this size, so nobody ever holds one as a whole.
inline constexpr std::uint64_t kLargeObjectPiece = 1024UL * 1024;

/// The three tables; `objects` is not 0.
std::vector<model::Table> large_object_tables(std::uint64_t objects, std::uint64_t bytes);

/// COPY ... TO STDOUT of the objects whose places in the order of their numbers are in `range`; all for an empty range.
std::string large_objects_copy_out(model::TableKind kind, const model::Range& range, model::RowFormat format);

/// How the rows of a batch become objects.
struct LargeObjectStaging {
  std::string name = {};        ///< Of a temporary table.
  std::string create_sql = {};  ///< Makes it, once for each session.
  std::string apply_sql = {};   ///< After the rows are in it, in their transaction.
};
/// `migration`: a literal.
LargeObjectStaging large_object_staging(model::TableKind kind, const std::string& migration);

}  // namespace voyager::postgresql
