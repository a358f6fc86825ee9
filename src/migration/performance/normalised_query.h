// The form in which two texts of one query are equal.
#pragma once

#include <string>
#include <string_view>

namespace voyager::migration {

/// `query` without white space, comments and a final semicolon that say nothing; literals and parameters ($1) become
/// "$", lists of these behind IN and ARRAY one "$"; unquoted names and keywords in lower case, quotes that a name does
/// not need taken off. What the text means to the server otherwise stays told apart. Never throws; reads any bytes.
/// Cases: testdata/normalised.txt.
std::string normalised_query(std::string_view query);

}  // namespace voyager::migration
