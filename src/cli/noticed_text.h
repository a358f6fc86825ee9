// What was noticed of a captured database's tables, for people.
#pragma once

#include <string>

#include "migration/changes/noticed_tables.h"

namespace voyager::cli {

/// "the table public.t was dropped on the source".
std::string noticed_fact(const migration::NoticedTable& noticed, migration::CapturedSide side);
/// What it means, and what to do about it.
std::string noticed_advice(const migration::NoticedTable& noticed, migration::CapturedSide side);

}  // namespace voyager::cli
