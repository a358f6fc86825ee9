// MySQL's binary form of JSON, as its log has it, in the text that the server prints. Pure; trusts no length.
// https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace voyager::mysql {

/// Appends the text of `bytes` to `out`. False when they are no document; what was appended is then of no use.
bool append_json_text(std::string_view bytes, std::string& out);

/// Appends a text in quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace voyager::mysql
