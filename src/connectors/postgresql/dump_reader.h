// The text of pg_dump as typed objects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/source.h"

namespace voyager::postgresql {

/// Reads a plain-text pg_dump (any version) by the comment above each of its entries. Statements stay byte by byte.
/// Left out are the dump's comments, its psql lines, what follows its end mark, settings that would spoil an import,
/// and the option that a server keeps for itself. An extension in a schema other than `schemas` gets that made first;
/// with none of them all schemas are there.
connector::WrittenSchema read_dump(std::string_view dump, const std::vector<std::string>& schemas);

}  // namespace voyager::postgresql
