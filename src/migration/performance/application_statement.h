// Which of a server's noted statements are the application's workload.
#pragma once

#include <string_view>

namespace voyager::migration {

/// False for what migrations send themselves: definitions, settings, bulk copies, locks, and whatever reads nothing but
/// catalogues, statistics or the migration's own bookkeeping. Never throws; what the grammar does not read
/// counts as the application's.
bool is_application_statement(std::string_view query);

}  // namespace voyager::migration
