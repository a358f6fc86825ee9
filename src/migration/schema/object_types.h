// The kinds of objects that a schema is sorted by: names, files, folders, order.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::migration {

/// In import order. `name` is what --object-type-list takes.
struct ObjectType {
  std::string_view name = {};
  std::string_view file = {};  ///< Below schema/.
  bool listed = true;          ///< May be named in the lists of `export schema`.
  bool always = false;         ///< Exported whatever the lists say.
};

std::span<const ObjectType> object_types();

/// schema/uncategorized.sql: what fits no type. Never imported by us.
inline constexpr std::string_view kUncategorizedFile = "uncategorized.sql";
inline constexpr std::string_view kTableFile = "tables/table.sql";
inline constexpr std::string_view kIndexFile = "tables/INDEXES_table.sql";
/// What another index makes needless, as export schema took it out. Never imported by us.
inline constexpr std::string_view kRedundantIndexFile = "tables/redundant_indexes.sql";
inline constexpr std::string_view kSequenceFile = "sequences/sequence.sql";
inline constexpr std::string_view kForeignTableFile = "tables/foreign_table.sql";
inline constexpr std::string_view kCommentFile = "comments/comment.sql";
inline constexpr std::string_view kMaterializedViewFile = "mviews/mview.sql";
/// Roles that the schema names. Never imported by us.
inline constexpr std::string_view kRolesFile = "roles.sql";
inline constexpr std::string_view kOwnerFile = "owners/owner.sql";
inline constexpr std::string_view kGrantFile = "grants/grant.sql";

/// What --object-type-list and --exclude-object-type-list (not both) select for `export schema`; TABLE brings the types
/// it cannot live without. OWNER and GRANT, which have flags of their own, are not among them. Throws Error (kUsage) on
/// an unknown type, with the allowed ones and the nearest.
std::vector<std::string> types_to_export(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& excluded);

/// The files to import, in order: that of the list above, or with `straight_order` that of `wanted`.
std::vector<std::string> files_to_import(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& excluded, bool straight_order);

/// One kind of what sources write (WrittenObject::kind, "FK CONSTRAINT"): where it goes and which of the selected types
/// brings it. Without a file it is never exported, and the type says why.
struct KindPlace {
  std::string_view kind = {};
  std::string_view file = {};
  std::string_view type = {};
};

/// Why an object is not exported whose type is not among the selected ones.
std::string why_not_exported(std::string_view type);

/// Nothing for a kind that belongs into uncategorized.sql.
const KindPlace* kind_place(std::string_view kind);

}  // namespace voyager::migration
