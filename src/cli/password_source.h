// Passwords that a file holds or that a command prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/stop.h"
#include "cli/values.h"
#include "model/dialogue.h"

namespace voyager::cli {

/// True for --X-db-password, --X-db-password-file and --X-db-password-command: what of them a database section holds
/// helps every command that needs a password.
bool is_password_setting(std::string_view flag);

/// Throws Error (kUsage) when two of the three were given in the same place: none is nearer to the user.
void check_password_sources(const Command& command, const Values& values);

/// Where `flag` (--X-db-password) does not say it itself: the password from the file or the command that was given
/// nearest to the user. Nothing when there is neither. Throws Error (kUsage), CON-009 and CON-010.
std::optional<base::Secret> password_from_elsewhere(const Values& values, const std::string& flag,
                                                    model::Dialogue& dialogue, const base::Stop& stop);

/// Where the password of `flag` comes from, for people: "SOURCE_DB_PASSWORD", "the file /etc/pw". Of one that was typed
/// or handed over the variable that could give it.
std::string password_place(const Values& values, const Command& command, const std::string& flag);

/// The words of a command as a shell sees them: quotes and backslashes, but no variables, pipes or patterns. Nothing
/// when a quote is not closed.
std::optional<std::vector<std::string>> shell_split(std::string_view text);

}  // namespace voyager::cli
