// Text for commands that people paste into a shell.
#pragma once

#include <string>

namespace voyager::base {

/// `text` as one word of a shell: as it is where that is safe, else in single quotes.
std::string shell_word(const std::string& text);

}  // namespace voyager::base
