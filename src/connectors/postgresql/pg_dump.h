// Which pg_dump writes the schema's text, and how it is called.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process.h"
#include "connector/source.h"
#include "model/connection.h"
#include "model/identifier.h"

namespace voyager::postgresql {

struct DumpProgram {
  std::filesystem::path path = {};
  std::string version = {};  ///< "18.6"; empty when the program does not run.
  int major = 0;             ///< 0 when there is none.
};

/// `named` when it is given. Else the newest of PATH's first pg_dump and of those in the places where distributions put
/// client programs; PATH wins a tie. The caller checks that it fits.
DumpProgram find_pg_dump(const std::filesystem::path& named);
/// "16.4" for "pg_dump (PostgreSQL) 16.4 (Debian ...)"; empty when it is no such text.
std::string pg_dump_version(std::string_view version_output);
/// What must be there at least to dump a server of `server_major`.
int pg_dump_major_wanted(int server_major);
/// Why `program` cannot dump a server of `server_major`, and what to do about it. Nothing when it can.
std::vector<model::Finding> check_dump_program(const DumpProgram& program, int server_major, std::string_view who);
/// "pg_dump 18.6 (/usr/lib/postgresql/18/bin/pg_dump)".
std::string describe(const DumpProgram& program);

/// Options that `/etc/yb-voyager/pg_dump-args.ini` adds or replaces: lines `name = value`; true means the bare option,
/// false takes it away. `#` and `;` start comments, `[section]` lines are passed over.
std::vector<std::pair<std::string, std::string>> parse_dump_args(std::string_view ini);

struct DumpCall {
  connector::SchemaContents contents = connector::SchemaContents::kDefinitions;
  std::vector<model::Identifier> other_schemas = {};  ///< kEverything: what is left out.
  std::string snapshot = {};                          ///< Exported by another session.
  bool raw_bytes = false;  ///< The database knows no encoding: names and texts may be bytes of any.
  std::vector<std::pair<std::string, std::string>> overrides = {};  ///< parse_dump_args()
};

/// The whole call, which writes to standard output: names quoted as exact patterns, the password only among the child's
/// secrets.
base::ChildCommand dump_command(const model::ConnectionOptions& options, const DumpProgram& program,
                                const DumpCall& call);

/// What pg_dump has to complain about, without its account of what it does.
std::string complaints(std::string_view errors);

}  // namespace voyager::postgresql
