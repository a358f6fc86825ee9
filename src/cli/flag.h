// The flags as data: parsing, help, completion and the keys of the configuration file all come from these tables.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace voyager::cli {

enum class FlagKind : std::uint8_t {
  kText,
  kPath,
  kInteger,
  kBoolean,  ///< Takes a value; a bare one means true.
  kChoice,   ///< One of `choices`.
  kList,     ///< Comma separated.
  kSecret,   ///< Becomes a base::Secret where it is read and is never kept as text.
};

struct Flag {
  std::string_view name = {};  ///< Without dashes.
  FlagKind kind = FlagKind::kText;
  std::string_view help = {};
  std::string_view fallback = {};  ///< The value when nobody gave one; empty = none.
  std::vector<std::string_view> choices = {};
  bool exact_case = false;  ///< kChoice: upper case is not folded.
  char short_name = 0;
  std::string_view environment = {};  ///< Variable that gives the value too.
  std::int64_t least = 0;             ///< kInteger
  std::int64_t most = std::numeric_limits<std::int32_t>::max();
  bool hidden = false;             ///< Accepted, not shown.
  std::string_view instead = {};   ///< Deprecated: what to use; using it prints a warning.
  std::string_view excludes = {};  ///< May not be given together with this flag.
};

/// Flags that are shown together. The tables live as long as the program.
struct FlagGroup {
  std::string_view title = {};
  std::span<const Flag> flags = {};
};

/// --output-format of a command with one answer: `for_people` is the word for the form that is not JSON.
Flag answer_format_flag(std::string_view for_people, std::string_view help);
/// The two that most commands have.
Flag table_format_flag();
Flag text_format_flag();
/// --X-db-password of a command that has no other flags of that connection: the state knows them. "source", "target",
/// "source-replica". Hidden where scripts may give it and nobody needs to.
Flag password_flag(std::string_view database, bool hidden);

FlagGroup global_flags();
FlagGroup output_flags();  ///< How progress and colour are shown.
FlagGroup source_flags();
FlagGroup oracle_container_flags();  ///< Only `export data`.
FlagGroup target_flags();
FlagGroup source_replica_flags();
FlagGroup target_type_flags();  ///< Not on `import data file`.
FlagGroup table_list_flags();
FlagGroup hidden_table_list_flags();
FlagGroup guardrail_flags();
FlagGroup dump_program_flags();  ///< Of commands that read the source's schema.
FlagGroup import_rows_flags();   ///< Shared by `import data` and `import data file`.

/// A database that commands connect to. Flags that begin with `name` and a dash are its own, and keys of the section
/// `name` of the configuration file without that.
struct DatabaseName {
  std::string_view name = {};
  std::string_view password_variable = {};
};
/// Longer names first: "source-replica" begins with "source".
std::span<const DatabaseName> database_names();
/// The database that a flag belongs to; null for none.
const DatabaseName* database_of(const Flag& flag);

/// --X-db-password-file and --X-db-password-command of one of these databases.
std::span<const Flag> password_source_flags(const DatabaseName& database, bool hidden);
/// A secret, or a text that may hold one.
bool is_hidden_in_logs(const Flag& flag);

/// Every flag of every command by name: a flag means the same wherever it is accepted. Null when there is none.
const Flag* find_flag(std::string_view name);
const Flag* find_short_flag(char short_name);

}  // namespace voyager::cli
