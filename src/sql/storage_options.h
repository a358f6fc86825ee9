// What a statement says of how something is stored, planned or run, and the same statement without some of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::sql {

/// Names, in lower case, of the options that a statement about a table, materialized view or index gives: WITH (...) of
/// what it makes or of a key within it, SET (...) of a table, index or column, and SET name TO of a routine. A name may
/// have a prefix ("toast.autovacuum_enabled").
std::vector<std::string> option_names(std::string_view statement);

struct Reduced {
  std::string sql = {};       ///< Empty when nothing is left to run.
  std::string left_out = {};  ///< As it was written: "fillfactor='70'".
};

/// `statement` without every option that is called `name`, as option_names() gives it. Nothing when there is no such
/// option, or when it cannot be taken out by itself (one of several actions of an ALTER that has no other option).
std::optional<Reduced> without_option(std::string_view statement, std::string_view name);

/// ALTER ... ALTER [COLUMN] ... SET STATISTICS, SET STORAGE or SET COMPRESSION and nothing else: rows are the same
/// without it.
bool only_tunes_column(std::string_view statement);

}  // namespace voyager::sql
