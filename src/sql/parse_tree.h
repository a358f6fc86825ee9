// The grammar's tree of one statement, for the code of this folder and of src/analysis.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace voyager::sql {

/// Runs `body` on the process's one thread for the grammar, whose stack no text that `with_parse_tree` lets through can
/// overflow, and waits. Any thread may call; one body runs at a time, so it must not wait for another thread that may
/// call too. Exceptions come back to the caller. Nested calls run directly. Wrap a loop over many statements in one
/// call: handing over a job costs about as much as parsing a short statement.
void with_large_stack(const std::function<void()>& body);

/// Calls `use` with the node of `sql`, which must be one statement: {"CreateStmt": {...}}. Returns why not when the
/// grammar refuses it (or it is too long or too deep to be read safely); `use` is then not called. False, zero and
/// empty members are left out of the tree; `location` members are byte offsets into `sql`.
std::optional<std::string> with_parse_tree(std::string_view sql, const std::function<void(simdjson::dom::object)>& use);

struct Statement;
/// What `parse_statement` says of `sql`, whose node `root` is.
Statement statement_of(std::string_view sql, simdjson::dom::object root);

/// What a text is to the grammar. The PL/pgSQL kinds are the fragments that a function's body consists of.
enum class ParseMode : std::uint8_t { kStatement, kExpression, kAssignment, kAssignmentToTwo, kAssignmentToThree };

/// As above for a fragment; the node of an expression is a SelectStmt, that of an assignment a PLAssignStmt.
std::optional<std::string> with_parse_tree(std::string_view sql, ParseMode mode,
                                           const std::function<void(simdjson::dom::object)>& use);

/// Calls `visit` for every member of every object in the tree below `root`, outermost first and else in the order of
/// the tree: (key, value). A node of type T is a member with key "T", except where the grammar's field has only one
/// type
/// ("relation" holds a RangeVar's members).
void walk_tree(simdjson::dom::element root, const std::function<void(std::string_view, simdjson::dom::element)>& visit);
void walk_tree(simdjson::dom::object root, const std::function<void(std::string_view, simdjson::dom::element)>& visit);

/// Members by name; an absent one is empty, false, 0.
std::string_view text_of(simdjson::dom::object node, std::string_view key);
bool flag_of(simdjson::dom::object node, std::string_view key);
std::int64_t number_of(simdjson::dom::object node, std::string_view key);
/// Where the node begins, in bytes; 0 where the grammar does not tell.
std::size_t location_of(simdjson::dom::object node);
std::optional<simdjson::dom::object> object_of(simdjson::dom::object node, std::string_view key);
std::optional<simdjson::dom::array> array_of(simdjson::dom::object node, std::string_view key);

}  // namespace voyager::sql
