// A source with one schema: what that is called on the target.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "format/ledgers.h"
#include "model/identifier.h"

namespace voyager::migration {

/// `text` with `to` in the place of the schema `from` where a name is qualified by it, also in a text that is a name
/// (nextval('public.s'::regclass)).
std::string with_schema(std::string_view text, const model::Identifier& from, const model::Identifier& to);

/// From now on the migration's tables lie in `to`: in the files below schema/ and in the state. Can be run again after
/// a kill. Nothing of them may be on the target yet.
void move_to_schema(const std::filesystem::path& export_dir, format::DocumentLedger& db, const model::Identifier& from,
                    const model::Identifier& to);

}  // namespace voyager::migration
