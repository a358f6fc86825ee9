// The application's queries, as a server notes them: with $1 in place of constants.
#pragma once

#include <simdjson.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::analysis {

/// Makes, changes or drops an object of the schema: the schema's own files have those.
bool is_definition(simdjson::dom::object statement);

/// Reads no table, one without a schema, or one in any of `schemas`. The catalogue's tables do not count.
bool concerns(simdjson::dom::object statement, std::span<const std::string> schemas);

/// Texts to try, in this order, when the grammar refuses `query`: where a constant cannot be a parameter (a typed
/// literal, a transaction's name, a count of rows) the server writes $1 all the same. Empty when there is no $1 in it.
std::vector<std::string> with_constants(std::string_view query);

}  // namespace voyager::analysis
