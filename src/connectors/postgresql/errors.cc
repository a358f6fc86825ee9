#include "connectors/postgresql/errors.h"

#include <algorithm>
#include <array>
#include <utility>

namespace voyager::postgresql {
namespace {

using base::Retry;

struct CodeRow {
  std::string_view prefix;  // Five characters: one code. Two: a whole class.
  Verdict verdict;
};

constexpr Verdict kLost = {.retry = Retry::kNow, .connection_lost = true, .unreachable = true};
constexpr Verdict kLogin = {.retry = Retry::kNever, .connection_lost = true, .unreachable = true};

// PostgreSQL documentation, appendix A. The first row that fits counts: codes stand before their class.
constexpr std::array kCodes = {
    CodeRow{"08007", {.retry = Retry::kInDoubt, .connection_lost = true, .unreachable = true}},  // resolution unknown
    CodeRow{"08P01",
            {.retry = Retry::kNever, .connection_lost = true}},  // protocol violation: the same bytes fail again
    CodeRow{"08", kLost},                                        // connection exception
    // Read only: a standby not yet promoted, or a setting that a session keeps for as long as it lives.
    CodeRow{"25006", {.retry = Retry::kAfterPeers, .connection_lost = true}},
    CodeRow{"25P03", kLost},                                               // idle in transaction timeout
    CodeRow{"25P04", kLost},                                               // transaction timeout
    CodeRow{"28", kLogin},                                                 // login refused
    CodeRow{"3D000", kLogin},                                              // no such database
    CodeRow{"40001", {.retry = Retry::kNow}},                              // serialization failure
    CodeRow{"40003", {.retry = Retry::kInDoubt}},                          // completion unknown
    CodeRow{"40P01", {.retry = Retry::kAfterPeers}},                       // deadlock
    CodeRow{"53100", {.retry = Retry::kNever}},                            // disk full: a person must make room
    CodeRow{"53200", {.retry = Retry::kAfterPeers}},                       // out of memory
    CodeRow{"53300", {.retry = Retry::kAfterPeers, .unreachable = true}},  // too many connections
    CodeRow{"53400", {.retry = Retry::kNever}},                            // a configured limit
    CodeRow{"53", {.retry = Retry::kAfterPeers}},                          // insufficient resources
    CodeRow{"55006", {.retry = Retry::kAfterPeers}},                       // object in use
    CodeRow{"55P03", {.retry = Retry::kAfterPeers}},                       // lock not available
    CodeRow{"57014", {.retry = Retry::kNow}},                              // cancelled by somebody
    CodeRow{"57P01", kLost},                                               // administrator's shutdown
    CodeRow{"57P02", kLost},                                               // crash of another backend
    CodeRow{"57P03", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},  // starting up
    CodeRow{"57P04", kLogin},                                                                       // database dropped
    CodeRow{"57P05", kLost},                          // idle session timeout
    CodeRow{"58030", {.retry = Retry::kAfterPeers}},  // input/output error
};

struct LoginRow {
  std::string_view part;
  Verdict verdict;
};

constexpr std::array kLoginMessages = {
    LoginRow{"too many clients", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},
    LoginRow{"too many connections", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},
    LoginRow{"remaining connection slots", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},
    LoginRow{"starting up", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},
    LoginRow{"shutting down", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},
    LoginRow{"in recovery mode", {.retry = Retry::kAfterPeers, .connection_lost = true, .unreachable = true}},
    LoginRow{"authentication failed", kLogin},
    LoginRow{"no password supplied", kLogin},
    LoginRow{"pg_hba.conf", kLogin},
    LoginRow{"does not exist", kLogin},
    LoginRow{"not permitted to log in", kLogin},
    LoginRow{"permission denied for database", kLogin},
    LoginRow{"certificate", kLogin},
    LoginRow{"does not support SSL", kLogin},
    LoginRow{"SSL error", kLogin},
    LoginRow{"could not translate host name", kLogin},
    LoginRow{"invalid", kLogin},
    LoginRow{"not supported", kLogin},
};

// Two sessions made the same object at once: the other one is often the server's end of a command that was killed. It
// has committed by now, so the next try is told that the object exists.
bool names_a_catalog_key(std::string_view message) {
  constexpr std::array kKeys = {std::string_view("\"pg_class_relname_nsp_index\""),
                                std::string_view("\"pg_type_typname_nsp_index\""),
                                std::string_view("\"pg_namespace_nspname_index\""),
                                std::string_view("\"pg_proc_proname_args_nsp_index\""),
                                std::string_view("\"pg_extension_name_index\""),
                                std::string_view("\"pg_trigger_tgrelid_tgname_index\""),
                                std::string_view("\"pg_constraint_conrelid_contypid_conname_index\"")};
  return std::ranges::any_of(kKeys, [&](std::string_view key) { return message.find(key) != std::string_view::npos; });
}

void add_line(std::string& text, std::string_view label, const std::string& value) {
  if (value.empty()) return;
  if (!text.empty()) text += '\n';
  text += label;
  text += value;
}

}  // namespace

std::string ServerFault::text() const {
  std::string out = message;
  add_line(out, "DETAIL: ", detail);
  add_line(out, "HINT: ", hint);
  add_line(out, "CONTEXT: ", context);
  add_line(out, "SQLSTATE ", sqlstate);
  return out;
}

Verdict judge(const ServerFault& fault) {
  if (fault.sqlstate.empty()) return kLost;
  if (fault.sqlstate == "23505" && names_a_catalog_key(fault.message)) return {.retry = Retry::kAfterPeers};
  for (const CodeRow& row : kCodes) {
    if (fault.sqlstate.starts_with(row.prefix)) return row.verdict;
  }
  return {};
}

Verdict judge_login(std::string_view message) {
  for (const LoginRow& row : kLoginMessages) {
    if (message.find(row.part) != std::string_view::npos) return row.verdict;
  }
  return kLost;
}

const char* name_of(model::Side side) {
  return side == model::Side::kSource ? "source" : side == model::Side::kTarget ? "target" : "source-replica";
}

const char* password_variable(model::Side side) {
  return side == model::Side::kSource   ? "SOURCE_DB_PASSWORD"
         : side == model::Side::kTarget ? "TARGET_DB_PASSWORD"
                                        : "SOURCE_REPLICA_DB_PASSWORD";
}

base::ErrorInfo error_info(const ServerFault& fault, const Verdict& verdict, std::string title, std::string where,
                           model::Side side) {
  base::ErrorInfo info;
  info.title = std::move(title);
  info.where = std::move(where);
  info.cause = fault.text();
  info.retry = verdict.retry;
  info.connection_lost = verdict.connection_lost;
  info.sqlstate = fault.sqlstate;
  if (verdict.unreachable) {
    info.exit = side == model::Side::kSource ? base::ExitCode::kSourceUnreachable : base::ExitCode::kTargetUnreachable;
    info.fix =
        verdict.retry == Retry::kNever
            ? std::vector<std::string>{"check user, password, database and TLS options, and the server's pg_hba.conf"}
            : std::vector<std::string>{"check that the server runs and that host and port are right"};
    if (fault.message.find("no password supplied") != std::string::npos) {
      info.exit = base::ExitCode::kNoAnswer;
      info.fix = {std::string("set ") + password_variable(side), "or keep the password in ~/.pgpass (PGPASSFILE)"};
    }
    info.then = "run the same command again: what was finished is kept";
  } else if (fault.sqlstate == "53100") {
    info.fix = {"make room on the server's disk"};
    info.then = "run the same command again: what was finished is kept";
  }
  return info;
}

}  // namespace voyager::postgresql
