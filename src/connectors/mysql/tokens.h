// MySQL's words. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace voyager::mysql {

struct Token {
  enum class Kind {
    kWord,    ///< As written; a keyword or a bare name.
    kName,    ///< `quoted`, without its quotes.
    kText,    ///< 'text', decoded.
    kNumber,  ///< As written.
    kBytes,   ///< x'..' or 0x..: the bytes.
    kBits,    ///< b'..': the digits.
    kSymbol,  ///< An operator or a sign; the longest that fits.
    kEnd,
    kBad,  ///< What is no token: an open quote, a comment that the server carries out.
  };
  Kind kind = Kind::kEnd;
  std::string text = {};
  int line = 1;  ///< Where it begins.
};

/// The tokens, kEnd behind the last. Character-set introducers (_utf8mb4'x') and comments of all three kinds are left
/// out.
std::vector<Token> tokens_of(std::string_view text);

/// Of the digits of a whole number without a sign: it is above what a bigint takes.
bool beyond_bigint(std::string_view digits);

/// 'text' as PostgreSQL writes it.
std::string literal(std::string_view text);

}  // namespace voyager::mysql
