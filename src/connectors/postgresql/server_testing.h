// The server that tests may use.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

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

/// Returns once the thread (its gettid()) waits for something, as one does that has asked a server.
inline void wait_until_it_waits(pid_t thread) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/stat";
  for (char state = 'R'; state != 'S';) {
    std::this_thread::yield();
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::size_t behind_name = text.rfind(')');
    if (behind_name != std::string::npos) state = text.at(behind_name + 2);
  }
}

}  // namespace voyager::postgresql
