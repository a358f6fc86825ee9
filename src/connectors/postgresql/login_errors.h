// Why a connection was not made: by the words of the client library and of the server, as there is no code for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// Gives `info` the code and the fix of its cause, where `message` is one that is known. `shown`: as it was tried.
void explain_login(base::ErrorInfo& info, std::string_view message, const model::ConnectionOptions& shown);

/// The server answered and has no such database.
bool is_unknown_database(std::string_view message);

}  // namespace voyager::postgresql
