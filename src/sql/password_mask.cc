#include "sql/password_mask.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/lexer.h"

namespace voyager::sql {
namespace {

constexpr std::string_view kMask = "'********'";
constexpr std::string_view kBlanks = " \t\r\n";
// Bodies within bodies: nobody writes more, and each is one more pass over the text.
constexpr int kDepthMax = 4;

constexpr std::array<std::string_view, 10> kSecrets = {"password",    "passwd",      "passphrase", "secret",
                                                       "credential",  "api_key",     "apikey",     "access_key",
                                                       "private_key", "access_token"};

bool is_assigned(const std::string& text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t next = text.find_first_not_of(kBlanks, at + word.size());
    if (next != std::string::npos && text[next] == '=') return true;
  }
  return false;
}

/// password = x, as connection texts have it; `text` in lower case.
bool holds_assignment(const std::string& text) {
  return is_assigned(text, "pwd") ||
         std::ranges::any_of(kSecrets, [&](std::string_view word) { return is_assigned(text, word); });
}

/// scheme://user:password@host
bool holds_address(std::string_view text) {
  constexpr std::string_view kScheme = "://";
  for (std::size_t at = text.find(kScheme); at != std::string_view::npos; at = text.find(kScheme, at + 1)) {
    const std::size_t user = at + kScheme.size();
    const std::string_view rest = text.substr(user, text.find_first_of("/ \t\r\n", user) - user);
    const std::size_t colon = rest.find(':');
    if (colon != std::string_view::npos && rest.find('@', colon) > colon + 1 && rest.find('@', colon) < rest.size())
      return true;
  }
  return false;
}

class Masker {
 public:
  explicit Masker(int depth) : depth_(depth) {}

  std::string run(std::string_view sql) {
    std::string out;
    for (Token token = next_token(sql, 0); token.kind != TokenKind::kEnd; token = next_token(sql, token.end)) {
      add(sql, token, out);
      if (token.kind != TokenKind::kBlank && token.kind != TokenKind::kComment) see(sql, token);
    }
    return out;
  }

 private:
  void add(std::string_view sql, const Token& token, std::string& out) const {
    const std::string_view text = token.of(sql);
    if (token.kind != TokenKind::kString) {
      out += text;
    } else if (after_secret_) {
      out += kMask;
    } else if (text.front() == '$' && !after_connection_ && depth_ < kDepthMax) {
      add_body(text, out);
    } else {
      out += holds_secret(text) ? kMask : text;
    }
  }

  void add_body(std::string_view text, std::string& out) const {
    const std::string_view tag = text.substr(0, text.find('$', 1) + 1);
    std::string_view body = text.substr(tag.size());
    const bool closed = body.ends_with(tag);  // Texts that a server noted may be cut off.
    if (closed) body.remove_suffix(tag.size());
    out += tag;
    out += Masker(depth_ + 1).run(body);
    if (closed) out += tag;
  }

  void see(std::string_view sql, const Token& token) {
    const bool name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName;
    const bool between = is_symbol(sql, token, '=') || is_word(sql, token, "to");
    after_secret_ = (name && names_secret(token.of(sql))) || (after_secret_ && between);
    after_connection_ = is_word(sql, token, "connection");
  }

  const int depth_;
  bool after_secret_ = false;
  bool after_connection_ = false;
};

}  // namespace

bool holds_secret(std::string_view string) {
  return holds_address(string) || holds_assignment(base::lower(string));
}

bool names_secret(std::string_view word) {
  if (word.size() < 6) return false;  // As long as the shortest of them: most words need no copy.
  const std::string text = base::lower(word);
  return std::ranges::any_of(kSecrets, [&](std::string_view one) { return text.find(one) != std::string::npos; });
}

std::string mask_passwords(std::string_view sql) {
  return Masker(0).run(sql);
}

}  // namespace voyager::sql
