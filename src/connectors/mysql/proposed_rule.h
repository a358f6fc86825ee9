// Rules that the program proposes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace voyager::mysql {

/// TABLE.COLUMN of a rule for values: with a ? for each character that a rule, the list of them, a shell or a
/// configuration file would read otherwise.
std::string names_for_rule(std::string_view table, std::string_view column);

}  // namespace voyager::mysql
