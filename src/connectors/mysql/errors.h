// What MySQL's and MariaDB's error numbers mean for us: the one place that decides whether trying again can help.
#pragma once

#include <string>

#include "base/error.h"
#include "model/connection.h"

namespace voyager::mysql {

/// What the server or the client library (numbers from 2000 to 2999) said.
struct ServerFault {
  unsigned number = 0;
  std::string sqlstate = {};
  std::string message = {};
  std::string text() const;  ///< "message (1045, 28000)"
};

struct Verdict {
  base::Retry retry = base::Retry::kNever;
  bool connection_lost = false;
  bool unreachable = false;  ///< Ends a command with "source not reachable or login refused".
};

/// A number that is not in the table is never tried again.
Verdict judge(unsigned number);

/// The five parts of an error message, with what can be done about the common ones.
base::ErrorInfo error_info(const ServerFault& fault, std::string title, std::string where,
                           const model::ConnectionOptions& options);

}  // namespace voyager::mysql
