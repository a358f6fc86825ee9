// What PostgreSQL's error codes mean for us: the one place that decides whether trying again can help.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// What the server (or the client library, then without `sqlstate`) said.
struct ServerFault {
  std::string sqlstate = {};
  std::string message = {};  ///< The primary message, in the server's words.
  std::string detail = {};
  std::string hint = {};
  std::string context = {};

  /// Message, DETAIL, HINT and CONTEXT, one a line, and the SQLSTATE: what a person needs to see of it.
  std::string text() const;
};

/// What the caller can do about it.
struct Verdict {
  base::Retry retry = base::Retry::kNever;
  bool connection_lost = false;
  bool unreachable = false;  ///< Ends a command with "source (target) not reachable or login refused".
};

/// A relative of PostgreSQL has a judge of its own that may look at the message too.
using Judge = Verdict (*)(const ServerFault&);

/// The verdict on a fault of an open connection. A code that is not in the table has the verdict of its class, and a
/// class that is not in the table is never tried again. No code at all means that the connection broke.
Verdict judge(const ServerFault& fault);

/// The verdict on a failed login, where the client library gives a message without a code.
Verdict judge_login(std::string_view message);

/// "source-replica", and the variable with its password.
const char* name_of(model::Side side);
const char* password_variable(model::Side side);

/// The five parts of an error message: `title` says what we did, `where` is user@host:port/database, the cause is the
/// server's own text.
base::ErrorInfo error_info(const ServerFault& fault, const Verdict& verdict, std::string title, std::string where,
                           model::Side side);

}  // namespace voyager::postgresql
