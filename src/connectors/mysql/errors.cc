#include "connectors/mysql/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace voyager::mysql {
namespace {

using base::Retry;

struct NumberRow {
  unsigned number;
  Verdict verdict;
};

constexpr Verdict kLost = {.retry = Retry::kNow, .connection_lost = true, .unreachable = true};
// Some of these numbers also refuse a statement, and then the connection is as good as before.
constexpr Verdict kLogin = {.retry = Retry::kNever, .unreachable = true};

constexpr std::array kNumbers = {
    NumberRow{1040,
              {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},  // too many connections
    NumberRow{1044, kLogin},                                                                 // no right to the database
    NumberRow{1045, kLogin},                                                                 // login refused
    NumberRow{1049, kLogin},                                                                 // no such database
    NumberRow{1053, kLost},                                                                  // shutdown
    NumberRow{1129, kLogin},                                                                 // host is blocked
    NumberRow{1130, kLogin},                                                                 // host is not allowed
    NumberRow{1152, kLost},                                                                  // aborted connection
    NumberRow{1158, kLost},                                                                  // errors of the network
    NumberRow{1159, kLost},
    NumberRow{1160, kLost},
    NumberRow{1161, kLost},
    NumberRow{1184, kLost},
    NumberRow{1203, {.retry = Retry::kAfterPeers}},  // the user's connections are all in use
    NumberRow{1205, {.retry = Retry::kAfterPeers}},  // lock wait timeout
    NumberRow{1213, {.retry = Retry::kAfterPeers}},  // deadlock
    NumberRow{1226, {.retry = Retry::kAfterPeers}},  // a limit of the user
    NumberRow{1317, {.retry = Retry::kNow}},         // interrupted
    NumberRow{1927, kLost},                          // killed
    NumberRow{2002, kLost},                          // cannot connect
    NumberRow{2003, kLost},
    NumberRow{2005, kLogin},  // unknown host
    NumberRow{2006, kLost},   // gone away
    NumberRow{2013, kLost},   // lost
    NumberRow{2026, kLogin},  // TLS
    NumberRow{2055, kLost},
    NumberRow{2058, kLogin},  // login plugins
    NumberRow{2059, kLogin},
    NumberRow{2061, kLogin},
    NumberRow{3159, kLogin},  // the server wants TLS
};

std::vector<std::string> advice(const ServerFault& fault, const model::ConnectionOptions& options) {
  switch (fault.number) {
    case 3159:
      return {"the server wants TLS: --source-ssl-mode require"};
    case 1044:
      return {fmt::format("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{}`.* TO '{}'@'%';", options.database,
                          options.user)};
    case 1045:
      return {
          fmt::format("correct --source-db-user or the password ({}); the server's message says from which host it "
                      "saw the login",
                      options.password_place.empty() ? "SOURCE_DB_PASSWORD" : options.password_place)};
    case 1049:
      return {"name an existing database with --source-db-name (SHOW DATABASES lists those that the user may see)"};
    case 1130:
      return {fmt::format("CREATE USER '{}'@'%' IDENTIFIED BY '...';  -- or for this machine's address only",
                          options.user)};
    case 2002:
    case 2003:
    case 2005:
      return {"check --source-db-host and --source-db-port (default 3306), and that the server listens there"};
    case 2026:
      return {
          "check --source-ssl-mode and --source-ssl-root-cert; a certificate that the server made for itself passes "
          "require and, with its authority, verify-ca"};
    case 2058:
    case 2059:
    case 2061:
      return {
          "the login plugin that the server asks for is not on this machine: install libmariadb3, or let the user log "
          "in by caching_sha2_password, ed25519 or mysql_native_password"};
    case 1227:
      return {fmt::format("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '{}'@'%';", options.user)};
    case 1412:
      return {"leave the definitions of tables alone during the export"};
    default:
      return {};
  }
}

// The same meanings as of other products' servers.
const char* code_of(const ServerFault& fault) {
  const auto says = [&fault](std::string_view part) { return fault.message.find(part) != std::string::npos; };
  switch (fault.number) {
    case 1045:
      return says("using password: NO") ? "CON-001" : "CON-005";
    case 1049:
      return "CON-004";
    case 1130:
      return "CON-006";
    case 2002:
    case 2003:
      // The number in brackets is the operating system's: timed out, or still under way when the time was over.
      return says("(110") || says("(115") || says("(4)") ? "CON-008" : "CON-003";
    case 2005:
      return "CON-002";
    case 2026:
    case 3159:
      return "CON-007";
    default:
      return "";
  }
}

}  // namespace

std::string ServerFault::text() const {
  return sqlstate.empty() ? fmt::format("{} ({})", message, number)
                          : fmt::format("{} ({}, {})", message, number, sqlstate);
}

Verdict judge(unsigned number) {
  const auto* const found = std::ranges::find(kNumbers, number, &NumberRow::number);
  return found == kNumbers.end() ? Verdict{} : found->verdict;
}

base::ErrorInfo error_info(const ServerFault& fault, std::string title, std::string where,
                           const model::ConnectionOptions& options) {
  const Verdict verdict = judge(fault.number);
  return {.code = code_of(fault),
          .exit = verdict.unreachable ? base::ExitCode::kSourceUnreachable : base::ExitCode::kFailure,
          .title = std::move(title),
          .where = std::move(where),
          .cause = fault.text(),
          .fix = advice(fault, options),
          .retry = verdict.retry,
          .connection_lost = verdict.connection_lost,
          .vendor_code = static_cast<int>(fault.number)};
}

}  // namespace voyager::mysql
