// Differences of JSON values, as MySQL logs them with binlog_row_value_options=PARTIAL_JSON. Pure; trusts no length.
// https://dev.mysql.com/doc/dev/mysql-server/latest/classJson__diff.html
#pragma once

#include <string>
#include <string_view>

namespace voyager::mysql {

/// Sets `out` to what `document`, a text of append_json_text, becomes by the log's differences. False when they are
/// none, or do not fit the document.
bool apply_json_diffs(std::string_view document, std::string_view diffs, std::string& out);

}  // namespace voyager::mysql
