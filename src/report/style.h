// Colours by meaning. Colour never stands alone: words or signs always say the same.
#pragma once

#include <string>
#include <string_view>

namespace voyager::report {

enum class Paint { kNone, kBold, kDim, kGood, kWarn, kBad, kHeader };

/// `text` in the colour for `paint`, unchanged when `colour` is off or the text is empty.
inline std::string painted(std::string_view text, Paint paint, bool colour) {
  if (!colour || text.empty() || paint == Paint::kNone) return std::string(text);
  const char* code = "0";
  switch (paint) {
    case Paint::kNone:
      break;
    case Paint::kBold:
      code = "1";
      break;
    case Paint::kDim:
      code = "2";
      break;
    case Paint::kGood:
      code = "32";
      break;
    case Paint::kWarn:
      code = "33";
      break;
    case Paint::kBad:
      code = "1;31";
      break;
    case Paint::kHeader:
      code = "4;32";
      break;
  }
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace voyager::report
