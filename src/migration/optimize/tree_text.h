// Comparing what statements mean, not how they are written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sql/parse_tree.h"

namespace voyager::migration {

/// True for a part of the tree that is left out: a member (`key` and its value) or an item of the list `key`.
using SkipPart = std::function<bool(std::string_view key, simdjson::dom::element value)>;

/// The statement's tree as text without places in the text, and without what `skip` says. Equal texts: the statements
/// mean the same but for what was skipped. Nothing when the grammar refuses the statement.
std::optional<std::string> tree_text(std::string_view sql, const SkipPart& skip = {});
std::string tree_text(simdjson::dom::object root, const SkipPart& skip = {});

}  // namespace voyager::migration
