#include "connectors/postgresql/login_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/shell_word.h"
#include "base/text.h"
#include "connectors/postgresql/errors.h"

namespace voyager::postgresql {
namespace {

enum class Cause : std::uint8_t {
  kDatabase,
  kLogin,
  kTlsWanted,
  kNoEntry,
  kNoTls,
  kCertificate,
  kNoAnswer,
  kRefused,
  kName,
};

struct Row {
  std::string_view part;
  Cause cause;
};

// The first that fits counts. A host of several addresses, or a try with TLS and one without, has several messages:
// what a server said comes before what the network said.
constexpr std::array kRows = {
    Row{"password authentication failed", Cause::kLogin},
    Row{"authentication failed for user", Cause::kLogin},
    Row{"is not permitted to log in", Cause::kLogin},
    Row{"no pg_hba.conf entry", Cause::kNoEntry},
    Row{"pg_hba.conf rejects connection", Cause::kNoEntry},
    Row{"server does not support SSL", Cause::kNoTls},
    Row{"certificate", Cause::kCertificate},
    Row{"SSL error", Cause::kCertificate},
    Row{"timeout expired", Cause::kNoAnswer},
    Row{"Connection timed out", Cause::kNoAnswer},
    Row{"No route to host", Cause::kNoAnswer},
    Row{"Network is unreachable", Cause::kNoAnswer},
    Row{"Connection refused", Cause::kRefused},
    Row{"No such file or directory", Cause::kRefused},
    Row{"could not translate host name", Cause::kName},
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// One line says it: a message has several, of which others may name a database or a role, too.
bool is_unknown(std::string_view message, std::string_view kind) {
  const std::string start = fmt::format("{} \"", kind);
  for (const std::string& line : base::split(message, '\n')) {
    const std::size_t at = line.find(start);
    if (at != std::string::npos && line.find("\" does not exist", at + start.size()) != std::string::npos) return true;
  }
  return false;
}

// As pg_hba.conf takes it: words that mean something there, too, are only names in quotes.
std::string hba_name(const std::string& name) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  constexpr std::string_view kWords[] = {"all", "sameuser", "samerole", "samegroup", "replication"};
  const bool plain = !name.empty() && name.find_first_not_of(kPlain) == std::string::npos;
  if (plain && std::ranges::find(kWords, base::lower(name)) == std::end(kWords)) return name;
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::optional<Cause> cause_of(std::string_view message, const model::ConnectionOptions& shown) {
  if (is_unknown(message, "role")) return Cause::kLogin;
  if (is_unknown_database(message)) return Cause::kDatabase;
  const bool plain_only = shown.ssl_mode == "disable" || shown.ssl_mode == "allow";
  if (has(message, "no encryption") && !has(message, "SSL encryption") && plain_only) return Cause::kTlsWanted;
  const auto* found = std::ranges::find_if(kRows, [&](const Row& row) { return has(message, row.part); });
  return found == kRows.end() ? std::nullopt : std::optional(found->cause);
}

}  // namespace

bool is_unknown_database(std::string_view message) {
  return is_unknown(message, "database");
}

void explain_login(base::ErrorInfo& info, std::string_view message, const model::ConnectionOptions& shown) {
  const std::optional<Cause> cause = cause_of(message, shown);
  if (!cause) return;
  const std::string side = name_of(shown.side);
  const std::string& database = shown.database.empty() ? shown.user : shown.database;
  const auto say = [&info](const char* code, std::vector<std::string> fix) {
    info.code = code;
    info.fix = std::move(fix);
  };
  switch (*cause) {
    case Cause::kDatabase:
      return say("CON-004",
                 {fmt::format("correct --{}-db-name (capital letters count), or create the database", side)});
    case Cause::kLogin:
      return say("CON-005",
                 {fmt::format("correct --{}-db-user or the password ({})", side,
                              shown.password_place.empty() ? password_variable(shown.side) : shown.password_place),
                  fmt::format("try it by hand: psql -h {} -p {} -U {} -d {}", base::shell_word(shown.host), shown.port,
                              base::shell_word(shown.user), base::shell_word(database))});
    case Cause::kTlsWanted:
      return say("CON-007", {fmt::format("the server wants TLS: yb-voyager --{}-ssl-mode require ...", side)});
    case Cause::kNoEntry:
      return say(
          "CON-006",
          {fmt::format("add a line to the server's pg_hba.conf, such as: host {} {} <address of this machine>/32 "
                       "scram-sha-256",
                       hba_name(database), hba_name(shown.user)),
           "then, on the server: SELECT pg_reload_conf();"});
    case Cause::kNoTls:
      return say("CON-007", {fmt::format("the server has no TLS: yb-voyager --{}-ssl-mode prefer ...", side)});
    case Cause::kCertificate:
      return say("CON-007",
                 {fmt::format("check --{0}-ssl-mode and --{0}-ssl-root-cert (and --{0}-ssl-cert, --{0}-ssl-key, "
                              "where the server asks for a certificate)",
                              side),
                  fmt::format("TLS without a look at the server's certificate: --{}-ssl-mode require", side)});
    case Cause::kNoAnswer:
      return say("CON-008", {fmt::format("check --{0}-db-host and --{0}-db-port, and firewalls between here and there: "
                                         "nc -vz {1} {2}",
                                         side, base::shell_word(shown.host), shown.port),
                             "a slow network: PGCONNECT_TIMEOUT=60 gives it a minute"});
    case Cause::kRefused:
      return say("CON-003", {fmt::format("check that the server runs, and --{0}-db-host and --{0}-db-port", side),
                             "on the server, SHOW listen_addresses and SHOW port say where it listens"});
    case Cause::kName:
      return say("CON-002", {fmt::format("correct --{}-db-host; what this machine knows: getent hosts {}", side,
                                         base::shell_word(shown.host)),
                             "an IP address works, too"});
  }
}

}  // namespace voyager::postgresql
