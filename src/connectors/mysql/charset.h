// Texts of the log, which are in the character sets of their columns, as UTF-8. Pure.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

namespace voyager::mysql {

/// A character set whose texts are not UTF-8. Whatever it does is what the server does.
struct Charset {
  std::string name = {};
  bool single_byte = false;
  std::array<std::string, 256> characters = {};  ///< Of a single-byte one: what each byte is.
  /// Of another: the server's answer.
  std::function<std::string(std::string_view)> convert = {};

  void append(std::string_view text, std::string& out) const {
    if (!single_byte) {
      out += convert(text);
      return;
    }
    for (const char c : text) out += characters[static_cast<unsigned char>(c)];
  }
};

}  // namespace voyager::mysql
