// Passwords in SQL text that a server noted or a person wrote.
#pragma once

#include <string>
#include <string_view>

namespace voyager::sql {

/// `sql` with '********' in the place of every string behind a word for a secret (PASSWORD, sslpassword, app.secret =),
/// and of every string that holds one: "password=" of connection texts, an address with a password. What stands between
/// dollar quotes, a routine's body, is searched and otherwise left alone. Everything else stays byte for byte.
std::string mask_passwords(std::string_view sql);

/// The text holds one: "password=" of connection texts, an address with a password.
bool holds_secret(std::string_view string);

/// The word says that what follows it is a secret: password, "API_KEY".
bool names_secret(std::string_view word);

}  // namespace voyager::sql
