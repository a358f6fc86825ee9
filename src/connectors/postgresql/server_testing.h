// The server that tests may use.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/text.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// What the environment variable says: "host=127.0.0.1 port=5432 user=postgres dbname=test [password=...]", with blanks
/// or commas in between. Nothing where it is not set.
inline std::optional<model::ConnectionOptions> server_of(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::string words = text;
  std::ranges::replace(words, ',', ' ');
  model::ConnectionOptions options;
  for (const std::string& word : base::split(words, ' ')) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (key == "host") options.host = value;
    if (key == "port") options.port = std::atoi(value.c_str());
    if (key == "user") options.user = value;
    if (key == "dbname") options.database = value;
    if (key == "password") options.password = base::Secret(value);
  }
  return options;
}

}  // namespace voyager::postgresql
